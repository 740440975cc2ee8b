import { TestEnvironment } from "jest-environment-node";

/** What jest tells of a test, as far as it matters here. */
interface TestEvent {
  readonly name: string;
  readonly test?: { readonly errors: readonly unknown[]; mode?: string | null };
}

/** Node.js for a file's tests, of which none is begun after one has failed: the change is noticed. */
export default class UntilFirstFailure extends TestEnvironment {
  private hasFailed = false;

  handleTestEvent({ name, test }: TestEvent): void {
    if (test === undefined) return;
    if (name === "test_done" && test.errors.length > 0) this.hasFailed = true;
    if (name === "test_start" && this.hasFailed) test.mode = "skip";
  }
}
