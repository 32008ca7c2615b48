// Starts a program, waits for the lines it announces itself with, stops it for sure.

import { spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { createInterface } from 'node:readline';

const keptLinesMax = 200;
const stopGraceMs = 10_000;

/** For `env`: takes every variable with this prefix away from the child. */
export function hideEnvironment(prefix) {
  const names = Object.keys(process.env).filter((name) => name.startsWith(prefix));
  return Object.fromEntries(names.map((name) => [name, undefined]));
}

/**
 * {waitLine, stop, exited, pid, lines}. `log` names a file that gets stdout and stderr. The last
 * lines are kept for error messages.
 */
export function startProcess(name, command, args, { env = {}, log, cwd } = {}) {
  const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  const file = log ? createWriteStream(log) : undefined;
  const lines = [];
  const waiters = new Set();
  const see = (line) => {
    file?.write(`${line}\n`);
    lines.push(line);
    if (lines.length > keptLinesMax) lines.shift();
    for (const waiter of waiters) waiter(line);
  };
  createInterface({ input: child.stdout }).on('line', see);
  createInterface({ input: child.stderr }).on('line', see);
  let ended;
  const exited = new Promise((resolve) => {
    child.on('error', (error) => resolve({ error: error.message }));
    child.on('close', (code, signal) => resolve({ code, signal }));
  }).then((result) => {
    ended = result;
    file?.end();
    return result;
  });

  /** The match of the first line, seen already or to come. Rejects when the process ends first. */
  function waitLine(pattern, timeoutMs = 20_000) {
    for (const line of lines) {
      const match = pattern.exec(line);
      if (match) return Promise.resolve(match);
    }
    return new Promise((resolve, reject) => {
      const finish = (settle, value) => {
        clearTimeout(timer);
        waiters.delete(check);
        settle(value);
      };
      const fail = (why) => finish(reject, new Error(`${name}: ${why}; it said:\n  ${lines.slice(-10).join('\n  ')}`));
      const check = (line) => {
        const match = pattern.exec(line);
        if (match) finish(resolve, match);
      };
      const timer = setTimeout(() => fail(`no line like ${pattern} within ${timeoutMs / 1000} s`), timeoutMs);
      waiters.add(check);
      exited.then((result) => fail(`ended (${result.error ?? result.signal ?? `exit ${result.code}`})`));
    });
  }

  /** SIGTERM, after 10 s SIGKILL; answers how it ended. */
  async function stop() {
    if (ended) return ended;
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), stopGraceMs);
    const result = await exited;
    clearTimeout(timer);
    return result;
  }

  return { name, pid: child.pid, lines, waitLine, stop, exited, kill: (signal) => child.kill(signal) };
}

/** Starts one of the example scripts and waits until it says that it is ready; adds its `url`. */
export async function startService(name, script, options) {
  const started = startProcess(name, process.execPath, [script], options);
  try {
    const [, url] = await started.waitLine(/^ready: \S+ (http:\S+)$/);
    return { ...started, url };
  } catch (error) {
    await started.stop();
    throw error;
  }
}
