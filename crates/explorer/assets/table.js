// The ranked table: the map's full equivalent, page by page.
import { t, el, count, share, real, money, collator } from "./words.js";
import * as s from "./state.js";

const byId = (id) => document.getElementById(id);
const PAGE = 20;
let run, answers, order = [], page = 0, sort = { by: "rank", down: false };

export function begin(published, current) {
  run = published;
  answers = current;
  byId("places").append(...run.areas.name.map((name, i) => el("option", { value: name }, parentOf(i))));
  byId("search").addEventListener("input", () => { page = 0; show(); found(); });
  byId("page-back").addEventListener("click", () => { page -= 1; show(); });
  byId("page-on").addEventListener("click", () => { page += 1; show(); });
  for (const head of document.querySelectorAll("#ranked [data-sort]")) {
    const button = el("button", { type: "button", class: "sorter" }, head.textContent);
    head.replaceChildren(button);
    button.addEventListener("click", () => {
      const by = head.dataset.sort;
      sort = { by, down: sort.by === by ? !sort.down : ["gap", "share", "score", "grant", "sure"].includes(by) };
      for (const other of document.querySelectorAll("#ranked [aria-sort]")) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", sort.down ? "descending" : "ascending");
      page = 0;
      show();
      byId("status").textContent = t("table.sorted", { column: button.textContent });
    });
  }
  for (const cell of document.querySelectorAll("#ranked .c-grant")) cell.hidden = !run.scenarios.length;
}

export const parentOf = (i) => (run.areas.parent[i] ? run.parents[run.areas.parent[i]] || run.areas.parent[i] : "");

// Index of each area's candidate in the scenario that is set.
export function candidateOf() {
  const of = new Map();
  (s.scenario()?.area_of ?? []).forEach((area, c) => { if (area !== null) of.set(area, c); });
  return of;
}

// A search that names one area picks it.
function found() {
  const wanted = byId("search").value.trim().toLowerCase();
  const exact = run.areas.name.findIndex((name, i) => name.toLowerCase() === wanted || run.areas.code[i].toLowerCase() === wanted);
  if (wanted && exact >= 0) s.set({ code: run.areas.code[exact] }, "pick");
}

function keys(by) {
  const service = run.services[answers.service];
  const candidates = candidateOf();
  switch (by) {
    case "name": return null;
    case "gap": return (i) => service?.gap_persons[i];
    case "share": return (i) => service?.gap_share[i];
    case "score": return (i) => answers.scores[i];
    case "grant": return (i) => answers.funding?.grant_sek[candidates.get(i)];
    case "sure": return (i) => answers.sure?.funded[i] ?? answers.sure?.rank_p05[i];
    default: return (i) => answers.ranks[i] ?? (run.indicators.length ? null : -(service?.gap_persons[i] ?? 0));
  }
}

function ordered() {
  const key = keys(sort.by), compare = collator(), sign = sort.down ? -1 : 1;
  const all = run.areas.code.map((_, i) => i);
  if (!key) return all.sort((a, b) => sign * compare.compare(run.areas.name[a], run.areas.name[b]));
  return all.sort((a, b) => {
    const x = key(a) ?? null, y = key(b) ?? null;
    if (x === null || y === null) return (x === null) - (y === null) || a - b;
    return sign * (x - y) || a - b;
  });
}

export function show() {
  order = ordered();
  const wanted = byId("search").value.trim().toLowerCase();
  const hits = order.filter((i) => !wanted || (run.areas.name[i] + " " + run.areas.code[i] + " " + parentOf(i)).toLowerCase().includes(wanted));
  const pages = Math.max(1, Math.ceil(hits.length / PAGE));
  page = Math.min(Math.max(page, 0), pages - 1);
  const shown = hits.slice(page * PAGE, (page + 1) * PAGE);
  const candidates = candidateOf();
  const focused = document.activeElement?.closest?.("#ranked tbody tr")?.dataset.code;
  document.querySelector("#ranked tbody").replaceChildren(...shown.map((i) => row(i, candidates.get(i))));
  if (focused) document.querySelector(`#ranked tr[data-code="${CSS.escape(focused)}"] button`)?.focus({ preventScroll: true });
  byId("pager").hidden = pages < 2;
  byId("page-status").textContent = t("table.page_of", { from: count(hits.length ? page * PAGE + 1 : 0), to: count(Math.min((page + 1) * PAGE, hits.length)), n: count(hits.length) });
  byId("page-back").disabled = page === 0;
  byId("page-on").disabled = page === pages - 1;
  byId("service-name").textContent = run.services[answers.service]?.title ?? "";
}

// Turns to the page that holds an area.
export function bringIntoView(i) {
  const at = order.indexOf(i);
  if (at >= 0 && !byId("search").value.trim()) { page = Math.floor(at / PAGE); show(); }
}

function row(i, candidate) {
  const service = run.services[answers.service];
  const name = el("button", { type: "button", class: "pick" }, run.areas.name[i] || run.areas.code[i]);
  name.addEventListener("click", () => s.set({ code: run.areas.code[i] }, "pick"));
  const rank = answers.ranks[i], before = run.areas.rank[i];
  const moved = rank && before && rank !== before ? el("span", { class: "moved" }, before > rank ? "▲" : "▼", String(Math.abs(before - rank)), el("span", { class: "sr" }, " " + t(before > rank ? "table.up" : "table.down", { from: before }))) : null;
  const picked = s.state.code === run.areas.code[i];
  const bar = el("span", { class: "bar", "aria-hidden": "true" });
  const value = service?.gap_share[i] ?? null;
  bar.style.setProperty("--v", value ?? 0);
  const line = el("tr", { "data-code": run.areas.code[i], class: picked ? "picked" : null, "aria-current": picked ? "true" : null },
    el("td", { class: "num" }, rank ? String(rank) : t("word.unranked"), moved),
    el("th", { scope: "row" }, name),
    el("td", { class: "num" }, count(service?.gap_persons[i])),
    el("td", { class: "num share" }, bar, el("span", { class: "v" }, share(value))),
    el("td", { class: "num" }, real(answers.scores[i])));
  if (run.scenarios.length) line.append(grant(candidate), sure(i));
  return line;
}

const STATUS_KEYS = { funded: "status.funded", partial: "status.partial", rejected: "status.rejected" };

function grant(c) {
  const { funding } = answers;
  if (c === undefined || !funding) return el("td", { class: "num" }, t("word.dash"));
  const status = funding.status[c];
  const sign = el("span", { class: "sign " + (status ?? "none"), "aria-hidden": "true" });
  const word = el("span", { class: "word" }, status ? t(STATUS_KEYS[status]) : t("status.ineligible"));
  return el("td", { class: "num" }, funding.grant_sek[c] > 0 ? money(funding.grant_sek[c]) + " " : null, word, sign);
}

const FIRM_KEYS = { firm: "firm.firm", sensitive: "firm.sensitive", not_funded: "firm.not_funded" };

function sure(i) {
  const { sure } = answers;
  if (!sure || sure.rank_p05[i] === null) return el("td", { class: "hint" }, answers.isUpdating ? t("table.updating") : t("word.dash"));
  const [low, high] = [sure.rank_p05[i], sure.rank_p95[i]];
  const range = low === high ? t("table.one_rank", { rank: low }) : t("table.range", { low, high });
  // That nothing is received stands in the column before already.
  const firm = sure.firmness[i] && sure.firmness[i] !== "not_funded" ? t(FIRM_KEYS[sure.firmness[i]]) + " · " : "";
  return el("td", { class: answers.isUpdating ? "old" : null }, firm, range);
}
