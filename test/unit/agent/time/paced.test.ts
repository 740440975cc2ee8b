import { expect, test } from "@jest/globals";
import { paced } from "../../../../agent/time/paced.js";
import { manualClock } from "../../../support/manual-clock.js";

function setUp() {
  const clock = manualClock();
  const passed: string[] = [];
  const take = paced<string>((value) => passed.push(value), {
    gapMs: 50,
    merge: (first, second) => `${first}+${second}`,
    clock,
  });
  const advance = async (ms: number): Promise<void> => {
    clock.advance(ms);
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { passed, take, advance };
}

test("the first passes at once, and a burst after it as one, a gap later", async () => {
  const { passed, take, advance } = setUp();
  for (const value of ["a", "b", "c", "d"]) take(value);
  expect(passed).toEqual(["a"]);
  await advance(49);
  expect(passed).toEqual(["a"]);
  await advance(1);
  expect(passed).toEqual(["a", "b+c+d"]);
});

test("however many come, one passes in each gap, and none is lost", async () => {
  const { passed, take, advance } = setUp();
  for (let n = 0; n < 100; n += 1) {
    take("x");
    await advance(10);
  }
  await advance(50);
  expect(passed.length).toBeLessThanOrEqual(21);
  expect(passed.join("+").split("+")).toHaveLength(100);
});

test("after a quiet gap the next passes at once again", async () => {
  const { passed, take, advance } = setUp();
  take("a");
  await advance(50);
  take("b");
  expect(passed).toEqual(["a", "b"]);
});
