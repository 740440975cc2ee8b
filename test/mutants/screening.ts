import type { Screened } from "./worker-messages.js";

/** A test as jest keeps it, as far as it matters here. */
export interface ScreenedTest {
  readonly errors: readonly unknown[];
  mode?: string | null;
  readonly parent: { readonly children: unknown[] };
}

/** A test that runs once more: with a change made, or, after it failed so, with none. */
interface Again {
  readonly original: ScreenedTest;
  readonly number: number;
  readonly isProof: boolean;
  /** The run that is to be proved took too long: what it began goes on beside the others. */
  readonly hasHung: boolean;
}

/** One that a change lets run without an end. A test asks a few thousand times. */
const MOST_ASKED = 1_000_000;

/** By the words of jest for it, which has no code for it. */
const hasTimedOut = ({ errors }: ScreenedTest): boolean =>
  errors.flat().some((error) => error instanceof Error && error.message.includes("Exceeded timeout of"));

/**
 * Tries many changes by the tests of one file without loading it anew: each test runs as it is, and then once more for each change that it reaches,
 * with that change made, until one fails. That test runs without the change again: if it fails as well, the change has spoiled the file for
 * those that follow, and is unclear. Then the screening ends, as it does after a test that hangs: what hangs goes on.
 */
export class Screening {
  private made: number | null = null;
  private asked = 0;
  private isSpoilt = false;
  private running: ScreenedTest | null = null;
  private readonly again = new Map<ScreenedTest, Again>();
  private readonly settled: Set<number>;
  private readonly reachedNow = new Set<number>();
  readonly reached = new Set<number>();
  readonly outside = new Set<number>();

  private readonly tell: (said: Screened) => void;

  constructor(but: readonly number[], tell: (said: Screened) => void) {
    this.settled = new Set(but);
    this.tell = tell;
  }

  readonly choose = <Choice>(number: number, changed: Choice, own: Choice): Choice => {
    this.reached.add(number);
    if (this.running === null) this.outside.add(number);
    this.reachedNow.add(number);
    if (number !== this.made) return own;
    this.asked += 1;
    if (this.asked > MOST_ASKED) throw new Error("The change lets it run without an end.");
    return changed;
  };

  begin(test: ScreenedTest): void {
    this.running = test;
    this.reachedNow.clear();
    this.asked = 0;
    const again = this.again.get(test);
    if (again === undefined) return;
    if (this.isSpoilt || (!again.isProof && this.settled.has(again.number))) {
      test.mode = "skip";
      return;
    }
    if (again.isProof) return;
    this.made = again.number;
    this.say(again.number, "begun");
  }

  end(test: ScreenedTest): void {
    const hasFailed = test.errors.length > 0;
    const again = this.again.get(test);
    this.made = null;
    this.running = null;
    if (test.mode === "skip" || this.isSpoilt) return;
    if (again === undefined) {
      if (hasFailed) this.isSpoilt = true;
      else
        for (const number of this.reachedNow)
          this.repeat(test, { original: test, number, isProof: false, hasHung: false });
    } else if (again.isProof) {
      this.isSpoilt = hasFailed || again.hasHung;
      this.settle(again.number, hasFailed ? "unclear" : again.hasHung ? "hung" : "noticed");
    } else if (hasFailed)
      this.repeat(again.original, { ...again, isProof: true, hasHung: hasTimedOut(test) }, test);
    else this.say(again.number, "passed");
  }

  private settle(number: number, came: Screened["came"]): void {
    this.settled.add(number);
    this.say(number, came);
  }

  private say(number: number, came: Screened["came"]): void {
    this.tell({ kind: "screened", number, came });
  }

  /** jest walks through the children while they come: at the end, or right after that one. */
  private repeat(test: ScreenedTest, again: Again, after?: ScreenedTest): void {
    if (!again.isProof && this.settled.has(again.number)) return;
    const copy = { ...test, errors: [], mode: null };
    this.again.set(copy, again);
    const { children } = test.parent;
    children.splice(after === undefined ? children.length : children.indexOf(after) + 1, 0, copy);
  }
}
