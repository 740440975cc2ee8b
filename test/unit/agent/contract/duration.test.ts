import { describe, expect, test } from "@jest/globals";
import { parseDuration, renderDuration } from "../../../../agent/contract/duration.js";
import { isDuration } from "../../../../provider/core/duration-check.js";

describe("durations", () => {
  test.each([
    ["90s", 90_000],
    ["30m", 1_800_000],
    ["1h30m", 5_400_000],
    ["1.5h", 5_400_000],
    ["250ms", 250],
    ["0.5ms", 0.5],
  ])("%s", (text, milliseconds) => {
    expect(parseDuration(text)).toBe(milliseconds);
    expect(isDuration(text)).toBeNull();
  });

  test.each(["", "30", "m", "30 m", "-5m", "0s", "5x", "5m!", `${"9".repeat(400)}h`])("%p fails", (text) => {
    expect(parseDuration(text)).toBeNull();
    expect(isDuration(text)).toContain("must be a duration");
  });

  test.each([
    [0, "0s"],
    [250.4, "250ms"],
    [999.9, "1s"],
    [45_000, "45s"],
    [59_000, "59s"],
    [60_000, "1m"],
    [1_800_000, "30m"],
    [5_401_000, "1h30m1s"],
  ])("%d ms is %s", (milliseconds, text) => expect(renderDuration(milliseconds)).toBe(text));
});
