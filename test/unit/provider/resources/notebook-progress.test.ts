import { describe, expect, test } from "@jest/globals";
import { because, REASONS } from "../../../../agent/contract/reasons.js";
import type { NotebookItem } from "../../../../agent/contract/registry.js";
import { newNotebook } from "../../../../provider/resources/notebook/attach.js";
import { judgeNotebook, renderProbes } from "../../../../provider/resources/notebook/progress.js";
import { CLUSTER_UUID } from "../../../support/agent/cluster-item.js";

const notebook = (change: Partial<NotebookItem> = {}): NotebookItem => ({
  ...newNotebook(
    { name: "explore", org: "acme", clusterUuid: CLUSTER_UUID, owner: "mine", group: "g" },
    new Date(0),
  ),
  ...change,
});
const down = because("notebook-jupyter-down", "it does not answer");

describe("a notebook's start", () => {
  test.each<[string, NotebookItem | null, object]>([
    [
      "is done when it is FINISHED and ready",
      notebook({ status: "FINISHED", phase: "ready" }),
      { kind: "ready" },
    ],
    [
      "waits for a node that has said nothing",
      notebook({ status: "INPROGRESS", phase: "waiting-for-node" }),
      { kind: "waiting", summary: "phase waiting-for-node, no node has said anything yet" },
    ],
    [
      "waits for the probes that fail",
      notebook({
        ...{ status: "INPROGRESS", phase: "readiness-probes", instanceId: "i-1" },
        ...{ failingProbes: ["jupyter", "kernel"], ...down },
      }),
      {
        kind: "waiting",
        summary:
          "phase readiness-probes, node i-1, failing probes: jupyter, kernel (notebook-jupyter-down: it does not answer)",
      },
    ],
    [
      "has failed for the reason that is recorded",
      notebook({ status: "FAILED", ...down }),
      { reasonCode: "notebook-jupyter-down", reason: "the notebook FAILED: it does not answer" },
    ],
    [
      "has failed for no reason that is recorded",
      notebook({ status: "FAILED" }),
      { reasonCode: null, reason: "the notebook FAILED: no reason is recorded" },
    ],
    [
      "is another resource's by now",
      notebook({ owner: "theirs", status: "FINISHED", phase: "ready" }),
      { kind: "fatal", reasonCode: null },
    ],
    ["is over where the notebook is gone", null, { kind: "fatal", reasonCode: null }],
  ])("%s", (_name, item, expected) => {
    expect(judgeNotebook(item, "mine")).toMatchObject(expected);
  });
});

test.each<[string, Parameters<typeof renderProbes>[0], string[]]>([
  ["nothing where none fails", { failingProbes: [], reasonCode: null, reason: null }, []],
  [
    "a reason without a probe",
    { failingProbes: [], ...down },
    ["(notebook-jupyter-down: it does not answer)"],
  ],
  [
    "a probe without a reason",
    { failingProbes: ["kernel"], reasonCode: null, reason: null },
    ["failing probe: kernel"],
  ],
  [
    "what the code means where no reason is given",
    { failingProbes: ["jupyter"], reasonCode: "notebook-jupyter-down", reason: null },
    [`failing probe: jupyter (notebook-jupyter-down: ${REASONS["notebook-jupyter-down"].meaning})`],
  ],
])("the probes that fail are shown as %s", (_name, item, expected) => {
  expect(renderProbes(item)).toEqual(expected);
});
