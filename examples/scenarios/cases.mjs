// The eight scenarios of the synthetic agents with the parameters of scripts/sanity_check.sh, and what an analyser
// has to reveal about each. Every `reveal` answers with the sentence to print, or throws with what is missing.

import { MissingArrow } from '../demo/report.mjs';

const ms = (ns) => `${(ns / 1e6).toFixed(ns < 1e7 ? 1 : 0)} ms`;
const seconds = (ns) => `${(ns / 1e9).toFixed(2)} s`;
const share = (value) => `${(100 * value).toFixed(1)} %`;

/** Insists on what an analyser must have found. */
function need(name, holds, what) {
  if (!holds) throw new MissingArrow(name, what);
}

function within(name, what, value, low, high) {
  need(name, value >= low && value <= high, `${what} is ${value}, which should lie between ${low} and ${high}`);
}

function revealFanout({ typical, report }) {
  const [fan] = report.fanouts ?? [];
  need('fanout', fan, 'no fan-out in the report');
  need('fanout', fan.members === 50 && fan.limit === 10, `members ${fan.members}, limit ${fan.limit} instead of 50, 10`);
  need('fanout', fan.peak === 10, `at most ${fan.peak} at once, although the limit is 10 and 50 wait`);
  need('fanout', fan.queue_longest_ns > 3 * fan.median_ns, `longest queue wait ${ms(fan.queue_longest_ns)}`);
  return `${fan.members} workers, ${fan.peak} at once (limit ${fan.limit}) in ${fan.waves} waves of ${ms(fan.median_ns)}; `
    + `the last waited ${ms(typical.queue_longest_ns)} for its place; no straggler`;
}

function revealChain({ typical, report }) {
  const [chain] = report.chains ?? [];
  need('chain', chain, 'no chain in the report');
  need('chain', chain.depth === 40, `depth ${chain.depth} instead of 40`);
  within('chain', 'its share of the wall time', chain.path_share, 0.9, 1);
  within('chain', 'the longest link', chain.largest_share, 0, 2 / 40);
  return `${chain.depth} steps one after another take ${share(typical.chain_share)} of ${seconds(report.wall_ns)}; `
    + `the longest single one ${share(chain.largest_share)}`;
}

function revealRetry({ report, pattern }) {
  const { retried } = report;
  need('retry', retried, 'no retries in the report');
  need('retry', retried.tasks === 80, `${retried.tasks} tasks instead of 80`);
  within('retry', 'attempts per task over all runs', pattern.amplification, 1.15, 1.35);
  const first = retried.sequences[0];
  need('retry', first.attempts.length > 1 && first.attempts[0].failed, 'the first sequence is none');
  within('retry', 'the first backoff in ms', first.attempts[1].gap_ns / 1e6, 19, 60);
  return `${retried.calls} calls for ${retried.tasks} tasks (${pattern.amplification.toFixed(3)} each over all runs), `
    + `${retried.sequence_count} tasks retried, up to ${retried.attempts_most} attempts, ${retried.exhausted_count} given up; `
    + `${ms(retried.backoff_ns)} spent between attempts`;
}

function revealDag({ report }) {
  const [fan] = report.fanouts ?? [];
  need('dag', fan, 'no fan-out in the report');
  need('dag', fan.members === 20 && fan.peak === 20, `${fan.peak} of ${fan.members} branches at once instead of 20 of 20`);
  need('dag', fan.join !== undefined, 'the span that joins the branches is not named');
  const slack = fan.branches.map((branch) => branch.slack_ns);
  need('dag', Math.min(...slack) === 0, 'no branch decides the duration');
  return `${fan.members} branches at once, joined ${ms(fan.join_ns)} after the median one; `
    + `the others could have taken up to ${ms(Math.max(...slack))} longer`;
}

function revealReact({ report, pattern }) {
  const { agents } = report;
  need('react', agents, 'no agent run in the report');
  within('react', 'steps', agents.step_count, 1, 5);
  const { steps } = pattern;
  need('react', steps && steps.total_ns2 > 0, 'the variance is not explained');
  const off = Math.abs(steps.by_steps_ns2 + steps.by_time_ns2 - steps.total_ns2) / steps.total_ns2;
  need('react', off < 1e-6, 'the parts of the variance do not add up');
  return `${agents.step_count} steps: ${ms(agents.think_ns)} thinking, ${ms(agents.tool_ns)} in tools; over all runs `
    + `${share(steps.by_steps_ns2 / steps.total_ns2)} of the variance comes from the number of steps`;
}

function revealHuman({ report }) {
  const { human, findings } = report;
  need('human', human, 'no wait for a person in the report');
  within('human', 'seconds waited', human.waited_ns / 1e9, 1.99, 2.2);
  need('human', (findings ?? []).length === 0, 'a person who takes time is no anomaly');
  return `${seconds(human.waited_ns)} for a person, ${ms(human.processing_ns)} of work; no alarm`;
}

function revealRag({ pattern }) {
  const line = pattern.payload_line;
  need('rag', line, 'no line through payload and time');
  within('rag', 'slope in ms per KB', line.slope / 1e6, 0.19, 0.21);
  within('rag', 'r', line.r, 0.98, 1);
  return `generation takes ${ms(line.intercept)} and ${(line.slope / 1e6).toFixed(3)} ms more for each KB `
    + `(r ${line.r.toFixed(4)}, ${line.points} runs)`;
}

function revealStream({ report }) {
  const { stream } = report;
  need('stream', stream, 'no stream in the report');
  need('stream', stream.background_end_ns > stream.background_start_ns, 'the background work is not found');
  within('stream', 'milliseconds of background work', (stream.background_end_ns - stream.background_start_ns) / 1e6, 2400, 3500);
  need('stream', stream.tokens > 50, `${stream.tokens} tokens`);
  return `first token after ${ms(stream.first_token_ns)}, ${stream.tokens} tokens, longest gap ${ms(stream.largest_gap_ns)}; `
    + `${stream.rate_during.toFixed(1)} tokens/s during ${seconds(stream.background_end_ns)} of background work, `
    + `${stream.rate_after.toFixed(1)} after`;
}

const script = (scenario, parameters) => () => ({ path: '/run', query: { scenario, ...parameters } });

/** `request(i)` is what run i asks for; `finds` what its traces may be flagged with, nothing unless said. */
export const cases = [
  { name: 'fanout', request: script('fanout', { fanout: 50, concurrency: 10, delay_ms: 50 }), reveal: revealFanout },
  { name: 'chain', request: script('chain', { depth: 40, delay_ms: 30 }), reveal: revealChain, finds: 'blocking_chain' },
  {
    name: 'retry',
    request: (i) => ({
      path: '/run',
      query: { scenario: 'retry', fanout: 80, concurrency: 20, delay_ms: 60, error_rate: 0.2, max_retries: 4, seed: i + 1 },
    }),
    reveal: revealRetry,
    finds: 'retry_storm',
  },
  { name: 'dag', request: script('dag', { fanout: 20, delay_ms: 40 }), reveal: revealDag },
  {
    name: 'react',
    request: (i) => ({ path: '/run', query: { scenario: 'react', max_steps: 5, delay_ms: 50, seed: i + 1 } }),
    reveal: revealReact,
  },
  { name: 'human', request: script('human', { human_delay_s: 2 }), reveal: revealHuman },
  {
    // Payloads of different sizes: a line needs more than one point.
    name: 'rag',
    request: (i) => ({
      path: '/run', query: { scenario: 'rag', rag_chunks: 10, rag_chunk_size_kb: 2 + 10 * (i % 10), delay_ms: 30 },
    }),
    reveal: revealRag,
  },
  {
    name: 'stream',
    request: () => ({
      path: '/stream', query: { duration_s: 5, tool_delay_ms: 300, background_fanout: 80, token_events: 1 },
    }),
    reveal: revealStream,
  },
];

/** A fan-out in which one worker takes ten times as long as the others. */
export const straggling = {
  name: 'straggler',
  index: 37,
  request: { path: '/run', query: { scenario: 'fanout', fanout: 50, concurrency: 50, delay_ms: 50, straggler_index: 37, straggler_factor: 10 } },
};
