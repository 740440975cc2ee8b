import { readFileSync } from "node:fs";
import { join } from "node:path";
import Sequencer from "@jest/test-sequencer";

/** The longest files of integration and e2e, the longest first. Where one is missing the gate takes longer, and no more. */
const LONGEST = JSON.parse(readFileSync(join(import.meta.dirname, "longest-first.json"), "utf8")).map(
  (name) => `/test/${name}.test.ts`,
);

/**
 * Starts those first, so that the workers end together; the others as jest does, which knows a file's size, and how long it took here
 * before. On a machine where no test has run it would start the longest of all, a short text, in the middle.
 */
export default class LongestFirst extends Sequencer {
  async sort(tests) {
    const rankOf = ({ path }) => {
      const rank = LONGEST.findIndex((name) => path.endsWith(name));
      return rank === -1 ? LONGEST.length : rank;
    };
    return (await super.sort(tests)).toSorted((one, other) => rankOf(one) - rankOf(other));
  }
}
