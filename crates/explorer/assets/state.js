// What the page has set, kept in the address; whatever is left out is as published.
export const state = {
  scenario: null, budget: null, years: null, perYear: null, rule: null, unaffordable: null, cap: null, floor: null,
  weights: null, must: [], never: [], code: null, shows: null, layers: [],
};
let run = null;
const listeners = [];

export function begin(published) {
  run = published;
  read();
  addEventListener("hashchange", () => { read(); tell("address"); });
}

export const scenario = () => run.scenarios.find((s) => s.name === state.scenario) ?? run.scenarios[0] ?? null;
export const publishedWeights = () => run.indicators.map((i) => i.weight);
export const weights = () => state.weights ?? publishedWeights();
export const years = () => state.years ?? scenario()?.years.map((y) => y.budget_sek) ?? [];
export const budget = () => state.budget ?? (state.years ? state.years.reduce((a, b) => a + b, 0) : scenario()?.budget_sek ?? 0);
export const rule = () => state.rule ?? scenario()?.rule ?? null;

export function on(listener) { listeners.push(listener); }
function tell(why) { for (const listener of listeners) listener(why); }

// `why` tells what changed: "drag" while a slider moves, "set" when something is settled, "pick" for the selection.
export function set(changes, why) {
  Object.assign(state, changes);
  write();
  tell(why);
}

export function reset() {
  set({ ...untouched, weights: null }, "set");
}

// Everything about the money, as published.
export const untouched = { budget: null, years: null, perYear: null, rule: null, unaffordable: null, cap: null, floor: null, must: [], never: [] };
export const isOwn = () => ["budget", "years", "perYear", "rule", "unaffordable", "cap", "floor", "weights"].some((k) => state[k] !== null) || state.must.length > 0 || state.never.length > 0;

// The state as a question to the server.
export function question(extra = {}) {
  const asked = { must_fund: state.must, never_fund: state.never, ...extra };
  if (scenario()) asked.scenario = scenario().name;
  if (state.weights) asked.weights = state.weights;
  if (state.budget !== null) asked.budget_sek = state.budget;
  if (state.years) asked.years_sek = state.years;
  if (state.perYear !== null) asked.max_per_year = state.perYear;
  if (state.floor !== null) asked.floor_sek = state.floor;
  if (state.rule) asked.rule = state.rule;
  if (state.unaffordable) asked.unaffordable = state.unaffordable;
  if (state.cap !== null) asked.cap_sek = state.cap;
  return asked;
}

function write() {
  const parts = new URLSearchParams();
  const put = (key, value) => { if (value !== null && value !== undefined && value !== "") parts.set(key, value); };
  put("s", state.scenario);
  put("b", state.budget);
  put("y", state.years && state.years.join(","));
  put("n", state.perYear);
  put("floor", state.floor);
  put("l", state.layers.join(","));
  put("r", state.rule);
  put("u", state.unaffordable);
  put("cap", state.cap);
  put("w", state.weights && state.weights.map((w) => +w.toFixed(6)).join(","));
  put("must", state.must.join(","));
  put("never", state.never.join(","));
  put("a", state.code);
  put("v", state.shows);
  const text = parts.toString();
  history.replaceState(null, "", text ? "#" + text : location.pathname + location.search);
}

function read() {
  const parts = new URLSearchParams(location.hash.slice(1));
  const amount = (key) => { const n = Number(parts.get(key)); return parts.has(key) && Number.isFinite(n) && n >= 0 ? Math.round(n) : null; };
  const known = (value, list) => (list.includes(value) ? value : null);
  const codes = (key) => (parts.get(key) || "").split(",").filter((code) => run.areas.code.includes(code));
  state.scenario = known(parts.get("s"), run.scenarios.map((s) => s.name));
  state.budget = amount("b");
  const years = (parts.get("y") || "").split(",").map(Number);
  state.years = parts.has("y") && years.length <= 10 && years.every((n) => Number.isFinite(n) && n >= 0) ? years.map(Math.round) : null;
  state.perYear = amount("n");
  state.floor = amount("floor");
  state.layers = (parts.get("l") || "").split(",").filter((name) => /^[a-z0-9:]+$/.test(name));
  state.rule = known(parts.get("r"), ["need", "cost_effectiveness", "need_per_cost", "proportional", "equal_share", "optimal", "leximin", "auction", "profile"]);
  state.unaffordable = known(parts.get("u"), ["partial", "skip", "stop"]);
  state.cap = amount("cap");
  const given = (parts.get("w") || "").split(",").map(Number);
  const isUsable = given.length === run.indicators.length && given.every((w) => Number.isFinite(w) && w >= 0) && given.some((w) => w > 0);
  state.weights = parts.has("w") && isUsable ? given : null;
  state.must = codes("must");
  state.never = codes("never");
  state.code = known(parts.get("a"), run.areas.code);
  state.shows = parts.get("v");
}
