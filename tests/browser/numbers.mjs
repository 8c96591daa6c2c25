// The numbers of every section of the report against run.json. Texts are written here a second time, from the rules of
// the two languages, so that a wrong rounding or unit shows too.
import { check, column, equal } from "./shared.mjs";

const NBSP = "\u00a0";
const clean = (text) => (text ?? "").replace(/\s+/g, " ").replaceAll(NBSP, " ").trim();

// Numbers as a language has them, with plain spaces.
export function pen(lang) {
  const sv = lang === "sv";
  const count = (n) => {
    const digits = String(Math.abs(n)).replace(/\B(?=(\d{3})+$)/g, sv ? " " : ",");
    return (n < 0 ? "\u2212" : "") + digits;
  };
  // Rust rounds the exact binary value, as toFixed does for numbers of this size.
  const real = (v, d) => {
    const [whole, fraction] = Math.abs(v).toFixed(d).split(".");
    const sign = v < 0 && Number(Math.abs(v).toFixed(d)) !== 0 ? "\u2212" : "";
    return sign + count(Number(whole)) + (fraction ? (sv ? "," : ".") + fraction : "");
  };
  const percent = sv ? " %" : "%";
  const share = (v) => {
    const p = v * 100;
    if (p > 0 && p < 0.05) return "<" + real(0.1, 1) + percent;
    if (p >= 99.95 && p < 100) return ">" + real(99.9, 1) + percent;
    return real(p, 1) + percent;
  };
  const money = (sek) => {
    if (Math.abs(sek) < 1e6) return sv ? `${count(sek)} kr` : `SEK ${count(sek)}`;
    const d = sek % 1e6 === 0 ? 0 : Math.abs(sek / 1e6) < 10 ? 2 : 1;
    return sv ? `${real(sek / 1e6, d)} Mkr` : `SEK ${real(sek / 1e6, d)} million`;
  };
  return { lang, count, real, share, money };
}

// The texts of a table's body, row by row; what is drawn for the eye only is left out.
const cells = (page, selector) => page.locator(selector).evaluateAll((rows) => rows.map((row) => Array.from(row.cells, (cell) => {
  const copy = cell.cloneNode(true);
  for (const gone of copy.querySelectorAll("[aria-hidden=true], .small")) gone.remove();
  return copy.textContent.replace(/\s+/g, " ").replaceAll("\u00a0", " ").trim();
})));
const opened = (page) => page.evaluate(() => { for (const part of document.querySelectorAll("details")) part.open = true; });
const MISSING = { sv: "uppgift saknas", en: "no data" };
const WITHHELD = { sv: "utelämnas", en: "withheld" };
const or = (write, value, lang) => (value === null || value === undefined ? MISSING[lang] : write(value));

export async function sections(page, run, lang) {
  const p = pen(lang);
  await opened(page);
  const found = await page.$$eval("main > section", (all) => all.map((one) => one.id));
  const wanted = ["answer", "place", run.clusters && "clusters", run.scenarios.length && "scenarios", run.scenarios.some((s) => s.curve) && "what-if", (run.robustness || run.consultation) && "certainty", "method", "data", "findings", "accessibility"].filter(Boolean);
  equal(found.join(), wanted.join(), `sections in ${lang}`);
  await answer(page, run, p);
  await place(page, run, p);
  if (run.ranking) await why(page, run, p);
  if (run.clusters) await clusters(page, run, p);
  if (run.scenarios.length) await scenarios(page, run, p);
  if (wanted.includes("what-if")) await whatIf(page, run, p);
  if (run.robustness) await certainty(page, run, p);
  if (run.consultation) await consultation(page, run, p);
  if (run.ranking) await method(page, run, p);
  await data(page, run, p);
}

const total = (run, name) => column(run.totals, name)?.[0];

async function answer(page, run, p) {
  const cards = await page.locator("#answer .card").evaluateAll((all) => all.map((card) => ({ n: card.querySelector(".n").textContent, rest: card.textContent })));
  const first = run.shown_service;
  const joined = Object.entries(run.services).filter(([name]) => name !== first && total(run, `${name}_gap_persons`) !== undefined);
  const second = (joined.find(([, s]) => (s.any_of ?? []).length > 1) ?? joined[0])?.[0];
  for (const [k, name] of [first, second].filter(Boolean).entries()) {
    equal(clean(cards[k].n), p.count(total(run, `${name}_gap_persons`)), `persons without ${name} in the answer (${p.lang})`);
    check(clean(cards[k].rest).includes(p.share(total(run, `${name}_gap_share`))), `share without ${name} in the answer (${p.lang}): ${clean(cards[k].rest)}`);
    check(clean(cards[k].rest).includes(p.count(total(run, "persons"))), `everyone stands below ${name} in the answer (${p.lang})`);
  }
  const scenario = run.scenarios[0];
  if (scenario) {
    const { after } = scenario.allocation.outcome;
    equal(clean(cards.at(-1).n), p.count(after.persons - after.reached_persons), `persons left after the first scenario (${p.lang})`);
    const sentence = clean(await page.locator("#answer .result").textContent());
    const { households, persons } = scenario.allocation.outcome;
    check(sentence.includes(p.count(run.has_households ? households : persons)) && sentence.includes(p.money(scenario.allocation.budget_sek)), `the sentence of the answer (${p.lang}): ${sentence}`);
  }
  const dated = await page.locator("#answer .dated li").allTextContents();
  equal(dated.length, run.inputs.length, `dates in the answer (${p.lang})`);
  run.inputs.forEach((input, k) => check(!input.date || clean(dated[k]).includes(input.date), `date of ${input.file} in the answer (${p.lang})`));
}

async function place(page, run, p) {
  await page.click("[data-view=table]");
  const n = run.areas.columns[0].values ? column(run.areas, "area_code").length - 1 : 0;
  const names = Object.keys(run.services).filter((name) => column(run.areas, `${name}_gap_persons`));
  for (const [k, name] of names.entries()) {
    if (names.length > 1) await page.selectOption("#service", String(k));
    const gaps = column(run.areas, `${name}_gap_persons`), shares = column(run.areas, `${name}_gap_share`);
    const rows = await page.locator("#ranked tbody tr").evaluateAll((all) => all.map((row) => [row.dataset.i, row.querySelector(".c-gap").textContent, row.querySelector(".c-share .v").textContent]));
    equal(rows.length, n, `rows of the ranking (${p.lang})`);
    for (const [i, gap, share] of rows) {
      if (shares[i] === null) continue;
      equal(clean(gap), p.count(gaps[i]), `${name}: gap of area ${i} (${p.lang})`);
      equal(clean(share), p.share(shares[i]), `${name}: share of area ${i} (${p.lang})`);
    }
    equal(clean(await page.locator("#ranked tfoot .total .c-gap").textContent()), p.count(total(run, `${name}_gap_persons`)), `${name}: gap of all (${p.lang})`);
    equal(clean(await page.locator("#ranked tfoot .total .c-share .v").textContent()), p.share(total(run, `${name}_gap_share`)), `${name}: share of all (${p.lang})`);
    const parents = await cells(page, "#parents tbody tr");
    const [persons, gap] = [column(run.parents, "persons"), column(run.parents, `${name}_gap_persons`)];
    parents.forEach((row, i) => equal(row.slice(1, 3).join(" / "), [persons[i], gap[i]].map(p.count).join(" / "), `${name}: parent ${i} (${p.lang})`));
  }
  const persons = column(run.areas, "persons"), ranks = column(run.areas, "rank"), scores = column(run.areas, "score");
  const rows = await page.locator("#ranked tbody tr").evaluateAll((all) => all.map((row) => [row.dataset.i, row.querySelector("[data-persons]").textContent, row.querySelector(".c-rank")?.firstChild.textContent, row.lastElementChild.textContent]));
  for (const [i, people, rank, score] of rows) {
    equal(clean(people), p.count(persons[i]), `persons of area ${i} (${p.lang})`);
    if (!ranks || ranks[i] === null) continue;
    equal(clean(rank), String(ranks[i]), `rank of area ${i} (${p.lang})`);
    equal(clean(score), p.real(scores[i], 3), `score of area ${i} (${p.lang})`);
  }
  if (names.length > 1) await page.selectOption("#service", String(names.indexOf(run.shown_service)));
}

async function why(page, run, p) {
  const rows = await page.locator("table.why tbody tr").evaluateAll((all) => all.map((row) => [row.id.slice(1), Array.from(row.querySelectorAll(".v"), (v) => v.textContent), row.lastElementChild.textContent]));
  equal(rows.length, Math.min(run.ranking.order.length, 300), `rows of "why this rank" (${p.lang})`);
  for (const [i, parts, score] of rows) {
    const area = run.ranking.areas[i];
    equal(parts.join(" + "), area.parts.map((part) => p.real(part.contribution, 3)).join(" + "), `contributions of area ${i} (${p.lang})`);
    equal(score, p.real(area.score, 3), `score they add up to in area ${i} (${p.lang})`);
  }
}

async function clusters(page, run, p) {
  const t = run.clusters.table, of = (name) => column(t, name);
  const services = Object.keys(run.services).filter((name) => of("service").includes(name));
  const groups = await page.locator("table.clusters").count();
  equal(groups, services.length, `tables of clusters (${p.lang})`);
  for (const [g, service] of services.entries()) {
    const rows = of("service").map((_, i) => i).filter((i) => of("service")[i] === service);
    rows.sort((a, b) => (of("rank")[a] ?? Infinity) - (of("rank")[b] ?? Infinity) || of("persons")[b] - of("persons")[a] || a - b);
    const shown = await cells(page, `table.clusters >> nth=${g} >> tbody tr`);
    equal(shown.length, Math.min(rows.length, 100), `rows of clusters (${p.lang})`);
    const ranked = of("rank").some((r) => r !== null), priced = of("cost_sek").some((c) => c !== null);
    for (const [k, cell] of shown.entries()) {
      const i = rows[k];
      const households = of("households")?.[i];
      const isSmall = households > 0 && households < run.min_cell;
      const told = (write, value) => (cell.includes(WITHHELD[p.lang]) ? WITHHELD[p.lang] : or(write, value, p.lang));
      check(!isSmall || cell.includes(WITHHELD[p.lang]), `cluster ${i} of ${households} households is withheld (${p.lang})`);
      const wanted = [ranked && or(String, of("rank")[i], p.lang), of("cluster_name")[i], p.count(of("persons")[i]), run.has_households && told(p.count, households), or((d) => p.count(Math.round(d)), of("distance_m")[i], p.lang), priced && told(p.count, of("cost_sek")[i]), priced && run.has_households && (cell.includes(WITHHELD[p.lang]) ? WITHHELD[p.lang] : or((d) => p.count(Math.round(d)), of("cost_per_household_sek")[i], p.lang)), ranked && or((v) => p.real(v, 3), of("score")[i], p.lang)].filter((w) => w !== false);
      wanted.forEach((w, c) => { if (w !== null) equal(cell[c].replace("–", ""), w, `cluster ${k}, column ${c} (${p.lang})`); });
    }
  }
}

async function scenarios(page, run, p) {
  const o = run.scenarios.map((s) => s.allocation.outcome), a = run.scenarios.map((s) => s.allocation);
  const before = o[0].before, lang = p.lang;
  const rows = await cells(page, ".outcomes tbody tr");
  const share = (v) => or(p.share, v, lang), three = (v) => or((x) => p.real(x, 3), v, lang);
  const covered = (b) => (b.persons ? b.reached_persons / b.persons : null);
  const lines = [
    [p.money(0), a.map((x) => p.money(x.budget_sek))],
    [p.money(0).replace(p.money(0), p.money(0)), a.map((x) => p.money(x.spent_sek))],
    [MISSING[lang], a.map((x) => p.money(x.leftover_sek))],
    null,
    run.has_households && [p.count(0), o.map((x) => p.count(x.households))],
    [p.count(0), o.map((x) => p.count(x.persons))],
    run.has_households && [MISSING[lang], o.map((x) => or((sek) => p.money(Math.round(sek)), x.sek_per_household, lang))],
    [share(covered(before)), o.map((x) => share(covered(x.after)))],
    o[0].parents.length > 1 && [share(o[0].equity_before?.worst_share), o.map((x) => share(x.equity_after?.worst_share))],
    o[0].parents.length > 1 && [three(o[0].equity_before?.gini), o.map((x) => three(x.equity_after?.gini))],
    o.some((x) => x.neediest_fifth_share !== null) && [MISSING[lang], o.map((x) => share(x.neediest_fifth_share))],
    o.some((x) => x.target) && [or((t) => p.count(t.shortfall_before), o[0].target, lang), o.map((x) => or((t) => p.count(t.shortfall_after), x.target, lang))],
  ].filter((line) => line !== false);
  equal(rows.length, lines.length, `measures of the outcomes (${lang})`);
  lines.forEach((line, k) => {
    if (!line) return;
    const seen = rows[k].slice(2).map((text) => text.replace("–", ""));
    equal(seen.join(" / "), line[1].join(" / "), `${rows[k][0]} of each scenario (${lang})`);
    if (k > 1) equal(rows[k][1].replace("–", ""), line[0], `${rows[k][0]} without a grant (${lang})`);
  });
  // Part by part, before and after.
  const parts = await cells(page, ".before-after tbody tr");
  for (const row of parts) {
    const at = o[0].parents.findIndex((q) => q.name === row[0]);
    const wanted = [share(o[0].parents[at].before_share), ...run.scenarios.flatMap((s) => { const q = s.allocation.outcome.parents.find((x) => x.code === o[0].parents[at].code); return [share(q.after_share), p.money(q.spent_sek)]; })];
    equal(row.slice(1).join(" / "), wanted.join(" / "), `before and after in ${row[0]} (${lang})`);
  }
  // Who gets what, in order.
  for (const [k, scenario] of run.scenarios.entries()) {
    const order = (await cells(page, `table.order >> nth=${k} >> tbody tr`)).filter((row) => row.length > 1 && row[0]);
    const grants = scenario.allocation.grants;
    check(order.length >= Math.min(grants.length, 300), `rows of the order of ${scenario.name} (${lang})`);
    const byOrder = new Map(grants.map((g) => [String(g.order), g]));
    order.forEach((row, i) => {
      const g = byOrder.get(row[0]);
      if (row.includes(WITHHELD[lang])) return;
      const of = lang === "sv" ? "av" : "of";
      const wanted = [String(g.order), g.name || g.code, null, p.count(g.cost_sek), p.count(g.grant_sek), `${p.count(g.persons)} ${of} ${p.count(g.gap_persons)}`, run.has_households && `${p.count(g.households)} ${of} ${p.count(g.gap_households)}`].filter((w) => w !== false);
      wanted.forEach((w, c) => { if (w !== null) equal(row[c], w, `${scenario.name}, place ${i + 1}, column ${c} (${lang})`); });
    });
  }
}

// What may be published of a what-if: no difference of few households.
function published(run, scenario) {
  const isSmall = (n) => run.has_households && Math.abs(n) > 0 && Math.abs(n) < run.min_cell;
  let last = null;
  const points = (scenario.curve?.points ?? []).filter((point) => {
    const isKept = !isSmall(point.households - scenario.allocation.outcome.households) && !(last !== null && isSmall(point.households - last));
    if (isKept) last = point.households;
    return isKept;
  });
  const { marginal, limits } = scenario.allocation;
  return { name: scenario.name, points, marginal: marginal && !isSmall(marginal.households) ? marginal : null, limits: limits.filter((l) => !isSmall(l.costs_households)), cost: scenario.cost_to_target };
}

async function whatIf(page, run, p) {
  const all = run.scenarios.map((s) => published(run, s));
  const curves = all.filter((s) => s.points.length > 1);
  for (const [k, { name, points }] of curves.entries()) {
    if (curves.length > 1) await page.selectOption("#curve", String(k));
    // Every budget, stepped through in the page.
    const told = await page.evaluate((n) => {
      const slider = document.querySelector("#budget"), seen = [];
      for (let i = 0; i < n; i++) {
        slider.value = i;
        slider.dispatchEvent(new Event("input", { bubbles: true }));
        seen.push([slider.value, document.querySelector("#budget-out").textContent, document.querySelector("#budget-say").textContent]);
      }
      return seen;
    }, points.length);
    points.forEach((point, i) => {
      const [at, out, say] = told[i].map(clean);
      equal(at, String(i), `step ${i} of ${name} (${p.lang})`);
      equal(out, p.money(point.budget_sek), `budget ${i} of ${name} (${p.lang})`);
      if (point.infeasible) return;
      const wanted = [run.has_households ? point.households : point.persons].map(p.count)[0];
      check(say.includes(` ${wanted} `) && say.includes(p.share(point.after_share)), `budget ${i} of ${name} (${p.lang}): ${say}; wanted ${wanted} and ${p.share(point.after_share)}`);
    });
  }
  const more = await cells(page, "table.effects tbody tr");
  const known = all.filter((s) => s.marginal || s.cost);
  equal(more.length, known.length, `rows of what more money does (${p.lang})`);
  known.forEach(({ marginal, cost }, k) => {
    const sum = (sek) => (sek === null || sek === undefined ? null : p.money(sek));
    if (marginal) equal(more[k][1], p.count(marginal.persons), `further persons of ${known[k].name} (${p.lang})`);
    if (marginal && run.has_households) equal(more[k][2], p.count(marginal.households), `further households of ${known[k].name} (${p.lang})`);
    if (cost && sum(cost.whole_sek)) equal(more[k].at(-2), sum(cost.whole_sek), `cost of the target of ${known[k].name} (${p.lang})`);
    if (cost && sum(cost.every_parent_sek)) equal(more[k].at(-1), sum(cost.every_parent_sek), `cost of the target everywhere of ${known[k].name} (${p.lang})`);
  });
  const limits = all.flatMap((s) => s.limits), shown = await cells(page, "table.limit-costs tbody tr");
  equal(shown.length, limits.length, `rows of limits (${p.lang})`);
  limits.forEach((limit, k) => {
    equal(shown[k][1], p.count(limit.costs_persons), `persons that limit ${k} costs (${p.lang})`);
    if (run.has_households) equal(shown[k][2], p.count(limit.costs_households), `households that limit ${k} costs (${p.lang})`);
  });
}

async function certainty(page, run, p) {
  const r = run.robustness, rows = await cells(page, "table.ranges tbody tr");
  equal(rows.length, Math.min(r.areas.length, 300), `rows of the ranges (${p.lang})`);
  const funding = r.funding[0];
  rows.forEach((row, k) => {
    const area = r.areas[k];
    equal(row[0], String(area.rank), `rank in range ${k} (${p.lang})`);
    equal(row[3], area.rank_p05 === area.rank_p95 ? String(area.rank_p05) : `${area.rank_p05}–${area.rank_p95}`, `range ${k} (${p.lang})`);
    const funded = funding?.areas.find((one) => one.code === area.code);
    if (funded) equal(row[4], p.share(funded.frequency), `how often ${area.code} is funded (${p.lang})`);
  });
  const sentence = clean(await page.locator("#certainty .result").textContent());
  if (funding?.n_funded) check(sentence.includes(p.count(funding.n_firm)) && sentence.includes(p.count(funding.n_funded)), `firm and funded (${p.lang}): ${sentence}`);
  const tables = r.sobol.filter((one) => one.factors.some((f) => f.total !== null));
  for (const [k, one] of tables.entries()) {
    const shown = await cells(page, `table.decides >> nth=${k} >> tbody tr`);
    const factors = one.factors.filter((f) => f.total !== null).sort((a, b) => b.total - a.total);
    const within = (v) => or(p.share, v === null ? null : Math.min(1, Math.max(0, v)), p.lang);
    factors.forEach((f, i) => equal(shown[i].slice(1).map((text) => text.replace("–", "")).join(" / "), [within(f.first), within(f.total)].join(" / "), `assumption ${i} of ${one.outcome} (${p.lang})`));
  }
}

async function consultation(page, run, p) {
  const c = run.consultation, rows = await cells(page, "#certainty table >> nth=-1 >> tbody tr");
  const names = column(run.areas, "area_name"), codes = column(run.areas, "area_code");
  const place = new Map(c.kemeny.order.map((code, i) => [code, i + 1]));
  for (const row of rows) {
    const i = c.codes.findIndex((code) => names[codes.indexOf(code)] === row[0]);
    equal(row.slice(1).join(), [place.get(c.codes[i]), ...c.actors.map((a) => a.ranks[i])].join(), `ranks of ${row[0]} by actor (${p.lang})`);
  }
}

async function method(page, run, p) {
  const i = run.ranking.order[0], area = run.ranking.areas[i], rows = await cells(page, "#method table.parts tbody tr");
  equal(rows.length, area.parts.length, `parts of the example (${p.lang})`);
  area.parts.forEach((part, k) => {
    equal(rows[k][3], or((v) => p.real(v, 3), part.normalised, p.lang), `normalised part ${k} of the example (${p.lang})`);
    equal(rows[k][4], "× " + p.share(part.weight), `weight ${k} of the example (${p.lang})`);
    equal(rows[k][5], "= " + p.real(part.contribution, 3), `contribution ${k} of the example (${p.lang})`);
  });
  equal(clean(await page.locator("#method table.parts tfoot td").textContent()), p.real(area.score, 3), `score of the example (${p.lang})`);
  if (run.shown_service) {
    const formula = clean(await page.locator("#method .formula").first().textContent());
    const [gap, persons, share] = [`${run.shown_service}_gap_persons`, "persons", `${run.shown_service}_gap_share`].map((name) => column(run.areas, name)[i]);
    check([p.count(gap), p.count(persons), p.share(share)].every((text) => formula.includes(text)), `the gap of the example (${p.lang}): ${formula}`);
  }
}

async function data(page, run, p) {
  const rows = await cells(page, ".inputs tbody tr");
  equal(rows.length, run.inputs.length, `sources (${p.lang})`);
  run.inputs.forEach(({ rows: r, file }, k) => equal(rows[k].slice(4).join(" / "), [r.read, r.accepted, r.repaired, r.rejected].map(p.count).join(" / "), `rows of ${file} (${p.lang})`));
  const facts = clean(await page.locator("#data .facts").textContent());
  check(facts.includes(run.run_id) && run.inputs.every((input) => facts.includes(input.sha256)), `run id and checksums (${p.lang})`);
  const findings = [...run.findings, ...(run.ranking?.findings ?? []), ...run.scenarios.flatMap((s) => s.allocation.findings)];
  const different = new Set(findings.map((f) => JSON.stringify(f)));
  equal(await page.locator("#findings ul.findings > li").count(), different.size, `findings (${p.lang})`);
}
