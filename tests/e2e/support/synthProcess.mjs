// The built synthetic agents as processes of their own.

import { existsSync } from 'node:fs';
import path from 'node:path';

import { hideEnvironment, startProcess } from '../../../examples/common/childProcess.mjs';

/** SYNTH_BINARY, or where an installation or a build has it beside REPRISE_BINARY. */
function findBinary() {
  if (process.env.SYNTH_BINARY) return process.env.SYNTH_BINARY;
  if (!process.env.REPRISE_BINARY) return undefined;
  const dir = path.dirname(process.env.REPRISE_BINARY);
  return [path.join(dir, 'reprise-synth'), path.join(dir, '../synth/reprise-synth')].find(existsSync);
}

export const synthBinary = findBinary();

/** Why the tests cannot run, for node:test's `skip`; false when they can. */
export const synthSkipReason = synthBinary ? false : 'SYNTH_BINARY names no program, and beside REPRISE_BINARY is none';

/** Starts `role` (agent or tool) on a free port; the process, with its `url`. */
export async function startSynth(role, args = [], env = {}) {
  const own = { ...hideEnvironment('OTEL_'), ...hideEnvironment('TOOL_'), AGENT_NAME: undefined, SERVICE_NAME: undefined };
  const started = startProcess(role, synthBinary, [role, '--listen', '127.0.0.1:0', ...args], { env: { ...own, ...env } });
  try {
    const [, url] = await started.waitLine(/^listening: (http:\S+)$/);
    return { ...started, url };
  } catch (error) {
    await started.stop();
    throw error;
  }
}
