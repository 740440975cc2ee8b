import { describe, expect, test } from "@jest/globals";
import { because } from "../../../../agent/contract/reasons.js";
import type { NotebookItem } from "../../../../agent/contract/registry.js";
import { newNotebook } from "../../../../provider/resources/notebook/attach.js";
import {
  type NotebookFindings,
  observeFindings,
  renderDiagnosis,
  renderReason,
} from "../../../../provider/resources/notebook/diagnosis.js";
import { CLUSTER_UUID } from "../../../support/agent/cluster-item.js";

const PLACE = { clusterUuid: CLUSTER_UUID, name: "explore", groupName: "g" };
const notebook = (change: Partial<NotebookItem> = {}): NotebookItem => ({
  ...newNotebook(
    { name: "explore", org: "acme", clusterUuid: CLUSTER_UUID, owner: "o", group: "g" },
    new Date(0),
  ),
  ...change,
});
const group = (...instances: readonly [string, string][]) => ({
  ...{ name: "g", minSize: 0, desired: 1 },
  instances: instances.map(([id, lifecycle]) => ({ id, lifecycle, template: null })),
});

describe("what is found out of a notebook that is not ready", () => {
  const observe = (
    item: NotebookItem | null | Error,
    of: ReturnType<typeof group> | null | Error,
    about: { instanceId?: string } = {},
  ) => {
    const given = async <T>(value: T | Error): Promise<T> => {
      if (value instanceof Error) throw value;
      return value;
    };
    const ports = {
      notebooks: { read: () => given(item) },
      groups: {
        describe: () => given(of),
        activities: () => given(of instanceof Error ? of : []),
        consoleLines: (id: string) => given(of instanceof Error ? of : [`console of ${id}`]),
      },
    };
    return observeFindings(ports as never, PLACE, { reasonCode: null, reason: "late", ...about });
  };
  const leaving: [string, string] = ["i-old", "Terminating:Wait"];

  test.each<[string, Parameters<typeof observe>, string | null]>([
    [
      "the one that the cause names",
      [notebook({ instanceId: "i-1" }), group(["i-2", "InService"]), { instanceId: "i-9" }],
      "i-9",
    ],
    [
      "the one that has said something",
      [notebook({ instanceId: "i-1" }), group(["i-2", "InService"])],
      "i-1",
    ],
    ["the one that the group does not end", [notebook(), group(leaving, ["i-2", "InService"])], "i-2"],
    ["that of the group where the registry has no item", [null, group(["i-2", "InService"])], "i-2"],
    ["none where the group ends all", [notebook(), group(leaving)], null],
    ["none where there is no group", [notebook(), null], null],
  ])("the console that is read is of %s", async (_name, given, instanceId) => {
    const { console } = await observe(...given);
    expect(console).toEqual(instanceId === null ? null : { instanceId, lines: [`console of ${instanceId}`] });
  });

  test("a source that fails is left out", async () => {
    const failure = new Error("AccessDenied");
    expect(await observe(failure, failure, { instanceId: "i-1" })).toMatchObject({
      ...{ notebook: null, group: null, activities: [], reason: "late" },
      console: { instanceId: "i-1", lines: [] },
    });
  });
});

const findings = (change: Partial<NotebookFindings> = {}): NotebookFindings => ({
  ...{
    reasonCode: null,
    reason: "Timed out",
    notebook: notebook(),
    group: group(),
    activities: [],
    console: null,
  },
  ...change,
});

describe("the diagnosis of a notebook", () => {
  const detailOf = (change: Partial<NotebookFindings>) =>
    renderDiagnosis("explore", "g", findings(change)).detail ?? "";
  const failing = notebook({ failingProbes: ["jupyter"], ...because("notebook-jupyter-down", "no answer") });

  test.each<[string, Partial<NotebookFindings>, string]>([
    ["its node says nothing", {}, "Status: NEW, phase created; node: none has said anything yet."],
    ["its node has no address", { notebook: notebook({ instanceId: "i-1" }) }, "node: i-1 (no address)."],
    [
      "its node has one",
      { notebook: notebook({ instanceId: "i-1", address: "10.0.0.1" }) },
      "node: i-1 (10.0.0.1).",
    ],
    ["the registry does not have it", { notebook: null }, "Registry: it has no item of this notebook."],
    ["a probe fails", { notebook: failing }, "Failing probe: jupyter (notebook-jupyter-down: no answer)."],
    ["nothing is known", {}, "Next: correct the cause. Then apply again"],
    ["the cause is known", { next: "Give an image." }, "Next: Give an image. Then apply again"],
  ])("says that %s", (_name, change, text) => {
    expect(detailOf(change)).toContain(text);
  });

  test("gives the advice of the probe that fails, where no other is known", () => {
    expect(detailOf({ notebook: failing })).not.toContain("correct the cause");
    const { summary } = renderDiagnosis("explore", "g", findings({ notebook: failing }));
    expect(summary).toBe("Notebook explore is not ready: jupyter");
  });

  test.each<[string, Partial<NotebookFindings>, string]>([
    ["what there is", {}, "Timed out."],
    ["nothing of an empty console", { console: { instanceId: "i-1", lines: [] } }, "Timed out."],
    [
      "the console's last three lines, on one line",
      { console: { instanceId: "i-1", lines: ["1", "2", "\u001b[2J3", "x".repeat(300)] } },
      `Timed out. Console of i-1: 2 |  [2J3 | ${"x".repeat(200)}`,
    ],
    [
      "the probe that fails",
      { notebook: failing },
      "Timed out. Failing probe: jupyter (notebook-jupyter-down: no answer).",
    ],
  ])("is kept in the registry with %s", (_name, change, expected) => {
    expect(renderReason(findings(change))).toBe(expected);
  });
});
