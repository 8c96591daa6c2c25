// A report of thousands of areas, walked: node large.mjs RESULTS_FOLDER MOST_MS_TO_OPEN
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { accessible, check, column, digits, equal, finish, launch, open, reflows } from "./shared.mjs";

const [, , folder, most = "5000"] = process.argv;
const run = JSON.parse(readFileSync(join(folder, "run.json"), "utf8"));
const browser = await launch();
const started = performance.now();
const page = await open(browser, pathToFileURL(join(folder, "public/report.en.html")).href);
const opened = performance.now() - started;
const n = column(run.areas, "area_code").length - 1, names = column(run.areas, "area_name"), ranks = column(run.areas, "rank");
console.log(`${n} areas: opened in ${opened.toFixed(0)} ms`);
check(opened < Number(most), `the page opens in ${opened.toFixed(0)} ms`);

// How long the page needs from a click to the next picture.
async function timed(what, work) {
  const before = performance.now();
  await work();
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  const took = performance.now() - before;
  console.log(`${what}: ${took.toFixed(0)} ms`);
  check(took < Number(most) / 2, `${what} takes ${took.toFixed(0)} ms`);
}
const shown = () => page.locator("#ranked tbody tr:not(.off)");
const first = async () => Number(await shown().first().getAttribute("data-i"));

equal(await shown().count(), 25, "rows of the first page");
equal(ranks[await first()], 1, "rank 1 stands first");
await timed("the next page", () => page.click("#page-on"));
equal(ranks[await first()], 26, "rank 26 stands first on the second page");
const gaps = column(run.areas, `${run.shown_service}_gap_persons`);
await timed("sorting by the gap", () => page.click("[data-sort=gap] .sorter"));
equal(gaps[await first()], Math.max(...gaps.slice(0, n)), "the largest gap stands first");
equal(digits(await shown().first().locator(".c-gap").textContent()), String(gaps[await first()]), "and its number beside it");
const wanted = names[Math.floor(n / 2)];
await timed("finding one area", () => page.fill("#filter", wanted));
const found = await shown().evaluateAll((rows) => rows.map((row) => row.textContent));
check(found.length >= 1 && found.every((text) => text.includes(wanted)), `the filter finds ${wanted}: ${found.length}`);
await timed("choosing it", () => shown().first().locator(".pick").click());
check((await page.locator("#picked").textContent()).includes(wanted), "what is chosen is told below the map");
await page.fill("#filter", "");
if (await page.locator("#service").count()) await timed("another service", () => page.selectOption("#service", "1"));

// The map: arrows go from neighbour to neighbour, and it can be enlarged around what is chosen.
await page.locator("#map a[tabindex='0']").focus();
const start = await page.evaluate(() => document.activeElement.id);
await timed("an arrow on the map", () => page.keyboard.press("ArrowRight"));
await page.keyboard.press("ArrowDown");
const there = await page.evaluate(() => document.activeElement.id);
check(there.startsWith("m") && there !== start, `arrows go from ${start} to ${there}`);
await timed("choosing on the map", () => page.keyboard.press("Enter"));
equal(await page.locator("#ranked tr.picked").getAttribute("data-i"), there.slice(1), "the row of what is chosen on the map");
const whole = await page.locator("#map").getAttribute("viewBox");
await timed("enlarging", async () => { for (let k = 0; k < 3; k++) await page.click("#zoom-in"); });
check((await page.locator("#map").getAttribute("viewBox")) !== whole, "the map is enlarged");
await accessible(page, `a report of ${n} areas`);
await reflows(page, `a report of ${n} areas`);
await browser.close();
finish();
