// Checks the dashboard with itself: types, banned words, tokens, pins, file sizes; then builds within budget.
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const problems = [];
const linesMax = 300;

function filesBelow(folder) {
  return readdirSync(join(here, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesBelow(path) : [path];
  });
}

const read = (path) => readFileSync(join(here, path), "utf8");
const sources = [...filesBelow("src"), "index.html"];

// Text reaches the page as text; the policy forbids inline style and code anyway, so it would only fail later.
const banned = [
  [/innerHTML|outerHTML|insertAdjacentHTML|dangerouslySetInnerHTML/, "markup from text"], [/\beval\s*\(|new Function\b|setTimeout\(\s*["'`]/, "code from text"],
  [/\bstyle=/, "an inline style"], [/document\.write/, "document.write"], [/<script>/, "an inline script"], [/\bon(click|load|error)\s*=\s*"/, "an inline handler"],
  [/@ts-ignore|@ts-nocheck|: any\b|as any\b/, "a type switched off"], [/\bTODO\b|\bFIXME\b/, "unfinished work"], [/console\.(log|debug)/, "a debug line"],
];
for (const path of sources.filter((each) => /\.(ts|tsx|html)$/.test(each))) {
  read(path).split("\n").forEach((line, i) => {
    for (const [pattern, what] of banned) if (pattern.test(line)) problems.push(`${path}:${i + 1}: ${what}`);
  });
}

for (const path of [...sources, ...filesBelow("test"), ...filesBelow("dev"), ...filesBelow("e2e")]) {
  const lines = read(path).split("\n").length - 1;
  if (lines > linesMax && !path.endsWith("types.ts")) problems.push(`${path}: ${lines} lines, at most ${linesMax}`);
}

// Colours live in tokens.css alone.
for (const path of sources.filter((each) => each.endsWith(".css") && !each.endsWith("tokens.css"))) {
  read(path).split("\n").forEach((line, i) => {
    if (/#[0-9a-f]{3,8}\b|\b(rgb|hsl)a?\((?!var\()/i.test(line)) problems.push(`${path}:${i + 1}: a colour outside tokens.css`);
  });
}

const tokens = read("src/styles/tokens.css");
function darkBlock(selector) {
  const start = tokens.indexOf(selector);
  return start < 0 ? undefined : tokens.slice(tokens.indexOf("{", start) + 1, tokens.indexOf("}", start)).trim();
}
const chosen = darkBlock(":root[data-theme=\"dark\"]");
if (chosen === undefined || chosen !== darkBlock(":root:not([data-theme])")) problems.push("src/styles/tokens.css: the two dark blocks differ");
const named = new Set([...tokens.matchAll(/(--[\w-]+):/g)].map((match) => match[1]));
for (const path of sources.filter((each) => /\.(css|ts|tsx)$/.test(each))) {
  for (const [, name] of read(path).matchAll(/(?:var\(|token\(")(--[\w-]+)/g)) if (!named.has(name)) problems.push(`${path}: ${name} is no token`);
}

// Every class a screen uses has a rule, so that a renamed one is noticed.
const css = filesBelow("src/styles").map(read).join("\n");
for (const path of sources.filter((each) => each.endsWith(".tsx"))) {
  for (const [, text] of read(path).matchAll(/\bclass="([\w\s-]+)"/g)) {
    for (const name of text.split(/\s+/)) if (name !== "" && !css.includes(`.${name}`)) problems.push(`${path}: class ${name} has no rule`);
  }
}

const { dependencies, devDependencies } = JSON.parse(read("package.json"));
for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies })) {
  if (!/^\d+\.\d+\.\d+$/.test(version)) problems.push(`package.json: ${name} is not pinned: ${version}`);
}
for (const [, url] of read("package-lock.json").matchAll(/"resolved": "([^"]*)"/g)) {
  if (!url.startsWith("https://registry.npmjs.org/")) problems.push(`package-lock.json: ${url}`);
}

const tsc = spawnSync(process.execPath, [join(here, "node_modules/typescript/bin/tsc"), "--noEmit", "-p", here], { encoding: "utf8" });
if (tsc.status !== 0) problems.push(tsc.stdout.trim());

const built = spawnSync(process.execPath, [join(here, "build.mjs")], { encoding: "utf8" });
process.stdout.write(built.stdout);
if (built.status !== 0) {
  problems.push(built.stderr.trim());
} else {
  for (const path of filesBelow("dist").filter((each) => /\.(js|css|html)$/.test(each))) {
    // Besides names of XML vocabularies and examples on this machine nothing points outside.
    for (const [url] of read(path).matchAll(/https?:\/\/\w[\w.-]*/g)) {
      if (!/\/\/(www\.w3\.org|127\.0\.0\.1)$/.test(url)) problems.push(`${relative("", path)}: points to ${url}`);
    }
  }
}

if (problems.length > 0) {
  console.error(problems.join("\n"));
  console.error(`check: ${problems.length} problems`);
  process.exit(1);
}
console.log(`check: ${sources.length} files, no problem`);
