import { describe, expect, test } from "@jest/globals";
import { pino } from "pino";
import {
  type CgroupUsage,
  createLaunches,
  type ProxyProcesses,
} from "../../../../agent/launcher/launches.js";
import type { LaunchEvent, RankSnapshot } from "../../../../agent/launcher/rank-events.js";
import { LAUNCH_ID, PROXY_ARGV } from "../../../support/agent/launcher.js";
import { manualClock } from "../../../support/manual-clock.js";

const USAGE = { peakMemoryBytes: 5, cpuSeconds: 0.5 };

/** Proxies that end when told to; SIGTERM ends one with 143 unless it is stubborn. */
function fakeProxies(initial: { running?: string[]; ended?: string[] } = {}) {
  const running = new Map<string, (exitCode: number) => void>();
  for (const id of initial.running ?? []) running.set(id, () => {});
  const fake = {
    started: [] as string[],
    signals: [] as string[],
    forgotten: [] as string[],
    startError: null as Error | null,
    snapshot: { ranks: [], others: 0 } as RankSnapshot,
    leftoversEnded: 0,
    isOutOfMemory: false,
    isStubborn: false,
    end(id: string, exitCode: number) {
      const onExit = running.get(id);
      running.delete(id);
      onExit?.(exitCode);
    },
    processes: {
      async start(id, _argv, onExit) {
        if (fake.startError !== null) throw fake.startError;
        fake.started.push(id);
        running.set(id, onExit);
      },
      known: async () =>
        [...(initial.running ?? []), ...(initial.ended ?? [])].map((id) => ({ id, argv: PROXY_ARGV })),
      isRunning: async (id) => running.has(id),
      async signal(id, signal) {
        fake.signals.push(signal);
        if (signal === "SIGKILL") fake.end(id, 137);
        else if (!fake.isStubborn) fake.end(id, 143);
      },
      output: async () => "what it printed",
      // As of a cgroup: gone once everything in it has been killed.
      usage: async (): Promise<CgroupUsage | null> => (fake.signals.includes("SIGKILL") ? null : USAGE),
      look: async (): Promise<RankSnapshot> => fake.snapshot,
      async endLeftovers() {
        fake.leftoversEnded += 1;
      },
      isOutOfMemory: async (): Promise<boolean> => fake.isOutOfMemory,
      async forget(id) {
        fake.forgotten.push(id);
      },
    } satisfies ProxyProcesses,
  };
  return fake;
}

function setUp(proxies = fakeProxies()) {
  const clock = manualClock();
  const launches = createLaunches({ processes: proxies.processes, clock, log: pino({ level: "silent" }) });
  const hold = (gone = new AbortController(), argv = PROXY_ARGV) => {
    const events: LaunchEvent[] = [];
    const end = launches.hold(LAUNCH_ID, argv, gone.signal, (event) => void events.push(event));
    return { gone, events, end };
  };
  /** Moves the time in small steps, with room for what it sets off. */
  async function pass(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += 500) {
      clock.advance(500);
      for (let i = 0; i < 10; i += 1) await Promise.resolve();
    }
  }
  return { clock, launches, proxies, hold, pass };
}

describe("a launch", () => {
  test("resolves with the proxy's status and words, and its leftovers are killed", async () => {
    const { proxies, hold, pass } = setUp();
    const { end } = hold();
    await pass(500);
    proxies.end(LAUNCH_ID, 7);
    expect(await end).toEqual({ exitCode: 7, output: "what it printed", usage: USAGE });
    expect(proxies.signals).toEqual(["SIGKILL"]);
  });

  test("is held when it is heard of: it is nothing that nobody waits for", async () => {
    const { launches, proxies, hold, pass } = setUp();
    const heard: unknown[] = [];
    launches.onBegin(() => void heard.push(launches.running().map(({ isHeld }) => isHeld)));
    const holds = [hold()];
    expect(heard).toEqual([[true]]);
    holds.push(hold());
    expect(heard).toHaveLength(1);
    await pass(500);
    proxies.end(LAUNCH_ID, 0);
    for (const { end } of holds) await end;
  });

  test("asked for twice starts one proxy, and both learn of its end", async () => {
    const { proxies, hold, pass } = setUp();
    const holds = [hold(), hold()];
    await pass(500);
    proxies.end(LAUNCH_ID, 0);
    for (const { end } of holds) expect((await end)?.exitCode).toBe(0);
    expect(proxies.started).toEqual([LAUNCH_ID]);
  });

  test("that has ended is still told to one who comes back, and forgotten after a while", async () => {
    const { proxies, hold, pass } = setUp();
    const first = hold();
    await pass(500);
    first.gone.abort();
    expect(await first.end).toBeNull();
    proxies.end(LAUNCH_ID, 0);
    await pass(5_000);
    expect((await hold().end)?.exitCode).toBe(0);
    expect(proxies.started).toHaveLength(1);
    await pass(60_000);
    expect(proxies.forgotten).toEqual([LAUNCH_ID]);
  });

  test("that nobody waits for lives 30 s more, and is then ended", async () => {
    const { proxies, hold, pass } = setUp();
    const { gone } = hold();
    await pass(500);
    gone.abort();
    await pass(29_000);
    expect(proxies.signals).toEqual([]);
    await pass(2_000);
    expect(proxies.signals[0]).toBe("SIGTERM");
  });

  test("that another waits for lives on when one goes", async () => {
    const { proxies, hold, pass } = setUp();
    const [first, second] = [hold(), hold()];
    await pass(500);
    first.gone.abort();
    await pass(60_000);
    expect(proxies.signals).toEqual([]);
    proxies.end(LAUNCH_ID, 0);
    expect((await second.end)?.exitCode).toBe(0);
  });

  test("that does not heed SIGTERM is killed 5 s later", async () => {
    const proxies = fakeProxies();
    proxies.isStubborn = true;
    const { hold, pass } = setUp(proxies);
    const { gone } = hold();
    await pass(500);
    gone.abort();
    await pass(36_500);
    expect(proxies.signals.slice(0, 2)).toEqual(["SIGTERM", "SIGKILL"]);
  });

  test("that is taken up again in time lives on", async () => {
    const { proxies, hold, pass } = setUp();
    const first = hold();
    await pass(500);
    first.gone.abort();
    await pass(20_000);
    const second = hold();
    await pass(120_000);
    expect(proxies.signals).toEqual([]);
    proxies.end(LAUNCH_ID, 0);
    expect((await second.end)?.exitCode).toBe(0);
  });

  test("under another proxy's id is refused", async () => {
    const { hold, pass } = setUp();
    hold().end.catch(() => undefined);
    await pass(500);
    await expect(hold(undefined, [...PROXY_ARGV, "--debug"]).end).rejects.toMatchObject({
      code: "launch-refused",
    });
  });

  test("that can't be started fails, and the next attempt starts anew", async () => {
    const proxies = fakeProxies();
    proxies.startError = new Error("ENOENT");
    const { hold, pass } = setUp(proxies);
    await expect(hold().end).rejects.toMatchObject({
      code: "launch-failed",
      message: expect.stringContaining("ENOENT"),
    });
    proxies.startError = null;
    await pass(500);
    const second = hold();
    await pass(500);
    proxies.end(LAUNCH_ID, 0);
    expect((await second.end)?.exitCode).toBe(0);
  });
});

describe("after the agent's restart", () => {
  test("a proxy that runs on is found, and held again under its id", async () => {
    const { proxies, launches, hold, pass } = setUp(fakeProxies({ running: [LAUNCH_ID] }));
    await launches.restore();
    const { end } = hold();
    await pass(60_000);
    proxies.end(LAUNCH_ID, 0);
    await pass(1_000);
    expect(await end).toEqual({ exitCode: null, output: "what it printed", usage: USAGE });
    expect(proxies.started).toEqual([]);
  });

  test("a proxy that nobody comes back for is ended", async () => {
    const { proxies, launches, pass } = setUp(fakeProxies({ running: [LAUNCH_ID] }));
    await launches.restore();
    await pass(31_000);
    expect(proxies.signals[0]).toBe("SIGTERM");
  });

  test("a proxy that ended meanwhile is not started again", async () => {
    const { proxies, launches, hold } = setUp(fakeProxies({ ended: [LAUNCH_ID] }));
    await launches.restore();
    expect(await hold().end).toEqual({ exitCode: null, output: "what it printed", usage: USAGE });
    expect(proxies.started).toEqual([]);
  });
});

describe("the ranks of a launch", () => {
  const report = { launch: LAUNCH_ID, rank: 1, status: 3, lines: ["boo"] };
  const failed = { type: "rankFailed", rank: 1, status: 3, lines: ["boo"], isOutOfMemory: false };

  test("that fail are reported to who holds it, the first only, and again to who comes back", async () => {
    const { launches, hold, pass } = setUp();
    const first = hold();
    await pass(500);
    await launches.report(report);
    await launches.report({ ...report, rank: 2 });
    expect(first.events).toEqual([failed]);
    const second = hold();
    expect(second.events).toEqual([failed]);
  });

  test("of an unknown launch are nobody's", async () => {
    const { launches } = setUp();
    await launches.report(report);
  });

  test("that the kernel killed for lack of memory are told from others that were killed", async () => {
    const { launches, proxies, hold, pass } = setUp();
    proxies.isOutOfMemory = true;
    const { events } = hold();
    await pass(500);
    await launches.report({ ...report, status: 137 });
    expect(events).toEqual([{ ...failed, status: 137, isOutOfMemory: true }]);
  });

  test("that ended by themselves are not told as killed, though memory ran out for another process", async () => {
    const { launches, proxies, hold, pass } = setUp();
    proxies.isOutOfMemory = true;
    const { events } = hold();
    await pass(500);
    await launches.report(report);
    expect(events).toEqual([failed]);
  });

  test("that wait for others for 5 s are named, with those that run, until none waits", async () => {
    const { proxies, hold, pass } = setUp();
    const { events } = hold();
    proxies.snapshot = {
      ranks: [
        { rank: 1, waits: false },
        { rank: 0, waits: true },
      ],
      others: 0,
    };
    await pass(4_500);
    expect(events).toEqual([]);
    await pass(6_000);
    expect(events).toEqual([{ type: "ranksWait", alive: [0, 1], areAll: false }]);
    proxies.snapshot = { ranks: [{ rank: 0, waits: true }], others: 0 };
    await pass(2_500);
    expect(events.at(-1)).toEqual({ type: "ranksWait", alive: [0], areAll: true });
    proxies.snapshot = { ranks: [{ rank: 0, waits: false }], others: 3 };
    await pass(2_500);
    expect(events.at(-1)).toEqual({ type: "ranksWait", alive: null });
    expect(events).toHaveLength(3);
    expect(proxies.leftoversEnded).toBe(0);
  });

  test("that have ended are outlived by what they started for 5 s, and no longer", async () => {
    const { proxies, hold, pass } = setUp();
    hold();
    proxies.snapshot = { ranks: [], others: 2 };
    await pass(5_000);
    expect(proxies.leftoversEnded).toBe(0);
    await pass(4_000);
    expect(proxies.leftoversEnded).toBeGreaterThan(0);
  });
});

describe("what runs on the node", () => {
  test("is listed with whether something waits for it, until it has ended", async () => {
    const { launches, proxies, hold, pass } = setUp();
    const { gone } = hold();
    await pass(500);
    expect(launches.running()).toEqual([{ id: LAUNCH_ID, argv: PROXY_ARGV, isHeld: true }]);
    gone.abort();
    await pass(500);
    expect(launches.running()).toMatchObject([{ isHeld: false }]);
    proxies.end(LAUNCH_ID, 0);
    await pass(500);
    expect(launches.running()).toEqual([]);
  });

  test("is not held after a restart of the agent, until launch.sh has reconnected", async () => {
    const { launches, hold, pass } = setUp(fakeProxies({ running: [LAUNCH_ID] }));
    await launches.restore();
    expect(launches.running()).toMatchObject([{ id: LAUNCH_ID, isHeld: false }]);
    hold();
    await pass(500);
    expect(launches.running()).toMatchObject([{ isHeld: true }]);
  });

  test("can be ended at once, with all its ranks", async () => {
    const { launches, proxies, hold, pass } = setUp();
    const { end } = hold();
    await pass(500);
    await launches.end(LAUNCH_ID);
    await launches.end("11111111-2222-4333-8444-555555555555");
    expect((await end)?.exitCode).toBe(137);
    expect(proxies.signals[0]).toBe("SIGKILL");
  });
});
