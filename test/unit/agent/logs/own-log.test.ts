import { describe, expect, test } from "@jest/globals";
import { createLogBuffer, createOwnLog } from "../../../../agent/logs/own-log.js";
import { manualClock } from "../../../support/manual-clock.js";

/** An agent's log, a bucket that may be down, and a time that moves by ten seconds. */
function world() {
  const clock = manualClock();
  const buffer = createLogBuffer();
  const pieces: string[] = [];
  let isDown = false;
  const log = createOwnLog({
    buffer,
    async put(piece, text) {
      if (isDown) throw new Error("no bucket");
      expect(piece).toBe(pieces.length);
      pieces.push(text);
    },
    clock,
    share: 0,
  });
  async function minutes(n: number): Promise<void> {
    for (let step = 0; step < n * 6; step++) {
      clock.advance(10_000);
      for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
    }
  }
  const setDown = (down: boolean) => {
    isDown = down;
  };
  log.start();
  return { buffer, pieces, log, minutes, setDown };
}

describe("an agent's own log", () => {
  test("comes to the bucket after minutes, in few pieces, and nothing is put while there is nothing", async () => {
    const { buffer, pieces, minutes } = world();
    buffer.write("a\n");
    await minutes(2);
    buffer.write("b\n");
    expect(pieces).toEqual([]);
    await minutes(4);
    expect(pieces).toEqual(["a\nb\n"]);
    await minutes(30);
    expect(pieces).toHaveLength(1);
  });

  test("comes at once where it is much", async () => {
    const { buffer, pieces, minutes } = world();
    buffer.write(`${"x".repeat(140_000)}\n`);
    await minutes(1);
    expect(pieces).toHaveLength(1);
  });

  test("waits for a bucket that does not answer, within bounds, and says what was dropped", async () => {
    const { buffer, pieces, minutes, setDown } = world();
    setDown(true);
    for (let n = 0; n < 10; n++) {
      buffer.write(`${n}${"x".repeat(50_000)}\n`);
      await minutes(1);
    }
    expect(buffer.bytes()).toBeLessThanOrEqual(262_144);
    setDown(false);
    await minutes(6);
    const [first = "", ...rest] = pieces.join("").split("\n");
    expect(JSON.parse(first)).toEqual({ msg: "lines were dropped", count: 5 });
    expect(rest.map((line) => line.slice(0, 1)).join("")).toBe("56789");
  });

  test("has its last lines in the bucket when the agent ends, and an end never fails", async () => {
    const { buffer, pieces, log } = world();
    buffer.write("last\n");
    await log.close(1_000);
    expect(pieces).toEqual(["last\n"]);
    const down = world();
    down.setDown(true);
    down.buffer.write("lost\n");
    await down.log.close(1_000);
    expect(down.pieces).toEqual([]);
  });
});
