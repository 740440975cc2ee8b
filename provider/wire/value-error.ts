import type { PathStep } from "../core/diagnostic.js";
import { renderPath } from "../core/path.js";

/**
 * A value that does not fit its schema, or can't be carried. The message never has the value itself: it may be a secret,
 * and Terraform shows the line that `path` leads to.
 */
export class ValueError extends Error {
  override readonly name = "ValueError";
  readonly path: readonly PathStep[];

  /** `problem` goes on after the attribute's name. */
  constructor(path: readonly PathStep[], problem: string) {
    super(`${path.length === 0 ? "The value" : renderPath(path)} ${problem}.`);
    this.path = path;
  }
}
