// The explorer: node explorer.mjs RESULTS_FOLDER ADDRESS [ADDRESS_OF_5000]
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pen } from "./numbers.mjs";
import { accessible, check, column, digits, equal, finish, launch, open, reflows } from "./shared.mjs";

const [, , folder, address, large] = process.argv;
const run = JSON.parse(readFileSync(join(folder, "run.json"), "utf8"));
const browser = await launch();
const post = async (path, body) => (await fetch(address + path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) })).json();

async function ready(page) {
  await page.waitForSelector("#ranked tbody tr");
  await page.waitForSelector("#figures dd");
  await page.waitForFunction(() => document.documentElement.dataset.map === "ready" || !document.querySelector(".no-map").hidden);
}

for (const lang of ["sv", "en"]) for (const scheme of ["light", "dark"]) {
  const page = await open(browser, `${address}/?lang=${lang}`, { scheme });
  await ready(page);
  await page.locator("#ranked .pick").first().click();
  await page.waitForSelector("#why-body table");
  await accessible(page, `explorer ${lang} ${scheme}`);
  await reflows(page, `explorer ${lang} ${scheme}`);
  await accessible(page, `explorer ${lang} ${scheme} at 320`);
  await page.context().close();
}
await published();
await keyboard();
await stale();
await pinsAndAddress();
await layers();
await yearsAndFloors();
if (large) await fast();
await browser.close();
finish();

// Untouched, the page shows what was published: every row of the table, every figure, and why.
async function published() {
  for (const lang of ["sv", "en"]) {
    const p = pen(lang);
    const page = await open(browser, `${address}/?lang=${lang}`);
    await ready(page);
    const of = (name) => column(run.areas, name);
    const codes = of("area_code"), service = run.shown_service, grants = new Map(run.scenarios[0].allocation.grants.map((g) => [g.code, g]));
    let n = 0;
    for (;;) {
      const rows = await page.locator("#ranked tbody tr").evaluateAll((all) => all.map((r) => [r.dataset.code, ...Array.from(r.cells, (c) => c.textContent.replace(/\s+/g, " ").replaceAll("\u00a0", " ").trim())]));
      for (const [code, rank, , gap, share, score, grant] of rows) {
        const i = codes.indexOf(code), g = grants.get(code);
        equal(rank, String(of("rank")[i]), `rank of ${code} (${lang})`);
        equal(gap, p.count(of(`${service}_gap_persons`)[i]), `gap of ${code} (${lang})`);
        equal(share, p.share(of(`${service}_gap_share`)[i]), `share of ${code} (${lang})`);
        equal(score, p.real(of("score")[i], 3), `score of ${code} (${lang})`);
        if (g?.grant_sek > 0) check(digits(grant) === digits(millions(g.grant_sek, lang)), `grant of ${code} (${lang}): ${grant}, wanted ${millions(g.grant_sek, lang)}`);
        n += 1;
      }
      if (await page.locator("#pager").isHidden() || await page.locator("#page-on").isDisabled()) break;
      await page.click("#page-on");
    }
    equal(n, codes.length - 1, `areas in the table (${lang})`);
    const { allocation } = run.scenarios[0], { outcome } = allocation;
    const figures = (await page.locator("#figures > div:not(.wide) dd").allTextContents()).map((text) => text.replaceAll("\u00a0", " "));
    const wanted = [p.count(outcome.households), p.count(outcome.persons), p.count(Math.round(outcome.sek_per_household)), p.share(outcome.after.reached_persons / outcome.after.persons), p.count(outcome.n_funded), p.count(allocation.leftover_sek)];
    wanted.forEach((text, k) => check(digits(figures[k]) === digits(text), `figure ${k} (${lang}): ${figures[k]}, wanted ${text}`));
    const sentence = await page.locator("#sentence").textContent();
    check(digits(sentence).includes(digits(p.count(outcome.households))), `households in the sentence (${lang}): ${sentence}`);
    check(await page.locator("#explored").isHidden(), "nothing is said to be changed");
    // Why the first has its rank: the parts of its score.
    const first = run.ranking.order[0];
    await page.locator("#ranked .pick").first().click();
    await page.waitForSelector("#why-body table");
    const parts = await page.locator("#why-body tbody .share .v").allTextContents();
    equal(parts.join(" + "), run.ranking.areas[first].parts.map((part) => p.real(part.contribution, 3)).join(" + "), `parts of the first score (${lang})`);
    equal(await page.locator("#why-body tfoot .num").textContent(), p.real(run.ranking.areas[first].score, 3), `the score they add up to (${lang})`);
    await page.context().close();
  }
}

// Money as the explorer writes it: millions with at most one decimal.
function millions(sek, lang) { return sek < 1e6 ? pen(lang).count(sek) : new Intl.NumberFormat(lang, { maximumFractionDigits: 1 }).format(sek / 1e6); }

// Clusters and coverage over the map, each with its sign; the clusters as a table with the numbers of the run.
async function layers() {
  const p = pen("en");
  const page = await open(browser, `${address}/?lang=en`);
  await ready(page);
  const boxes = await page.locator("#layer-list input").count();
  check(boxes >= 4, `settlements, clusters and coverage can be laid over the map: ${boxes}`);
  equal(await page.locator("#layer-list .swatch").count(), boxes, "each has its sign");
  const tiles = new Set();
  page.on("response", (answer) => { const kind = /tiles\/(clusters|coverage)\//.exec(answer.url()); if (kind && answer.ok()) tiles.add(kind[1]); });
  for (const box of await page.locator("#layer-list input").all()) if (!(await box.isChecked())) { await box.focus(); await page.keyboard.press("Space"); }
  if (await page.locator(".maplibregl-canvas").count()) {
    await page.waitForTimeout(1500);
    equal([...tiles].sort().join(), "clusters,coverage", "tiles of what is laid over");
  }
  check((await page.evaluate(() => location.hash)).includes("l="), "what is laid over stands in the address");
  await page.locator("#cluster-table summary").click();
  await page.waitForSelector("#cluster-body tbody tr");
  const t = run.clusters.table, of = (name) => column(t, name);
  const order = of("cluster_code").map((_, i) => i).sort((a, b) => (of("rank")[a] ?? Infinity) - (of("rank")[b] ?? Infinity) || of("persons")[b] - of("persons")[a]);
  const rows = await page.locator("#cluster-body tbody tr").evaluateAll((all) => all.map((r) => Array.from(r.cells, (c) => c.textContent)));
  equal(rows.length, Math.min(100, order.length), "rows of the clusters");
  rows.forEach((row, k) => equal([row[0], row[1], row[3], row[4]].join(), [p.count(of("rank")[order[k]]), of("cluster_name")[order[k]], p.count(of("persons")[order[k]]), p.count(of("households")[order[k]])].join(), `cluster ${k}`));
  await accessible(page, "the explorer with everything laid over the map");
  await page.context().close();
}

// Floors and budgets over several years are tried, and stand in the block that is copied out.
async function yearsAndFloors() {
  const page = await open(browser, `${address}/?lang=en`);
  await ready(page);
  await page.locator("#n-years").fill("3");
  await page.keyboard.press("Tab");
  await page.waitForFunction(() => document.querySelectorAll("#years input").length === 3);
  await page.locator("#years input").first().fill("10");
  await page.keyboard.press("Tab");
  await page.waitForFunction(() => location.hash.includes("y=10000000"));
  const years = (await page.evaluate(() => new URLSearchParams(location.hash.slice(1)).get("y"))).split(",").map(Number);
  const wanted = await post("/api/allocate", { years_sek: years });
  await page.waitForFunction((n) => document.querySelector("#figures dd").firstChild.textContent.replace(/\D/g, "") === String(n), wanted.outcome.households);
  equal(wanted.years.map((y) => y.budget_sek).join(), years.join(), "the server's years are those that are set");
  check((await page.locator("#figures").textContent()).includes("Year by year"), "what each year does is told");
  // A floor for one part or many; without parents there is no box for it.
  const floor = page.locator("#floor");
  if (await floor.isVisible()) {
    await floor.fill("1");
    await page.keyboard.press("Tab");
    await page.waitForFunction(() => location.hash.includes("floor=1000000"));
  }
  await page.click("#copy-block");
  await page.waitForSelector("#block:not([hidden])");
  const block = await page.locator("#block").textContent();
  check(/budget/.test(block) && block.includes("10000000"), `the years stand in the block: ${block}`);
  await page.click("#reset");
  await page.waitForFunction(() => !location.hash.includes("y="));
  await page.context().close();
}

// By keyboard alone: table, sliders, map.
async function keyboard() {
  const page = await open(browser, `${address}/?lang=en`);
  await ready(page);
  const stops = [];
  for (let k = 0; k < 60; k++) { await page.keyboard.press("Tab"); stops.push(await page.evaluate(() => { const e = document.activeElement; return e?.id || e?.className || e?.tagName; })); }
  const at = (name) => stops.findIndex((s) => String(s).includes(name));
  check(at("pick") >= 0 && at("maplibregl-canvas") > at("pick"), `the table comes before the map: ${stops.join(", ")}`);
  check(at("budget") >= 0 && at("w0") >= 0, "sliders are reached");
  await page.locator("#budget").focus();
  await page.keyboard.press("ArrowLeft");
  await page.waitForSelector("#explored:not([hidden])");
  const budget = Math.round(Number(await page.locator("#budget").inputValue()));
  const answer = await post("/api/allocate", { scenario: run.scenarios[0].name, budget_sek: budget });
  await page.waitForFunction((n) => document.querySelector("#figures dd").firstChild.textContent.replace(/\D/g, "") === String(n), answer.outcome.households);
  await page.locator("#w0").focus();
  await page.keyboard.press("End");
  await page.waitForFunction(() => location.hash.includes("w="));
  const canvas = page.locator(".maplibregl-canvas");
  if (await canvas.count()) {
    await canvas.focus();
    const before = await page.locator("#picked").textContent();
    for (const key of ["ArrowUp", "ArrowLeft", "ArrowRight", "ArrowDown"]) await page.keyboard.press(key);
    check((await page.locator("#picked").textContent()) !== "" && before !== "", "the map speaks");
    await page.keyboard.press("Enter");
    await page.waitForSelector("#why-body table");
    check((await page.locator("#ranked tr.picked").count()) === 1, "the map's choice is the table's");
  } else console.log("skipped: no WebGL in this browser, the map is not walked");
  await page.context().close();
}

// An answer that comes late is never shown.
async function stale() {
  const page = await open(browser, `${address}/?lang=en`);
  await ready(page);
  let isFirst = true;
  await page.route("**/api/allocate*", async (route) => { if (isFirst) { isFirst = false; await new Promise((r) => setTimeout(r, 700)); } await route.continue(); });
  await page.evaluate(() => {
    globalThis.shown = [];
    new MutationObserver(() => globalThis.shown.push(document.querySelector("#sentence").textContent)).observe(document.querySelector("#sentence"), { childList: true, characterData: true, subtree: true });
  });
  for (const millions of ["31", "77"]) { await page.locator("#budget-box").fill(millions); await page.keyboard.press("Tab"); }
  await page.waitForFunction(() => document.querySelector("#sentence").textContent.includes("77"));
  await page.waitForTimeout(900);
  const shown = await page.evaluate(() => globalThis.shown);
  check(!shown.some((text) => text.includes("SEK 31 million")), `the overtaken answer was shown: ${shown.join(" / ")}`);
  await page.context().close();
}

// What is set stands in the address, and two states stand side by side.
async function pinsAndAddress() {
  const page = await open(browser, `${address}/?lang=en#b=40000000&w=1,0,0,0&a=${column(run.areas, "area_code")[3]}`);
  await ready(page);
  equal(await page.locator("#budget-box").inputValue(), "40", "budget from the address");
  await page.waitForSelector("#why-body table");
  await page.click("#pin-a");
  await page.click("#reset");
  await page.click("#pin-b");
  await page.waitForSelector("#pins-body table");
  await accessible(page, "two states side by side");
  await page.click("#copy-block");
  await page.waitForSelector("#block:not([hidden])");
  check((await page.locator("#block").textContent()).includes("[[scenario]]"), "the state as a scenario block");
  await page.context().close();
}

// A slider at 5,000 candidates is answered in less than 100 ms.
async function fast() {
  const page = await open(browser, `${large}/?lang=en`);
  await page.waitForSelector("#ranked tbody tr", { timeout: 60_000 });
  await page.waitForSelector("#figures dd", { timeout: 60_000 });
  await page.waitForTimeout(1500);
  await page.evaluate(() => performance.clearMeasures());
  const most = Number(await page.locator("#budget").getAttribute("max"));
  const slide = async (id, value, what) => {
    const before = await page.evaluate((name) => performance.getEntriesByName(name).length, what);
    await page.evaluate(([slider, to]) => { const s = document.querySelector(slider); s.value = to; s.dispatchEvent(new Event("input", { bubbles: true })); }, [id, value]);
    await page.waitForFunction(([name, n]) => performance.getEntriesByName(name).length > n, [what, before]);
  };
  for (let k = 1; k <= 25; k++) await slide("#budget", (most * k) / 30, "answer-allocate");
  for (let k = 1; k <= 25; k++) await slide("#w0", 3 * k, "answer-score");
  for (const what of ["answer-allocate", "answer-score"]) {
    const times = await page.evaluate((name) => performance.getEntriesByName(name).map((e) => e.duration), what);
    times.sort((a, b) => a - b);
    const median = times[times.length >> 1];
    console.log(`${what}: ${times.length} answers, median ${median?.toFixed(1)} ms, slowest ${times.at(-1)?.toFixed(1)} ms`);
    check(times.length >= 20 && median < Number(process.env.WHITESPOT_SLIDER_MS || 100), `${what} at 5,000 candidates: median ${median} ms of ${times.length}`);
  }
  await page.context().close();
}
