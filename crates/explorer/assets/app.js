// The page over one run: state in, questions to the server, answers drawn. Nothing is reckoned here.
import { speak, t, el, count, share, money, signed } from "./words.js";
import { ask, askOnce } from "./ask.js";
import * as s from "./state.js";
import * as controls from "./controls.js";
import * as table from "./table.js";
import * as map from "./map.js";
import * as detail from "./why.js";
import * as layers from "./layers.js";

const byId = (id) => document.getElementById(id);
const lang = new URLSearchParams(location.search).get("lang");
const run = await (await fetch("/api/run" + (lang ? "?lang=" + encodeURIComponent(lang) : ""))).json();
speak(run);

// What is shown now.
const answers = { scores: run.areas.score, ranks: run.areas.rank, funding: null, sure: null, isUpdating: false, service: run.shown_service ?? 0 };
const published = {};
let willPaint = false;

begin();

function begin() {
  const other = byId("other-language"), code = run.lang === "sv" ? "en" : "sv";
  const link = () => { other.href = "/?lang=" + code + location.hash; };
  other.lang = other.hreflang = code;
  other.addEventListener("focus", link);
  other.addEventListener("pointerenter", link);
  other.addEventListener("click", link);
  byId("synthetic").hidden = !run.is_synthetic;
  s.begin(run);
  controls.begin(run);
  table.begin(run, answers);
  map.begin(run, answers);
  layers.begin(run, answers);
  detail.begin(run);
  s.on(changed);
  look();
  changed("set");
}

function changed(why) {
  const started = performance.now();
  if (why === "pick") { picked(); return; }
  if (why === "look") { look(); return; }
  if (why === "address") look();
  byId("trouble").textContent = "";
  if (run.indicators.length) ask("/api/score", { weights: s.weights() }, (scored) => { answers.scores = scored.scores; answers.ranks = scored.ranks; drawn(started, "score"); }, trouble);
  if (run.scenarios.length) {
    ask("/api/allocate", s.question(), (funding) => { answers.funding = funding; controls.showYears(funding); if (!s.isOwn()) published[s.scenario().name] = funding; answer(); drawn(started, "allocate"); if (why !== "drag") byId("status").textContent = byId("sentence").textContent; }, trouble);
  } else answer();
  if (why !== "drag") { sureness(); detail.why(); }
  answers.isUpdating = why === "drag" || answers.isUpdating;
}

// How long an answer took from the change to the page, for those who measure.
function drawn(started, what) {
  table.show();
  performance.measure("answer-" + what, { start: started, end: performance.now() });
  // Words and table first; the map once for all answers that come before the next picture.
  if (!willPaint) requestAnimationFrame(() => { willPaint = false; map.paint(); layers.paint(); });
  willPaint = true;
}

function look() {
  answers.service = map.shown().service;
  table.show();
  map.paint();
  layers.show();
}

function picked() {
  const i = run.areas.code.indexOf(s.state.code);
  table.show();
  table.bringIntoView(i);
  map.pick();
  detail.why();
  byId("status").textContent = i >= 0 ? map.sentence(i) : "";
}

// Whether the scenario that is set funds areas, so that the draws can tell how firm each is.
const fundsAreas = () => (s.scenario()?.area_of ?? []).some((area) => area !== null);

// Robustness takes a moment: asked when a slider is let go.
function sureness() {
  if (!run.has_robustness) return;
  answers.isUpdating = true;
  byId("sure-sentence").textContent = t("table.updating");
  ask("/api/robustness", s.question(), (sure) => {
    answers.sure = sure;
    answers.isUpdating = false;
    byId("sure-sentence").textContent = run.scenarios.length && fundsAreas() ? t("table.firm", { firm: count(sure.n_firm), funded: count(sure.n_funded), draws: count(sure.draws) }) : t("table.draws", { draws: count(sure.draws) });
    table.show();
  }, () => { answers.sure = null; answers.isUpdating = false; byId("sure-sentence").textContent = ""; table.show(); });
}

function trouble(error) {
  byId("trouble").textContent = t("page.trouble", { why: error.message });
}

// What each limit that binds costs in persons; all of a kind together where there are several.
function limitCosts(funding) {
  const LIMIT_KEYS = { floor: "limit.floor", cap: "limit.cap", must_fund: "limit.must", never_fund: "limit.never", max_per_year: "limit.per_year", all_floors: "limit.all_floors", all_caps: "limit.all_caps" };
  const scenario = s.scenario(), kinds = funding.limits.map((one) => one.limit);
  const isSaid = (kind) => !((kind === "floor" && kinds.includes("all_floors")) || (kind === "cap" && kinds.includes("all_caps")));
  const name = (one) => (one.parent !== undefined ? run.parents[one.parent] ?? one.parent : one.code !== undefined ? scenario.names[scenario.codes.indexOf(one.code)] || one.code : "");
  return funding.limits.filter((one) => isSaid(one.limit)).slice(0, 6).map((one) =>
    t(one.costs_persons < 0 ? "answer.limit_gains" : "answer.limit_costs", { limit: t(LIMIT_KEYS[one.limit], { name: name(one), money: one.sek === undefined ? "" : money(one.sek), n: one.n ?? "" }), persons: count(Math.abs(one.costs_persons)) }));
}

// The outcome of the scenario as published, which a state from the address has not shown yet.
function baseline(name) {
  if (!(name in published)) {
    published[name] = null;
    askOnce("/api/allocate", { scenario: name }).then((funding) => { published[name] = funding; answer(); }).catch(() => {});
  }
  return published[name]?.outcome;
}

// The answer in one sentence and some numbers, against the published run.
function answer() {
  const { funding } = answers, of = run.services[run.shown_service ?? 0];
  if (!funding) {
    const { persons } = run.total;
    byId("sentence").textContent = of ? t("answer.gap", { gap: count(of.all_gap_persons), share: share(of.all_gap_share), service: of.title }) : t("answer.no_service", { persons: count(persons) });
    byId("figures").replaceChildren();
    return;
  }
  const scenario = s.scenario(), o = funding.outcome;
  const service = run.services.find((one) => one.name === scenario.service)?.title ?? of?.title ?? "";
  const base = scenario.before;
  const values = { budget: money(funding.budget_sek), rule: controls.ruleName(funding.rule), service };
  byId("sentence").textContent = run.has_households
    ? t("answer.households", { ...values, reached: count(o.households), lacking: count(base.households - base.reached_households) })
    : t("answer.persons", { ...values, reached: count(o.persons), lacking: count(base.persons - base.reached_persons) });
  const before = baseline(scenario.name);
  const figure = (key, value, difference) => el("div", {}, el("dt", {}, t(key)), el("dd", {}, value, difference && s.isOwn() ? el("span", { class: "difference" }, t("answer.against", { n: difference })) : null));
  const change = (now, then) => (before ? signed(now - then) : null);
  const figures = [];
  if (run.has_households) figures.push(figure("answer.n_households", count(o.households), before && change(o.households, before.households)));
  figures.push(figure("answer.n_persons", count(o.persons), before && change(o.persons, before.persons)));
  if (run.has_households) figures.push(figure("answer.per_household", money(o.sek_per_household), before && o.sek_per_household !== null ? change(o.sek_per_household, before.sek_per_household) : null));
  figures.push(figure("answer.after", share(o.after.persons ? o.after.reached_persons / o.after.persons : null), null));
  figures.push(figure(fundsAreas() ? "answer.n_funded" : "answer.n_candidates", count(o.n_funded), before && change(o.n_funded, before.n_funded)));
  figures.push(figure("answer.leftover", money(funding.leftover_sek), null));
  byId("figures").replaceChildren(...figures);
  const names = scenario.names;
  const cut = funding.last_funded === null ? t("answer.nobody") : funding.first_rejected === null ? t("answer.everybody") : t("answer.cut", { last: names[funding.last_funded], first: names[funding.first_rejected] });
  const more = funding.marginal ? " " + t("answer.more", { persons: count(funding.marginal.persons) }) : "";
  const wide = (key, text) => byId("figures").append(el("div", { class: "wide" }, el("dt", {}, t(key)), el("dd", { class: "text" }, text)));
  wide("answer.cut_line", cut + more);
  if (funding.years.length > 1) wide("answer.by_year", funding.years.map((y) => t("answer.year", { year: y.year, spent: money(y.spent_sek), budget: money(y.budget_sek), carried: money(y.carried_sek), n: count(y.n_started) })).join(" "));
  const costs = limitCosts(funding);
  if (costs.length) wide("answer.limits", costs.join(" "));
}
