// The explorer: node explorer.mjs RESULTS_FOLDER ADDRESS [ADDRESS_OF_5000]
import { readFileSync } from "node:fs";
import { join } from "node:path";
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
if (large) await fast();
await browser.close();
finish();

// Untouched, the page shows what was published.
async function published() {
  const page = await open(browser, `${address}/?lang=en`);
  await ready(page);
  const codes = column(run.areas, "area_code"), gaps = column(run.areas, `${run.shown_service}_gap_persons`), ranks = column(run.areas, "rank");
  const rows = await page.locator("#ranked tbody tr").evaluateAll((all) => all.map((r) => [r.dataset.code, r.cells[0].textContent, r.cells[2].textContent]));
  for (const [code, rank, gap] of rows) {
    const i = codes.indexOf(code);
    equal(digits(gap), String(gaps[i]), `gap of ${code}`);
    equal(digits(rank), String(ranks[i]), `rank of ${code}`);
  }
  const { outcome } = run.scenarios[0].allocation;
  const figures = await page.locator("#figures dd").allTextContents();
  equal(digits(figures[0]), String(outcome.households), "households of the first scenario");
  equal(digits(figures[1]), String(outcome.persons), "persons of the first scenario");
  check(await page.locator("#explored").isHidden(), "nothing is said to be changed");
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
  await page.route("**/api/allocate", async (route) => { if (isFirst) { isFirst = false; await new Promise((r) => setTimeout(r, 700)); } await route.continue(); });
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
