import { expect, test } from "@jest/globals";
import { listedClusters } from "../../../../agent/contract/clusters.js";
import { clusterItem } from "../../../support/agent/cluster-item.js";

test("the clusters that are listed are sorted by name and UUID, without those that have gone since the query", () => {
  const [beta, second, first] = [
    clusterItem({ name: "beta", uuid: "u-1" }),
    clusterItem({ name: "alpha", uuid: "u-3", clusterStatus: "PARKED" }),
    clusterItem({ name: "alpha", uuid: "u-2", clusterStatus: "REMOVING" }),
  ];
  const gone = clusterItem({ name: "aaa", clusterStatus: "REMOVED" });
  expect(listedClusters([beta, null, second, gone, first])).toEqual([first, second, beta]);
  expect(listedClusters([null, gone])).toEqual([]);
});
