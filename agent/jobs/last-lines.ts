/** The bounds of what an item keeps of a job's output. */
export const LAST_LINES = { lines: 20, bytes: 8_192 } as const;

const OWN_LAUNCHER_LINE = /^muster: /;
/** Lines that MPICH's launcher and ours print about a failed job, besides its ranks' lines. */
const LAUNCHER_LINES = [
  /^\[(mpiexec|proxy:[\d:]+)@\S+\] /,
  OWN_LAUNCHER_LINE,
  /^Abort\(\d+\) on node \d+ \(rank \d+ in comm \d+\): application called MPI_Abort/,
  /^={20,}$/,
  /^= {3}(BAD TERMINATION OF|PID \d+ RUNNING AT|EXIT CODE: |CLEANING UP REMAINING|YOU CAN IGNORE)/,
  /^YOUR APPLICATION TERMINATED WITH THE EXIT STRING: /,
  /^This typically refers to a problem with your application\.$/,
  /^Please see the FAQ page for debugging suggestions$/,
];

/** The ranks' own lines; if there are none, our launcher's lines; else all lines. */
function tellingLines(lines: readonly string[]): readonly string[] {
  const own = lines.filter((line) => !LAUNCHER_LINES.some((pattern) => pattern.test(line)));
  if (own.length === lines.length) return lines;
  // Hydra begins and ends what it says with an empty line.
  const end = own.findLastIndex((line) => line !== "");
  if (end >= 0) return own.slice(0, end + 1);
  const launchers = lines.filter((line) => OWN_LAUNCHER_LINE.test(line));
  return launchers.length > 0 ? launchers : lines;
}

/**
 * The last lines of an output, at most `lines` of them and `bytes` bytes altogether; `tail` is the end of the file, and
 * `isWhole` says that it is all of it. What the launcher says of a failure is left out. A line that is cut loses its start. Bytes that are no UTF-8 become U+FFFD.
 */
export function lastLines(
  tail: Uint8Array,
  isWhole: boolean,
  bounds: { readonly lines: number; readonly bytes: number } = LAST_LINES,
): string[] {
  const lines = new TextDecoder().decode(tail).split(/\r?\n/);
  if (lines.at(-1) === "") lines.pop();
  // The first line of a part may have begun before it: it is kept only where nothing else is.
  if (!isWhole && lines.length > 1) lines.shift();
  const kept: string[] = [];
  let room = bounds.bytes;
  for (const line of tellingLines(lines).slice(-bounds.lines).reverse()) {
    const bytes = Buffer.byteLength(line);
    if (bytes > room && kept.length > 0) break;
    kept.unshift(endOf(line, room));
    room -= bytes;
  }
  return kept;
}

/** The end of `line` in at most `bytes` bytes, never half a character. */
function endOf(line: string, bytes: number): string {
  const encoded = Buffer.from(line);
  let start = Math.max(0, encoded.length - bytes);
  while (((encoded[start] ?? 0) & 0xc0) === 0x80) start += 1;
  return encoded.subarray(start).toString();
}
