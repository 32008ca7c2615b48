// Reads figures ({"name","value","unit"} per line) on stdin and prints them beside their bars.
//   node bench/table.mjs table|json|check
import { readFileSync } from 'node:fs';

const known = JSON.parse(readFileSync(new URL('figures.json', import.meta.url), 'utf8'));
const form = process.argv[2] ?? 'table';

const measured = readFileSync(0, 'utf8')
  .split('\n')
  .filter((line) => line !== '')
  .map((line) => JSON.parse(line));

const figures = measured.map((figure) => {
  const about = known.find((entry) => entry.name === figure.name);
  return { bar: null, goal: null, vs: null, what: 'bench/figures.json does not know it', ...about, ...figure };
});

const isBeyond = (figure, limit) =>
  limit !== null && (figure.more_is_better ? figure.value < limit : figure.value > limit);
const isMissed = (figure) => isBeyond(figure, figure.bar);
const limitText = (figure, limit) => (limit === null ? '-' : `${figure.more_is_better ? '>=' : '<='} ${limit}`);

// How far the rounds lie apart, as a share of their median.
const spreadText = ({ spread }) => (spread === undefined ? '' : `${Math.round(spread * 100)} %`);

function verdict(figure) {
  if (isMissed(figure)) return 'missed';
  if (isBeyond(figure, figure.goal)) return 'not yet';
  return figure.bar === null && figure.goal === null ? '' : 'ok';
}

function printTable() {
  const rows = figures.filter(({ name }) => !name.startsWith('noise_')).map((f) => [
    f.name, `${f.value} ${f.unit}`, spreadText(f), limitText(f, f.bar), limitText(f, f.goal), verdict(f), f.what,
    f.vs ?? '',
  ]);
  const head = ['figure', 'measured', 'spread', 'bar', 'goal', '', 'what', 'compared with'];
  const widths = head.map((text, i) => Math.max(text.length, ...rows.map((row) => row[i].length)));
  for (const row of [head, ...rows]) {
    console.log(row.map((text, i) => text.padEnd(widths[i])).join('  ').trimEnd());
  }
}

// What the figures above are worth: see docs/performance.md.
function printNoise() {
  const noise = Object.fromEntries(figures.map((figure) => [figure.name, figure.value]));
  if (noise.noise_cpu_ratio === undefined) return;
  console.log(
    `\nThe machine meanwhile: the same work took up to ${noise.noise_cpu_ratio} times its least processor time, ` +
      `and ${noise.noise_wait_ratio} times as long by the clock; load average ${noise.noise_load_average}. ` +
      'Times are upper ends then; compare ratios of one run.',
  );
}

if (form === 'json') {
  for (const { name, value, unit, spread, bar, goal, vs } of figures) {
    console.log(JSON.stringify({ name, value, unit, spread, bar, goal, vs }));
  }
} else {
  printTable();
  printNoise();
}
if (form === 'check' && figures.some(isMissed)) process.exitCode = 1;

const strange = measured.map(({ name }) => name).filter((name) => !known.some((entry) => entry.name === name));
if (strange.length > 0) {
  console.error(`bench/figures.json does not know ${strange.join(', ')}: add what it is and its bar`);
  process.exitCode = 1;
}
