// What the page has set, kept in the address; whatever is left out is as published.
export const state = {
  scenario: null, budget: null, rule: null, unaffordable: null, cap: null,
  weights: null, must: [], never: [], code: null, shows: null,
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
export const budget = () => state.budget ?? scenario()?.budget_sek ?? 0;
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
  set({ budget: null, rule: null, unaffordable: null, cap: null, weights: null, must: [], never: [] }, "set");
}

export const isOwn = () => ["budget", "rule", "unaffordable", "cap", "weights"].some((k) => state[k] !== null) || state.must.length > 0 || state.never.length > 0;

// The state as a question to the server.
export function question(extra = {}) {
  const asked = { must_fund: state.must, never_fund: state.never, ...extra };
  if (scenario()) asked.scenario = scenario().name;
  if (state.weights) asked.weights = state.weights;
  if (state.budget !== null) asked.budget_sek = state.budget;
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
