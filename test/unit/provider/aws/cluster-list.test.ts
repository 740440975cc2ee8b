import { expect, test } from "@jest/globals";
import { NAME_SK_PREFIX, orgPk, PARTITION_KEY, SORT_KEY } from "../../../../agent/contract/keys.js";
import type { ClusterItem } from "../../../../agent/contract/registry.js";
import { clustersOfGroup, firstList, listClusters } from "../../../../provider/aws/cluster-list.js";
import { clusterItem } from "../../../support/agent/cluster-item.js";

const fleetOf = (group: string) => ({ owner: "o", group, nodes: 2, since: "2026-01-01T00:00:00.000Z" });
const OLD = clusterItem({ uuid: "u-old", name: "demo", fleet: fleetOf("g") });
type Table = Parameters<typeof clustersOfGroup>[0];

/** A table whose clusters can be read by UUID, and not listed. */
const readable = (clusters: readonly ClusterItem[]): Table =>
  ({ readCluster: async (uuid: string) => clusters.find((one) => one.uuid === uuid) ?? null }) as Table;

test("a list that failed is made again", async () => {
  const answers = [Promise.reject(new Error("throttled")), Promise.resolve([OLD])];
  const { named, ofGroup } = firstList(() => answers.shift() ?? Promise.reject(new Error("a third list")));
  await expect(named("demo")).rejects.toThrow("throttled");
  expect([await named("demo"), await ofGroup("g")]).toEqual([[OLD], [OLD]]);
  expect([await named("other"), await ofGroup("other")]).toEqual([[], []]);
});

test("a thousand new fleets list the clusters once, also at the same time", async () => {
  let lists = 0;
  const first = firstList(async () => {
    lists += 1;
    return [OLD];
  });
  const found = Array.from({ length: 1000 }, (_, index) =>
    clustersOfGroup(readable([OLD]), `g-${index}`, first),
  );
  expect((await Promise.all(found)).flat()).toEqual([]);
  expect(await clustersOfGroup(readable([OLD]), "g", first)).toEqual([OLD]);
  expect(lists).toBe(1);
});

test.each<[string, ClusterItem[], string[]]>([
  ["still has the group", [OLD], ["u-old"]],
  ["is gone", [], []],
  ["is removed", [{ ...OLD, clusterStatus: "REMOVED" }], []],
  ["has another group", [{ ...OLD, fleet: fleetOf("h") }], []],
])("a cluster that was listed with the group, and %s", async (_what, now, uuids) => {
  const holders = await clustersOfGroup(
    readable(now),
    "g",
    firstList(async () => [OLD]),
  );
  expect(holders.map(({ uuid }) => uuid)).toEqual(uuids);
});

test("a cluster whose status changes between the queries, so that each of them misses it, is listed by its name", async () => {
  const paginateQuery = async function* (_config: unknown, query: { ExpressionAttributeValues: object }) {
    const isOfNames = JSON.stringify(query.ExpressionAttributeValues).includes(orgPk("acme"));
    const name = {
      [PARTITION_KEY]: orgPk("acme"),
      [SORT_KEY]: `${NAME_SK_PREFIX}demo`,
      clusterUuid: OLD.uuid,
    };
    yield { Items: isOfNames ? [name] : [] };
  };
  const table = { ...readable([OLD]), sdk: { paginateQuery }, org: "acme" } as unknown as Table;
  expect(await listClusters(table)).toEqual([OLD]);
});
