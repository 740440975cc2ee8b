import { describe, expect, test } from "@jest/globals";
import type { ClusterItem } from "../../../../agent/contract/registry.js";
import { poll } from "../../../../provider/core/poll.js";
import { clusterNamed } from "../../../../provider/resources/cluster/name.js";
import { awaitJobs } from "../../../../provider/resources/fleet/await-jobs.js";
import type { FleetContext } from "../../../../provider/resources/fleet/context.js";
import { renderNode } from "../../../../provider/resources/fleet/progress.js";
import { placeFrom } from "../../../../provider/resources/guard/decide.js";
import { CLUSTER_UUID, clusterItem, nodeSummary } from "../../../support/agent/cluster-item.js";
import { fakeRuntime } from "../../../support/provider/runtime.js";

const SEEN = { headInstanceId: "i-1", reasonCode: "nodes-surplus" } as const;
const UNSEEN = { headInstanceId: "i-1", reasonCode: null } as const;

/** Waits for the jobs of a cluster as it is after so many seconds; says how many it has taken, and what was told. */
async function waited(
  cluster: Partial<ClusterItem> | null,
  runningFor: Readonly<Record<string, number>> = {},
  instances = 1,
) {
  const runtime = fakeRuntime();
  // Of a provider that has run for a while before: the wait is counted from its own beginning.
  await runtime.clock.sleep(100_000);
  const second = () => runtime.clock.monotonicMs() / 1_000 - 100;
  const client = {
    groups: { describe: async () => ({ instances: Array.from({ length: instances }, () => ({})) }) },
    registry: { readCluster: async () => (cluster === null ? null : clusterItem(cluster)) },
    jobs: {
      queue: async () => [
        { id: "waiting", status: "NEW" },
        ...Object.entries(runningFor)
          .filter(([, seconds]) => second() < seconds)
          .map(([id]) => ({ id, status: "INPROGRESS" })),
      ],
    },
  };
  const context = {
    ...{ client, clock: runtime.clock },
    poll: (what: string, look: never, times: never) => poll(what, look, times, runtime),
  } as unknown as FleetContext;
  const failure = await awaitJobs(
    { clusterUuid: CLUSTER_UUID, groupName: "g", timeoutMs: 60_000 },
    context,
  ).then(
    () => null,
    (error: Error) => error.message,
  );
  return { seconds: second(), failure, logged: runtime.logged };
}

describe("a fleet that is to be replaced waits for its jobs", () => {
  test.each<[string, Parameters<typeof waited>, number]>([
    ["not at all where the cluster is gone", [null, { a: 99 }], 0],
    ["not at all where it has no instances", [SEEN, { a: 99 }, 0], 0],
    ["for two looks where there is none, and its head has seen it", [SEEN], 1],
    ["for two looks where there is none, and no head", [{ headInstanceId: null }], 1],
    ["half a minute for a head that has not seen it", [UNSEEN], 31],
    ["until the last has ended", [SEEN, { a: 3, b: 5 }], 6],
  ])("%s", async (_name, given, seconds) => {
    expect(await waited(...given)).toMatchObject({ failure: null, seconds });
  });

  test("and says for which, and at the time-out which still run", async () => {
    const one = await waited(SEEN, { a: 99 });
    expect(one.logged[0]).toContain("waits for the end of job a");
    expect(one.failure).toContain("Wait for the end of job a, or end it (muster job cancel a)");
    expect((await waited(UNSEEN)).logged[0]).toContain("waits for the head node");
  });
});

describe("the cluster of a name", () => {
  const named = (name: string, change: Partial<ClusterItem> = {}) => clusterItem({ name, ...change });
  const many = (count: number) => Array.from({ length: count }, (_, n) => named(`c${n}`));
  test("is the one that stays, or the one that is removed where there is no other", () => {
    const [staying, going] = [
      named("demo", { uuid: "a" }),
      named("demo", { uuid: "b", clusterStatus: "REMOVING" }),
    ];
    expect(clusterNamed([going, staying], "demo")).toBe(staying);
    expect(clusterNamed([going, named("other")], "demo")).toBe(going);
  });

  test.each<[string, readonly ClusterItem[], string]>([
    ["there are none", [], "The org's clusters here: none. "],
    ["there are others", [named("a"), named("b")], "The org's clusters here: a, b. "],
    ["there are twenty others", many(20), "c18, c19. "],
    ["there are more", many(22), "c18, c19 and 2 more. "],
  ])("is unknown where %s", (_name, clusters, words) => {
    expect(() => clusterNamed(clusters, "demo")).toThrow(words);
  });

  test("is not told of several", () => {
    const two = [named("demo", { uuid: "a" }), named("demo", { uuid: "b", clusterStatus: "FAILED" })];
    expect(() => clusterNamed(two, "demo")).toThrow("Give uuid instead: a INPROGRESS, b FAILED");
    expect(() => clusterNamed(two, "demo")).toThrow(
      expect.objectContaining({
        diagnostics: [expect.objectContaining({ summary: '2 clusters are named "demo"' })],
      }),
    );
  });
});

test("a node is shown with the probes that fail, where one does", () => {
  const node = nodeSummary("i-1", { address: "10.0.0.4" });
  expect(renderNode(node)).toBe("i-1 (10.0.0.4) ready");
  expect(renderNode({ ...node, state: "unready", failingProbes: ["shared", "mpi"] })).toBe(
    "i-1 (10.0.0.4) unready: shared, mpi",
  );
});

test("a guard's id is an org and a region", () => {
  expect(placeFrom("demo/us-east-1")).toEqual({ org: "demo", region: "us-east-1" });
  expect([placeFrom("demo"), placeFrom("demo/"), placeFrom("/us-east-1")]).toEqual([null, null, null]);
});
