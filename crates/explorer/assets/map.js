// The map: areas as vector tiles of this server, drawn in the analysis CRS; the table says the same in words.
import { t, el, count, share, money } from "./words.js";
import * as s from "./state.js";
import { candidateOf } from "./table.js";

const byId = (id) => document.getElementById(id);
const SHARES = ["#ffffcc", "#a1dab4", "#41b6c4", "#2c7fb8", "#253494"];
const LIMITS = [0.1, 0.25, 0.5, 0.75];
const CHANGES = ["#5e3c99", "#b2abd2", "#f7f7f7", "#fdb863", "#e66101"];
const MISSING = "#6e7581";
const STATUS = { funded: "#009E73", partial: "#7fceb9", rejected: "#f7f7f7" };
const MOST_LABELS = 400;
export let map = null;
export let isReady = false;
const whenReady = [];
export const onReady = (work) => { if (isReady) work(); else whenReady.push(work); };
let run, answers, hovered = -1, painted = [];

export function begin(published, current) {
  run = published;
  answers = current;
  const shows = byId("shows");
  run.services.forEach((service, k) => shows.append(el("option", { value: "share:" + service.name, "data-k": k }, t("map.show_share", { service: service.title }))));
  if (run.scenarios.length) shows.append(el("option", { value: "grant" }, t("map.show_grant")));
  if (run.indicators.length) shows.append(el("option", { value: "moved" }, t("map.show_moved")));
  shows.addEventListener("change", () => s.set({ shows: shows.value }, "look"));
  if (!run.bounds) return without();
  try { draw(); } catch { without(); }
}

// What the map shows: the service of a share, "grant" or "moved".
export function shown() {
  const options = Array.from(byId("shows").options, (o) => o.value);
  const published = run.services[run.shown_service ?? 0];
  const value = options.includes(s.state.shows) ? s.state.shows : published ? "share:" + published.name : options[0] ?? "";
  byId("shows").value = value;
  const service = value.startsWith("share:") ? run.services.findIndex((o) => "share:" + o.name === value) : run.shown_service ?? 0;
  return { value, service };
}

function without() {
  map = null;
  document.querySelector(".no-map").hidden = false;
  byId("map").hidden = true;
  document.querySelector(".zoom").hidden = true;
}

function draw() {
  const { maplibregl } = globalThis;
  maplibregl.setWorkerUrl("/assets/maplibre-gl-csp-worker.js");
  const tiles = (what) => [`${location.origin}/tiles/${what}/{z}/{x}/{y}`];
  const state = (name, otherwise) => ["coalesce", ["feature-state", name], otherwise];
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  const reached = ["boolean", ["get", (s.scenario()?.service ?? run.services[run.shown_service ?? 0]?.name) + "_reached"], false];
  const size = ["interpolate", ["linear"], ["zoom"], 11, ["+", 2, ["*", 0.4, ["sqrt", ["get", "persons"]]]], 16, ["+", 5, ["*", 1.2, ["sqrt", ["get", "persons"]]]]];
  const sources = { areas: { type: "vector", tiles: tiles("areas"), minzoom: 0, maxzoom: 14 }, signs: { type: "geojson", data: none() }, labels: { type: "geojson", data: none() } };
  const layers = [
    { id: "ground", type: "background", paint: { "background-color": dark ? "#20262c" : "#eef1f4" } },
    { id: "fill", type: "fill", source: "areas", "source-layer": "areas", paint: { "fill-color": state("fill", "#dfe3e8"), "fill-antialias": false } },
    { id: "line", type: "line", source: "areas", "source-layer": "areas", paint: { "line-color": "#333", "line-width": run.areas.code.length > 1000 ? 0.5 : 1 } },
    { id: "near", type: "line", source: "areas", "source-layer": "areas", layout: { "line-join": "round" }, paint: { "line-color": "#111", "line-width": state("edge", 0) } },
  ];
  if (run.has_points) {
    // Toggled in layers.js, like everything that lies over the areas.
    sources.points = { type: "vector", tiles: tiles("points"), minzoom: 11, maxzoom: 15 };
    layers.push({ id: "points", type: "circle", source: "points", "source-layer": "points", minzoom: 11, paint: { "circle-radius": size, "circle-color": ["case", reached, "#0072B2", "#ffffff"], "circle-stroke-color": ["case", reached, "#ffffff", "#D55E00"], "circle-stroke-width": ["case", reached, 1, 2.5] } });
  }
  layers.push({ id: "signs", type: "symbol", source: "signs", layout: { "icon-image": ["get", "sign"], "icon-allow-overlap": true, "icon-ignore-placement": true } });
  layers.push({ id: "labels", type: "symbol", source: "labels", layout: { "icon-image": ["get", "label"], "icon-offset": [0, 11], "symbol-sort-key": ["get", "order"], "icon-padding": 3 } });
  map = new maplibregl.Map({
    container: "map", style: { version: 8, sources, layers }, bounds: run.bounds, fitBoundsOptions: { padding: 24 },
    attributionControl: false, keyboard: false, dragRotate: false, pitchWithRotate: false, touchPitch: false, renderWorldCopies: false,
    maxZoom: 17, fadeDuration: 0, locale: { "Map.Title": t("map.name") }, canvasContextAttributes: { preserveDrawingBuffer: false },
  });
  map.touchZoomRotate.disableRotation();
  map.addControl(new maplibregl.ScaleControl({ maxWidth: 120, unit: "metric" }), "bottom-left");
  map.on("error", (e) => { if (!isReady && /webgl/i.test(String(e.error?.message))) without(); });
  map.on("load", () => { isReady = true; images(); labels(); paint(true); pick(false); for (const work of whenReady) work(); document.documentElement.dataset.map = "ready"; });
  map.on("mousemove", "fill", (e) => point(e.features[0]?.id ?? -1));
  map.on("mouseleave", "fill", () => point(-1));
  map.on("click", "fill", (e) => { const i = e.features[0]?.id; if (i !== undefined) s.set({ code: run.areas.code[i] }, "pick"); });
  const soft = () => ({ animate: !matchMedia("(prefers-reduced-motion: reduce)").matches });
  byId("zoom-in").addEventListener("click", () => map.zoomIn(soft()));
  byId("zoom-out").addEventListener("click", () => map.zoomOut(soft()));
  byId("zoom-all").addEventListener("click", () => map.fitBounds(run.bounds, { padding: 24, ...soft() }));
  const canvas = map.getCanvas();
  canvas.setAttribute("role", "application");
  canvas.setAttribute("aria-label", t("map.name"));
  canvas.setAttribute("aria-description", t("map.keys"));
  canvas.addEventListener("keydown", steer);
  canvas.addEventListener("focus", () => { if (hovered < 0) point(s.state.code ? run.areas.code.indexOf(s.state.code) : first()); });
}

const none = () => ({ type: "FeatureCollection", features: [] });
const first = () => Math.max(0, answers.ranks.indexOf(1));

// Arrows go to the nearest area that way; Enter chooses it; plus and minus zoom.
function steer(e) {
  const ways = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
  const here = hovered >= 0 ? hovered : first();
  if (ways[e.key]) {
    const next = neighbour(here, ways[e.key]);
    if (next >= 0) { point(next); const at = run.areas.anchor[next]; if (at && !map.getBounds().contains(at)) map.panTo(at, { animate: false }); }
  } else if (e.key === "Enter" || e.key === " ") {
    s.set({ code: run.areas.code[here] }, "pick");
  } else if (["+", "=", "-"].includes(e.key)) map.jumpTo({ center: run.areas.anchor[here] ?? map.getCenter(), zoom: map.getZoom() + (e.key === "-" ? -1 : 1) });
  else if (e.key === "Escape") point(-1);
  else return;
  e.preventDefault();
}

function neighbour(from, [dx, dy]) {
  const a = run.areas.anchor[from];
  if (!a) return -1;
  let best = -1, least = Infinity;
  run.areas.anchor.forEach((b, i) => {
    if (!b || i === from) return;
    const along = (b[0] - a[0]) * dx + (b[1] - a[1]) * dy, across = Math.abs((b[0] - a[0]) * dy) + Math.abs((b[1] - a[1]) * dx);
    const cost = along > 0 && across <= 2 * along ? along + 1.5 * across : Infinity;
    if (cost < least) { least = cost; best = i; }
  });
  return best;
}

// The sentence about one area.
export function sentence(i) {
  const { service } = shown(), of = run.services[service];
  const parts = [];
  if (of) parts.push(of.gap_share[i] === null ? t("map.no_data") : t("map.gap", { share: share(of.gap_share[i]), gap: count(of.gap_persons[i]), persons: count(run.areas.persons[i]), service: of.title }));
  if (answers.ranks[i]) parts.push(t("map.rank", { rank: answers.ranks[i] }));
  const c = candidateOf().get(i), { funding } = answers;
  if (funding && c !== undefined) parts.push(funding.grant_sek[c] > 0 ? t("map.gets", { money: money(funding.grant_sek[c]) }) : t("map.gets_none"));
  return t("map.sentence", { area: run.areas.name[i] || run.areas.code[i], what: parts.join(" ") });
}

// What lies over the areas says its own sentence while it is pointed at.
let said = null;
export function say(text) {
  if (text === said) return;
  said = text;
  tell();
}

function tell() {
  const chosen = s.state.code ? run.areas.code.indexOf(s.state.code) : -1;
  const i = hovered >= 0 ? hovered : chosen;
  const text = said ?? (i >= 0 ? sentence(i) : t("map.pick"));
  if (byId("picked").textContent !== text) byId("picked").textContent = text;
}

function point(i) {
  if (i === hovered) return;
  edge(hovered, false);
  hovered = i;
  edge(i, true);
  tell();
}

function edge(i, isOn) {
  if (i < 0 || !isReady) return;
  const isChosen = run.areas.code[i] === s.state.code;
  map.setFeatureState({ source: "areas", sourceLayer: "areas", id: i }, { edge: isOn || isChosen ? 3.5 : 0 });
}

let chosen = -1;
export function pick(moves = true) {
  const i = s.state.code ? run.areas.code.indexOf(s.state.code) : -1;
  const before = chosen;
  chosen = i;
  if (before !== i) edge(before, false);
  edge(i, true);
  tell();
  const at = i >= 0 ? run.areas.anchor[i] : null;
  if (moves && isReady && at && !map.getBounds().contains(at)) map.panTo(at, { animate: false });
}

const shareClass = (value) => LIMITS.filter((limit) => value >= limit).length;
const moveClass = (moved) => (moved <= -6 ? 0 : moved < 0 ? 1 : moved === 0 ? 2 : moved < 6 ? 3 : 4);

function colour(i, value, service, candidates) {
  if (value === "grant") {
    const c = candidates.get(i), status = answers.funding?.status[c];
    return c === undefined || !status ? "#c9ced6" : STATUS[status];
  }
  if (value === "moved") {
    const now = answers.ranks[i], before = run.areas.rank[i];
    return now && before ? CHANGES[moveClass(before - now)] : MISSING;
  }
  const of = run.services[service]?.gap_share[i];
  return of === null || of === undefined ? MISSING : SHARES[shareClass(of)];
}

export function paint(isFirst = false) {
  const { value, service } = shown();
  legend(value);
  tell();
  if (!isReady) return;
  const candidates = candidateOf();
  run.areas.code.forEach((_, k) => {
    const fill = colour(k, value, service, candidates);
    if (isFirst || painted[k] !== fill) map.setFeatureState({ source: "areas", sourceLayer: "areas", id: k }, { fill });
    painted[k] = fill;
  });
  signs(value, candidates);
}

// A second cue beside colour: a square for funded, half a square for in part, a ring for not funded.
function signs(value, candidates) {
  const features = [];
  if (value === "grant" && run.areas.code.length <= 1500) {
    for (const [i, c] of candidates) {
      const at = run.areas.anchor[i], status = answers.funding?.status[c];
      if (at && status) features.push({ type: "Feature", geometry: { type: "Point", coordinates: at }, properties: { sign: "sign-" + status } });
    }
  }
  map.getSource("signs").setData({ type: "FeatureCollection", features });
}

function images() {
  const scale = 2, side = 12 * scale;
  const paintSign = (draw) => { const canvas = new OffscreenCanvas(side, side), c = canvas.getContext("2d"); c.lineWidth = 1.5 * scale; c.strokeStyle = "#111"; draw(c); return c.getImageData(0, 0, side, side); };
  const add = (name, draw) => map.addImage(name, paintSign(draw), { pixelRatio: scale });
  add("sign-funded", (c) => { c.fillStyle = "#111"; c.fillRect(3, 3, side - 6, side - 6); });
  add("sign-partial", (c) => { c.fillStyle = "#fff"; c.fillRect(3, 3, side - 6, side - 6); c.fillStyle = "#111"; c.beginPath(); c.moveTo(3, 3); c.lineTo(side - 3, 3); c.lineTo(3, side - 3); c.fill(); c.strokeRect(3, 3, side - 6, side - 6); });
  add("sign-rejected", (c) => { c.fillStyle = "#fff"; c.beginPath(); c.arc(side / 2, side / 2, side / 2 - 4, 0, 7); c.fill(); c.stroke(); });
}

// Names as pictures, since the map library would fetch its letters from elsewhere; the most populous first.
function labels() {
  const scale = 2, font = `${12 * scale}px system-ui, sans-serif`;
  const order = run.areas.code.map((_, i) => i).filter((i) => run.areas.anchor[i] && run.areas.name[i]).sort((a, b) => (run.areas.persons[b] ?? 0) - (run.areas.persons[a] ?? 0)).slice(0, MOST_LABELS);
  const features = order.map((i, k) => {
    const canvas = new OffscreenCanvas(1, 1);
    let c = canvas.getContext("2d");
    c.font = font;
    canvas.width = Math.ceil(c.measureText(run.areas.name[i]).width) + 12;
    canvas.height = 18 * scale;
    c = canvas.getContext("2d");
    c.font = font;
    c.textBaseline = "middle";
    c.lineJoin = "round";
    c.lineWidth = 3 * scale;
    c.strokeStyle = "rgba(255,255,255,.92)";
    c.strokeText(run.areas.name[i], 6, canvas.height / 2);
    c.fillStyle = "#111";
    c.fillText(run.areas.name[i], 6, canvas.height / 2);
    map.addImage("label-" + i, c.getImageData(0, 0, canvas.width, canvas.height), { pixelRatio: scale });
    return { type: "Feature", geometry: { type: "Point", coordinates: run.areas.anchor[i] }, properties: { label: "label-" + i, order: k } };
  });
  map.getSource("labels").setData({ type: "FeatureCollection", features });
}

function legend(value) {
  const item = (fill, text, sign) => { const swatch = el("span", { class: "swatch", "aria-hidden": "true" }, sign ? el("span", { class: "sign " + sign }) : null); swatch.style.backgroundColor = fill; return el("li", {}, swatch, text); };
  const percents = [0, 10, 25, 50, 75, 100];
  const items = value === "grant"
    ? [item(STATUS.funded, t("status.funded"), "funded"), item(STATUS.partial, t("status.partial"), "partial"), item(STATUS.rejected, t("status.rejected"), "rejected"), item("#c9ced6", t("status.ineligible"))]
    : value === "moved"
      ? CHANGES.map((fill, k) => item(fill, t(["map.down_much", "map.down_some", "map.same", "map.up_some", "map.up_much"][k])))
      : [...SHARES.map((fill, k) => item(fill, t("map.class", { from: percents[k], to: percents[k + 1] }))), item(MISSING, t("word.missing"))];
  byId("legend").replaceChildren(...items);
}
