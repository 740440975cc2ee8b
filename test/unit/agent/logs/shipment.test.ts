import { createHash, randomBytes } from "node:crypto";
import { beforeEach, describe, expect, test } from "@jest/globals";
import { PART_BYTES, parseManifest, partKey } from "../../../../agent/contract/log-parts.js";
import { attemptLogPrefix } from "../../../../agent/contract/names.js";
import { createLogDelivery } from "../../../../agent/logs/delivery.js";
import { nextCut, partPauseMs } from "../../../../agent/logs/part-plan.js";
import { CLUSTER_UUID } from "../../../support/agent/cluster-item.js";
import { memoryBucket, memoryOutputs } from "../../../support/agent/memory-logs.js";
import { manualClock } from "../../../support/manual-clock.js";

const OF = { jobId: "job-1", attempt: 2 };
const PREFIX = attemptLogPrefix(CLUSTER_UUID, OF.jobId, OF.attempt);
const unending = new AbortController().signal;
const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

let kept: ReturnType<typeof memoryOutputs>;
let store: ReturnType<typeof memoryBucket>;
let clock: ReturnType<typeof manualClock>;
beforeEach(() => {
  kept = memoryOutputs();
  store = memoryBucket();
  clock = manualClock();
});

/** An agent that has just been started. */
const agent = () =>
  createLogDelivery({ clusterUuid: CLUSTER_UUID, outputs: kept.outputs, bucket: store.bucket, clock });
const complete = (delivery: ReturnType<typeof agent>, exitCode: number | null = 0) =>
  delivery.deliver({ ...OF, exitCode }, unending);

/** What is in the bucket is the output: in order, each byte once, proved by the manifest. */
function expectWhole(exitCode: number | null = 0) {
  const output = kept.of(OF);
  const manifest = store.manifestOf(OF);
  expect(store.readBack(OF).equals(output)).toBe(true);
  const stored = store.partsOf(OF).reduce((sum, { bytes }) => sum + bytes, 0);
  expect(stored).toBe(output.length);
  expect(manifest).toMatchObject({
    ...{ job: OF.jobId, attempt: OF.attempt, exitCode, truncated: false },
    ...{ bytes: output.length, sha256: sha256(output) },
  });
  for (const { key, sha256: proof } of manifest.parts)
    expect(sha256(store.objects.get(key) ?? Buffer.alloc(0))).toBe(proof);
  expect(parseManifest(JSON.stringify(manifest), `${PREFIX}manifest.json`)).toEqual(manifest);
}

describe("an attempt's output", () => {
  test("is stored in parts while it grows, the rest and the manifest at the end", async () => {
    const delivery = agent();
    for (const line of ["first\n", "second\n", "third\n"]) {
      kept.append(OF, line);
      await delivery.ship(OF, unending);
      clock.advance(2_000);
    }
    expect(store.partsOf(OF).map(({ offset }) => offset)).toEqual([0, 6, 13]);
    kept.append(OF, "no last newline \x00\xff\r");
    const log = await complete(delivery, 3);
    expectWhole(3);
    expect(log).toEqual({
      ...{ uri: `s3://logs/${PREFIX}manifest.json`, parts: 4 },
      ...{ bytes: kept.of(OF).length, sha256: sha256(kept.of(OF)) },
    });
  });

  test("waits for more before a part is made of it, but not after a silence, nor in full parts", async () => {
    const delivery = agent();
    kept.append(OF, "a");
    await delivery.ship(OF, unending);
    kept.append(OF, "b");
    clock.advance(1_999);
    await delivery.ship(OF, unending);
    expect(store.partsOf(OF)).toHaveLength(1);
    clock.advance(1);
    await delivery.ship(OF, unending);
    expect(store.partsOf(OF)).toHaveLength(2);
    kept.append(OF, Buffer.alloc(PART_BYTES + 1));
    await delivery.ship(OF, unending);
    expect(store.partsOf(OF)).toEqual([
      ...[0, 1].map((offset) => ({ offset, bytes: 1 })),
      { offset: 2, bytes: PART_BYTES },
    ]);
  });

  test("that is empty has a manifest and no part; where there is none, there is none", async () => {
    expect(await complete(agent())).toBeNull();
    kept.append(OF, "");
    expect(await complete(agent())).toMatchObject({ bytes: 0, parts: 0, sha256: sha256(Buffer.alloc(0)) });
    expectWhole();
  });

  test("of one endless line flows in pieces", async () => {
    kept.append(OF, Buffer.alloc(3 * PART_BYTES + 5, "x"));
    const delivery = agent();
    await delivery.ship(OF, unending);
    expect(await complete(delivery)).toMatchObject({ parts: 4 });
    expectWhole();
  });
});

describe("whatever fails", () => {
  /** Output that comes in uneven bursts, and an agent that ships it until it has ended. */
  async function shipAll(bursts: readonly Buffer[], agents: () => ReturnType<typeof agent>) {
    for (const burst of bursts) {
      kept.append(OF, burst);
      clock.advance(2_500);
      await agents()
        .ship(OF, unending)
        .catch(() => undefined);
    }
    for (let tries = 0; ; tries++) {
      const log = await complete(agents()).catch((error: unknown) => {
        if (tries > 20) throw error;
        return null;
      });
      if (log !== null) return log;
    }
  }
  const bursts = () => [10, PART_BYTES + 7, 1, 2 * PART_BYTES, 5_000, 0, 99].map((size) => randomBytes(size));

  test.each(["parts", "putPart", "putManifest"])(
    "every %s once, before and after: each byte is stored once, in order",
    async (name) => {
      for (const when of ["before", "after"] as const) {
        kept = memoryOutputs();
        store = memoryBucket();
        let isNext = true;
        store[when] = async (call) => {
          if (call !== name) return;
          isNext = !isNext;
          if (!isNext) throw new Error("a broken pipe");
        };
        const delivery = agent();
        await shipAll(bursts(), () => delivery);
        expectWhole();
      }
    },
  );

  test("an agent that is killed at every upload, and started again, stores nothing twice", async () => {
    let calls = 0;
    store.after = async () => {
      calls += 1;
      if (calls % 2 === 0) throw new Error("killed");
    };
    await shipAll(bursts(), agent);
    expectWhole();
  });

  test("an upload of a killed agent that arrives late is taken for what it is", async () => {
    kept.append(OF, "0123456789");
    const late = agent();
    const held = Promise.withResolvers<void>();
    const reached = Promise.withResolvers<void>();
    store.before = async (call) => {
      if (call !== "putPart") return;
      reached.resolve();
      await held.promise;
    };
    const lateUpload = late.ship(OF, unending);
    await reached.promise;
    store.before = async () => {};
    kept.append(OF, "abcdef");
    const next = agent();
    // The new agent has looked, and found nothing; then the old one's part is there.
    const { parts } = store.bucket;
    store.bucket.parts = async (of) => {
      const found = await parts(of);
      held.resolve();
      await lateUpload;
      store.bucket.parts = parts;
      return found;
    };
    await expect(next.ship(OF, unending)).rejects.toThrow("was stored with 10 bytes, and not 16");
    await complete(next);
    expectWhole();
    expect(store.manifestOf(OF).parts.map(({ bytes }) => bytes)).toEqual([10, 6]);
  });

  test("a gap that an agent left between its uploads is filled, and no more", async () => {
    const output = randomBytes(2 * PART_BYTES + 100);
    kept.append(OF, output);
    store.objects.set(partKey(PREFIX, PART_BYTES), Buffer.from(output.subarray(PART_BYTES, 2 * PART_BYTES)));
    await complete(agent());
    expectWhole();
    expect(store.puts).toBe(2);
  });

  test("an output that can't be read is read again from its start", async () => {
    const { scan } = kept.outputs;
    const delivery = agent();
    kept.append(OF, "one");
    await delivery.ship(OF, unending);
    kept.append(OF, "two");
    kept.outputs.scan = async (of, from, to, see) => {
      await scan(of, from, to - 1, see);
      throw new Error("EIO");
    };
    await expect(complete(delivery)).rejects.toThrow("EIO");
    kept.outputs.scan = scan;
    await complete(delivery);
    expectWhole();
  });

  test("a signal cuts it short, and what is stored stays", async () => {
    kept.append(OF, "line\n");
    const ending = new AbortController();
    const delivery = agent();
    await delivery.ship(OF, ending.signal);
    ending.abort();
    await expect(delivery.deliver({ ...OF, exitCode: 0 }, ending.signal)).rejects.toMatchObject({
      name: "AbortError",
    });
    await complete(agent());
    expectWhole();
    expect(store.puts).toBe(1);
  });
});

describe("the next part", () => {
  test.each<[string, Parameters<typeof nextCut>[0], ReturnType<typeof nextCut>]>([
    ["nothing is new", { end: 5, size: 5, found: new Map(), isDue: true }, null],
    ["not due", { end: 5, size: 9, found: new Map(), isDue: false }, null],
    ["due", { end: 5, size: 9, found: new Map(), isDue: true }, { bytes: 4, isStored: false }],
    [
      "stored before",
      { end: 5, size: 9, found: new Map([[5, 3]]), isDue: false },
      { bytes: 3, isStored: true },
    ],
    ["stored, and not seen here yet", { end: 5, size: 6, found: new Map([[5, 3]]), isDue: true }, null],
    [
      "before one that is stored",
      { end: 5, size: 9, found: new Map([[7, 2]]), isDue: false },
      { bytes: 2, isStored: false },
    ],
  ])("%s", (_name, facts, cut) => {
    expect(nextCut(facts)).toEqual(cut);
  });

  test.each([
    [0, 2_000],
    [119_000, 2_000],
    [600_000, 10_000],
    [1_800_000, 30_000],
    [604_800_000, 30_000],
  ])("comes, after %d ms, no sooner than %d ms later", (ageMs, pauseMs) => {
    expect(partPauseMs(ageMs)).toBe(pauseMs);
  });
});
