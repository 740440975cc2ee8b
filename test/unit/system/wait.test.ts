import { describe, expect, test } from "@jest/globals";
import { waitFor } from "../../../scripts/system/wait.js";

const counting = () => {
  let looks = 0;
  return {
    what: "three looks",
    everyMs: 1,
    look: async () => ++looks,
    describe: (seen: number) => `${seen} looks`,
  };
};

describe("a bounded wait", () => {
  test("ends with what it saw when it is done", async () => {
    await expect(waitFor({ ...counting(), timeoutSeconds: 5, isDone: (seen) => seen === 3 })).resolves.toBe(
      3,
    );
  });

  test("tells each change once", async () => {
    const told: string[] = [];
    await waitFor({
      ...counting(),
      timeoutSeconds: 5,
      isDone: (seen) => seen === 4,
      describe: (seen) => (seen < 3 ? "few" : "more"),
      say: (line) => told.push(line.trim()),
    });
    expect(told).toEqual(["few", "more"]);
  });

  test("fails with what it waited for and what it last saw", async () => {
    await expect(waitFor({ ...counting(), timeoutSeconds: 0, isDone: () => false })).rejects.toThrow(
      "Timed out after 0s waiting for three looks; last seen: 1 looks.",
    );
  });

  test("fails at once when it is interrupted", async () => {
    const signal = AbortSignal.abort(new Error("interrupted"));
    await expect(waitFor({ ...counting(), timeoutSeconds: 5, isDone: () => false, signal })).rejects.toThrow(
      "interrupted",
    );
  });
});
