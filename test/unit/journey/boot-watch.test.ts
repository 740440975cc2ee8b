import { describe, expect, test } from "@jest/globals";
import { judgeBoots } from "../../../scripts/journey/boot-watch.js";

const A = { instanceId: "i-a", problem: "its user data failed" };
const B = { instanceId: "i-b", problem: "its init ended before it had booted" };

describe("nodes that can't boot", () => {
  test("each is said once", () => {
    const first = judgeBoots(new Map(), [A], 1_000);
    expect(first.news).toEqual([A]);
    const second = judgeBoots(first.known, [A, B], 2_000);
    expect(second.news).toEqual([B]);
    expect(second.lasting).toBeNull();
  });

  test("one that lasts ends the wait", () => {
    const first = judgeBoots(new Map(), [A], 1_000);
    expect(judgeBoots(first.known, [A], 30_999).lasting).toBeNull();
    expect(judgeBoots(first.known, [A], 31_000).lasting).toEqual(A);
  });

  test("one that passes does not, and its time starts again", () => {
    const first = judgeBoots(new Map(), [A], 1_000);
    const passed = judgeBoots(first.known, [], 20_000);
    expect(passed.known).toEqual(new Map());
    expect(judgeBoots(passed.known, [A], 40_000)).toMatchObject({ news: [A], lasting: null });
  });
});
