// What every browser test needs: a browser that asks nobody, a page that tells on itself, and axe.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";

if (!process.env.WHITESPOT_NODE_MODULES) throw new Error("set WHITESPOT_NODE_MODULES to the folder with node_modules/playwright-core and axe-core");
const require = createRequire(process.env.WHITESPOT_NODE_MODULES + "/");
const { chromium } = require("playwright-core");
const AXE = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

export const failures = [];
let n = 0;
export function check(holds, what) {
  n += 1;
  if (!holds) { failures.push(what); console.log("FAILED: " + what); }
}
export const equal = (found, wanted, what) => check(found === wanted, `${what}: found ${JSON.stringify(found)}, wanted ${JSON.stringify(wanted)}`);

export async function launch() {
  return chromium.launch({
    executablePath: process.env.WHITESPOT_CHROMIUM,
    args: ["--no-sandbox", "--disable-gpu", "--enable-unsafe-swiftshader", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  });
}

// A page of its own profile; requests elsewhere and errors on the console are failures.
export async function open(browser, url, { width = 1280, height = 900, scheme = "light" } = {}) {
  const context = await browser.newContext({ viewport: { width, height }, colorScheme: scheme, reducedMotion: "reduce" });
  const page = await context.newPage();
  const own = new URL(url);
  page.on("request", (request) => {
    const to = new URL(request.url());
    const isOwn = ["data:", "blob:"].includes(to.protocol) || (own.protocol === "file:" ? to.href.split(/[?#]/)[0] === own.href.split(/[?#]/)[0] : to.origin === own.origin);
    check(isOwn, `${url} asks ${request.url()}`);
  });
  page.on("console", (message) => { if (message.type() === "error") check(false, `console error on ${url}: ${message.text()}`); });
  page.on("pageerror", (error) => check(false, `script error on ${url}: ${error.message}`));
  page.on("dialog", (dialog) => { check(false, `a dialog opened on ${url}`); dialog.dismiss(); });
  await page.goto(url);
  return page;
}

export async function accessible(page, what) {
  // By the debugger, so that the page's own policy against foreign scripts stays on.
  const session = await page.context().newCDPSession(page);
  await session.send("Runtime.evaluate", { expression: AXE });
  const { result } = await session.send("Runtime.evaluate", { expression: `axe.run(document, { runOnly: ${JSON.stringify(RULES)} }).then((r) => JSON.stringify(r.violations.map((v) => ({ id: v.id, nodes: v.nodes.slice(0, 3).map((n) => n.target.join(" ") + " " + n.failureSummary) }))))`, awaitPromise: true, returnByValue: true });
  for (const violation of JSON.parse(result.value)) check(false, `axe on ${what}: ${violation.id}: ${violation.nodes.join(" | ")}`);
  check(true, what);
}

export async function reflows(page, what) {
  await page.setViewportSize({ width: 320, height: 700 });
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  check(width <= 320, `${what} is ${width} px wide in a window of 320`);
}

export const digits = (text) => text.replace(/[^\d−-]/g, "").replace("−", "-");
export const column = (table, name) => { const found = table.columns.find((c) => c.name === name); return found && Object.values(found.values)[0]; };

export function finish() {
  console.log(`${n} checks, ${failures.length} failed`);
  process.exit(failures.length ? 1 : 0);
}
