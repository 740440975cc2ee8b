import { type Document, isMap, isNode, type LineCounter } from "yaml";
import type { Path } from "./problem.js";

/**
 * The line, from 1, of what `path` names in a parsed YAML document: of its key where there is one, else of the nearest
 * enclosing value that is in the file. Undefined in an empty file. Pure.
 */
export function lineOf(document: Document, lines: LineCounter, path: Path): number | undefined {
  const offsets = path.map((_step, index) => offsetOf(document, path.slice(0, index + 1)));
  const offset = [document.contents?.range?.[0], ...offsets].findLast((one) => one !== undefined);
  return offset === undefined ? undefined : lines.linePos(offset).line;
}

function offsetOf(document: Document, path: Path): number | undefined {
  const parent = document.getIn(path.slice(0, -1), true);
  const last = path.at(-1);
  if (isMap(parent)) {
    const pair = parent.items.find(({ key }) => isNode(key) && String(key) === String(last));
    return isNode(pair?.key) ? pair.key.range?.[0] : undefined;
  }
  const node = document.getIn(path, true);
  return isNode(node) ? node.range?.[0] : undefined;
}
