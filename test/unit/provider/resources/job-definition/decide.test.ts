import { describe, expect, test } from "@jest/globals";
import { jobOf } from "../../../../../agent/contract/job-definition.js";
import type { JobDefinitionItem, JobItem } from "../../../../../agent/contract/registry.js";
import {
  closedBecause,
  decideRevision,
  isApplySettled,
  latestJob,
} from "../../../../../provider/resources/job-definition/decide.js";
import type { DefinitionState } from "../../../../../provider/resources/job-definition/state.js";
import { clusterItem } from "../../../../support/agent/cluster-item.js";

const AT = new Date("2026-01-01T00:00:00Z");
const DEFINITION: JobDefinitionItem = {
  id: "d-1",
  clusterUuid: "0b9b4a3e-6f0e-4a52-9d3c-0f6a1b2c3d4e",
  name: "nightly",
  revision: 2,
  request: { command: ["pi.py"], timeoutSeconds: 3600 },
  triggers: {},
  run: "on_change",
  createdAt: AT.toISOString(),
  updatedAt: AT.toISOString(),
};
type Status = JobItem["status"];
const jobOfStatus = (status: Status): JobItem => ({ ...jobOf(DEFINITION, AT), status });
const state = (change: Partial<DefinitionState> | object): DefinitionState =>
  ({ revision: 2, run: "on_change", wait: true, ...change }) as DefinitionState;

describe("a definition is settled", () => {
  test.each<[string, Status | null, object]>([
    ["as Terraform left it, whatever became of its job", "FAILED", {}],
    ["as Terraform left it, the job's item gone", null, {}],
    ["newer, its job FINISHED", "FINISHED", { revision: 1 }],
    ["newer, its job submitted, which is all that is asked", "NEW", { revision: 1, wait: false }],
    ["just imported", "FAILED", { revision: null, wait: null, run: null }],
    ["to be run since, and FINISHED", "FINISHED", { run: "manual" }],
  ])("%s", (_name, status, change) => {
    expect(isApplySettled(DEFINITION, status && jobOfStatus(status), state(change), false)).toBe(true);
  });

  test("when it is run by hand only", () => {
    expect(isApplySettled({ ...DEFINITION, run: "manual" }, null, state({ revision: 1 }), false)).toBe(true);
  });

  test.each<[string, Status | null, object]>([
    ["newer, and its job FAILED", "FAILED", { revision: 1 }],
    ["newer, and its job was CANCELLED", "CANCELLED", { revision: 1 }],
    ["newer, and it still runs", "INPROGRESS", { revision: 1 }],
    ["newer, and never submitted", null, { revision: 1 }],
    ["never submitted, although apply would not have waited", null, { revision: 1, wait: false }],
    ["to be run since, and never submitted", null, { run: "manual" }],
  ])("not: %s", (_name, status, change) => {
    expect(isApplySettled(DEFINITION, status && jobOfStatus(status), state(change), false)).toBe(false);
  });
});

test.each<[Status, boolean]>([
  ["INPROGRESS", false],
  ["FAILED", false],
  ["FINISHED", true],
])("after an interrupted create a job that is %s settles it: %s", (status, expected) => {
  expect(isApplySettled(DEFINITION, jobOfStatus(status), state({}), true)).toBe(expected);
});

describe("an update that changes what is run", () => {
  const wanted = { request: DEFINITION.request, triggers: {}, run: "on_change" } as const;
  test.each<[string, Status | null, "revise" | "keep"]>([
    ["takes up what an earlier attempt did not submit", null, "keep"],
    ["follows what an earlier attempt submitted", "NEW", "keep"],
    ["follows what runs", "INPROGRESS", "keep"],
    ["accepts what has FINISHED", "FINISHED", "keep"],
    ["runs again what FAILED", "FAILED", "revise"],
    ["runs again what was CANCELLED", "CANCELLED", "revise"],
  ])("%s", (_name, status, expected) => {
    expect(decideRevision(DEFINITION, wanted, status && jobOfStatus(status))).toBe(expected);
  });

  test("revises a different definition, even while a run is in progress", () => {
    const other = { ...wanted, triggers: { a: "1" } };
    expect(decideRevision(DEFINITION, other, jobOfStatus("INPROGRESS"))).toBe("revise");
  });

  test("leaves a failed job by hand to the hand", () => {
    expect(decideRevision(DEFINITION, { ...wanted, run: "manual" }, jobOfStatus("FAILED"))).toBe("keep");
  });
});

test("the latest job by hand is of this very definition and revision, and none of its schedule", () => {
  const at = (second: number, change: Partial<JobDefinitionItem> = {}): JobItem =>
    jobOf({ ...DEFINITION, ...change }, new Date(second * 1000), `by-hand-${second}`);
  const [first, second] = [at(1), at(2)];
  const others = [at(3, { revision: 1 }), at(4, { id: "d-0" })];
  const scheduled = { ...at(5), slot: "1970-01-01T00:00:05.000Z" };
  expect(latestJob([second, scheduled, first, ...others], DEFINITION)).toBe(second);
  expect(latestJob([scheduled], DEFINITION)).toBeNull();
  // As an item of before there were slots.
  const { slot: _slot, ...old } = at(6);
  expect(latestJob([second, old as JobItem], DEFINITION)).toBe(old);
  expect(latestJob(others, DEFINITION)).toBeNull();
});

test.each<[string, Parameters<typeof closedBecause>[0], string | null]>([
  ["none", null, "it is not in the registry"],
  [
    "one that goes",
    clusterItem({ clusterStatus: "REMOVING", phase: "removing" }),
    "it is REMOVING (removing)",
  ],
  ["one without nodes", clusterItem({ clusterStatus: "PARKED" }), null],
])("whether a cluster takes jobs: %s", (_name, cluster, expected) => {
  expect(closedBecause(cluster)).toBe(expected);
});
