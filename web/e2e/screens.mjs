// Looks at every screen in a real browser: a picture of each in both themes at three widths, axe-core on
// each, no error in the console, no request to another host.
//   node e2e/screens.mjs BASE_URL SIGNIN_LINK OUT_DIR [chromium]
import { createRequire } from "node:module";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { chromium } from "playwright-core";

const [base, link, out, executablePath = "/usr/bin/chromium"] = process.argv.slice(2);
if (out === undefined) {
  console.error("usage: node e2e/screens.mjs BASE_URL SIGNIN_LINK OUT_DIR [chromium]");
  process.exit(64);
}
mkdirSync(out, { recursive: true });
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
const widths = [[1440, 900], [390, 844], [320, 640]];
const problems = [];

const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });
const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, reducedMotion: "reduce" });
const page = await context.newPage();
let where = "start";
page.on("console", (message) => {
  // A refused answer is a screen to look at, not a mistake of the page.
  if (message.type() === "error" && !/status of (4\d\d|5\d\d)/.test(message.text())) problems.push(`${where}: console: ${message.text()}`);
});
page.on("pageerror", (error) => problems.push(`${where}: ${error.message}`));
page.on("request", (request) => {
  if (!request.url().startsWith(base) && !request.url().startsWith("data:") && !request.url().startsWith("blob:")) problems.push(`${where}: asked ${request.url()}`);
});

async function settle() {
  await page.waitForLoadState("networkidle").catch(() => undefined);
  await page.waitForFunction(() => document.querySelector(".skeleton") === null, undefined, { timeout: 5000 }).catch(() => problems.push(`${where}: still loading`));
}

// Trusted Types and the policy of the page keep scripts out; axe comes in through the debugger instead.
const session = await context.newCDPSession(page);
async function violations() {
  await session.send("Runtime.evaluate", { expression: axe });
  const { result, exceptionDetails } = await session.send("Runtime.evaluate", {
    expression: `axe.run(document, { runOnly: ${JSON.stringify(tags)} }).then((found) => JSON.stringify(found.violations.map((each) => each.id + ": " + each.nodes.slice(0, 3).map((node) => node.target.join(" ") + " | " + (node.any[0] ?? node.all[0] ?? node.none[0] ?? {}).message).join("; "))))`,
    awaitPromise: true, returnByValue: true,
  });
  if (exceptionDetails !== undefined) return [`axe failed: ${exceptionDetails.text}`];
  return JSON.parse(result.value);
}

async function look(name) {
  for (const theme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme: theme });
    for (const [width, height] of widths) {
      where = `${name} ${theme} ${width}`;
      await page.setViewportSize({ width, height });
      await settle();
      await page.screenshot({ path: join(out, `${name}-${theme}-${width}.png`) });
      if (width !== 320) await page.screenshot({ path: join(out, `${name}-${theme}-${width}-full.png`), fullPage: true });
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      if (wide > 0) problems.push(`${where}: scrolls sideways by ${wide} px`);
      for (const found of await violations()) problems.push(`${where}: ${found}`);
    }
  }
  await page.setViewportSize({ width: 1440, height: 900 });
  console.log(`looked at ${name}`);
}

where = "sign-in";
await page.goto(`${base}/`);
await page.waitForSelector("h1");
await look("sign-in");
await page.goto(link);
await page.waitForSelector("nav.side", { timeout: 15000 });
if (page.url().includes("token")) problems.push("sign-in: the token is still in the address bar");

const first = (path) => page.evaluate(async (each) => {
  const response = await fetch(`/api/v1${each}`);
  const answer = response.ok ? await response.json() : { items: [] };
  return answer.items[0]?.id ?? answer.items[0]?.name;
}, path);

const screens = [["overview", "/"], ["signals", "/signals"], ["incidents", "/incidents"], ["runs", "/runs"], ["approvals", "/approvals"], ["services", "/services"], ["traces", "/traces"], ["trace-patterns", "/traces/patterns"], ["not-found", "/nowhere"]];
for (const kind of ["signals", "incidents", "runs", "approvals", "services"]) {
  const id = await first(`/${kind}`);
  if (id !== undefined) screens.push([kind.slice(0, -1), `/${kind}/${encodeURIComponent(id)}`]);
}
const traceId = await page.evaluate(async () => (await (await fetch("/api/v1/traces?limit=1")).json()).items[0]?.trace_id);
if (traceId !== undefined) screens.push(["trace", `/traces/${traceId}`], ["trace-span", `/traces/${traceId}?span=000000000000000f`], ["trace-agents", `/traces/${traceId}?view=agents`], ["trace-compare", `/traces/${traceId}?view=compare`]);
const evidenceId = await page.evaluate(async () => (await (await fetch("/api/v1/runs?limit=50")).json()).items.find((each) => each.evidence_id)?.evidence_id);
if (evidenceId !== undefined) screens.push(["evidence", `/evidence/${evidenceId}`], ["evidence-compare", `/evidence/${evidenceId}?tab=compare`]);
screens.push(["trace-missing", `/traces/${"f".repeat(32)}`]);
for (const [name, path] of screens) {
  where = name;
  await page.goto(base + path);
  await page.waitForSelector("h1", { state: "attached" }).catch(() => problems.push(`${name}: no heading`));
  await look(name);
}
const approvalPath = screens.find(([name]) => name === "approval")?.[1];
if (approvalPath !== undefined) {
  where = "approval-confirm";
  await page.goto(base + approvalPath);
  await settle();
  await page.keyboard.press("e");
  await page.keyboard.press("a");
  await look("approval-confirm");
}
await page.goto(`${base}/`);
await settle();
await page.keyboard.press("?");
await look("keys");
await page.keyboard.press("Escape");
await page.keyboard.press("Control+k");
await look("palette");
await browser.close();

if (problems.length > 0) {
  console.error(problems.join("\n"));
  console.error(`${problems.length} problems`);
  process.exit(1);
}
console.log(`${screens.length + 3} screens, 2 themes, ${widths.length} widths: 0 axe violations, 0 console errors`);
