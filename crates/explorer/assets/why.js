// Why an area has its rank, what would change it; two states against each other; what to keep.
import { t, el, raw, real, share, money, count, signed, sorted } from "./words.js";
import { ask, askOnce, forget } from "./ask.js";
import * as s from "./state.js";

const byId = (id) => document.getElementById(id);
let run, pinned = { a: null, b: null };

export function begin(published) {
  run = published;
  byId("pins").hidden = !run.scenarios.length;
  for (const side of ["a", "b"]) byId("pin-" + side).addEventListener("click", () => { pinned[side] = { question: s.question(), name: described() }; pins(); });
  byId("unpin").addEventListener("click", () => { pinned = { a: null, b: null }; pins(); });
  byId("copy-link").addEventListener("click", () => copy(location.href, t("keep.link_copied")));
  byId("copy-block").addEventListener("click", async () => {
    try {
      const { toml } = await askOnce("/api/block", s.question());
      byId("block").textContent = toml;
      byId("block").hidden = false;
      copy(toml, t("keep.block_copied"));
    } catch (error) { byId("status").textContent = String(error.message); }
  });
}

async function copy(text, said) {
  try { await navigator.clipboard.writeText(text); byId("status").textContent = said; }
  catch { byId("status").textContent = t("keep.by_hand"); }
}

// ---- why
export function why() {
  const body = byId("why-body");
  if (!s.state.code) { forget("/api/why"); body.replaceChildren(el("p", { class: "hint" }, t("why.pick"))); return; }
  body.setAttribute("aria-busy", "true");
  ask("/api/why", s.question({ code: s.state.code }),
    (answer) => { body.removeAttribute("aria-busy"); body.replaceChildren(...explained(answer)); },
    (error) => { body.removeAttribute("aria-busy"); body.replaceChildren(el("p", { class: "hint" }, error.message)); });
}

function explained(a) {
  const parts = [el("h3", {}, a.name || a.code)];
  if (a.parts.length) {
    let text = a.rank ? t("why.rank", { rank: a.rank, n: a.n_ranked, score: real(a.score) }) : t("why.unranked");
    if (a.rank && a.published_rank && a.rank !== a.published_rank) text += " " + t("why.published", { rank: a.published_rank });
    if (a.above?.score && a.score !== null) text += " " + t("why.above", { area: a.above.name, score: real(a.above.score), gap: real(a.above.score - a.score) });
    if (a.n_missing) text += " " + t("why.missing", { n: a.n_missing });
    parts.push(el("p", {}, text), table(a));
  }
  if (a.funding) parts.push(...funding(a.funding, a.code));
  return parts;
}

function table(a) {
  const most = Math.max(...a.parts.map((p) => p.contribution), 1e-9);
  const rows = a.parts.map((p) => {
    const bar = el("span", { class: "bar", "aria-hidden": "true" });
    bar.style.setProperty("--v", Math.max(0, p.contribution / most));
    const moved = p.rank_if_more && a.rank ? a.rank - p.rank_if_more : 0;
    const change = p.rank_if_more ? (moved ? t(moved > 0 ? "why.would_rise" : "why.would_fall", { rank: p.rank_if_more }) : t("why.would_stay")) : t("word.dash");
    return el("tr", {}, el("th", { scope: "row" }, run.indicators.find((i) => i.id === p.id)?.title ?? p.id, el("span", { class: "small" }, t(p.direction === "lower_is_more_need" ? "why.less" : "why.more"))),
      el("td", { class: "num" }, raw(p.raw, p.unit)), el("td", { class: "num" }, real(p.normalised)), el("td", { class: "num" }, share(p.weight)),
      el("td", { class: "num share" }, bar, el("span", { class: "v" }, real(p.contribution))), el("td", {}, change));
  });
  const heads = ["why.indicator", "why.value", "why.normalised", "why.weight", "why.contribution", "why.if_more"];
  const foot = el("tfoot", {}, el("tr", {}, el("th", { scope: "row", colspan: 4 }, t("why.sum")), el("td", { class: "num" }, real(a.score)), el("td")));
  return el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": t("why.heading") },
    el("table", { class: "parts" }, el("thead", {}, el("tr", {}, ...heads.map((key, k) => el("th", { scope: "col", class: k > 0 && k < 5 ? "num" : null }, t(key))))), el("tbody", {}, ...rows), foot));
}

function funding(f, code) {
  const parts = [];
  const text = f.status === "funded" ? t("why.funded", { grant: money(f.grant_sek) }) : f.status === "partial" ? t("why.partial", { grant: money(f.grant_sek), asked: money(f.asked_sek) }) : t("why.rejected", { asked: money(f.asked_sek) });
  parts.push(el("p", {}, text, " ", f.cut_line ? t("why.order", { order: f.order, cut: f.cut_line }) : ""));
  if (f.whole_sek !== null) parts.push(el("p", {}, t("why.budget", { first: money(f.first_sek), whole: money(f.whole_sek) })));
  else if (f.first_sek !== null) parts.push(el("p", {}, t("why.budget_part", { first: money(f.first_sek) })));
  const toggle = (list, key) => {
    const isOn = s.state[list].includes(code);
    const button = el("button", { type: "button", "aria-pressed": String(isOn) }, t(key));
    button.addEventListener("click", () => {
      const other = list === "must" ? "never" : "must";
      s.set({ [list]: isOn ? s.state[list].filter((c) => c !== code) : [...s.state[list], code], [other]: s.state[other].filter((c) => c !== code) }, "set");
    });
    return button;
  };
  parts.push(el("p", { class: "actions" }, toggle("must", "why.must"), toggle("never", "why.never")));
  return parts;
}

// ---- pins
function described() {
  const scenario = s.scenario();
  const parts = [scenario.title, money(s.budget())];
  if (s.isOwn()) parts.push(t("pins.own"));
  return parts.join(" · ");
}

function pins() {
  const { a, b } = pinned, body = byId("pins-body");
  byId("unpin").hidden = !a && !b;
  if (!a && !b) return body.replaceChildren();
  if (!a || !b) return body.replaceChildren(el("p", {}, t("pins.one", { side: a ? "A" : "B", name: (a ?? b).name })));
  ask("/api/compare", { a: a.question, b: b.question }, (answer) => body.replaceChildren(...compared(answer, a, b)), (error) => body.replaceChildren(el("p", { class: "hint" }, error.message)));
}

function compared({ a, b, pair }, pinA, pinB) {
  const line = (key, x, y, write, difference = write) => el("tr", {}, el("th", { scope: "row" }, t(key)), el("td", { class: "num" }, write(x)), el("td", { class: "num" }, write(y)), el("td", { class: "num" }, x === null || y === null || x === undefined || y === undefined ? t("word.dash") : difference(y - x)));
  const points = (d) => t("pins.points", { n: (d > 0 ? "+" : d < 0 ? "−" : "±") + real(Math.abs(d * 100)) });
  const reached = (o) => (o.after.persons ? o.after.reached_persons / o.after.persons : null);
  const rows = [];
  if (run.has_households) rows.push(line("pins.households", a.households, b.households, count, signed));
  rows.push(line("pins.persons", a.persons, b.persons, count, signed), line("pins.spent", a.spent_sek, b.spent_sek, money));
  if (run.has_households) rows.push(line("pins.per_household", a.sek_per_household, b.sek_per_household, money));
  rows.push(line("pins.n_funded", a.n_funded, b.n_funded, count, signed), line("pins.reached", reached(a), reached(b), share, points));
  rows.push(line("pins.fifth", a.neediest_fifth_share, b.neediest_fifth_share, share, points));
  const names = (codes) => { const of = s.scenario(); const list = sorted(codes.map((code) => of.names[of.codes.indexOf(code)] || code)); return list.length ? list.slice(0, 12).join(", ") + (list.length > 12 ? t("pins.and_more", { n: list.length - 12 }) : "") : t("pins.nobody"); };
  const head = el("tr", {}, el("th", { scope: "col" }, t("pins.measure")), el("th", { scope: "col", class: "num" }, "A", el("span", { class: "small" }, pinA.name)), el("th", { scope: "col", class: "num" }, "B", el("span", { class: "small" }, pinB.name)), el("th", { scope: "col", class: "num" }, t("pins.difference")));
  return [el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": t("pins.heading") }, el("table", {}, el("thead", {}, head), el("tbody", {}, ...rows))),
    el("p", {}, t("pins.cross", { enter: names(pair.enter), leave: names(pair.leave) }))];
}
