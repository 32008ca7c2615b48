// Who sends, how each is built, and how it is told where to send. Versions are pinned in the files beside this one.

import { execFile } from 'node:child_process';
import { mkdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const here = path.dirname(fileURLToPath(import.meta.url));
export const workDir = path.join(here, '..', '..', 'build', 'interop');

const buildLimitMs = 1_200_000;  // The Collector from nothing: some hundred packages.
const sendLimitMs = 60_000;
const run = promisify(execFile);

/** Why a participant cannot take part on this machine. */
export class CannotRun extends Error {}

function lastLine(error) {
  const text = `${error.stderr ?? ''}${error.stdout ?? ''}`.trim().split('\n').at(-1);
  return (text || error.message).slice(0, 200);
}

async function build(what, command, args, options = {}) {
  mkdirSync(workDir, { recursive: true });
  try {
    await run(command, args, { timeout: buildLimitMs, maxBuffer: 64 * 1024 * 1024, ...options });
  } catch (error) {
    if (error.code === 'ENOENT') throw new CannotRun(`there is no ${command}`);
    if (error.killed) throw new CannotRun(`${what} took longer than ${buildLimitMs / 1000} s`);
    throw new CannotRun(`${what} failed: ${lastLine(error)}`);
  }
}

const modifiedMs = (file) => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;

/** Builds the module in `folder` to `output`, with the versions of its go.sum, unless that was done already. */
async function buildGo(folder, output) {
  const cwd = path.join(here, folder);
  const sources = ['main.go', 'go.mod', 'go.sum'].map((name) => modifiedMs(path.join(cwd, name)));
  if (modifiedMs(output) > Math.max(...sources)) return;
  await build('go build', 'go', ['build', '-mod=readonly', '-buildvcs=false', '-trimpath', '-o', output, '.'], { cwd });
}

async function sendBy(command, args, env, options = {}) {
  try {
    await run(command, args, { timeout: sendLimitMs, env: { ...process.env, ...env }, ...options });
  } catch (error) {
    throw new Error(`the sender failed: ${lastLine(error)}`);
  }
}

// Read by every SDK that follows the specification.
const standard = ({ protocol, urls }) => ({
  OTEL_EXPORTER_OTLP_ENDPOINT: urls[protocol], OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
  OTEL_EXPORTER_OTLP_INSECURE: 'true',
});
const told = ({ protocol, service, count, urls }) => ({
  PROTOCOL: protocol, SERVICE: service, COUNT: String(count), ENDPOINT: urls[protocol],
});

const venv = path.join(workDir, 'python');
const python = {
  name: 'Python SDK 1.45.2',
  async prepare() {
    await build('python3 -m venv --clear', 'python3', ['-m', 'venv', '--clear', venv]);
    const wanted = path.join(here, 'python', 'requirements.txt');
    await build('pip install', path.join(venv, 'bin', 'pip'), ['install', '--quiet', '--requirement', wanted]);
  },
  send: (what) => sendBy(path.join(venv, 'bin', 'python'), [path.join(here, 'python', 'send.py')], {
    ...standard(what), ...told(what),
  }),
};

const goSender = path.join(workDir, 'go-sender');
const go = {
  name: 'Go SDK 1.47.0',
  prepare: () => buildGo('go', goSender),
  send: (what) => sendBy(goSender, [], { ...standard(what), ...told(what) }),
};

const javaClasses = path.join(workDir, 'java');
const java = {
  name: 'Java SDK 1.68.0',
  async prepare() {
    const project = ['--quiet', '--batch-mode', '--file', path.join(here, 'java', 'pom.xml'),
      `-DbuildDirectory=${javaClasses}`];
    await build('mvn package', 'mvn', [...project, 'compile']);
    await build('mvn dependency:copy-dependencies', 'mvn', [...project, 'dependency:copy-dependencies',
      `-DoutputDirectory=${path.join(javaClasses, 'libraries')}`, '-DincludeScope=runtime']);
  },
  send: (what) => sendBy('java', [
    '-cp', [path.join(javaClasses, 'classes'), path.join(javaClasses, 'libraries', '*')].join(path.delimiter), 'Send',
  ], told(what)),
};

export const sdks = [python, go, java];

export const collectorName = 'Collector 0.165.0';
export const collectorBinary = path.join(workDir, 'collector');
export const prepareCollector = () => buildGo('collector', collectorBinary);
