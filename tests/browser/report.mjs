// The report as a reader gets it: node report.mjs RESULTS_FOLDER
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { accessible, check, column, digits, equal, finish, launch, open, reflows } from "./shared.mjs";

const folder = process.argv[2];
const run = JSON.parse(readFileSync(join(folder, "run.json"), "utf8"));
const browser = await launch();

for (const lang of ["sv", "en"]) {
  const url = pathToFileURL(join(folder, `public/report.${lang}.html`)).href;
  for (const scheme of ["light", "dark"]) {
    const page = await open(browser, url, { scheme });
    await accessible(page, `report ${lang} ${scheme}`);
    for (const view of ["table", "chart"]) {
      await page.click(`[data-view=${view}]`);
      await accessible(page, `report ${lang} ${scheme} ${view}`);
    }
    await reflows(page, `report ${lang} ${scheme}`);
    await page.context().close();
  }
  const page = await open(browser, url);
  await numbers(page, lang);
  await keyboard(page, lang);
  const pdf = await page.pdf({ format: "A4" });
  check(pdf.length > 20_000 && pdf.subarray(0, 5).toString() === "%PDF-", `report ${lang} prints: ${pdf.length} bytes`);
  await page.context().close();
}
await browser.close();
finish();

// The numbers of each section are those of run.json.
async function numbers(page, lang) {
  const service = run.shown_service;
  const gaps = column(run.areas, `${service}_gap_persons`), codes = column(run.areas, "area_code"), ranks = column(run.areas, "rank");
  await page.click("[data-view=table]");
  for (let i = 0; i < codes.length - 1; i++) {
    const row = page.locator(`#a${i}`);
    equal(digits(await row.locator(".c-gap").textContent()), String(gaps[i]), `gap of ${codes[i]} in ${lang}`);
    if (ranks) equal(digits(await row.locator(".c-rank").textContent()), String(ranks[i]), `rank of ${codes[i]} in ${lang}`);
  }
  equal(digits(await page.locator("#ranked tfoot .total .c-gap").textContent()), String(column(run.totals, `${service}_gap_persons`)[0]), `gap of all in ${lang}`);
  const first = await page.locator("#answer .big .n").first().textContent();
  equal(digits(first), String(column(run.totals, `${service}_gap_persons`)[0]), `first number of the answer in ${lang}`);
  const outcomes = await page.locator(".outcomes tbody tr").evaluateAll((rows) => rows.map((r) => Array.from(r.cells, (c) => c.textContent)));
  run.scenarios.forEach((scenario, k) => {
    const { outcome } = scenario.allocation;
    const cells = outcomes.map((row) => digits(row[k + 2] ?? ""));
    for (const wanted of [outcome.households, outcome.persons]) check(cells.includes(String(wanted)), `${wanted} of ${scenario.name} stands in the outcomes in ${lang}`);
  });
}

// By keyboard alone: the table's rows, the map's areas, the budget.
async function keyboard(page, lang) {
  await page.click("[data-view=map]");
  await page.keyboard.press("Control+Home");
  const focused = () => page.evaluate(() => { const e = document.activeElement; return e ? e.id || e.className.baseVal || e.className || e.tagName : ""; });
  const seen = new Set();
  for (let k = 0; k < 60; k++) { await page.keyboard.press("Tab"); seen.add(await focused()); }
  check(seen.has("pick"), `Tab reaches the rows of the table in ${lang}: ${[...seen].join(", ")}`);
  await page.locator("#ranked .pick").first().focus();
  await page.keyboard.press("Enter");
  const name = await page.locator("#ranked .pick").first().textContent();
  check((await page.locator("#picked").textContent()).includes(name), `Enter on a row picks ${name} in ${lang}`);
  const slider = page.locator("#what-if input[type=range]").first();
  const before = await page.locator("#what-if .say").first().textContent();
  await slider.focus();
  await page.keyboard.press("ArrowLeft");
  check((await page.locator("#what-if .say").first().textContent()) !== before, `an arrow steps the budget in ${lang}`);
}
