// The report as a reader gets it: node report.mjs RESULTS_FOLDER
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { sections } from "./numbers.mjs";
import { accessible, check, finish, launch, open, reflows } from "./shared.mjs";

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
    await page.evaluate(() => { for (const part of document.querySelectorAll("details")) part.open = true; });
    await accessible(page, `report ${lang} ${scheme} unfolded`);
    await reflows(page, `report ${lang} ${scheme}`);
    await page.context().close();
  }
  const page = await open(browser, url);
  await sections(page, run, lang);
  await keyboard(page, lang);
  const pdf = await page.pdf({ format: "A4" });
  check(pdf.length > 20_000 && pdf.subarray(0, 5).toString() === "%PDF-", `report ${lang} prints: ${pdf.length} bytes`);
  await page.context().close();
}
await browser.close();
finish();

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
  const before = await page.locator("#budget-say").textContent();
  await page.locator("#budget").focus();
  await page.keyboard.press("ArrowLeft");
  check((await page.locator("#budget-say").textContent()) !== before, `an arrow steps the budget in ${lang}`);
}
