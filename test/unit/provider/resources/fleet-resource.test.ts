import { beforeEach, describe, expect, test } from "@jest/globals";
import { hostfilePath } from "../../../../agent/contract/names.js";
import type { ClusterItem } from "../../../../agent/contract/registry.js";
import { clusterWrites } from "../../../../agent/contract/writes/cluster.js";
import type { Update } from "../../../../agent/contract/writes/write.js";
import type { Warning } from "../../../../provider/core/diagnostic.js";
import { poll } from "../../../../provider/core/poll.js";
import { openPrivateState, type PrivateState } from "../../../../provider/core/private-state.js";
import { UNKNOWN } from "../../../../provider/core/value.js";
import { fleetResource } from "../../../../provider/resources/fleet/resource.js";
import { markImported } from "../../../../provider/resources/ownership.js";
import { CLUSTER_UUID, clusterItem, nodeSummary } from "../../../support/agent/cluster-item.js";
import { fakeRuntime } from "../../../support/provider/runtime.js";

const ID = `${CLUSTER_UUID}/g`;
const claim = { owner: "mine", group: "g", nodes: 2, since: "2026-01-01T00:00:00.000Z" };
const NODES = [nodeSummary("i-1"), nodeSummary("i-2", { address: "10.0.0.2" })];
const READY = {
  clusterStatus: "FINISHED",
  phase: "ready",
  hostfileNodes: 2,
  readyNodes: 2,
  cores: 4,
} as const;
const COMPUTED = { ready_nodes: 2, cores: 4, addresses: ["10.0.0.1", "10.0.0.2"] };
const STATE = {
  ...{ id: ID, cluster_uuid: CLUSTER_UUID, autoscaling_group: "g", nodes: 2, owner: "mine" },
  ...{ hostfile: hostfilePath(CLUSTER_UUID), empty_shared_on_destroy: false, timeouts: null, ...COMPUTED },
};

/** One cluster and the group g, whose instances come and go at once, as does the head's word that all is ready. */
class World {
  item: ClusterItem | null = clusterItem({ ...READY, fleet: claim, knownNodes: 2, headInstanceId: "i-1" });
  desired = 2;
  instances = ["i-1", "i-2"];
  hasGroup = true;
  /** Jobs that run, for so many looks. */
  looksWithJob = 0;
  privateState: PrivateState = openPrivateState("");
  readonly writes: Update[] = [];
  readonly sizes: number[] = [];
  readonly saved: object[] = [];
  readonly warnings: string[] = [];

  context() {
    const runtime = fakeRuntime();
    const client = {
      ...{ org: "acme", region: "us-east-1", settings: { defaultTags: null } },
      registry: {
        readCluster: async () => this.item,
        readNodes: async () => NODES.slice(0, this.item?.hostfileNodes ?? 0),
        listClusters: async () => [],
        clustersOfGroup: async () => [],
        recordUsage: async () => undefined,
        clearWorkers: async () => undefined,
        updateCluster: async (write: Update) => this.write(write),
      },
      jobs: {
        queue: async () =>
          this.looksWithJob-- > 0 ? [{ id: "j1", status: "INPROGRESS", submittedAt: "" }] : [],
      },
      groups: {
        describe: async (name: string) => (this.hasGroup && name === "g" ? this.group() : null),
        resize: async (_group: unknown, desired: number) => this.resize(desired),
        activities: async () => [],
        liveInstances: async () => [],
        consoleLines: async () => [],
      },
    };
    return {
      ...{ ...runtime, client, privateState: this.privateState },
      saved: (values: object) => void this.saved.push(values),
      warn: ({ code }: Warning) => void this.warnings.push(code),
      poll: (what: string, look: never, times: never) => poll(what, look, times, runtime),
    } as never;
  }

  private group() {
    const instances = this.instances.map((id) => ({ id, lifecycle: "InService", template: null }));
    return { name: "g", minSize: 0, desired: this.desired, instances };
  }

  /** None is refused but that of a parked cluster's drain, where it is not parked. */
  private write(write: Update): ClusterItem | null {
    this.writes.push(write);
    const isOfParked =
      JSON.stringify(write) === JSON.stringify(clusterWrites.drainParked(CLUSTER_UUID, "mine"));
    if (this.item === null || isOfParked) return null;
    this.item = { ...this.item, ...write.set };
    for (const name of write.remove) delete this.item[name as keyof ClusterItem];
    return this.item;
  }

  private resize(desired: number): void {
    this.sizes.push(desired);
    this.desired = desired;
    this.instances = Array.from({ length: desired }, (_, index) => `i-${index + 1}`);
    if (this.item?.clusterStatus === "INPROGRESS")
      this.item = { ...this.item, ...READY, hostfileNodes: desired, readyNodes: desired };
  }
}

let world: World;
beforeEach(() => {
  world = new World();
});

/** The cluster has no fleet yet, and the group no nodes. */
function beginEmpty(): void {
  world.item = clusterItem({ clusterStatus: "NEW", phase: "created", desiredNodes: 0 });
  world.desired = 0;
  world.instances = [];
}
const codeOf = (action: Promise<unknown> | undefined) =>
  action?.then(
    () => "done",
    (error) => error.diagnostics?.[0]?.code ?? error,
  );

describe("the plan of a fleet", () => {
  const planned = (prior: object | null) =>
    fleetResource.plan?.({} as never, { prior, settings: { defaultTags: null } } as never);

  test.each<[string, object | null, object]>([
    ["that is to be made computes nothing yet", null, {}],
    ["that is as it should be changes nothing", STATE, {}],
    [
      "whose last resize did not finish finishes it",
      { ...STATE, ready_nodes: null },
      { ready_nodes: UNKNOWN, cores: UNKNOWN, addresses: UNKNOWN },
    ],
    ["that nobody owns takes it over", { ...STATE, owner: null }, { owner: UNKNOWN }],
  ])("%s", (_name, prior, expected) => {
    expect(planned(prior)).toEqual(expected);
  });

  test.each<[string, object, object[]]>([
    ["is not known yet", { cluster_uuid: UNKNOWN }, []],
    ["is known, and its group is not", { autoscaling_group: UNKNOWN }, []],
    [
      "has one says which, by the id to import",
      { autoscaling_group: "another" },
      [{ severity: "warning", code: "already-there", summary: `Fleet ${ID} is there already` }],
    ],
  ])("for a cluster that %s", async (_name, given, expected) => {
    expect(await fleetResource.planCreate?.({ ...STATE, ...given } as never, world.context())).toMatchObject(
      expected,
    );
  });

  test("for a cluster without a fleet, or one that is gone, says nothing", async () => {
    for (const item of [clusterItem(), null]) {
      world.item = item;
      expect(await fleetResource.planCreate?.(STATE as never, world.context())).toEqual([]);
    }
  });
});

describe("a fleet that is made", () => {
  test("is saved before the first write, and has what its nodes have", async () => {
    beginEmpty();
    const made = await fleetResource.create(STATE as never, world.context());
    expect(made).toMatchObject({ id: ID, hostfile: hostfilePath(CLUSTER_UUID), ...COMPUTED });
    expect(world.saved).toEqual([{ id: ID, owner: made.owner, hostfile: hostfilePath(CLUSTER_UUID) }]);
    expect([world.sizes, world.item?.fleet?.owner]).toEqual([[2], made.owner]);
  });

  test("fails without its group, before anything is written", async () => {
    beginEmpty();
    world.hasGroup = false;
    expect(await codeOf(fleetResource.create(STATE as never, world.context()))).toBe("group-missing");
    expect([world.saved, world.writes]).toEqual([[], []]);
  });
});

describe("a fleet that is read", () => {
  const read = (more: object = {}) => fleetResource.read({ ...STATE, ...more } as never, world.context());
  const IMPORT = {
    ...{ nodes: null, owner: null, ready_nodes: null, cores: null, addresses: null },
    empty_shared_on_destroy: null,
  };

  test("is as it was", async () => {
    expect(await read()).toEqual({ nodes: 2, addresses: COMPUTED.addresses, empty_shared_on_destroy: false });
    expect(await read({ empty_shared_on_destroy: true })).toMatchObject({ empty_shared_on_destroy: true });
    expect(world.warnings).toEqual([]);
  });

  test("by an import has the cluster's size, and no setting of its own", async () => {
    markImported(world.privateState);
    expect(await read(IMPORT)).toMatchObject({
      ...COMPUTED,
      nodes: 2,
      owner: null,
      empty_shared_on_destroy: false,
    });
  });

  test.each<[string, (it: World) => void, object]>([
    ["whose group is not there", (it) => (it.hasGroup = false), IMPORT],
    ["whose cluster is not there", (it) => (it.item = null), IMPORT],
    [
      "whose cluster and nodes are gone",
      (it) => {
        it.item = null;
        it.desired = 0;
        it.instances = [];
      },
      {},
    ],
    [
      "whose cluster and group are gone",
      (it) => {
        it.item = null;
        it.hasGroup = false;
      },
      {},
    ],
  ])("%s is none", async (_name, happens, more) => {
    happens(world);
    expect(await read(more)).toBeNull();
    expect(world.warnings).toEqual([]);
  });

  test("whose group alone is gone is to be made again", async () => {
    world.hasGroup = false;
    expect(await read()).toMatchObject({ nodes: 0 });
  });

  test("that another has by now is dropped with a warning", async () => {
    world.item = clusterItem({ fleet: { ...claim, owner: "theirs" } });
    expect(await read()).toBeNull();
    expect(world.warnings).toEqual(["owned-elsewhere"]);
  });

  test.each<[string, number, string[]]>([
    ["instances", 0, ["i-1"]],
    ["instances to come", 1, []],
  ])(
    "of another group than its cluster's is unfinished while its own has %s",
    async (_name, desired, instances) => {
      world.item = clusterItem({ fleet: { ...claim, owner: "theirs", group: "h" } });
      Object.assign(world, { desired, instances });
      expect(await read()).toEqual({ ready_nodes: null });
      expect(world.warnings).toEqual([]);
    },
  );
});

describe("a fleet that changes", () => {
  const update = (plan: object, prior: object = {}) =>
    fleetResource.update({ ...STATE, ...plan } as never, { ...STATE, ...prior } as never, world.context());

  test("in nothing but its settings touches no node", async () => {
    expect(await update({ empty_shared_on_destroy: true })).toEqual({
      ...{ id: ID, owner: "mine", hostfile: STATE.hostfile },
      ...COMPUTED,
    });
    expect([world.writes, world.sizes]).toEqual([[], []]);
  });

  test("after an import is taken over, and touches no node", async () => {
    markImported(world.privateState);
    const { owner } = await update({}, { owner: null });
    expect([world.item?.fleet?.owner, world.sizes]).toEqual([owner, []]);
    expect(owner).not.toBe("mine");
  });

  test("in its size gets that", async () => {
    expect(await update({ nodes: 3 })).toMatchObject({ ready_nodes: 3 });
    expect([world.item?.desiredNodes, world.sizes]).toEqual([3, [3]]);
  });

  test("after a resize that did not finish finishes it", async () => {
    world.item = clusterItem({ fleet: claim, clusterStatus: "FAILED" });
    expect(await update({}, { ready_nodes: null })).toMatchObject({ ready_nodes: 2 });
    expect(world.sizes).toEqual([2]);
  });

  test("fails where its group is gone", async () => {
    world.hasGroup = false;
    expect(await codeOf(update({ nodes: 3 }))).toBe("group-missing");
    expect(world.writes).toEqual([]);
  });
});

describe("a fleet that is destroyed", () => {
  const destroy = () => fleetResource.delete(STATE as never, world.context());

  test("for good ends its nodes at once, whatever runs", async () => {
    world.looksWithJob = 9;
    expect(await fleetResource.planDelete?.(STATE as never, world.context())).toEqual([]);
    await destroy();
    expect([world.looksWithJob, world.sizes, world.item?.clusterStatus]).toEqual([9, [0], "PARKED"]);
  });

  test("for another in its place waits for the job first", async () => {
    world.looksWithJob = 9;
    await destroy();
    expect(world.looksWithJob).toBeLessThan(0);
    expect(world.sizes).toEqual([0]);
  });

  test("after a destruction that was planned and not done waits for the job too", async () => {
    await fleetResource.planDelete?.(STATE as never, world.context());
    await fleetResource.read(STATE as never, world.context());
    world.looksWithJob = 9;
    await destroy();
    expect(world.looksWithJob).toBeLessThan(0);
  });
});

describe("the import of a fleet", () => {
  test.each([
    [ID, "g"],
    [`${CLUSTER_UUID}/a/b`, "a/b"],
  ])("%s is of the group %s", (id, group) => {
    expect(fleetResource.import?.(id, world.privateState)).toEqual({
      ...{ id, cluster_uuid: CLUSTER_UUID, autoscaling_group: group },
    });
  });

  test.each([CLUSTER_UUID, `${CLUSTER_UUID}/`, "demo/g"])("of %s fails: no cluster and group", (id) => {
    expect(() => fleetResource.import?.(id, world.privateState)).toThrow("can't be imported");
  });
});
