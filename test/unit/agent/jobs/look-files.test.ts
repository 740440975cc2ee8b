import { describe, expect, test } from "@jest/globals";
import { createLookFiles } from "../../../../agent/jobs/look-files.js";
import { manualClock } from "../../../support/manual-clock.js";

const settled = async (): Promise<void> => {
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
};

/** `failures`: so many writes fail first. */
function setUp({ failures = 0 } = {}) {
  const clock = manualClock();
  const there = new Set<string>();
  const said: unknown[] = [];
  let writes = 0;
  let sweeps = 0;
  let numbers = 0;
  const files = createLookFiles({
    clock,
    random: () => String(++numbers),
    onLeftBehind: (error) => said.push(error),
    shared: {
      async write(nonce) {
        writes += 1;
        if (writes <= failures) throw new Error("no space left");
        there.add(nonce);
      },
      async sweep() {
        sweeps += 1;
      },
      async remove(nonce) {
        if (!there.delete(nonce)) throw new Error(`${nonce} is not there`);
      },
    },
  });
  const pass = async (ms: number) => {
    clock.advance(ms);
    await settled();
  };
  return { files, there, said, pass, writes: () => writes, sweeps: () => sweeps };
}

describe("the file of a look at nodes", () => {
  test("is written before the look, once, and removed a moment after it", async () => {
    const { files, there, said, pass, writes } = setUp();
    files.getReady();
    await settled();
    expect([...there]).toEqual(["1"]);
    const file = await files.take();
    expect(file).toEqual({ nonce: "1", token: "2" });
    expect(writes()).toBe(1);
    await pass(10_000);
    // A look may take as long as it does.
    expect([...there]).toEqual(["1"]);
    files.done(file);
    await settled();
    expect([...there]).toEqual(["1"]);
    await pass(3_000);
    // Another is kept in its place.
    expect({ there: [...there], said }).toEqual({ there: ["3"], said: [] });
  });

  test("is kept for the next look, once, and for five minutes", async () => {
    const { files, there, said, pass, writes } = setUp();
    expect(files.takeKept()).toBeNull();
    files.done(await files.take());
    await pass(3_000);
    await pass(299_000);
    files.getReady();
    await settled();
    expect(writes()).toBe(2);
    const kept = files.takeKept();
    expect(kept).toEqual({ nonce: "3", token: "4" });
    expect(files.takeKept()).toBeNull();
    // A look may take as long as it does.
    await pass(10_000);
    expect([...there]).toEqual(["3"]);
    if (kept !== null) files.done(kept);
    await pass(3_000);
    expect([...there]).toEqual(["5"]);
    await pass(300_000);
    expect({ kept: files.takeKept(), there: [...there], said }).toEqual({ kept: null, there: [], said: [] });
  });

  test("is kept by one alone where two looks end at once, and by none where it can't be written", async () => {
    const { files, there, pass } = setUp();
    const looks = [await files.take(), await files.take()];
    for (const file of looks) files.done(file);
    await pass(3_000);
    expect(there.size).toBe(1);
    const full = setUp({ failures: 1 });
    full.files.done({ nonce: "gone", token: "" });
    await full.pass(3_000);
    expect([full.files.takeKept(), full.writes()]).toEqual([null, 1]);
  });

  test("goes with what lost heads have left: at the first look, and once an hour", async () => {
    const { files, pass, sweeps } = setUp();
    const look = async () => files.done(await files.take());
    await look();
    expect(sweeps()).toBe(0);
    await pass(3_000);
    expect(sweeps()).toBe(1);
    await pass(3_596_999);
    await look();
    expect(sweeps()).toBe(1);
    await pass(1);
    expect(sweeps()).toBe(1);
    await look();
    await pass(3_000);
    expect(sweeps()).toBe(2);
  });

  test("is another for each look", async () => {
    const { files, there } = setUp();
    files.getReady();
    const first = await files.take();
    const second = await files.take();
    expect(first.nonce).not.toBe(second.nonce);
    expect(there.size).toBe(2);
  });

  test("goes by itself where no look follows, and where another was begun in its place", async () => {
    const { files, there, said, pass } = setUp();
    files.getReady();
    await settled();
    files.getReady();
    await settled();
    expect(there.size).toBe(2);
    await pass(3_000);
    expect({ there: [...there], said }).toEqual({ there: [], said: [] });
  });

  test("is a new one where what was begun is old", async () => {
    const { files, there, pass } = setUp();
    files.getReady();
    await settled();
    await pass(2_000);
    expect((await files.take()).nonce).toBe("3");
    await pass(1_000);
    expect([...there]).toEqual(["3"]);
  });

  test("is a new one where what was begun could not be written; a look says why its own could not", async () => {
    const { files } = setUp({ failures: 1 });
    files.getReady();
    await settled();
    expect((await files.take()).nonce).toBe("3");
    await expect(setUp({ failures: 1 }).files.take()).rejects.toThrow("no space left");
  });

  test("that can't be removed is said", async () => {
    const { files, said, pass } = setUp();
    files.done({ nonce: "gone", token: "" });
    await pass(3_000);
    expect(said).toEqual([new Error("gone is not there")]);
  });
});
