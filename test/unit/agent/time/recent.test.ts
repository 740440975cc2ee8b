import { expect, test } from "@jest/globals";
import { recent } from "../../../../agent/time/recent.js";
import { manualClock } from "../../../support/manual-clock.js";

function setUp() {
  const clock = manualClock();
  const source = { value: "open" as string | null, reads: 0, isDown: false };
  const read = async () => {
    source.reads += 1;
    if (source.isDown) throw new Error("throttled");
    return source.value;
  };
  return { clock, source, it: recent(read, (value) => value === "open", { freshMs: 1_000, clock }) };
}

test("what may serve is read once for its time, and then anew", async () => {
  const { clock, source, it } = setUp();
  expect([await it.get(), await it.get()]).toEqual(["open", "open"]);
  expect(source.reads).toBe(1);
  source.value = "closed";
  clock.advance(999);
  expect(await it.get()).toBe("open");
  clock.advance(1);
  expect(await it.get()).toBe("closed");
});

test("what may not serve is read each time: what opens again is open at once", async () => {
  const { source, it } = setUp();
  source.value = "closed";
  expect(await it.get()).toBe("closed");
  source.value = "open";
  expect(await it.get()).toBe("open");
});

test("calls at once share a read, and its failure, which is not kept", async () => {
  const { source, it } = setUp();
  source.isDown = true;
  const failed = await Promise.allSettled([it.get(), it.get()]);
  expect(failed.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  expect(source.reads).toBe(1);
  source.isDown = false;
  expect(await it.get()).toBe("open");
});

test("a read for those who need it as it is now serves the others too", async () => {
  const { source, it } = setUp();
  await it.get();
  source.value = "closed";
  expect(await it.read()).toBe("closed");
  expect(await it.get()).toBe("closed");
});
