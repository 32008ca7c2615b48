// Builds web/dist: index.html and assets/ with hashed names, each also gzipped. Fails over budget.
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const out = join(here, "dist");
const assets = join(out, "assets");
const common = { bundle: true, minify: true, target: "es2022", legalComments: "none", logLevel: "warning", write: false, absWorkingDir: here };

/** What a person waits for at first, and what each later part may add; gzipped. */
const budgets = { initialJs: 60 * 1024, css: 15 * 1024, laterJs: 25 * 1024 };

const gzip = (bytes) => gzipSync(bytes, { level: 9 });

function write(path, bytes) {
  writeFileSync(path, bytes);
  writeFileSync(`${path}.gz`, gzip(bytes));
}

/** Eight capital characters before the suffix, as esbuild names its own: the server takes that for immutable. */
function writeHashed(name, bytes) {
  const dot = name.lastIndexOf(".");
  const hash = createHash("sha256").update(bytes).digest("hex").slice(0, 8).toUpperCase();
  const hashed = `${name.slice(0, dot)}-${hash}${name.slice(dot)}`;
  write(join(assets, hashed), bytes);
  return `/assets/${hashed}`;
}

function fail(text) {
  console.error(`build: ${text}`);
  process.exit(1);
}

const app = await build({
  ...common, entryPoints: { main: "src/main.tsx" }, format: "esm", splitting: true, outdir: "dist/assets", jsx: "automatic",
  jsxImportSource: "preact", entryNames: "[name]-[hash]", chunkNames: "[name]-[hash]", metafile: true,
});
const theme = await build({ ...common, entryPoints: ["src/theme.ts"], format: "iife" });

rmSync(out, { recursive: true, force: true });
mkdirSync(assets, { recursive: true });

// The chart's own few rules belong to the one style sheet, so that no style appears later.
const plotCss = readFileSync(join(here, "node_modules/uplot/dist/uPlot.min.css"), "utf8").trim();
const found = { initialJs: 0, css: 0, laterJs: 0 };
let mainJs = "";
let mainCss = "";
const outputs = Object.entries(app.metafile.outputs);
for (const file of app.outputFiles) {
  const name = basename(file.path);
  const [, meta] = outputs.find(([path]) => basename(path) === name);
  if (name.endsWith(".css")) {
    if (meta.entryPoint === "src/main.tsx" || name.startsWith("main-")) mainCss = writeHashed("main.css", Buffer.from(plotCss + file.text));
    continue;
  }
  write(file.path, file.contents);
  if (meta.entryPoint === "src/main.tsx") mainJs = name;
}
const metaOf = (name) => outputs.find(([path]) => basename(path) === name)[1];
const visit = (name, into) => {
  if (into.has(name)) return into;
  into.add(name);
  for (const each of metaOf(name).imports) if (each.kind === "import-statement") visit(basename(each.path), into);
  return into;
};
const initial = visit(mainJs, new Set());
const sizes = new Map(app.outputFiles.filter((each) => each.path.endsWith(".js")).map((each) => [basename(each.path), gzip(each.contents).length]));
const themeFile = writeHashed("theme.js", theme.outputFiles[0].contents);
for (const name of initial) found.initialJs += sizes.get(name);
// What somebody waits for who goes to a part that is fetched later: all of it that is not there from the beginning.
const parts = [];
for (const [name] of sizes) {
  if (initial.has(name) || metaOf(name).entryPoint === undefined) continue;
  const size = [...visit(name, new Set())].filter((each) => !initial.has(each)).reduce((sum, each) => sum + sizes.get(each), 0);
  parts.push([name.replace(/-\w+\.js$/, ""), size]);
  found.laterJs = Math.max(found.laterJs, size);
}
found.initialJs += gzip(theme.outputFiles[0].contents).length;
found.css = gzip(readFileSync(join(out, mainCss.slice(1)))).length;

const names = { "icon": writeHashed("icon.svg", readFileSync(join(here, "src/icon.svg"))), "theme.js": themeFile, "main.css": mainCss, "main.js": `/assets/${mainJs}` };
const html = readFileSync(join(here, "index.html"), "utf8").replace(/%([\w.]+)%/g, (_, name) => names[name] ?? fail(`index.html names ${name}`));
write(join(out, "index.html"), Buffer.from(html));

let over = false;
for (const [name, limit] of Object.entries(budgets)) {
  const size = found[name];
  over ||= size > limit;
  console.log(`${name.padEnd(10)} ${String(size).padStart(6)} B gzip of ${limit}${size > limit ? "  OVER BUDGET" : ""}`);
}
for (const [name, size] of parts.sort((a, b) => b[1] - a[1])) console.log(`  ${name.padEnd(14)} ${String(size).padStart(6)} B`);
if (over) fail("over budget");
