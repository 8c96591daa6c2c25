// What can be laid over the areas: settlements, clusters, coverage. Each is fetched when it is first shown.
import { t, el, count, money } from "./words.js";
import * as s from "./state.js";
import * as map from "./map.js";

const byId = (id) => document.getElementById(id);
const CLUSTER = "#D55E00";
const STATUS = { funded: "#009E73", partial: "#7fceb9", rejected: "#f7f7f7" };
const STATUS_KEYS = { funded: "status.funded", partial: "status.partial", rejected: "status.rejected" };
const EXISTING = { fixed: "#0072B2", mobile: "#56B4E9" };
const PLANNED = "#CC79A7";
const MOST_ROWS = 100;
let run, answers, all = [], clusters = null, rowsOf = new Map(), painted = new Map(), isAsked = false;

export function begin(published, current) {
  run = published;
  answers = current;
  if (!run.bounds) return;
  if (run.has_points) all.push({ id: "points", title: t("layers.points"), swatch: ["#0072B2", "solid"] });
  run.layers.clusters.forEach((one, k) => all.push({ id: "clusters:" + k, title: t("layers.clusters", { service: one.title }), swatch: [CLUSTER, "solid"], service: one.service }));
  run.layers.coverage.forEach((one, k) => {
    const colour = one.is_planned ? PLANNED : EXISTING[one.is_mobile ? "mobile" : "fixed"];
    const words = { layer: one.layer.replaceAll("_", " "), technology: /^\d/.test(one.technology) ? one.technology.toUpperCase() : t(TECHNOLOGY[one.technology] ?? "technology.other") };
    all.push({ id: "coverage:" + k, title: t(one.is_planned ? "layers.planned" : "layers.existing", words), swatch: [colour, one.is_planned ? "dashed" : one.is_mobile ? "dotted" : "solid"], group: k });
  });
  byId("layers").hidden = !all.length;
  byId("points-hint").hidden = !run.has_points;
  byId("layer-list").replaceChildren(...all.map(item));
  byId("cluster-table").addEventListener("toggle", () => { if (byId("cluster-table").open) fetchClusters(); });
  byId("cluster-table").hidden = !run.layers.clusters.length;
  // Settlements are shown unless they are put away: they appear when zoomed in.
  map.onReady(show);
}

const TECHNOLOGY = { fibre: "technology.fibre", cable: "technology.cable", vdsl: "technology.vdsl", adsl: "technology.adsl", fwa: "technology.fwa", satellite: "technology.satellite", other: "technology.other" };
// In the address: what is shown, and "nopoints" where the settlements are not.
const isShown = (layer) => (layer.id === "points" ? !s.state.layers.includes("nopoints") : s.state.layers.includes(layer.id));

function item(layer) {
  const box = el("input", { type: "checkbox", id: "layer-" + layer.id.replace(":", "-") });
  box.checked = isShown(layer);
  box.addEventListener("change", () => {
    const name = layer.id === "points" ? "nopoints" : layer.id, wants = layer.id === "points" ? !box.checked : box.checked;
    s.set({ layers: wants ? [...s.state.layers, name] : s.state.layers.filter((other) => other !== name) }, "look");
  });
  layer.box = box;
  const swatch = el("span", { class: "swatch layer", "aria-hidden": "true" });
  [swatch.style.borderColor, swatch.style.borderStyle] = layer.swatch;
  swatch.style.backgroundColor = layer.id === "points" ? "#fff" : layer.swatch[0] + "59";
  if (layer.id === "points") swatch.classList.add("dots");
  return el("li", {}, el("label", {}, box, swatch, el("span", {}, layer.title)));
}

// Shows what is asked for; sources are added the first time.
export function show() {
  legend();
  for (const layer of all) {
    layer.box.checked = isShown(layer);
    if (!map.isReady) continue;
    const names = [layer.id, layer.id + ":line", layer.id + ":point"].filter((name) => map.map.getLayer(name));
    if (isShown(layer) && !names.length) add(layer);
    for (const name of names) map.map.setLayoutProperty(name, "visibility", isShown(layer) ? "visible" : "none");
  }
}

function add(layer) {
  const m = map.map, [colour, style] = layer.swatch, below = m.getLayer("points") ? "points" : "signs";
  const dash = style === "dashed" ? [3, 2] : style === "dotted" ? [1, 1.5] : null;
  if (layer.service !== undefined) {
    const source = "clusters";
    if (!m.getSource(source)) m.addSource(source, { type: "vector", tiles: [`${location.origin}/tiles/clusters/{z}/{x}/{y}`], maxzoom: 13 });
    fetchClusters(() => {
      const mine = rowsOf.get(layer.service) ?? [];
      // A number a cluster would be a long list to filter by: those of one service stand side by side in the table.
      const filter = ["all", [">=", ["id"], mine[0] ?? 0], ["<=", ["id"], mine.at(-1) ?? -1]];
      m.addLayer({ id: layer.id, type: "fill", source, "source-layer": "clusters", filter, paint: { "fill-color": ["coalesce", ["feature-state", "fill"], colour], "fill-opacity": 0.75 } }, below);
      m.addLayer({ id: layer.id + ":line", type: "line", source, "source-layer": "clusters", filter, paint: { "line-color": "#7a3600", "line-width": ["interpolate", ["linear"], ["zoom"], 7, 0, 9, 0.5, 12, 1.25] } }, below);
      m.on("mousemove", layer.id, (e) => map.say(sentence(e.features[0]?.id)));
      m.on("mouseleave", layer.id, () => map.say(null));
      paint();
      show();
    });
    return;
  }
  if (layer.group === undefined) return;
  const source = layer.id, one = run.layers.coverage[layer.group];
  // Reach in pixels: the plane's world is 512 px at zoom 0.
  const reach = one.reach_m > 0 ? ["interpolate", ["exponential", 2], ["zoom"], 0, (one.reach_m * 2 * 512) / 40075016.7, 20, (one.reach_m * 2 * 512 * 2 ** 20) / 40075016.7] : 0;
  m.addSource(source, { type: "vector", tiles: [`${location.origin}/tiles/coverage/${layer.group}/{z}/{x}/{y}`], maxzoom: 14 });
  const from = { source, "source-layer": "coverage" };
  m.addLayer({ id: layer.id, type: "fill", ...from, filter: ["==", ["get", "kind"], 2], paint: { "fill-color": colour, "fill-opacity": 0.35 } }, below);
  m.addLayer({ id: layer.id + ":line", type: "line", ...from, filter: [">=", ["get", "kind"], 1], paint: { "line-color": colour, "line-width": reach || ["interpolate", ["linear"], ["zoom"], 6, 0.25, 9, 0.75, 12, 1.5], "line-opacity": reach ? 0.5 : 1, ...(dash && !reach ? { "line-dasharray": dash } : {}) } }, below);
  m.addLayer({ id: layer.id + ":point", type: "circle", ...from, filter: ["==", ["get", "kind"], 0], paint: { "circle-color": colour, "circle-opacity": 0.35, "circle-stroke-color": colour, "circle-stroke-width": 1, "circle-radius": reach ? ["interpolate", ["exponential", 2], ["zoom"], 0, (one.reach_m * 512) / 40075016.7, 20, (one.reach_m * 512 * 2 ** 20) / 40075016.7] : 3 } }, below);
}

// ---- clusters
async function fetchClusters(then = () => {}) {
  if (clusters) { then(); return table(); }
  if (isAsked) { setTimeout(() => fetchClusters(then), 100); return; }
  isAsked = true;
  const answer = await fetch("/api/clusters");
  clusters = await answer.json();
  clusters.service.forEach((service, i) => { if (!rowsOf.has(service)) rowsOf.set(service, []); rowsOf.get(service).push(i); });
  then();
  table();
}

// What a cluster receives, where the scenario that is set funds clusters.
function statusOf(code) {
  const c = candidates().get(code);
  return c === undefined ? null : answers.funding?.status[c] ?? null;
}

let byCode = { of: null, map: new Map() };
function candidates() {
  const scenario = s.scenario();
  if (byCode.of !== scenario) byCode = { of: scenario, map: new Map((scenario?.area_of ?? []).flatMap((area, c) => (area === null ? [[scenario.codes[c], c]] : []))) };
  return byCode.map;
}

function sentence(i) {
  if (i === undefined || !clusters) return null;
  const parts = [t("layers.persons", { persons: count(clusters.persons[i]) })];
  if (run.has_households && clusters.households[i] !== null) parts.push(t("layers.households", { households: count(clusters.households[i]) }));
  if (clusters.cost_sek[i] !== null) parts.push(t("layers.cost", { cost: money(clusters.cost_sek[i]) }));
  if (clusters.rank[i] !== null) parts.push(t("layers.rank", { rank: clusters.rank[i] }));
  const status = statusOf(clusters.code[i]);
  if (status) parts.push(t(STATUS_KEYS[status]));
  return t("layers.sentence", { cluster: clusters.name[i] || clusters.code[i], what: parts.join(", ") });
}

// What the colours of clusters mean, where the scenario that is set funds them.
function legend() {
  const list = byId("cluster-legend");
  list.hidden = !candidates().size || !all.some((layer) => layer.service !== undefined && isShown(layer));
  if (list.hidden || list.children.length) return;
  for (const status of ["funded", "partial", "rejected"]) {
    const swatch = el("span", { class: "swatch", "aria-hidden": "true" }, el("span", { class: "sign " + status }));
    swatch.style.backgroundColor = STATUS[status];
    list.append(el("li", {}, swatch, t(STATUS_KEYS[status])));
  }
}

// Colours the clusters by what they receive.
export function paint() {
  legend();
  if (!clusters || !map.isReady || !map.map.getSource("clusters")) return;
  const has = candidates().size > 0;
  if (!has && !painted.size) return;
  clusters.code.forEach((code, i) => {
    const status = has ? statusOf(code) : null;
    const fill = status ? STATUS[status] : null;
    if (painted.get(i) === fill || (!fill && !painted.has(i))) return;
    if (fill) map.map.setFeatureState({ source: "clusters", sourceLayer: "clusters", id: i }, { fill });
    else map.map.removeFeatureState({ source: "clusters", sourceLayer: "clusters", id: i }, "fill");
    painted.set(i, fill);
  });
  if (byId("cluster-table").open) table();
}

// The same as a table, most need first; the file holds all.
function table() {
  const body = byId("cluster-body"), parts = [];
  const areaName = (code) => run.areas.name[run.areas.code.indexOf(code)] || code;
  for (const { service, title } of run.layers.clusters) {
    const rows = (rowsOf.get(service) ?? []).slice().sort((a, b) => (clusters.rank[a] ?? Infinity) - (clusters.rank[b] ?? Infinity) || (clusters.persons[b] ?? 0) - (clusters.persons[a] ?? 0));
    const heads = ["table.rank", "layers.cluster", "layers.area", "layers.n_persons", ...(run.has_households ? ["layers.n_households"] : []), "layers.n_cost", ...(candidates().size ? ["table.grant"] : [])];
    const line = (i) => el("tr", {}, el("td", { class: "num" }, clusters.rank[i] === null ? t("word.dash") : count(clusters.rank[i])), el("th", { scope: "row" }, clusters.name[i] || clusters.code[i]), el("td", {}, areaName(clusters.area[i])), el("td", { class: "num" }, count(clusters.persons[i])),
      run.has_households ? el("td", { class: "num" }, count(clusters.households[i])) : null, el("td", { class: "num" }, clusters.cost_sek[i] === null ? t("word.dash") : money(clusters.cost_sek[i])),
      candidates().size ? el("td", {}, statusOf(clusters.code[i]) ? t(STATUS_KEYS[statusOf(clusters.code[i])]) : t("word.dash")) : null);
    parts.push(el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": t("layers.clusters", { service: title }) },
      el("table", { class: "clusters" }, el("caption", {}, t("layers.clusters", { service: title })), el("thead", {}, el("tr", {}, ...heads.map((key) => el("th", { scope: "col", class: ["layers.cluster", "layers.area", "table.grant"].includes(key) ? null : "num" }, t(key))))), el("tbody", {}, ...rows.slice(0, MOST_ROWS).map(line)))));
    if (rows.length > MOST_ROWS) parts.push(el("p", { class: "hint" }, t("layers.more", { n: count(rows.length - MOST_ROWS) })));
  }
  body.replaceChildren(...parts);
}
