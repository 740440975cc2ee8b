import { describe, expect, test } from "@jest/globals";
import { bootTime, readBootTime } from "../../../../agent/system/boot-time.js";

describe("when a machine booted", () => {
  const now = new Date("2026-01-01T12:00:00Z");

  test("is when its first process began", () => {
    const first = `1 (odd) name)) S 0 0 0 0 -1 4194560 1 1 0 0 0 0 0 0 20 0 1 0 36000 59695104 6066`;
    expect(bootTime({ uptime: "1000.00 5.00", first, now })).toEqual(new Date("2026-01-01T11:49:20Z"));
  });

  test("fails where /proc is none", () => {
    expect(() => bootTime({ uptime: "", first: "", now })).toThrow("can't be read");
  });

  test("is read on this machine, and is the same each time", async () => {
    const read = async () => (await readBootTime(new Date())).getTime();
    expect(Math.abs((await read()) - (await read()))).toBeLessThan(60_000);
  });
});
