import { expect, test } from "@jest/globals";
import type { ClusterItem } from "../../../../agent/contract/registry.js";
import { firstList } from "../../../../provider/aws/cluster-list.js";
import { createNamed, type NamesTable } from "../../../../provider/aws/cluster-names.js";

const clusterOf = (uuid: string, name: string, clusterStatus = "FINISHED"): ClusterItem =>
  ({ uuid, name, clusterStatus, org: "acme" }) as ClusterItem;
const OLD = clusterOf("u-old", "demo");

/** What is not given throws. */
const tableOf = (table: Partial<NamesTable>): NamesTable =>
  new Proxy(table as NamesTable, {
    get: (has, key) => {
      if (key in has) return has[key as keyof NamesTable];
      throw new Error(`${String(key)} is not used here.`);
    },
  });
const writing = { transact: async () => true } as unknown as NamesTable["performer"];
const signal = new AbortController().signal;

test("a thousand creates list the clusters once, also at the same time", async () => {
  let lists = 0;
  const { named } = firstList(async () => {
    lists += 1;
    return [OLD];
  });
  const table = tableOf({ namedBefore: named, signal, performer: writing });
  const created = Array.from({ length: 1000 }, (_, index) =>
    createNamed(table, clusterOf(`u-${index}`, `n-${index}`)),
  );
  expect(await Promise.all(created)).toEqual(created.map(() => null));
  expect(lists).toBe(1);
});

test.each([
  ["is there", OLD, OLD],
  ["is gone", null, null],
  ["is removed", clusterOf("u-old", "demo", "REMOVED"), null],
])("a cluster of the name that was listed, and %s", async (_what, now, holder) => {
  const table = tableOf({
    namedBefore: async () => [OLD],
    readCluster: async () => now,
    signal,
    performer: writing,
  });
  expect(await createNamed(table, clusterOf("u-new", "demo"))).toEqual(holder);
});
