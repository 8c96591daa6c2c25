// Names that try to become something else, in the report and in the explorer: node hostile.mjs RESULTS_FOLDER ADDRESS
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { check, column, equal, finish, launch, open } from "./shared.mjs";

const [, , folder, address] = process.argv;
const run = JSON.parse(readFileSync(join(folder, "run.json"), "utf8"));
const names = column(run.areas, "area_name").slice(0, -1);
const browser = await launch();

// Nothing of a name has become an element, an attribute that acts, or a script that ran. Dialogs, errors and requests
// elsewhere fail in `open`.
async function harmless(page, what) {
  const acted = await page.evaluate(() => [
    globalThis.owned === undefined ? 0 : "a script ran",
    document.querySelectorAll("img, iframe, object, embed, form, base, a[href^='javascript:'], svg script").length,
    Array.from(document.querySelectorAll("*")).filter((e) => Array.from(e.attributes).some((a) => a.name.startsWith("on"))).length,
  ]);
  equal(acted.join(), "0,0,0", what);
}

for (const lang of ["sv", "en"]) {
  const page = await open(browser, pathToFileURL(join(folder, `public/report.${lang}.html`)).href);
  await page.evaluate(() => { for (const part of document.querySelectorAll("details")) part.open = true; });
  for (const view of ["table", "chart", "map"]) await page.click(`[data-view=${view}]`);
  for (let i = 0; i < names.length; i++) {
    await page.locator(`#a${i} .pick`).first().evaluate((e) => e.click());
    check((await page.locator("#picked").textContent()).includes(names[i]), `the report tells ${names[i]} as it is (${lang})`);
  }
  for (const name of names) { await page.fill("#filter", name); check((await page.locator("#ranked tbody tr:not(.off)").count()) >= 1, `the filter finds ${name} (${lang})`); }
  await page.fill("#filter", "");
  const texts = await page.locator("#map title").allTextContents();
  for (const name of names) check(texts.some((text) => text.includes(name)), `the map's tooltip of ${name} (${lang})`);
  if (await page.locator("#curve").count()) await page.selectOption("#curve", "0");
  check(!(await page.content()).includes("62615533"), `no template ran (${lang})`);
  await harmless(page, `the report (${lang})`);
  await page.context().close();
}

for (const lang of ["sv", "en"]) {
  const page = await open(browser, `${address}/?lang=${lang}`);
  await page.waitForSelector("#ranked tbody tr");
  await page.waitForSelector("#figures dd");
  const rows = page.locator("#ranked tbody tr");
  for (let k = 0; k < names.length; k++) {
    const name = await rows.nth(k).locator(".pick").textContent();
    check(names.includes(name), `${name} stands in the ranking as it is (${lang})`);
    await rows.nth(k).locator(".pick").click();
    await page.waitForFunction((text) => document.querySelector("#why-body h3")?.textContent === text, name);
    check((await page.locator("#picked").textContent()).includes(name), `${name} below the map (${lang})`);
    const must = page.locator("#why-body .actions button").first();
    if (await must.count()) { await must.click(); await page.waitForFunction((text) => document.querySelector("#explored-what").textContent.includes(text), name); }
  }
  await page.fill("#search", names[0]);
  await page.fill("#search", "");
  for (const layer of await page.locator("#layer-list input").all()) if (!(await layer.isChecked())) await layer.check();
  await page.locator("#cluster-table summary").click();
  await page.waitForSelector("#cluster-body tbody tr");
  const canvas = page.locator(".maplibregl-canvas");
  if (await canvas.count()) { await canvas.focus(); for (const key of ["ArrowUp", "ArrowRight", "ArrowDown", "ArrowLeft", "Enter"]) await page.keyboard.press(key); }
  await page.click("#pin-a");
  await page.locator("#budget").focus();
  await page.keyboard.press("ArrowLeft");
  await page.click("#pin-b");
  await page.waitForSelector("#pins-body table");
  await page.click("#copy-block");
  await page.waitForSelector("#block:not([hidden])");
  const block = await page.locator("#block").textContent();
  check(block.includes("[[scenario]]"), `a scenario block is copied out (${lang})`);
  await page.waitForTimeout(300);
  await harmless(page, `the explorer (${lang})`);
  await page.context().close();
}
await browser.close();
finish();
