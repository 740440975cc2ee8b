import { TestEnvironment } from "jest-environment-node";
import { type ScreenedTest, Screening } from "./screening.js";
import { CHOOSE, type Choose, MADE } from "./switches.js";
import { ASKED, type FromWorker, type ToWorker } from "./worker-messages.js";

/** What jest tells of a test, as far as it matters here. */
interface TestEvent {
  readonly name: string;
  readonly test?: ScreenedTest;
}

const tell = (said: FromWorker): void => void process.send?.(said);

/**
 * Node.js for a file's tests: as the worker was asked, it screens changes, or makes one, and begins no test after one has failed. It tells the
 * parent which they reached.
 */
export default class MutantEnvironment extends TestEnvironment {
  private readonly asked = (globalThis as { [ASKED]?: ToWorker })[ASKED];
  private readonly screening = new Screening(this.asked?.screenBut ?? [], tell);
  private hasFailed = false;

  override async setup(): Promise<void> {
    await super.setup();
    const made = this.asked?.made ?? null;
    const { choose } = this.screening;
    const chooseOne: Choose = (number, changed, own) => {
      choose(number, changed, own);
      return number === made ? changed : own;
    };
    Object.assign(this.global, { [CHOOSE]: this.isScreening ? choose : chooseOne });
    if (made !== null) this.global.process.env[MADE] = String(made);
  }

  override async teardown(): Promise<void> {
    const { reached, outside } = this.screening;
    tell({ kind: "reached", numbers: [...reached], outside: [...outside] });
    await super.teardown();
  }

  private get isScreening(): boolean {
    return (this.asked?.screenBut ?? null) !== null;
  }

  handleTestEvent({ name, test }: TestEvent): void {
    if (test === undefined) return;
    if (this.isScreening) {
      if (name === "test_start") this.screening.begin(test);
      if (name === "test_done" || name === "test_skip") this.screening.end(test);
      return;
    }
    if (name === "test_done" && test.errors.length > 0) this.hasFailed = true;
    if (name === "test_start" && this.hasFailed) test.mode = "skip";
  }
}
