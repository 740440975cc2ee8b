import { expect, test } from "@jest/globals";
import type { ClusterItem } from "../../../../agent/contract/registry.js";
import { gatherMs } from "../../../../agent/head/gather.js";

const gets = (desiredNodes: number) => ({ clusterStatus: "INPROGRESS", desiredNodes }) as const;
const has = (desiredNodes: number) => ({ clusterStatus: "FINISHED", desiredNodes }) as const;

test.each<[string, number, Pick<ClusterItem, "clusterStatus" | "desiredNodes"> | null, number, number]>([
  ["a quick head of a cluster that gets its nodes", 50, gets(64), 10, 30],
  ["a slow one: as long as its last look took", 400, gets(64), 10, 400],
  ["a very slow one: a second at most", 1_000, gets(64), 10, 3_000],
  ["a slow one whose last node has come", 50, gets(64), 64, 400],
  ["a slow one whose cluster has had its nodes: a job may begin", 50, has(64), 63, 400],
  ["a slow one that has not read META yet", 50, null, 0, 400],
])("%s gathers reports for %i ms", (_name, ms, meta, usable, lookedForMs) => {
  expect(gatherMs(meta, usable, lookedForMs)).toBe(ms);
});
