import { expect, test } from "@jest/globals";
import type { NodeKind } from "../../../../agent/contract/node-kind.js";
import type { ClusterItem } from "../../../../agent/contract/registry.js";
import { goesAnyway } from "../../../../agent/head/member-moves.js";
import { clusterItem } from "../../../support/agent/cluster-item.js";

const NOW = new Date("2026-01-01T01:05:00Z");
const BEFORE = "2026-01-01T00:59:00.000Z";
const AFTER = "2026-01-01T01:02:00.000Z";
const park = { at: "2026-01-01T01:00:00.000Z", nodes: 2, releasedAt: "2026-01-01T01:00:01.000Z" };

test.each<[string, Partial<ClusterItem>, NodeKind, string, boolean]>([
  ["a worker that a park gave up", { park }, "worker", BEFORE, true],
  ["a worker that came after the park", { park }, "worker", AFTER, false],
  ["a notebook's node, which no park of the cluster gives up", { park }, "notebook", BEFORE, false],
  ["a worker of a cluster that never parked", {}, "worker", BEFORE, false],
  ["a worker of a cluster that is removed", { clusterStatus: "REMOVING" }, "worker", AFTER, true],
  ["a notebook's node of a cluster that is removed", { clusterStatus: "REMOVING" }, "notebook", AFTER, true],
])("whether %s goes anyway", (_name, meta, kind, bootedAt, expected) => {
  expect(goesAnyway(clusterItem({ clusterStatus: "FINISHED", ...meta }), NOW)({ kind, bootedAt })).toBe(
    expected,
  );
});
