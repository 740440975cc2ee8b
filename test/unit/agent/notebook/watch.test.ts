import { afterEach, describe, expect, test } from "@jest/globals";
import { pino } from "pino";
import { NodeActivity } from "../../../../agent/contract/activity.js";
import type { NotebookItem } from "../../../../agent/contract/notebook.js";
import { schemaProblems } from "../../../../agent/contract/problems.js";
import { notebookSk, partitionKeyed, usagePk } from "../../../../agent/contract/registry.js";
import { notebookWrites } from "../../../../agent/contract/writes/notebook.js";
import type { NotebookSeen } from "../../../../agent/notebook/activity.js";
import { describeHeadless } from "../../../../agent/notebook/headless.js";
import {
  type FailingProbe,
  notebookReason,
  planNotebookObservation,
} from "../../../../agent/notebook/observation.js";
import { giveUpNode, type NotebookControl, parkNotebook } from "../../../../agent/notebook/own-park.js";
import { createNotebookWatch, type NotebookWatch } from "../../../../agent/notebook/watch.js";
import { CLUSTER_UUID, clusterItem } from "../../../support/agent/cluster-item.js";
import { manualClock } from "../../../support/manual-clock.js";
import { memoryTable } from "../../../support/memory-table.js";

const NOW = new Date("2026-01-01T00:00:00Z");
const notebook = (over: Partial<NotebookItem> = {}): NotebookItem => ({
  ...{ name: "explore", org: "acme", clusterUuid: CLUSTER_UUID, owner: "o", group: "g" },
  ...{ createdAt: NOW.toISOString(), attachedAt: NOW.toISOString() },
  ...{ status: "INPROGRESS", phase: "waiting-for-node", reasonCode: null, reason: null },
  ...{ statusChangedAt: NOW.toISOString(), retiring: null, failingProbes: [] },
  ...{ instanceId: null, instanceType: null, address: null, publicAddress: null, observedAt: null },
  ...over,
});
const VIEW = {
  ...{ instanceId: "i-n", instanceType: "m6i.xlarge", address: "10.0.0.9", publicAddress: null },
  ...{ failing: [] as readonly FailingProbe[], activity: null },
};
const failing = (name: string, reason = "it is so") => ({ name, reason });

describe("what the agent writes of its notebook", () => {
  const plan = (over: Partial<NotebookItem>, probes: readonly FailingProbe[] = [], seconds = 0) =>
    planNotebookObservation(
      notebook(over),
      { ...VIEW, failing: probes },
      new Date(NOW.getTime() + seconds * 1_000),
    );

  test("is FINISHED when all probes pass, with where it is", () => {
    expect(plan({}, [], 5)).toEqual({
      ...{ instanceId: "i-n", instanceType: "m6i.xlarge", address: "10.0.0.9", publicAddress: null },
      ...{ status: "FINISHED", phase: "ready", reasonCode: null, reason: null, failingProbes: [] },
      ...{ statusChangedAt: "2026-01-01T00:00:05.000Z", observedAt: "2026-01-01T00:00:05.000Z" },
    });
  });

  test.each([
    ["shared", "notebook-shared-unusable"],
    ["home", "notebook-home-unusable"],
    ["hostfile", "notebook-hostfile-unreadable"],
    ["head", "notebook-head-unreachable"],
    ["jupyter", "notebook-jupyter-down"],
    ["kernel", "notebook-kernel-dead"],
    ["registry", "notebook-probe-failing"],
  ])("names the probe %s by its code", (name, reasonCode) => {
    expect(plan({}, [failing(name), failing("kernel")])).toMatchObject({
      ...{ phase: "readiness-probes", reasonCode, reason: `${name}: it is so; failing too: kernel` },
    });
    expect(plan({ status: "FINISHED", phase: "ready" }, [failing(name)])).toMatchObject({
      phase: "unready",
      reasonCode,
    });
  });

  test("keeps why it FAILED until all passes", () => {
    const why = { reasonCode: "notebook-not-ready-in-time", reason: "late" } as const;
    expect(plan({ status: "FAILED", phase: "readiness-probes", ...why }, [failing("home")])).toMatchObject(
      why,
    );
    expect(plan({ status: "FAILED", ...why })).toMatchObject({ status: "FINISHED", reasonCode: null });
  });

  test.each(["NEW", "PARKED", "REMOVING", "REMOVED"] as const)("is nothing of one that is %s", (status) => {
    expect(plan({ status })).toBeNull();
  });

  test("is nothing once another start has given this node up", () => {
    expect(plan({ retiring: "i-n" })).toBeNull();
  });

  test("is written on a change, and else once a minute", () => {
    const written = { ...notebook(), ...plan({}, [], 0) };
    expect(plan(written, [], 59)).toBeNull();
    expect(plan(written, [], 60)).not.toBeNull();
    expect(plan(written, [failing("jupyter")], 1)).not.toBeNull();
  });

  test("has a reason of bounded length", () => {
    expect(notebookReason([failing("kernel", "x".repeat(9_000))])?.reason.length).toBeLessThan(600);
  });
});

/** The notebook's item in memory, its group, and what is to happen before a call. */
function world(over: Partial<NotebookItem> = {}) {
  const table = memoryTable();
  const key = partitionKeyed(CLUSTER_UUID, notebookSk("explore"));
  const item = notebook({ status: "FINISHED", phase: "ready", instanceId: "i-n", ...over });
  table.perform(notebookWrites.create(item));
  const sizes: number[] = [];
  const state = { before: async (_call: string) => {} };
  const control: NotebookControl = {
    async readNotebook() {
      await state.before("read");
      const found = table.get(key);
      return found === undefined ? null : (found as unknown as NotebookItem);
    },
    async perform(write) {
      await state.before("write");
      return table.perform(write);
    },
    async setSize(instances) {
      await state.before("size");
      sizes.push(instances);
    },
  };
  const start = async () => {
    table.perform(notebookWrites.start(table.get(key) as unknown as NotebookItem, "i-n", NOW));
    sizes.push(1);
  };
  const records = () => table.query(usagePk(CLUSTER_UUID));
  return {
    control,
    sizes,
    state,
    start,
    item,
    records,
    read: () => table.get(key) as unknown as NotebookItem,
  };
}

describe("a notebook's own park", () => {
  test("is in the registry first, and then the group's", async () => {
    const { control, sizes, item, read } = world();
    expect(await parkNotebook(item, control, () => NOW)).toBe("parked");
    expect([sizes, read().status, read().phase]).toEqual([[0], "PARKED", "parked"]);
  });

  test.each(["write", "size", "read"])("loses to a start that comes in before its %s", async (call) => {
    const given = world();
    let isFirst = true;
    given.state.before = async (now) => {
      if (now !== call || !isFirst) return;
      isFirst = false;
      await given.start();
    };
    expect(await parkNotebook(given.item, given.control, () => NOW)).toBe("kept");
    expect(given.read().status).toBe("INPROGRESS");
    expect(given.sizes.at(-1)).toBe(1);
  });

  test.each(["write", "size", "read"])(
    "that ends before its %s is gone on with by the next look",
    async (call) => {
      const given = world();
      let isDead = false;
      given.state.before = async (now) => {
        isDead ||= now === call;
        if (isDead) throw new Error("killed");
      };
      await expect(parkNotebook(given.item, given.control, () => NOW)).rejects.toThrow("killed");
      given.state.before = async () => {};
      const after = given.read();
      expect(
        await (after.status === "PARKED"
          ? giveUpNode(given.control)
          : parkNotebook(after, given.control, () => NOW)),
      ).toBe("parked");
      expect([given.sizes.at(-1), given.read().status]).toEqual([0, "PARKED"]);
    },
  );

  test("is none of a notebook that is being removed, or never began", async () => {
    for (const status of ["REMOVING", "NEW"] as const) {
      const { control, sizes, item } = world({ status });
      expect(await parkNotebook(item, control, () => NOW)).toBe("kept");
      expect(sizes).toEqual([]);
    }
  });
});

let watch: NotebookWatch | null = null;
afterEach(async () => {
  await watch?.stop();
  watch = null;
});

describe("the watch over a notebook's node", () => {
  const QUIET: NotebookSeen = {
    ...{ sessions: { kernels: [], terminals: [] }, busyTerminals: 0, mpiKernels: 0, logins: 0 },
  };
  const busy = { kernels: [{ id: "k", state: "busy", lastActivity: NOW }], terminals: [] };
  const settle = async () => {
    for (let turns = 0; turns < 50; turns += 1) await Promise.resolve();
  };

  function watching(over: Partial<NotebookItem> = {}, idleTimeoutMinutes: number | null = 60) {
    const given = world(over);
    const clock = manualClock();
    const state = { seen: QUIET };
    watch = createNotebookWatch({
      ...{ idleTimeoutMinutes, control: given.control, clusterName: "alpha", bootedAt: NOW, clock },
      look: async () => state.seen,
      mpiReleaseAt: () => null,
      view: () => ({ ...VIEW, failing: [] }),
      log: pino({ level: "silent" }),
    });
    const pass = async (minutes: number) => {
      for (let seconds = 0; seconds < minutes * 60; seconds += 5) {
        clock.advance(5_000);
        await settle();
      }
    };
    const begun = watch;
    return { ...given, clock, seen: state, pass, watch: begun };
  }

  test("parks the node after its idle time, and writes what it saw meanwhile", async () => {
    const given = watching();
    given.watch.start();
    await given.pass(59);
    expect(given.sizes).toEqual([]);
    expect(given.read().activity).toMatchObject({
      kernels: 0,
      terminals: 0,
      parksAt: "2026-01-01T01:00:00.000Z",
    });
    await given.pass(2);
    expect([given.sizes[0], given.read().status]).toEqual([0, "PARKED"]);
  });

  const UNRECORDED = {
    ...{ clusterUuid: CLUSTER_UUID, instanceType: "m6i.xlarge" },
    ...{ from: "2025-12-01T00:00:00.000Z", to: "2025-12-01T01:00:00.000Z" },
  };
  const ELSEWHERE = { ...UNRECORDED, clusterUuid: "1c9b4a3e-6f0e-4a52-9d3c-0f6a1b2c3d4e" };

  test("brings what its nodes were used for at this cluster to the records, once", async () => {
    const given = watching({ usageToRecord: [UNRECORDED, ELSEWHERE] });
    given.watch.start();
    await given.pass(1);
    expect(given.records()).toMatchObject([
      { ...UNRECORDED, nodes: 1, month: "2025-12", clusterName: "alpha", submittedBy: "notebook:explore" },
    ]);
    // A node of this cluster may not write what belongs to another one.
    expect(given.read().usageToRecord).toEqual([ELSEWHERE]);
  });

  test("says how it is, and keeps its usage, while that can't be recorded", async () => {
    const given = watching({ usageToRecord: [UNRECORDED] });
    const { perform } = given.control;
    let isFailing = true;
    given.control.perform = async (write) => {
      if (isFailing && write.write === "put") throw new Error("AccessDenied");
      return perform(write);
    };
    given.watch.start();
    await given.pass(1);
    expect(given.read().activity).toMatchObject({ kernels: 0 });
    expect([given.records(), given.read().usageToRecord]).toEqual([[], [UNRECORDED]]);
    isFailing = false;
    await given.pass(1);
    expect([given.records().length, given.read().usageToRecord]).toEqual([1, []]);
  });

  test("counts on after a restart of the agent", async () => {
    const idleSince = NOW.toISOString();
    const activity = {
      observedAt: idleSince,
      idleSince,
      parksAt: null,
      kernels: 0,
      busyKernels: 0,
      terminals: 0,
      mpiReleaseAt: null,
    };
    const given = watching({ activity });
    given.clock.advance(50 * 60_000);
    given.watch.start();
    await given.pass(11);
    expect(given.read().status).toBe("PARKED");
  });

  test("keeps one whose cell runs, and one that never parks", async () => {
    const given = watching();
    given.seen.seen = { ...QUIET, sessions: busy };
    given.watch.start();
    await given.pass(180);
    expect(given.sizes).toEqual([]);
    await given.watch.stop();
    const other = watching({}, null);
    other.watch.start();
    await other.pass(180);
    expect(other.sizes).toEqual([]);
  });

  test("sets the group's size again where the notebook is PARKED and its node is there", async () => {
    const given = watching({ status: "PARKED", phase: "parked" });
    given.watch.start();
    await given.pass(1);
    expect(given.sizes).toEqual([0, 0]);
  });

  test("does nothing for a notebook that has gone to another cluster", async () => {
    const given = watching();
    given.state.before = async () => {};
    given.control.readNotebook = async () => null;
    given.watch.start();
    await given.pass(180);
    expect(given.sizes).toEqual([]);
  });

  test("reports to the head what works, and not what is only open", async () => {
    const given = watching();
    expect(given.watch.report()).toEqual({ source: "notebook", count: null, idleSeconds: null });
    given.watch.start();
    await settle();
    expect(given.watch.report()).toEqual({ source: "notebook", count: 0, idleSeconds: null });
    given.seen.seen = { ...QUIET, sessions: busy, busyTerminals: 1, mpiKernels: 1, logins: 2 };
    await given.pass(0.1);
    expect(given.watch.report()).toEqual({ source: "notebook", count: 3, idleSeconds: expect.any(Number) });
    given.seen.seen = { ...QUIET, sessions: null };
    await given.pass(1);
    expect(given.watch.report()).toMatchObject({ count: null, idleSeconds: expect.any(Number) });
    expect([...schemaProblems(NodeActivity, given.watch.report())]).toEqual([]);
  });
});

test.each([
  [null, /not in the registry any more/],
  [
    { clusterStatus: "PARKED", phase: "parked", reason: "nothing was active" },
    /demo is PARKED, parked: nothing was active; muster cluster resume demo/,
  ],
  [{ clusterStatus: "REMOVING", phase: "removing" }, /REMOVING.*attach the notebook to another/],
  [{ clusterStatus: "FINISHED", phase: "ready" }, /no connection to its head/],
] as const)("a notebook without a head says why: %j", (over, text) => {
  expect(describeHeadless(over === null ? null : clusterItem(over as object))).toMatch(text);
});
