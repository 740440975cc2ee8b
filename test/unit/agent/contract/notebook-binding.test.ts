import { describe, expect, test } from "@jest/globals";
import { describeWait } from "../../../../agent/contract/job-wait.js";
import {
  bindingNotebooks,
  notebookRefusal,
  runsBeside,
} from "../../../../agent/contract/notebook-binding.js";
import { wakeForJob } from "../../../../agent/contract/park.js";
import { clusterItem } from "../../../support/agent/cluster-item.js";
import { queuedJob } from "../../../support/agent/jobs.js";
import { parkWorld } from "../../../support/agent/park-world.js";

const AWAKE = { clusterStatus: "FINISHED", notebooks: ["explore"] } as const;

describe("the notebooks that bind a cluster", () => {
  test.each([
    ["an attached one", AWAKE, ["explore"]],
    ["none where the cluster is shared", { ...AWAKE, shareWithNotebooks: true }, []],
    ["none of a parked one: its head said it before the park", { ...AWAKE, clusterStatus: "PARKED" }, []],
    ["none of a cluster that never had one", { clusterStatus: "FINISHED" }, []],
  ] as const)("%s", (_case, cluster, expected) => {
    expect(bindingNotebooks(clusterItem(cluster as object))).toEqual(expected);
  });

  test.each([
    ["runs a job of its own", "notebook:explore", ["explore"], true],
    ["runs a job of either where there are two", "notebook:b", ["a", "b"], true],
    ["keeps a person's waiting", "arn:aws:iam::1:user/ada", ["explore"], false],
    ["keeps one without a submitter waiting", null, ["explore"], false],
    ["keeps another notebook's waiting", "notebook:other", ["explore"], false],
    ["runs all without a notebook", null, [], true],
  ])("%s", (_case, submittedBy, notebooks, expected) => {
    expect(runsBeside({ submittedBy }, notebooks)).toBe(expected);
  });

  test("a job that does not wait is refused, and says by which", () => {
    const job = { ...queuedJob("k", { ifBusy: "refuse" }), submittedBy: null };
    expect(notebookRefusal(job, ["a", "b"])).toEqual({
      reasonCode: "cluster-busy",
      reason: "notebooks a and b have the cluster, and this job does not wait (ifBusy: refuse)",
    });
    expect(notebookRefusal({ ...job, submittedBy: "notebook:a" }, ["a"])).toBeNull();
    expect(notebookRefusal(queuedJob("k"), ["a"])).toBeNull();
  });
});

describe("what a job waits for", () => {
  const whole = { hostfileNodes: 2, desiredNodes: 2, nodes: [] };
  const cluster = { ...clusterItem({ ...AWAKE, notebooks: ["explore"], phase: "ready" }), ...whole };
  const job = queuedJob("k");
  const next = "next: muster notebook stop explore, or shareWithNotebooks: true at the cluster";

  test("names all that have the cluster, and how one is stopped", () => {
    expect(describeWait(job, { ...cluster, notebooks: ["a", "b"] }, null)).toMatch(
      /for notebooks a and b, which have the cluster \(next: muster notebook stop NAME, or /,
    );
  });

  test.each([
    [
      "the notebook, with its place",
      { running: null, waiting: 1 },
      `, position 2: waits for notebook explore, which has the cluster (${next}) and 1 job submitted earlier`,
    ],
    ["the notebook", null, `: waits in the queue for notebook explore, which has the cluster (${next})`],
  ])("%s", (_case, ahead, expected) => {
    expect(describeWait(job, cluster, ahead)).toBe(`NEW, queued${expected}`);
  });

  test("only its turn, where it is the notebook's own", () => {
    const own = { ...job, submittedBy: "notebook:explore" };
    expect(describeWait(own, cluster, { running: null, waiting: 0 })).toContain("is next");
  });
});

test("every way in sees the notebook after the job was put, where the job does not wait", async () => {
  const world = parkWorld({ notebooks: ["explore"] });
  const job = queuedJob("k", { ifBusy: "refuse" });
  expect(await wakeForJob(world.control(), job, world.now)).toMatchObject({ reasonCode: "cluster-busy" });
  expect(await wakeForJob(world.control(), queuedJob("k"), world.now)).toBeNull();
});
