// Checks in a real browser what pictures cannot show, against the server of web/dev: the gate by keyboard
// alone, live rows, hostile names, a session that ends, a newer server, reconnecting, a flood.
//   [PORT=4391] node e2e/behaviour.mjs [chromium]
import { spawn } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const here = dirname(fileURLToPath(import.meta.url));
const port = Number(process.env.PORT ?? 4391);
const base = `http://127.0.0.1:${port}`;
let failed = 0;

function check(name, holds, found = "") {
  if (!holds) failed += 1;
  console.log(`${holds ? "ok  " : "FAIL"} ${name}${holds ? "" : `: ${found}`}`);
}

async function startServer() {
  const server = spawn(process.execPath, [join(here, "../dev/server.mjs"), String(port)], { stdio: ["ignore", "pipe", "inherit"] });
  await new Promise((ready) => server.stdout.once("data", ready));
  return server;
}

const publish = (...events) => fetch(`${base}/dev/publish`, { method: "POST", body: JSON.stringify(events) });

let server = await startServer();
const browser = await chromium.launch({ executablePath: process.argv[2] ?? "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu"] });
const page = await (await browser.newContext({ viewport: { width: 1440, height: 900 } })).newPage();
const errors = [];
page.on("pageerror", (error) => errors.push(error.message));
page.on("console", (message) => message.type() === "error" && /Content Security|Trusted/.test(message.text()) && errors.push(message.text()));
page.on("dialog", (dialog) => { errors.push(`dialog: ${dialog.message()}`); void dialog.dismiss(); });

const text = (selector) => page.locator(selector).first().innerText();
const focused = () => page.evaluate(() => document.activeElement?.id ?? "");
const state = async (id) => (await page.evaluate(async (each) => (await fetch(`/api/v1/approvals/${each}`)).json(), id)).item.state;

async function signIn() {
  await page.goto(`${base}/incidents?severity=high#/login?token=filled`);
  await page.waitForSelector("nav.side");
  check("a sign-in link leads where it was opened and leaves no token behind", page.url() === `${base}/incidents?severity=high`, page.url());
}

async function gateByKeyboard() {
  await page.keyboard.press("g");
  await page.keyboard.press("a");
  await page.waitForSelector(".inbox-item");
  await page.keyboard.press("j");
  await page.keyboard.press("j");
  await page.keyboard.press("Enter");
  await page.waitForSelector(".decide .button");
  const id = decodeURIComponent(new URL(page.url()).pathname.split("/")[2]);
  await page.waitForSelector(".decide >> text=evidence not opened yet");
  await page.keyboard.press("a");
  await page.waitForSelector(".confirm");
  check("A opens the second step and focuses the comment", await focused() === "decision-comment", await focused());
  await page.keyboard.press("Control+Enter");
  check("nothing is released before the evidence was opened", await state(id) === "pending" && await page.isDisabled(".confirm [type=submit]"));
  await page.keyboard.type("aar");
  check("letters typed into the comment are no commands", await page.inputValue("#decision-comment") === "aar");
  await page.keyboard.press("Escape");
  await page.waitForSelector(".confirm", { state: "detached" });
  await page.keyboard.press("r");
  await page.waitForSelector(".confirm");
  check("a rejection without a comment cannot be sent", await page.isDisabled(".confirm [type=submit]"));
  await page.keyboard.press("Escape");
  await page.keyboard.press("e");
  await page.waitForSelector("#evidence .code");
  await page.keyboard.press("a");
  await page.waitForSelector(".confirm");
  const hash = (await text(".hash b")).slice(0, 8);
  check("the release button names the hash", (await text(".confirm [type=submit]")).includes(`Release ${hash}`), await text(".confirm [type=submit]"));
  await page.keyboard.press("Control+Enter");
  await page.waitForSelector(".decide >> text=nothing more can be decided");
  check("Control Enter releases exactly once", await state(id) === "approved", await state(id));
}

async function criticalNeedsDigits() {
  await page.goto(`${base}/approvals`);
  await page.waitForSelector(".decide .button");
  await page.keyboard.press("e");
  await page.keyboard.press("a");
  await page.waitForSelector("#decision-digits");
  const hash = (await text(".hash b")).slice(0, 8);
  check("CRITICAL asks for the digits of the hash", await page.isDisabled(".confirm [type=submit]"));
  await page.fill("#decision-digits", hash);
  check("with the digits it may be released", await page.isEnabled(".confirm [type=submit]"));
  await page.keyboard.press("Escape");
}

async function liveRows() {
  await page.goto(`${base}/incidents`);
  await page.waitForSelector("tbody tr");
  const { items } = await (await page.request.get(`${base}/api/v1/incidents`)).json();
  const titles = () => page.locator("tbody a.strong").allInnerTexts();
  const before = await titles();
  await publish({ topic: "incidents", type: "incident", data: { ...items[0], version: 99, title: "Changed in its place <b>bold</b>" } }, { topic: "incidents", type: "incident", data: { ...items[0], id: "01NEW", title: "A new one" } });
  await page.waitForSelector("text=1 new incident, show");
  const after = await titles();
  check("a changed row stays in its place, a new one waits", after.length === before.length && after[0] === "Changed in its place <b>bold</b>", after.join(" | "));
  await page.keyboard.press("n");
  await page.waitForSelector("text=A new one");
  check("N shows what waited", (await titles())[0] === "A new one");
}

async function liveLog() {
  const { items } = await (await page.request.get(`${base}/api/v1/runs`)).json();
  const { id } = items[0];
  await page.goto(`${base}/`);
  await page.click(`a[href="/runs/${id}"]`);
  await page.waitForSelector(".log-line");
  const topics = JSON.parse(await (await fetch(`${base}/dev/subscribed`)).text()).subscribe;
  check("an open run is subscribed to", topics.includes(`runs/${id}`), topics.join(" "));
  const lines = await page.locator(".log-line").count();
  await fetch(`${base}/dev/drop`, { method: "POST" });
  await page.waitForSelector(".live-not");
  await page.waitForSelector(".live:has-text('Live')");
  await publish({ topic: `runs/${id}`, type: "run_event", data: { sequence: 900, at: new Date().toISOString(), type: "log", data: { text: "<i>line nine hundred</i>" } } });
  await page.waitForSelector("text=<i>line nine hundred</i>");
  check("after an interruption its log goes on, as text", await page.locator(".log-line").count() === lines + 1);
}

/** What somebody may have put into a name. */
async function hostileName() {
  await page.goto(`${base}/incidents`);
  await page.waitForSelector("tbody tr");
  await page.waitForSelector(".live:has-text('Live')");
  const { items } = await (await page.request.get(`${base}/api/v1/incidents`)).json();
  const title = `<img src=x onerror=alert(1)>\u202e\u0000\u001b[31m${"name ".repeat(200_000)}`;
  const from = Date.now();
  await publish({ topic: "incidents", type: "incident", data: { ...items[0], version: 100, title, status: "quarantined", phase: "", kinds: ["of_tomorrow"], unknown: { deep: [1] } } });
  await page.waitForSelector("text=Quarantined");
  const shown = await page.locator("tbody a.strong").first().innerText();
  console.log(`     a name of 1 MB is on screen after ${Date.now() - from} ms`);
  check("a name of 1 MB is cut, its control and direction marks are named, its markup is text", shown.length < 600 && shown.includes("\u27e8U+202E\u27e9") && shown.startsWith("<img"), shown.slice(0, 60));
  check("it injected nothing", await page.locator("tbody img").count() === 0);
  await publish({ topic: "incidents", type: "incident", data: { ...items[0], version: 101 } });
}

async function signedOutMidway() {
  const { items } = await (await page.request.get(`${base}/api/v1/incidents`)).json();
  const place = `/incidents/${items[1].id}`;
  await page.goto(base + place);
  await page.waitForSelector("h1.big");
  await fetch(`${base}/dev/end`, { method: "POST" });
  await page.click("a[href='/runs']");
  await page.goBack();
  await page.waitForSelector(".sign-in");
  check("an ended session asks to sign in and keeps the place", new URL(page.url()).pathname === place, page.url());
  await page.goto(`${base}${place}#/login?token=filled`);
  await page.waitForSelector("h1.big");
  check("after signing in it is there again", new URL(page.url()).pathname === place);
}

async function newerServer() {
  const { items } = await (await page.request.get(`${base}/api/v1/incidents`)).json();
  const path = `/incidents/${items[1].id}`;
  await fetch(`${base}/dev/version`, { method: "POST", body: "9.0.0" });
  await fetch(`${base}/dev/drop`, { method: "POST" });
  await page.waitForSelector("text=The server runs a new version.", { timeout: 20000 });
  check("another version of the server is said, with a way to load it", await page.locator(".banner button").count() === 1);
  await fetch(`${base}/dev/break`, { method: "POST", body: path });
  await page.goto(base + path);
  await page.waitForSelector(".problem");
  check("an answer that lacks something is named, not shown by half", (await text(".problem")).includes("item.title should be text"), await text(".problem"));
  await fetch(`${base}/dev/break`, { method: "POST", body: "" });
  await page.click(".problem button");
  await page.waitForSelector("h1.big");
  check("and is there when asked again", true);
  await fetch(`${base}/dev/version`, { method: "POST", body: "0.1.0" });
}

async function flood() {
  await page.goto(`${base}/signals`);
  await page.waitForSelector("tbody tr");
  const { items } = await (await page.request.get(`${base}/api/v1/signals`)).json();
  await page.evaluate(() => {
    window.frames_seen = { count: 0, longest: 0, last: performance.now() };
    const tick = (now) => {
      window.frames_seen.count += 1;
      window.frames_seen.longest = Math.max(window.frames_seen.longest, now - window.frames_seen.last);
      window.frames_seen.last = now;
      requestAnimationFrame(tick);
    };
    requestAnimationFrame(tick);
  });
  const from = Date.now();
  for (let batch = 0; batch < 50; batch++) {
    await publish(...Array.from({ length: 20 }, (_, i) => ({ topic: "signals", type: "signal", data: { ...items[0], id: `F${batch}-${i}` } })));
    await page.waitForTimeout(Math.max(0, from + (batch + 1) * 100 - Date.now()));
  }
  const { count, longest } = await page.evaluate(() => window.frames_seen);
  const fps = (count * 1000) / (Date.now() - from);
  console.log(`     200 events/s for 5 s: ${fps.toFixed(0)} frames/s, longest frame ${longest.toFixed(0)} ms`);
  check("the screen goes on moving under 200 events a second", fps > 20, `${fps.toFixed(1)} frames/s`);
}

async function reconnect() {
  await page.goto(`${base}/`);
  await page.waitForSelector(".live:has-text('Live')");
  server.kill("SIGKILL");
  await page.waitForSelector(".live-not", { timeout: 10000 });
  check("a lost server is said in the pill", /Reconnecting|Connecting|Every|Stale/.test(await text(".live")), await text(".live"));
  check("what was known stays on screen", await page.locator("tbody tr").count() > 0);
  await page.waitForSelector(".live:has-text('Stale since')", { timeout: 30000 });
  server = await startServer();
  await page.waitForSelector(".live:has-text('Live')", { timeout: 40000 });
  check("it comes back by itself", true);
}

try {
  await signIn();
  await gateByKeyboard();
  await criticalNeedsDigits();
  await liveRows();
  await liveLog();
  await hostileName();
  await signedOutMidway();
  await newerServer();
  await flood();
  await reconnect();
  check("no error, no violation of the policy, no dialog", errors.length === 0, errors.join("; "));
} catch (error) {
  check("the checks ran to their end", false, String(error));
} finally {
  await browser.close();
  server.kill("SIGKILL");
}
process.exit(failed === 0 ? 0 : 1);
