import { Readable } from "node:stream";
import { beforeEach, describe, expect, test } from "@jest/globals";
import { newJob } from "../../../../agent/contract/job.js";
import { type AttemptItem, attemptOf } from "../../../../agent/contract/job-attempt.js";
import { because } from "../../../../agent/contract/reasons.js";
import type { JobItem } from "../../../../agent/contract/registry.js";
import { failure } from "../../../../scripts/cli/core/exit.js";
import { observedCluster } from "../../../support/agent/cluster-item.js";
import { FakeWorld, LOG_PREFIX } from "../../../support/cli/fake-world.js";

const HERE = ["--org", "acme", "--cluster", "demo"] as const;
const ready = observedCluster({ clusterStatus: "FINISHED", phase: "ready", hostfileNodes: 2 });
const SECOND_PREFIX = "s3://logs/logs/c/job-1/2/";
const RUNNING = {
  status: "INPROGRESS",
  phase: "running",
  ranks: 4,
  attempt: 1,
  logPrefix: LOG_PREFIX,
} as const;
const ENDED = {
  status: "FAILED",
  phase: "ended",
  exitCode: 3,
  endedAt: "2026-01-01T00:10:02.500Z",
  logState: "delivered",
} as const;

let world: FakeWorld;
let id: string;
beforeEach(() => {
  world = new FakeWorld();
  world.clusters.push(ready);
  const job = newJob(ready.uuid, "k", { command: ["pi.py"] }, new Date("2026-01-01T00:00:00Z"));
  world.jobs.set(job.id, job);
  id = job.id;
});
const end = (change: Partial<JobItem> = {}) =>
  world.changeJob({ ...ENDED, log: world.logs.deliver(LOG_PREFIX), ...change });
const latest = () => world.jobs.get(id) as JobItem;
const logs = (...more: string[]) => world.run("job", "logs", ...more, id, ...HERE);

describe("a job's output", () => {
  test("comes while the job runs, part by part, and ends with the job", async () => {
    const seen: string[] = [];
    world.changeJob(RUNNING);
    world.meanwhile = (look) => {
      seen.push(world.out);
      if (look === 2) world.logs.store(LOG_PREFIX, "one\n");
      if (look === 4) world.logs.store(LOG_PREFIX, "two");
      if (look === 6) end();
    };
    expect(await logs("-f")).toBe(0);
    expect(seen).toEqual(["", "", "one\n", "one\n", "one\ntwo", "one\ntwo"]);
    expect(world.out).toBe("one\ntwo");
    expect(world.said.at(-1)).toBe(`log: ${LOG_PREFIX}manifest.json (7 bytes)`);
  });

  test("of muster job run comes likewise, and the exit status is the job's", async () => {
    world.files.set("pi.py", Buffer.from("print(3)\n"));
    world.meanwhile = (look) => {
      if (look === 1) world.changeJob(RUNNING);
      if (look === 2) world.logs.store(LOG_PREFIX, "3\n");
      if (look === 4) {
        expect(world.out).toBe("3\n");
        end();
      }
    };
    expect(await world.run("job", "run", ...HERE, "pi.py")).toBe(3);
    expect(world.out).toBe("3\n");
  });

  test("of muster job run that can't be read is said once, and the job is waited for", async () => {
    world.files.set("pi.py", Buffer.from("print(3)\n"));
    world.logs.logs.part = async () => {
      throw failure("Could not read the log's part: AccessDenied.");
    };
    world.meanwhile = (look) => {
      if (look === 1) world.changeJob(RUNNING);
      if (look === 4) end();
    };
    expect(await world.run("job", "run", ...HERE, "pi.py")).toBe(3);
    const said =
      "the job's output can't be shown while it runs: Could not read the log's part: AccessDenied.";
    expect(world.said.filter((line) => line === said)).toHaveLength(1);
  });

  test("without -f is what is there by now", async () => {
    world.changeJob(RUNNING);
    world.logs.store(LOG_PREFIX, "so far");
    expect(await logs()).toBe(0);
    expect(world.out).toBe("so far");
  });

  test("keeps every byte: an emoji cut at every offset, carriage returns, no last newline", async () => {
    const content = Buffer.concat([Buffer.from("😀\r"), Buffer.from([0, 0xff, 0xfe]), Buffer.from("😀")]);
    for (const byte of content) world.logs.store(LOG_PREFIX, Buffer.from([byte]));
    end({ attempt: 1, logPrefix: LOG_PREFIX });
    expect(await logs()).toBe(0);
    expect(Buffer.concat(world.written).equals(content)).toBe(true);
  });

  test("of each attempt is shown in turn, with its number", async () => {
    world.changeJob(RUNNING);
    world.logs.store(LOG_PREFIX, "first\n");
    world.meanwhile = (look) => {
      if (look !== 2) return;
      world.logs.store(LOG_PREFIX, "and its end\n");
      const record = attemptOf({ ...latest(), ...ENDED, log: world.logs.deliver(LOG_PREFIX) }) as AttemptItem;
      world.attempts.set(id, record);
      world.logs.store(SECOND_PREFIX, "second\n");
      world.changeJob({
        ...ENDED,
        attempt: 2,
        logPrefix: SECOND_PREFIX,
        log: world.logs.deliver(SECOND_PREFIX),
      });
    };
    expect(await logs("-f")).toBe(0);
    expect(world.out).toBe("first\nand its end\nsecond\n");
    expect(world.said).toContain("output of attempt 2:");
    world.written.length = 0;
    expect(await logs("--attempt", "1")).toBe(0);
    expect(world.out).toBe("first\nand its end\n");
    expect(await logs("--attempt", "7")).toBe(1);
    expect(world.said.at(-1)).toContain("has no attempt 7");
    expect(await logs("--attempt", "1", "-f")).toBe(2);
  });

  test.each([
    ["0", ""],
    ["1", "4"],
    ["2", "3\n4"],
    ["3", "\n3\n4"],
    ["4", "12\n\n3\n4"],
    ["99", "12\n\n3\n4"],
  ])("--tail %s is its last lines, in whatever parts they are", async (lines, tail) => {
    for (const part of ["1", "2\n", "\n3", "\n4"]) world.logs.store(LOG_PREFIX, part);
    end({ attempt: 1, logPrefix: LOG_PREFIX });
    expect(await logs("--tail", lines)).toBe(0);
    expect(world.out).toBe(tail);
  });

  test("--tail counts no line after the last newline, and is followed on", async () => {
    world.changeJob(RUNNING);
    world.logs.store(LOG_PREFIX, "1\n2\n3\n");
    world.meanwhile = (look) => {
      if (look === 2) world.logs.store(LOG_PREFIX, "4\n");
      if (look === 3) end();
    };
    expect(await logs("-f", "--tail", "1")).toBe(0);
    expect(world.out).toBe("3\n4\n");
  });
});

describe("a connection that breaks", () => {
  test("a hundred times leaves no gap and repeats nothing", async () => {
    const content = Buffer.from("0123456789".repeat(10));
    world.changeJob(RUNNING);
    world.logs.store(LOG_PREFIX, content);
    world.logs.stream = (bytes) =>
      Readable.from(
        (async function* () {
          yield bytes.subarray(0, 1);
          if (bytes.length > 1) throw new Error("aborted");
        })(),
      );
    world.meanwhile = (look) => look === 110 && end();
    expect(await logs("-f")).toBe(0);
    expect(world.out).toBe(content.toString());
    expect(world.logs.openings.slice(0, 100)).toEqual(Array.from({ length: 100 }, (_, skip) => [0, skip]));
  });

  test("for good fails, with how far it came", async () => {
    world.logs.store(LOG_PREFIX, "0123");
    end({ attempt: 1, logPrefix: LOG_PREFIX });
    world.logs.stream = () =>
      Readable.from(
        // biome-ignore lint/correctness/useYield: it breaks before its first byte
        (async function* (): AsyncGenerator<Buffer> {
          throw new Error("aborted");
        })(),
      );
    expect(await logs()).toBe(1);
    expect(world.said.at(-1)).toContain("The log broke off (aborted) after 0 of 4 bytes.");
  });
});

describe("a log that is not what was delivered", () => {
  test.each<[string, () => void, RegExp]>([
    [
      "a part with another byte",
      () => world.logs.spoil(LOG_PREFIX, 1, Buffer.from("twO")),
      /part-0000000000004 is not what was delivered/,
    ],
    [
      "a manifest of other bytes",
      () => void world.logs.deliver(LOG_PREFIX, { sha256: "0".repeat(64) }),
      /is not the manifest that was delivered/,
    ],
    [
      "a manifest of other parts",
      () => {
        world.logs.spoil(LOG_PREFIX, 1, Buffer.from("twO"));
        const sha256 = latest().log?.sha256 ?? "";
        world.logs.deliver(LOG_PREFIX, { sha256 });
      },
      /The log's bytes are not those that were delivered: their SHA-256 is/,
    ],
  ])("fails and says so: %s", async (_name, spoil, said) => {
    for (const part of ["one\n", "two"]) world.logs.store(LOG_PREFIX, part);
    end({ attempt: 1, logPrefix: LOG_PREFIX, ...because("rank-exited", "rank 1") });
    spoil();
    expect(await logs()).toBe(1);
    expect(world.said.at(-1)).toMatch(said);
  });
});

test("a reader that leaves ends a follow, quietly", async () => {
  world.changeJob(RUNNING);
  world.logs.store(LOG_PREFIX, "one\n");
  world.readerLeaves = true;
  expect(await logs("-f")).toBe(0);
  expect(world.said.join()).not.toMatch(/EPIPE|keeps running/);
});
