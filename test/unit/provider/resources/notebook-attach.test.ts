import { describe, expect, test } from "@jest/globals";
import type { NotebookItem, NotebookNameItem } from "../../../../agent/contract/registry.js";
import type { Update } from "../../../../agent/contract/writes/write.js";
import {
  applyAsSeen,
  applyAttach,
  applyMove,
  movedNotebook,
  newNotebook,
} from "../../../../provider/resources/notebook/attach.js";
import { CLUSTER_UUID, clusterItem } from "../../../support/agent/cluster-item.js";

const AT = new Date("2026-01-01T00:00:00Z");
const OTHER_UUID = "1c9b4a3e-6f0e-4a52-9d3c-0f6a1b2c3d4e";
const notebook = newNotebook(
  { name: "explore", org: "acme", clusterUuid: CLUSTER_UUID, owner: "mine", group: "g" },
  AT,
);
const heldBy = (owner: string, clusterUuid = CLUSTER_UUID): NotebookNameItem =>
  ({ name: "explore", clusterUuid, owner, since: AT.toISOString() }) as NotebookNameItem;

/** A registry whose writes succeed as `answers` say, the last one for good; `calls` has what was asked of it. */
function registry(
  answers: readonly boolean[],
  { held = null, now = notebook }: { held?: NotebookNameItem | null; now?: NotebookItem | null } = {},
) {
  const calls: string[] = [];
  let writes = 0;
  const write = (what: string): boolean => {
    calls.push(what);
    return answers[Math.min(writes++, answers.length - 1)] ?? false;
  };
  const notebooks = {
    attach: async () => write("attach"),
    move: async () => write("move"),
    update: async () => (write("update") ? notebook : null),
    readName: async () => held,
    read: async () => now,
    delete: async ({ owner }: { owner: string }) => void calls.push(`delete ${owner}'s`),
  };
  const client = {
    org: "acme",
    region: "us-east-1",
    notebooks,
    registry: { readCluster: async () => clusterItem() },
  };
  return { calls, client: client as never };
}
const outcome = (action: Promise<unknown>) =>
  action.then(
    (value) => value ?? "none",
    (error) => error.diagnostics?.[0]?.code ?? error,
  );

describe("a new notebook", () => {
  test.each<[string, boolean[], Parameters<typeof registry>[1], unknown, string[]]>([
    ["is put with its name", [true], {}, "none", ["attach"]],
    ["is there, where only the answer was lost", [false], { held: heldBy("mine") }, "none", ["attach"]],
    [
      "takes a name that was left without its notebook",
      [false, true],
      { held: heldBy("theirs"), now: null },
      "none",
      ["attach", "delete theirs's", "attach"],
    ],
    [
      "is refused where another has the name",
      [false],
      { held: heldBy("theirs") },
      "notebook-name-taken",
      ["attach", "attach"],
    ],
    ["is put once more where the name is free by now", [false, true], {}, "none", ["attach", "attach"]],
  ])("%s", async (_name, answers, world, expected, calls) => {
    const { client, calls: made } = registry(answers, world);
    expect(await outcome(applyAttach(notebook, client))).toBe(expected);
    expect(made).toEqual(calls);
  });
});

describe("a notebook that moves", () => {
  const move = (client: never) =>
    outcome(applyMove(notebook, (from) => movedNotebook(from, OTHER_UUID, "i-1", AT), client));
  const five = Array.from({ length: 5 }, () => "move");

  test.each<[string, boolean[], Parameters<typeof registry>[1], unknown, string[]]>([
    ["is at the other cluster", [true], {}, expect.objectContaining({ clusterUuid: OTHER_UUID }), ["move"]],
    [
      "is there, where only the answer was lost",
      [false],
      { held: heldBy("mine", OTHER_UUID) },
      expect.objectContaining({ clusterUuid: OTHER_UUID, retiring: "i-1" }),
      ["move"],
    ],
    [
      "fails where it changes before each of five tries",
      [false],
      { held: heldBy("mine") },
      "notebook-changed",
      five,
    ],
    [
      "fails at once where another has taken it over",
      [false],
      { held: heldBy("theirs", OTHER_UUID), now: { ...notebook, owner: "theirs" } },
      "notebook-changed",
      ["move"],
    ],
    ["fails at once where it is gone", [false], { now: null }, "notebook-changed", ["move"]],
  ])("%s", async (_name, answers, world, expected, calls) => {
    const { client, calls: made } = registry(answers, world);
    expect(await move(client)).toEqual(expected);
    expect(made).toEqual(calls);
  });
});

describe("a write of a notebook as it is then", () => {
  test.each<[string, boolean[], Parameters<typeof registry>[1], unknown, number]>([
    ["is made", [true], {}, notebook, 1],
    ["is made again where it has left its status meanwhile", [false, false, true], {}, notebook, 3],
    ["fails where it changes before each of five tries", [false], {}, "notebook-changed", 5],
    [
      "is none where another has taken it over",
      [false],
      { now: { ...notebook, owner: "theirs" } },
      "none",
      1,
    ],
    ["is none where it is gone", [false], { now: null }, "none", 1],
  ])("%s", async (_name, answers, world, expected, tries) => {
    const { client, calls } = registry(answers, world);
    expect(await outcome(applyAsSeen(notebook, () => ({}) as Update, client))).toEqual(expected);
    expect(calls).toHaveLength(tries);
  });
});
