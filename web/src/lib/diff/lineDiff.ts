// The shortest way from one list of texts to another (Myers), bounded: lists that differ too much are
// said to be replaced as a whole. Pure.

export type Edit = { kind: "same"; left: number; right: number } | { kind: "removed"; left: number } | { kind: "added"; right: number };

/** More differences than this are not searched for one by one. */
export const editsMax = 1000;

/** The furthest points of each round, from which the way back is read; undefined beyond `editsMax` rounds. */
function rounds(left: readonly string[], right: readonly string[]): Int32Array[] | undefined {
  const most = Math.min(left.length + right.length, editsMax);
  const offset = most + 1;
  const reach = new Int32Array(2 * most + 3);
  const trail: Int32Array[] = [];
  for (let d = 0; d <= most; d++) {
    trail.push(reach.slice(offset - d - 1, offset + d + 2));
    for (let k = -d; k <= d; k += 2) {
      const down = k === -d || (k !== d && reach[offset + k - 1]! < reach[offset + k + 1]!);
      let x = down ? reach[offset + k + 1]! : reach[offset + k - 1]! + 1;
      while (x < left.length && x - k < right.length && left[x] === right[x - k]) x += 1;
      reach[offset + k] = x;
      if (x >= left.length && x - k >= right.length) return trail;
    }
  }
  return undefined;
}

function wayBack(trail: Int32Array[], leftLength: number, rightLength: number): Edit[] {
  const edits: Edit[] = [];
  let x = leftLength;
  let y = rightLength;
  for (let d = trail.length - 1; d >= 0; d--) {
    const reach = trail[d]!;
    const at = (k: number): number => reach[k + d + 1] ?? 0;
    const k = x - y;
    const down = k === -d || (k !== d && at(k - 1) < at(k + 1));
    const fromX = d === 0 ? 0 : down ? at(k + 1) : at(k - 1);
    const fromY = d === 0 ? 0 : fromX - (down ? k + 1 : k - 1);
    while (x > fromX && y > fromY && !(d > 0 && x - (down ? 0 : 1) === fromX && y - (down ? 1 : 0) === fromY)) {
      x -= 1;
      y -= 1;
      edits.push({ kind: "same", left: x, right: y });
    }
    if (d === 0) break;
    if (down) edits.push({ kind: "added", right: --y });
    else edits.push({ kind: "removed", left: --x });
  }
  return edits.reverse();
}

export function diffTexts(left: readonly string[], right: readonly string[]): Edit[] {
  let head = 0;
  while (head < left.length && head < right.length && left[head] === right[head]) head += 1;
  let tail = 0;
  while (tail < left.length - head && tail < right.length - head && left[left.length - 1 - tail] === right[right.length - 1 - tail]) tail += 1;
  const middleLeft = left.slice(head, left.length - tail);
  const middleRight = right.slice(head, right.length - tail);
  const edits: Edit[] = [];
  for (let i = 0; i < head; i++) edits.push({ kind: "same", left: i, right: i });
  const trail = rounds(middleLeft, middleRight);
  const middle: Edit[] = trail !== undefined ? wayBack(trail, middleLeft.length, middleRight.length) : [
    ...middleLeft.map((_, i): Edit => ({ kind: "removed", left: i })), ...middleRight.map((_, i): Edit => ({ kind: "added", right: i })),
  ];
  for (const edit of middle) {
    if (edit.kind === "same") edits.push({ kind: "same", left: edit.left + head, right: edit.right + head });
    else if (edit.kind === "removed") edits.push({ kind: "removed", left: edit.left + head });
    else edits.push({ kind: "added", right: edit.right + head });
  }
  for (let i = tail; i > 0; i--) edits.push({ kind: "same", left: left.length - i, right: right.length - i });
  return edits;
}
