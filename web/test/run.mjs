// Bundles test/*.test.ts (Node 18 reads no TypeScript) and runs them with Node's own test runner.
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const cache = join(here, "..", "node_modules", ".cache");
mkdirSync(cache, { recursive: true });
const out = mkdtempSync(join(cache, "test-"));
const tests = readdirSync(here).filter((name) => name.endsWith(".test.ts") || name.endsWith(".test.tsx"));
try {
  await build({
    entryPoints: tests.map((name) => join(here, name)), outdir: out, bundle: true, format: "esm", platform: "node", target: "node18",
    outExtension: { ".js": ".mjs" }, jsx: "automatic", jsxImportSource: "preact", logLevel: "warning", sourcemap: "inline",
  });
  // Files by name: what "node --test DIR" means differs between versions.
  const files = readdirSync(out).filter((name) => name.endsWith(".mjs")).map((name) => join(out, name));
  const { status } = spawnSync(process.execPath, ["--enable-source-maps", "--test", ...files], { stdio: "inherit", env: { ...process.env, TZ: "UTC" } });
  process.exitCode = status ?? 1;
} finally {
  rmSync(out, { recursive: true, force: true });
}
