import type { EventItem } from "../../../agent/contract/event.js";

const CODE_WIDTH = 16;

/** One event in a line, and with `detail` the lines of its detail below it. Pure. */
export function renderEvent(
  { at, code, text, by, detail }: EventItem,
  isDetailed: boolean,
): readonly string[] {
  const line = `${at}  ${code.padEnd(CODE_WIDTH)}  ${text}${by === undefined ? "" : ` By ${by}.`}`;
  if (detail === undefined) return [line];
  const lines = detail.split("\n");
  return isDetailed
    ? [line, ...lines.map((each) => `  ${each}`)]
    : [`${line} (${lines.length} lines: --detail)`];
}
