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
const initial = new Set();
const visit = (name) => {
  if (initial.has(name)) return;
  initial.add(name);
  const [, meta] = outputs.find(([path]) => basename(path) === name);
  for (const each of meta.imports) if (each.kind === "import-statement") visit(basename(each.path));
};
visit(mainJs);
const themeFile = writeHashed("theme.js", theme.outputFiles[0].contents);
for (const file of app.outputFiles.filter((each) => each.path.endsWith(".js"))) {
  const size = gzip(file.contents).length;
  if (initial.has(basename(file.path))) found.initialJs += size;
  else found.laterJs = Math.max(found.laterJs, size);
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
if (over) fail("over budget");
