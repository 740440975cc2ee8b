import { beforeEach, describe, expect, test } from "@jest/globals";
import { notebookSk, partitionKeyed, usagePk } from "../../../../agent/contract/keys.js";
import type { NotebookItem } from "../../../../agent/contract/notebook.js";
import { endedNotebookUsage, notebookParts } from "../../../../agent/contract/notebook-usage.js";
import { because } from "../../../../agent/contract/reasons.js";
import { monthOfUsage, type UsageRecord } from "../../../../agent/contract/usage-report.js";
import { moveWrites, notebookWrites } from "../../../../agent/contract/writes/notebook.js";
import { usageWrites } from "../../../../agent/contract/writes/usage.js";
import type { Update } from "../../../../agent/contract/writes/write.js";
import { planNotebookObservation } from "../../../../agent/notebook/observation.js";
import { movedNotebook } from "../../../../provider/resources/notebook/attach.js";
import { CLUSTER_UUID } from "../../../support/agent/cluster-item.js";
import { type MemoryTable, memoryTable } from "../../../support/memory-table.js";

const OTHER = "1c9b4a3e-6f0e-4a52-9d3c-0f6a1b2c3d4e";
const READY = "2026-11-20T10:00:00.000Z";
const LATER = new Date("2026-11-20T11:00:00.000Z");
const CLUSTERS = [{ uuid: CLUSTER_UUID, name: "alpha" }];
const notebook = (over: Partial<NotebookItem> = {}): NotebookItem => ({
  ...{ name: "explore", org: "acme", clusterUuid: CLUSTER_UUID, owner: "o", group: "g" },
  ...{ createdAt: READY, attachedAt: READY, statusChangedAt: READY },
  ...{ status: "FINISHED", phase: "ready", reasonCode: null, reason: null, retiring: null },
  ...{ failingProbes: [], instanceId: "i-n", instanceType: "m6i.large", address: "10.0.0.9" },
  ...{ publicAddress: null, observedAt: READY },
  ...over,
});
const interval = (from: string, to: string, clusterUuid = CLUSTER_UUID) => ({
  ...{ clusterUuid, instanceType: "m6i.large", from, to },
});
const HOUR = interval(READY, LATER.toISOString());

let table: MemoryTable;
const put = (over: Partial<NotebookItem> = {}): NotebookItem => {
  const item = notebook(over);
  table.perform({
    ...{ write: "put", key: partitionKeyed(item.clusterUuid, notebookSk(item.name)), condition: null },
    item,
  });
  return item;
};
const read = (uuid = CLUSTER_UUID) =>
  table.get(partitionKeyed(uuid, notebookSk("explore"))) as NotebookItem | null;
beforeEach(() => {
  table = memoryTable();
});

/** Each write that takes a notebook out of its status. */
const ENDS: readonly (readonly [string, (seen: NotebookItem) => Update])[] = [
  ["park", (seen) => notebookWrites.park(seen, LATER)],
  ["start", (seen) => notebookWrites.start(seen, "i-n", LATER)],
  ["remove", (seen) => notebookWrites.remove(seen, LATER)],
];

describe("a notebook that was ready", () => {
  test.each(ENDS)("keeps what its node was used for in the %s that ends it, once", (_name, end) => {
    const seen = put();
    expect(table.perform(end(seen))).toBe(true);
    expect(read()?.usageToRecord).toEqual([HOUR]);
    // As it was read before: somebody else's word has come in between.
    expect(table.perform(end(seen))).toBe(false);
    table.perform(end(read() ?? seen));
    expect(read()?.usageToRecord).toEqual([HOUR]);
  });

  test.each(ENDS)("loses nothing to a %s that has seen another life of it", (_name, end) => {
    const before = notebook({ statusChangedAt: "2026-11-19T10:00:00.000Z" });
    put();
    expect(table.perform(end(before))).toBe(false);
    expect(read()).toMatchObject({ status: "FINISHED", statusChangedAt: READY });
  });

  test.each([ENDS[1], ENDS[2]].filter((one) => one !== undefined))(
    "loses nothing to a %s that has not seen it ready",
    (_name, end) => {
      put();
      expect(table.perform(end(notebook({ status: "INPROGRESS", statusChangedAt: READY })))).toBe(false);
      expect(read()?.status).toBe("FINISHED");
    },
  );

  test("takes what has no record yet along to another cluster, in one transaction", () => {
    const from = put({ usageToRecord: [interval("2026-11-01T00:00:00.000Z", "2026-11-01T01:00:00.000Z")] });
    table.perform(notebookWrites.name(from, null));
    const to = movedNotebook(from, OTHER, "i-n", LATER);
    expect(table.transact(moveWrites(from, to))).toBe(true);
    expect(read()).toBeNull();
    expect(read(OTHER)).toMatchObject({ status: "NEW", usageToRecord: [{}, HOUR] });
    expect(table.transact(moveWrites(from, to))).toBe(false);
  });

  test("does not move as it is no more", () => {
    const from = put();
    table.perform(notebookWrites.name(from, null));
    table.perform(notebookWrites.park(from, LATER));
    expect(table.transact(moveWrites(from, movedNotebook(from, OTHER, "i-n", LATER)))).toBe(false);
    expect(read()?.status).toBe("PARKED");
    expect(read(OTHER)).toBeNull();
  });

  test("goes on while a probe fails that has passed", () => {
    const seen = put();
    const unready = { ...because("notebook-jupyter-down", "so"), failingProbes: ["jupyter"] };
    const { instanceType, address, publicAddress } = seen;
    const observation = { instanceType, address, publicAddress, instanceId: "i-n", observedAt: READY };
    table.perform(notebookWrites.observe(seen, seen, { phase: "unready", ...unready, ...observation }));
    table.perform(notebookWrites.park(read() ?? seen, LATER));
    expect(read()?.usageToRecord).toEqual([HOUR]);
  });

  describe("and whose node Auto Scaling replaces", () => {
    const observe = (seen: NotebookItem, instanceType: string) => {
      const place = { instanceId: "i-new", instanceType, address: "10.0.0.8", publicAddress: null };
      return planNotebookObservation(seen, { ...place, failing: [], activity: null }, LATER);
    };
    const perform = (seen: NotebookItem, instanceType: string): boolean => {
      const observation = observe(seen, instanceType);
      return observation !== null && table.perform(notebookWrites.observe(seen, seen, observation));
    };
    const END = new Date("2026-11-20T11:30:00.000Z");
    const NEXT = { ...interval(LATER.toISOString(), END.toISOString()), instanceType: "r6i.large" };

    test("has an interval of each type, where the new node is of another", () => {
      const seen = put({ usageToRecord: [interval("2026-11-01T00:00:00.000Z", "2026-11-01T01:00:00.000Z")] });
      expect(perform(seen, "r6i.large")).toBe(true);
      expect(read()).toMatchObject({ status: "FINISHED", statusChangedAt: LATER.toISOString() });
      expect(read()?.usageToRecord).toEqual([
        { ...HOUR, from: expect.anything(), to: expect.anything() },
        HOUR,
      ]);
      table.perform(notebookWrites.park(read() ?? seen, END));
      expect(read()?.usageToRecord?.slice(1)).toEqual([HOUR, NEXT]);
    });

    test("has one interval, where it is of the same", () => {
      expect(perform(put(), "m6i.large")).toBe(true);
      expect(read()).toMatchObject({ instanceId: "i-new", statusChangedAt: READY });
      expect(read()?.usageToRecord).toBeUndefined();
    });

    test("loses nothing where somebody parks and starts it in between", () => {
      const seen = put();
      table.perform(notebookWrites.park(seen, LATER));
      table.perform(notebookWrites.start(read() ?? seen, null, LATER));
      const ready = put({ ...(read() ?? seen), status: "FINISHED", statusChangedAt: END.toISOString() });
      expect(perform(seen, "r6i.large")).toBe(false);
      expect(read()).toEqual(ready);
      expect(ready.usageToRecord).toEqual([HOUR]);
    });

    test.each(["INPROGRESS", "FAILED"] as const)(
      "and that is %s, has used nothing of the one before",
      (status) => {
        perform(put({ status }), "r6i.large");
        expect(read()).toMatchObject({ status: "FINISHED", instanceType: "r6i.large" });
        expect(read()?.usageToRecord).toBeUndefined();
      },
    );
  });

  test("is cut at the end of each month, in UTC", () => {
    const seen = notebook({ statusChangedAt: "2026-10-31T23:30:00.000Z" });
    expect(endedNotebookUsage(seen, new Date("2026-12-01T00:30:00.000Z"))).toEqual([
      interval("2026-10-31T23:30:00.000Z", "2026-11-01T00:00:00.000Z"),
      interval("2026-11-01T00:00:00.000Z", "2026-12-01T00:00:00.000Z"),
      interval("2026-12-01T00:00:00.000Z", "2026-12-01T00:30:00.000Z"),
    ]);
    expect(endedNotebookUsage(seen, new Date("2026-11-01T00:00:00.000Z"))).toHaveLength(1);
  });

  test("never ends before it begins, whatever two clocks say", () => {
    expect(endedNotebookUsage(notebook(), new Date("2026-11-20T09:00:00.000Z"))).toEqual([]);
  });
});

describe("a notebook that was not ready", () => {
  test.each(["NEW", "INPROGRESS", "FAILED", "PARKED"] as const)("and is %s has used nothing", (status) => {
    const seen = put({ status });
    if (status === "INPROGRESS")
      table.perform(notebookWrites.fail(seen, because("notebook-not-ready-in-time", "late"), LATER));
    const now = read() ?? seen;
    for (const [name, end] of ENDS) if (!(status === "NEW" && name === "park")) table.perform(end(now));
    expect(read()?.status).not.toBe(now.status);
    expect(read()?.usageToRecord).toBeUndefined();
    expect(movedNotebook(now, OTHER, null, LATER).usageToRecord).toEqual([]);
    expect(notebookParts([], [now], CLUSTERS, "2026-11", LATER)).toEqual([]);
  });
});

describe("what notebooks' nodes have used in a month", () => {
  const records = () =>
    monthOfUsage(
      [CLUSTER_UUID, OTHER].flatMap((uuid) => table.query(usagePk(uuid))) as unknown as UsageRecord[],
    );
  const parts = (month: string, now = LATER) => {
    const item = read() ?? read(OTHER);
    return notebookParts(records().notebooks, item === null ? [] : [item], CLUSTERS, month, now);
  };

  test("is what goes on, what has no record yet, and the records, each once", () => {
    const old = interval("2026-11-01T00:00:00.000Z", "2026-11-01T01:00:00.000Z");
    const seen = put({ usageToRecord: [old] });
    const expected = [
      { ...old, nodes: 1, clusterName: "alpha", submittedBy: "notebook:explore" },
      { ...HOUR, nodes: 1, clusterName: "alpha", submittedBy: "notebook:explore" },
    ];
    expect(parts("2026-11")).toEqual(expected);
    expect(parts("2026-12")).toEqual([]);
    // Recorded, and still in the item.
    expect(table.perform(usageWrites.recordNotebook(seen, old, "alpha"))).toBe(true);
    expect(parts("2026-11")).toEqual(expected);
    // Written again: it counts once.
    expect(table.perform(usageWrites.recordNotebook(seen, old, "alpha"))).toBe(false);
    expect(table.perform(notebookWrites.noteRecorded(seen, []))).toBe(true);
    expect(read()?.usageToRecord).toEqual([]);
    expect(parts("2026-11")).toHaveLength(2);
    // An end by what was read before the record makes no second one.
    expect(table.perform(notebookWrites.park(seen, LATER))).toBe(true);
    expect(parts("2026-11").map(({ from }) => from)).toEqual([old.from, HOUR.from]);
  });

  test("stays when the notebook is gone", () => {
    const seen = put();
    table.perform(usageWrites.recordNotebook(seen, HOUR, "alpha"));
    table.perform(notebookWrites.delete(seen));
    expect(records()).toMatchObject({
      clusters: [],
      jobs: [],
      notebooks: [{ month: "2026-11", org: "acme" }],
    });
    expect(parts("2026-11")).toHaveLength(1);
  });

  test("of one that goes on over the end of a month is in each of them what lies there", () => {
    put({ statusChangedAt: "2026-10-31T23:00:00.000Z" });
    const now = new Date("2026-11-01T02:00:00.000Z");
    expect(parts("2026-10", now).map(({ from, to }) => [from, to])).toEqual([
      ["2026-10-31T23:00:00.000Z", "2026-11-01T00:00:00.000Z"],
    ]);
    expect(parts("2026-11", now).map(({ from, to }) => [from, to])).toEqual([
      ["2026-11-01T00:00:00.000Z", "2026-11-01T02:00:00.000Z"],
    ]);
  });

  test("is of the cluster that it was attached to, named by its UUID where that is gone", () => {
    const from = put();
    table.perform(notebookWrites.name(from, null));
    table.transact(moveWrites(from, movedNotebook(from, OTHER, "i-n", LATER)));
    expect(parts("2026-11")).toMatchObject([{ clusterUuid: CLUSTER_UUID, clusterName: "alpha" }]);
    const unknown = notebookParts([], [notebook({ clusterUuid: OTHER })], CLUSTERS, "2026-11", LATER);
    expect(unknown).toMatchObject([{ clusterUuid: OTHER, clusterName: OTHER }]);
  });

  test("keeps two notebooks apart that became ready at the same moment", () => {
    const both = [notebook(), notebook({ name: "second" })];
    expect(notebookParts([], both, CLUSTERS, "2026-11", LATER)).toHaveLength(2);
  });
});
