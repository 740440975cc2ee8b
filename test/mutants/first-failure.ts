import { TestEnvironment } from "jest-environment-node";
import { REACHED } from "./reach.js";
import type { FromWorker } from "./worker-messages.js";

/** What jest tells of a test, as far as it matters here. */
interface TestEvent {
  readonly name: string;
  readonly test?: { readonly errors: readonly unknown[]; mode?: string | null };
}

/** Node.js for a file's tests, of which none is begun after one has failed: the change is noticed. It tells the parent what they reached. */
export default class UntilFirstFailure extends TestEnvironment {
  private hasFailed = false;
  private readonly reached = new Set<number>();

  override async setup(): Promise<void> {
    await super.setup();
    Object.assign(this.global, { [REACHED]: (number: number) => void this.reached.add(number) });
  }

  override async teardown(): Promise<void> {
    const said: FromWorker = { kind: "reached", numbers: [...this.reached] };
    process.send?.(said);
    await super.teardown();
  }

  handleTestEvent({ name, test }: TestEvent): void {
    if (test === undefined) return;
    if (name === "test_done" && test.errors.length > 0) this.hasFailed = true;
    if (name === "test_start" && this.hasFailed) test.mode = "skip";
  }
}
