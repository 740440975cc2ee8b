import { describe, expect, test } from "@jest/globals";
import { pino } from "pino";
import { createHostfileWriter } from "../../../../agent/head/hostfile-writer.js";
import { nodeSummary } from "../../../support/agent/cluster-item.js";
import { manualClock } from "../../../support/manual-clock.js";

const log = pino({ level: "silent" });
const a = nodeSummary("i-a");
const b = nodeSummary("i-b", { address: "10.0.0.2" });
const always = () => true;
const clock = manualClock();

/** A hostfile in memory that counts its writes. */
function hostfile(initial: string | null = null) {
  const file = {
    path: "/shared/.hostfile-x",
    text: initial,
    writes: [] as (string | null)[],
    read: async () => file.text,
    write: async (text: string | null) => {
      file.writes.push(text);
      file.text = text;
    },
  };
  return file;
}

/** How often the file is read from now on. */
function countReads(file: ReturnType<typeof hostfile>): { reads: number } {
  const seen = { reads: 0 };
  file.read = async () => {
    seen.reads += 1;
    return file.text;
  };
  return seen;
}

describe("the hostfile's writer", () => {
  test("writes what is new, leaves alone what is right, repairs what somebody changed", async () => {
    const file = hostfile();
    const writer = createHostfileWriter(file, clock, log);
    expect(await writer.apply([a, b], always, false)).toEqual([a, b]);
    expect(await writer.apply([a, b], always, false)).toEqual([a, b]);
    expect(file.writes).toEqual(["10.0.0.1:2\n10.0.0.2:2\n"]);
    file.text = "10.0.0.9:64\n";
    clock.advance(10_000);
    await writer.apply([a, b], always, false);
    expect(file.text).toBe("10.0.0.1:2\n10.0.0.2:2\n");
  });

  test("replaces what can't be read: a job may have put it there", async () => {
    const file = hostfile();
    file.read = () => Promise.reject(new Error("it prints more than 1048576 bytes"));
    expect(await createHostfileWriter(file, clock, log).apply([a], always, false)).toEqual([a]);
    expect(file.writes).toEqual(["10.0.0.1:2\n"]);
  });

  test("does not read at each look what it has just seen to be right", async () => {
    const file = hostfile();
    const writer = createHostfileWriter(file, clock, log);
    await writer.apply([a], always, false);
    const seen = countReads(file);
    clock.advance(9_999);
    await writer.apply([a], always, false);
    expect(seen.reads).toBe(0);
    await writer.apply([a, b], always, false);
    expect(seen.reads).toBe(1);
  });

  test("looks seldom at rest, and each 10 s while a job runs and for a minute after it", async () => {
    const file = hostfile();
    const writer = createHostfileWriter(file, clock, log);
    const seen = countReads(file);
    /** How often it reads in two minutes, looking each second. */
    async function readsIn2Minutes(isJobRunning: boolean): Promise<number> {
      seen.reads = 0;
      for (let second = 0; second < 120; second += 1) {
        await writer.apply([a], always, isJobRunning);
        clock.advance(1_000);
      }
      return seen.reads;
    }
    await readsIn2Minutes(false);
    expect(await readsIn2Minutes(false)).toBe(2);
    expect(await readsIn2Minutes(true)).toBe(12);
    expect(await readsIn2Minutes(false)).toBe(7);
  });

  test("is at rest from a minute after the file was written", async () => {
    const file = hostfile();
    const writer = createHostfileWriter(file, clock, log);
    const seen = countReads(file);
    await writer.apply([a], always, false);
    clock.advance(59_999);
    await writer.apply([a], always, false);
    expect(seen.reads).toBe(2);
    await writer.apply([b], always, false);
    seen.reads = 0;
    clock.advance(50_000);
    await writer.apply([b], always, false);
    expect(seen.reads).toBe(1);
    clock.advance(10_000);
    await writer.apply([b], always, false);
    expect(seen.reads).toBe(1);
  });

  test("removes the file when no node is left, and never writes an empty one", async () => {
    const file = hostfile("10.0.0.1:2\n");
    await createHostfileWriter(file, clock, log).apply([], always, false);
    expect(file.writes).toEqual([null]);
  });

  test("writes nothing for a head that is none any more", async () => {
    const file = hostfile();
    await createHostfileWriter(file, clock, log).apply([a], () => false, false);
    expect(file.writes).toEqual([]);
  });

  test("lists nothing while the file can't be written, and again as soon as it can", async () => {
    const file = hostfile();
    const write = file.write;
    file.write = async () => {
      throw new Error("no space left on device");
    };
    const writer = createHostfileWriter(file, clock, log);
    expect(await writer.apply([a], always, false)).toEqual([]);
    file.write = write;
    expect(await writer.apply([a], always, false)).toEqual([a]);
  });

  test("gives up waiting for a file system that hangs, and starts no second attempt beside the first", async () => {
    const file = hostfile();
    let reads = 0;
    file.read = () => {
      reads += 1;
      return new Promise(() => {});
    };
    const writer = createHostfileWriter(file, clock, log);
    const first = writer.apply([a], always, false);
    clock.advance(5_000);
    expect(await first).toEqual([]);
    expect(await writer.apply([a], always, false)).toEqual([]);
    expect(reads).toBe(1);
  });
});
