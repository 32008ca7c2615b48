// The pictures of the README and the documentation, from the real server with the traffic of the demo.
//   REPRISE_BINARY=build/ci/server/app/reprise npm --prefix web run pictures [-- DIR]
// Starts the demo's world on free ports, waits until its problems are proved and writes docs/pictures/*.png. Look at each
// before it is kept. A picture over 200 KB fails.

import { mkdtempSync, mkdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

import { Session } from "../../examples/demo/api.mjs";
import { Report } from "../../examples/demo/report.mjs";
import { World } from "../../examples/demo/world.mjs";
import { showAnother } from "../../tests/e2e/support/dashboardBrowser.mjs";
import { ScreenWatch } from "../../tests/e2e/support/screenWatch.mjs";
import { fanoutRows, sendTrace } from "../../tests/e2e/support/traceSender.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
const out = resolve(process.argv[2] ?? join(root, "docs/pictures"));
const binary = resolve(process.env.REPRISE_BINARY ?? join(root, "build/ci/server/app/reprise"));
const portBase = Number(process.env.PORT_BASE ?? 4420);
const bytesMax = 200 * 1024;
const baselineS = 45;
const limitS = 120;
const traceId = "5b8e1f0c4d7a49b2a1c3e5f70912c41d";
const report = new Report();

async function setTargets(admin, world) {
  for (const [name, target] of [["shop", world.shop.url], ["radar", world.radar.url]]) {
    const service = await report.until("service", 30, async () => (await admin.list("/services")).find((seen) => seen.name === name));
    await admin.put(`/services/${name}`, { replay_target: target, replay_unsafe_methods: true, owner: "demo" }, service.version);
  }
}

/** Everything that a picture shows; the ids by which it is found. */
async function prove(world) {
  const { dashboard, signIn } = await world.startServer();
  const admin = new Session(dashboard);
  await admin.signIn(signIn);
  await world.startExamples();
  world.startTraffic(baselineS, 0);
  await setTargets(admin, world);
  // A viewer who may do everything but decide about people, and a second one who may release.
  const { link } = await admin.post("/users", { name: "ada", roles: ["viewer", "operator", "approver"] });
  await admin.post("/users", { name: "grace", roles: ["viewer", "approver"] });
  await sendTrace(`http://127.0.0.1:${world.ports.otlpHttp}`, { service: "digest", traceId, rows: fanoutRows(1500), beganMs: Date.now() - 90_000 });
  const incident = await report.until("incident", limitS, async () => (await admin.list("/incidents?service=shop")).find((each) => each.kinds.includes("error_rate")));
  const run = await report.until("proof", limitS, async () => (await admin.list(`/runs?incident=${incident.id}`)).find((each) => each.verdict === "reproduced"));
  // The burst is proved a little later; a picture of the inbox has both.
  const pending = await report.until("approvals", limitS, async (state) => {
    const all = await admin.list("/approvals?state=pending");
    state.note = `${all.length} wait`;
    return all.length >= 2 ? all : undefined;
  });
  const approval = pending.find((each) => each.incident_id === incident.id) ?? pending[0];
  return { dashboard, link, incident, run, approval };
}

async function shoot(browser, found) {
  const { dashboard, link, incident, run, approval } = found;
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, reducedMotion: "reduce" });
  if (process.env.REPRISE_WEB_DIST) await showAnother(context, dashboard, process.env.REPRISE_WEB_DIST);
  const page = await context.newPage();
  const watch = await ScreenWatch.of(page, dashboard);
  await page.goto(link);
  await page.waitForSelector("nav.side");
  const pictures = [
    ["overview", "/", ["light", "dark"]], ["incident", `/incidents/${incident.id}`, ["light", "dark"]],
    ["approval", `/approvals/${approval.id}`, ["light", "dark"]], ["run", `/runs/${run.id}`, ["light"]],
    ["evidence", `/evidence/${run.evidence_id}`, ["light"]], ["trace", `/traces/${traceId}`, ["light"]],
    ["service", "/services/shop", ["light"]],
  ];
  for (const [name, path, themes] of pictures) {
    await watch.open(path);
    await page.waitForSelector(".live:not(.live-not)");
    await watch.ready();
    for (const theme of themes) {
      await page.emulateMedia({ colorScheme: theme });
      const file = join(out, `${name}-${theme}.png`);
      await page.screenshot({ path: file });
      const { size } = statSync(file);
      console.log(`${file}: ${Math.round(size / 1024)} KB`);
      if (size > bytesMax) throw new Error(`${file} has ${size} bytes, at most ${bytesMax}`);
    }
    await page.emulateMedia({ colorScheme: "light" });
  }
}

mkdirSync(out, { recursive: true });
const dir = mkdtempSync(join(tmpdir(), "reprise-pictures-"));
const world = new World(binary, dir, portBase);
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu", "--disable-features=LocalNetworkAccessChecks"] });
try {
  await shoot(browser, await prove(world));
} finally {
  await browser.close();
  await world.stop();
  rmSync(dir, { recursive: true, force: true });
}
