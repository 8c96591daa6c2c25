// Budget, rule and weights: each slider has a number box and a label, and every answer is the server's.
import { t, el, money, share, sorted } from "./words.js";
import * as s from "./state.js";

const byId = (id) => document.getElementById(id);
const RULES = ["need", "cost_effectiveness", "need_per_cost", "proportional", "equal_share", "optimal", "leximin", "auction", "profile"];
const RULE_KEYS = { need: "rule.need", cost_effectiveness: "rule.cost_effectiveness", need_per_cost: "rule.need_per_cost", proportional: "rule.proportional", equal_share: "rule.equal_share", optimal: "rule.optimal", leximin: "rule.leximin", auction: "rule.auction", profile: "rule.profile" };
export const ruleName = (rule) => t(RULE_KEYS[rule]);

let run;
let weightRows = [];

export function begin(published) {
  run = published;
  money_();
  weights_();
  byId("reset").addEventListener("click", () => s.reset());
  s.on(show);
  show();
}

function money_() {
  if (!run.scenarios.length) { byId("money").hidden = true; return; }
  byId("scenario").append(...run.scenarios.map((one) => el("option", { value: one.name }, one.title)));
  byId("scenario").addEventListener("change", (e) => s.set({ ...s.untouched, must: s.state.must, never: s.state.never, scenario: e.target.value }, "set"));
  const budget = byId("budget"), box = byId("budget-box");
  budget.addEventListener("input", () => s.set({ budget: Math.round(+budget.value) }, "drag"));
  budget.addEventListener("change", () => s.set({}, "set"));
  box.addEventListener("change", () => { const n = amount(box); s.set({ budget: n === null || n < 0 ? null : n }, "set"); });
  byId("rule").addEventListener("change", (e) => s.set({ rule: e.target.value }, "set"));
  byId("unaffordable").addEventListener("change", (e) => s.set({ unaffordable: e.target.value }, "set"));
  byId("cap").addEventListener("change", (e) => s.set({ cap: amount(e.target) ?? 0 }, "set"));
  byId("floor").addEventListener("change", (e) => s.set({ floor: amount(e.target) ?? 0 }, "set"));
  byId("cap-field").hidden = byId("floor-field").hidden = Object.keys(run.parents).length < 2 && !run.scenarios.some((one) => one.cap_sek || one.floor_sek);
  byId("n-years").addEventListener("change", (e) => {
    const n = Math.round(Number(e.target.value));
    if (n >= 1 && n <= 10) s.set({ years: spread(s.budget(), n), budget: null }, "set");
    else show();
  });
  byId("max-per-year").addEventListener("change", (e) => { const n = parseInt(e.target.value, 10); s.set({ perYear: Number.isFinite(n) && n >= 0 ? n : 0 }, "set"); });
}

// The sum over so many years, as even as whole units go.
const spread = (sum, n) => Array.from({ length: n }, (_, y) => Math.floor((sum * (y + 1)) / n) - Math.floor((sum * y) / n));

// One box a year; what the server made of them stands in them while the budget is dragged.
export function showYears(funding) {
  const scenario = s.scenario();
  if (!scenario) return;
  const years = funding && s.state.budget !== null ? funding.years.map((y) => y.budget_sek) : s.years();
  const name = (y) => funding?.years[y]?.year ?? scenario.years[y]?.year ?? String(y + 1);
  if (byId("n-years") !== document.activeElement) byId("n-years").value = years.length;
  byId("per-year-field").hidden = years.length < 2;
  const body = byId("years");
  if (years.length < 2) return body.replaceChildren();
  if (body.children.length !== years.length) {
    body.replaceChildren(...years.map((_, y) => {
      const box = el("input", { type: "number", min: "0", step: "0.1" });
      box.addEventListener("change", () => {
        const n = amount(box), all = s.years().slice();
        if (n === null || n < 0) return show();
        if (s.state.budget !== null && funding) funding.years.forEach((year, k) => { all[k] = year.budget_sek; });
        all[y] = n;
        s.set({ years: all, budget: null }, "set");
      });
      return el("label", { class: "field year" }, el("span"), el("span", { class: "box" }, box, el("span", { "aria-hidden": "true" }, t("controls.millions"))));
    }));
  }
  years.forEach((sek, y) => {
    const label = body.children[y], box = label.querySelector("input");
    label.firstChild.textContent = t("controls.year", { year: name(y) });
    if (box !== document.activeElement) box.value = +(sek / 1e6).toFixed(3);
  });
}

// Millions in a box as whole units.
function amount(box) {
  const n = parseFloat(box.value);
  return box.value.trim() === "" || !Number.isFinite(n) ? null : Math.round(n * 1e6);
}

function weights_() {
  if (!run.indicators.length) { byId("weights").hidden = true; return; }
  const presets = [
    [t("controls.as_published"), null],
    [t("controls.equal"), run.indicators.map(() => 1 / run.indicators.length)],
  ];
  const gap = run.indicators.findIndex((i) => /gap|lucka|glapp/.test(i.id));
  if (gap >= 0 && run.indicators.length > 1) presets.push([t("controls.gap_only"), run.indicators.map((_, k) => (k === gap ? 1 : 0))]);
  for (const actor of run.presets) presets.push([actor.name, actor.weights]);
  byId("presets").append(...presets.map(([name, weights]) => {
    const button = el("button", { type: "button" }, name);
    button.addEventListener("click", () => s.set({ weights }, "set"));
    button.dataset.weights = JSON.stringify(weights);
    return button;
  }));
  weightRows = run.indicators.map((indicator, k) => {
    const id = "w" + k;
    const slider = el("input", { type: "range", id, min: "0", max: "100", step: "1" });
    const box = el("input", { type: "number", min: "0", max: "100", step: "0.1", "aria-label": t("controls.weight_box", { indicator: indicator.title }) });
    const change = (value, why) => {
      const weights = s.weights().map((w) => w * 100);
      weights[k] = Math.max(0, value);
      if (weights.some((w) => w > 0)) s.set({ weights: weights.map((w) => w / 100) }, why);
      else show();
    };
    slider.addEventListener("input", () => change(+slider.value, "drag"));
    slider.addEventListener("change", () => s.set({}, "set"));
    box.addEventListener("change", () => { const n = parseFloat(box.value); if (Number.isFinite(n)) change(n, "set"); else show(); });
    const counts = el("output", { for: id });
    byId("sliders").append(el("div", { class: "slider" }, el("label", { for: id }, indicator.title), slider, el("span", { class: "box" }, box), counts));
    return { slider, box, counts };
  });
}

// Writes the state into the controls, but never into the one that is being used.
function show() {
  const put = (control, value) => { if (control !== document.activeElement || control.type === "range") control.value = value; };
  const scenario = s.scenario();
  if (scenario) {
    byId("scenario").value = scenario.name;
    const budget = byId("budget"), most = Math.max(scenario.most_sek, scenario.budget_sek, s.budget());
    budget.max = most;
    budget.step = most > 2e8 ? 1e6 : most > 2e6 ? 1e5 : 1;
    put(budget, s.budget());
    budget.setAttribute("aria-valuetext", money(s.budget()));
    put(byId("budget-box"), +(s.budget() / 1e6).toFixed(3));
    const rules = RULES.filter((r) => (r !== "auction" && r !== "profile") || r === scenario.rule);
    if (byId("rule").dataset.for !== rules.join()) {
      byId("rule").replaceChildren(...rules.map((r) => el("option", { value: r }, ruleName(r))));
      byId("rule").dataset.for = rules.join();
    }
    byId("rule").value = s.rule();
    byId("unaffordable").value = s.state.unaffordable ?? scenario.unaffordable;
    const cap = s.state.cap ?? scenario.cap_sek;
    put(byId("cap"), cap ? +(cap / 1e6).toFixed(3) : "");
    const floor = s.state.floor ?? scenario.floor_sek;
    put(byId("floor"), floor ? +(floor / 1e6).toFixed(3) : "");
    put(byId("max-per-year"), (s.state.perYear ?? scenario.max_per_year) || "");
    showYears(null);
  }
  const weights = s.weights(), sum = weights.reduce((a, b) => a + b, 0);
  weightRows.forEach(({ slider, box, counts }, k) => {
    slider.max = Math.max(100, Math.ceil(weights[k] * 100));
    put(slider, weights[k] * 100);
    slider.setAttribute("aria-valuetext", share(weights[k] / sum));
    put(box, +(weights[k] * 100).toFixed(1));
    counts.textContent = t("controls.counts", { share: share(weights[k] / sum) });
  });
  for (const button of byId("presets").children) {
    const of = JSON.parse(button.dataset.weights) ?? s.publishedWeights();
    const total = of.reduce((a, b) => a + b, 0);
    button.setAttribute("aria-pressed", of.every((w, k) => Math.abs(w / total - weights[k] / sum) < 1e-6));
  }
  explored();
}

// What differs from the published run, in words.
function explored() {
  const { state } = s, what = [];
  if (state.weights) what.push(t("own.weights"));
  if (state.budget !== null) what.push(t("own.budget"));
  if (state.years) what.push(t("own.years"));
  if (state.perYear !== null) what.push(t("own.per_year"));
  if (state.floor !== null) what.push(t("own.floor"));
  if (state.rule) what.push(t("own.rule"));
  if (state.unaffordable) what.push(t("own.unaffordable"));
  if (state.cap !== null) what.push(t("own.cap"));
  if (state.must.length) what.push(t("own.must", { names: names(state.must) }));
  if (state.never.length) what.push(t("own.never", { names: names(state.never) }));
  byId("explored").hidden = !s.isOwn();
  byId("explored-what").textContent = t("page.differs", { what: what.join(", ") });
}

const names = (codes) => sorted(codes.map((code) => run.areas.name[run.areas.code.indexOf(code)] || code)).join(", ");
