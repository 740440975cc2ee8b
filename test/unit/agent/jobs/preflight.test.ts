import { describe, expect, test } from "@jest/globals";
import { fastify } from "fastify";
import {
  commonKit,
  type NodeFacts,
  PREFLIGHT_PATH,
  parseNodeFacts,
} from "../../../../agent/jobs/node-facts.js";
import {
  createPreflight,
  describeBadHosts,
  type Preflight,
  type PreflightDeps,
} from "../../../../agent/jobs/preflight.js";
import { addPreflightRoute } from "../../../../agent/jobs/preflight-route.js";
import { goodFacts, KIT, NONCE } from "../../../support/agent/jobs.js";
import { type ManualClock, manualClock } from "../../../support/manual-clock.js";

const hostsOf = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ address: `10.0.0.${index + 1}`, cores: 2 }));

/** A head at 10.0.0.1 and what it asks; `asked` is by address how often. */
function setUp(ask: (address: string, timeoutMs: number, clock: ManualClock) => Promise<NodeFacts>) {
  const clock = manualClock();
  const asked = new Map<string, number>();
  const files = { written: [] as string[], removed: [] as string[], writeMs: 0 };
  const deps: PreflightDeps = {
    address: "10.0.0.1",
    async ask(address, _question, timeoutMs) {
      asked.set(address, (asked.get(address) ?? 0) + 1);
      return ask(address, timeoutMs, clock);
    },
    kit: async () => KIT,
    shared: {
      sweep: async () => {},
      async write(nonce) {
        if (files.writeMs > 0) await clock.sleep(files.writeMs);
        files.written.push(nonce);
      },
      remove: async (nonce) => void files.removed.push(nonce),
    },
    random: () => NONCE,
    clock,
    onLeftBehind: () => {},
  };
  return { ...{ clock, asked, files }, preflight: createPreflight(deps) };
}

/** Lets time pass in small steps until it is done; gives the result and how long it took. */
async function timed<T>(clock: ManualClock, work: Promise<T>): Promise<{ value: T; tookMs: number }> {
  const beganMs = clock.monotonicMs();
  let isDone = false;
  void work.finally(() => {
    isDone = true;
  });
  while (!isDone) {
    for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    if (!isDone) clock.advance(50);
    if (clock.monotonicMs() - beganMs > 60_000) throw new Error("it never ends");
  }
  return { value: await work, tookMs: clock.monotonicMs() - beganMs };
}

const silent = async (_address: string, timeoutMs: number, clock: ManualClock): Promise<NodeFacts> => {
  await clock.sleep(timeoutMs);
  throw new Error("no answer");
};
const codesOf = (bad: Awaited<ReturnType<Preflight["check"]>>) =>
  bad.map(({ address, reasonCode }) => [address, reasonCode]);

describe("the preflight", () => {
  test("finds nothing bad where all nodes answer alike, asks each once, and keeps one file for the next look", async () => {
    const { clock, asked, files, preflight } = setUp(async (address) => goodFacts(address));
    const { value, tookMs } = await timed(clock, preflight.check(hostsOf(4)));
    expect({ value, tookMs }).toEqual({ value: [], tookMs: 0 });
    expect([...asked.values()]).toEqual([1, 1, 1, 1]);
    clock.advance(3_000);
    await new Promise((resolve) => setImmediate(resolve));
    expect(files).toMatchObject({ written: [NONCE, NONCE], removed: [NONCE] });
    expect((await timed(clock, preflight.check(hostsOf(4)))).value).toEqual([]);
    expect(files.written).toHaveLength(2);
  });

  test.each([
    ["no node for a kept file that has gone", null, []],
    ["a node that does not see a new one either", "10.0.0.2", [["10.0.0.2", "node-shared-differs"]]],
  ])("blames %s", async (_what, blind, wanted) => {
    let isGone = false;
    let isBlind = false;
    const { clock, files, preflight } = setUp(async (address) =>
      isGone || (isBlind && address === blind)
        ? { ...goodFacts(address), shared: { token: null, problem: "no such file" } }
        : goodFacts(address),
    );
    await timed(clock, preflight.check(hostsOf(3)));
    clock.advance(3_000);
    await new Promise((resolve) => setImmediate(resolve));
    isGone = true;
    isBlind = true;
    const write = files.written.push.bind(files.written);
    files.written.push = (...names) => {
      isGone = false;
      return write(...names);
    };
    expect(codesOf((await timed(clock, preflight.check(hostsOf(3)))).value)).toEqual(wanted);
    expect(files.written).toHaveLength(3);
  });

  test.each([0, 2_000])(
    "of 64 nodes that are all silent ends within 5 s, with a file that took %d ms",
    async (writeMs) => {
      const { clock, asked, files, preflight } = setUp(silent);
      files.writeMs = writeMs;
      const { value, tookMs } = await timed(clock, preflight.check(hostsOf(64)));
      expect(value).toHaveLength(64);
      expect(tookMs).toBeLessThanOrEqual(5_000);
      expect(new Set(asked.values())).toEqual(new Set([2]));
    },
  );

  test("that was begun for the same nodes is not made again; each serves one check", async () => {
    const { asked, files, preflight } = setUp(async (address) => goodFacts(address));
    preflight.getReady(hostsOf(2));
    expect(await preflight.check(hostsOf(2))).toEqual([]);
    expect({ asked: [...asked.values()], written: files.written.length }).toEqual({
      ...{ asked: [1, 1], written: 1 },
    });
    await preflight.check(hostsOf(2));
    expect([...asked.values()]).toEqual([2, 2]);
  });

  test("that was begun says what it finds", async () => {
    const odd = { image: "sha256:bb" };
    const { preflight } = setUp(async (address) => goodFacts(address, address === "10.0.0.2" ? odd : {}));
    preflight.getReady(hostsOf(3));
    expect(codesOf(await preflight.check(hostsOf(3)))).toEqual([["10.0.0.2", "node-image-differs"]]);
  });

  test.each<[string, number, number, (clock: ManualClock) => void]>([
    ["for other nodes", 3, 2, () => {}],
    ["more than a moment ago", 2, 2, (clock) => clock.advance(1_001)],
  ])("that was begun %s is made anew", async (_when, begunFor, wanted, pass) => {
    const { clock, asked, preflight } = setUp(async (address) => goodFacts(address));
    preflight.getReady(hostsOf(begunFor));
    for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    pass(clock);
    expect(await preflight.check(hostsOf(wanted))).toEqual([]);
    expect([...asked.values()].slice(0, 2)).toEqual([2, 2]);
  });

  test.each([
    [64, 64],
    [65, 0],
  ])(
    "of %d nodes, of which 64 are asked at once, is begun with its file and %d of them",
    async (count, begun) => {
      const { clock, asked, files, preflight } = setUp(async (address) => goodFacts(address));
      preflight.getReady(hostsOf(count));
      for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
      expect({ asked: asked.size, written: files.written.length }).toEqual({ asked: begun, written: 1 });
      await timed(clock, preflight.check(hostsOf(count)));
      expect({ asked: asked.size, written: files.written.length }).toEqual({ asked: count, written: 1 });
    },
  );

  test("asks a node again that did not answer, or that did not see the file yet", async () => {
    const seen = new Set<string>();
    const { clock, preflight } = setUp(async (address) => {
      const isFirst = !seen.has(address);
      seen.add(address);
      if (isFirst && address === "10.0.0.2") throw new Error("connect ECONNREFUSED");
      const late = { shared: { token: null, problem: "No such file or directory" } };
      return goodFacts(address, isFirst && address === "10.0.0.3" ? late : {});
    });
    expect((await timed(clock, preflight.check(hostsOf(3)))).value).toEqual([]);
  });

  test.each<[string, Partial<NodeFacts>, string, RegExp]>([
    [
      "image",
      { image: "sha256:bb" },
      "node-image-differs",
      /^has the image sha256:bb, and expected is sha256:aa$/,
    ],
    ["image that is not known", { image: null }, "node-image-differs", /^has the image unknown, /],
    [
      "runtime",
      { runtime: "MPICH 3.4" },
      "node-runtime-differs",
      /^has the MPI runtime MPICH 3.4, and expected is MPICH 5.0.2$/,
    ],
    ["number of cores", { cores: 1 }, "node-cores-differ", /^has the number of cores 1, and expected is 2$/],
    [
      "/shared",
      { shared: { token: null, problem: "cannot open" } },
      "node-shared-differs",
      /^does not see what the head node has just written to \/shared: cannot open$/,
    ],
    [
      "text in the file",
      { shared: { token: "old", problem: null } },
      "node-shared-differs",
      /: it reads another text$/,
    ],
    [
      "cgroup",
      { cgroup: "ENOENT" },
      "node-cgroup-missing",
      /^can't keep a job's processes together: ENOENT$/,
    ],
  ])("names a node with another %s", async (_name, odd, reasonCode, problem) => {
    const { clock, preflight } = setUp(async (address) =>
      goodFacts(address, address === "10.0.0.2" ? odd : {}),
    );
    const { value } = await timed(clock, preflight.check(hostsOf(3)));
    expect(value).toEqual([
      { address: "10.0.0.2", instanceId: "i-2", reasonCode, problem: expect.stringMatching(problem) },
    ]);
  });

  test("says all that is wrong with a node, at once", async () => {
    const odd = { image: "sha256:bb", cores: 4, cgroup: "gone" };
    const { clock, preflight } = setUp(async (address) =>
      goodFacts(address, address === "10.0.0.2" ? odd : {}),
    );
    const { value } = await timed(clock, preflight.check(hostsOf(2)));
    expect(value[0]?.problem.split("; it ")).toHaveLength(3);
  });

  test("takes other versions of the agent as they are", async () => {
    const { clock, preflight } = setUp(async (address) => goodFacts(address, { agentVersion: address }));
    expect((await timed(clock, preflight.check(hostsOf(3)))).value).toEqual([]);
  });

  test("blames the one that differs from most, even where that is the head", async () => {
    const { clock, preflight } = setUp(async (address) =>
      goodFacts(address, address === "10.0.0.1" ? {} : { image: "sha256:new" }),
    );
    expect(codesOf((await timed(clock, preflight.check(hostsOf(3)))).value)).toEqual([
      ["10.0.0.1", "node-image-differs"],
    ]);
    // Of two, the head is what the other is compared with.
    expect(codesOf((await timed(clock, preflight.check(hostsOf(2)))).value)).toEqual([
      ["10.0.0.2", "node-image-differs"],
    ]);
  });

  test("blames the head where no other node sees its files", async () => {
    const { clock, preflight } = setUp(async (address) =>
      goodFacts(address, address === "10.0.0.1" ? {} : { shared: { token: null, problem: "no such file" } }),
    );
    for (const count of [3, 4])
      expect(codesOf((await timed(clock, preflight.check(hostsOf(count)))).value)).toEqual([
        ["10.0.0.1", "node-shared-differs"],
      ]);
    expect(codesOf((await timed(clock, preflight.check(hostsOf(2)))).value)).toEqual([
      ["10.0.0.2", "node-shared-differs"],
    ]);
  });

  test("compares a bad node, when it looks again, with what was common, and not with itself", async () => {
    const odd = { image: "sha256:bb" as string };
    const { clock, preflight } = setUp(async (address) =>
      goodFacts(address, address === "10.0.0.3" ? odd : {}),
    );
    await timed(clock, preflight.check(hostsOf(3)));
    const [, , third] = hostsOf(3);
    const again = () => timed(clock, preflight.recheck(third === undefined ? [] : [third]));
    expect(codesOf((await again()).value)).toEqual([["10.0.0.3", "node-image-differs"]]);
    odd.image = KIT.image ?? "";
    expect((await again()).value).toEqual([]);
  });

  test("compares, when it looks again, with what most nodes had, and with the head only where there was no look yet", async () => {
    const { clock, preflight } = setUp(async (address) =>
      goodFacts(address, address === "10.0.0.1" ? {} : { image: "sha256:new" }),
    );
    const [head, second] = hostsOf(2);
    const again = async (host: typeof head) =>
      codesOf((await timed(clock, preflight.recheck(host === undefined ? [] : [host]))).value);
    expect(await again(second)).toEqual([["10.0.0.2", "node-image-differs"]]);
    await timed(clock, preflight.check(hostsOf(3)));
    expect(await again(second)).toEqual([]);
    expect(await again(head)).toEqual([["10.0.0.1", "node-image-differs"]]);
  });

  test("fails where the head itself can't write, and asks no node", async () => {
    const { clock, asked, preflight } = setUp(async (address) => goodFacts(address));
    const broken = createPreflight({
      ...{ address: "10.0.0.1", clock, random: () => NONCE, onLeftBehind: () => {}, kit: async () => KIT },
      ask: async (address) => goodFacts(address),
      shared: {
        write: async () => {
          throw new Error("EIO");
        },
        remove: async () => {},
        sweep: async () => {},
      },
    });
    await expect(broken.check(hostsOf(2))).rejects.toThrow("EIO");
    expect(asked.size).toBe(0);
    expect((await timed(clock, preflight.check([]))).value).toEqual([]);
  });
});

describe("what most nodes have", () => {
  const kit = (image: string | null) => ({ image, runtime: "r" });
  test.each<[string | null, (string | null)[], string | null]>([
    ["a", [], "a"],
    ["a", ["a", "b"], "a"],
    ["a", ["b", "b"], "b"],
    ["a", ["b", "b", "a", "a"], "a"],
    ["a", ["b", "c", "c"], "c"],
    [null, [null, "a"], null],
  ])("of a head with %s and nodes with %j is %s", (own, others, image) => {
    expect(commonKit(kit(own), others.map(kit))).toEqual({ image, runtime: "r" });
  });
});

describe("a node's answer", () => {
  test("is taken as its own agent gives it", async () => {
    const app = fastify();
    const asked: string[] = [];
    addPreflightRoute(app, {
      async facts(nonce) {
        asked.push(nonce);
        return goodFacts("10.0.0.2");
      },
    });
    const post = (payload: object) => app.inject({ method: "POST", url: PREFLIGHT_PATH, payload });
    expect(parseNodeFacts((await post({ nonce: NONCE })).body)).toEqual(goodFacts("10.0.0.2"));
    for (const bad of [{}, { nonce: "../../etc/passwd" }, { nonce: `${NONCE}\n` }])
      expect((await post(bad)).statusCode).toBe(400);
    expect(asked).toEqual([NONCE]);
  });

  test.each(["", "null", "{}", JSON.stringify({ ...goodFacts("10.0.0.2"), cores: "2" }), "[".repeat(10_000)])(
    "that is none counts as silence: %.20s",
    (text) => {
      expect(() => parseNodeFacts(text)).toThrow();
    },
  );
});

test("many bad nodes are counted, and some named", () => {
  const bad = hostsOf(12).map(({ address }) => ({
    ...{ address, instanceId: null, reasonCode: "nodes-unreachable" as const, problem: "did not answer: no" },
  }));
  const text = describeBadHosts(bad, 64);
  expect(text).toMatch(/^preflight: 12 of 64 nodes can't run the job: 10\.0\.0\.1 did not answer: no; /);
  expect(text).toMatch(/; and 2 more$/);
  expect(describeBadHosts(bad.slice(0, 10), 64)).not.toMatch(/more$/);
});
