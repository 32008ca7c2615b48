// Opens an evidence bundle as any other program would: gunzip, tar, SHA-256.

import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';

const unpackedBytesMax = 256 * 1024 * 1024;
const blockBytes = 512;

function field(block, start, length) {
  const bytes = block.subarray(start, start + length);
  const end = bytes.indexOf(0);
  return bytes.subarray(0, end < 0 ? length : end).toString('utf8');
}

function parsePaxPath(data) {
  const match = /(?:^|\n)?\d+ path=([^\n]*)\n/.exec(data.toString('utf8'));
  return match?.[1];
}

/** Map of name to content of the regular files, in the order of the archive. */
export function readTarGz(bytes) {
  const tar = gunzipSync(bytes, { maxOutputLength: unpackedBytesMax });
  const files = new Map();
  let longName;
  for (let at = 0; at + blockBytes <= tar.length;) {
    const header = tar.subarray(at, at + blockBytes);
    if (header[0] === 0) break;
    const size = parseInt(field(header, 124, 12).trim() || '0', 8);
    const data = tar.subarray(at + blockBytes, at + blockBytes + size);
    if (data.length < size) throw new Error(`the archive ends inside ${field(header, 0, 100)}`);
    const type = String.fromCharCode(header[156]);
    if (type === 'x') {
      longName = parsePaxPath(data);
    } else if (type === '0' || type === '\0') {
      const prefix = field(header, 345, 155);
      const name = longName ?? (prefix ? `${prefix}/${field(header, 0, 100)}` : field(header, 0, 100));
      files.set(name, data);
      longName = undefined;
    }
    at += blockBytes + Math.ceil(size / blockBytes) * blockBytes;
  }
  return files;
}

export function sha256(bytes) {
  return createHash('sha256').update(bytes).digest('hex');
}

/**
 * Checks a bundle against what the API says about it; {files, exchanges, failing, control}. Throws an
 * Error that names what is wrong.
 */
export function checkBundle(bytes, evidence) {
  if (sha256(bytes) !== evidence.sha256) throw new Error('the bundle does not have the SHA-256 that the server states');
  const files = readTarGz(bytes);
  const manifestText = files.get('manifest.json');
  if (!manifestText) throw new Error(`no manifest.json, only ${[...files.keys()].slice(0, 5).join(', ')}`);
  if (!files.has('signal.json')) throw new Error('no signal.json in the bundle');
  const manifest = JSON.parse(manifestText);
  const exchanges = [...files.keys()].filter((name) => name.includes('/'));
  if (exchanges.length === 0) throw new Error('no exchange in the bundle');
  let hashed = 0;
  for (const entry of manifest.exchanges) {
    const content = files.get(entry.path);
    if (!content) throw new Error(`the manifest lists ${entry.path}, the bundle does not hold it`);
    if (sha256(content) !== entry.sha256) throw new Error(`${entry.path} does not have the SHA-256 of the manifest`);
    hashed += 1;
  }
  if (hashed < exchanges.length) throw new Error(`the manifest lists ${hashed} files of ${exchanges.length}`);
  return { files: files.size, exchanges: exchanges.length, failing: evidence.failing, control: evidence.control };
}
