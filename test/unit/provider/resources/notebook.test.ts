import { beforeEach, describe, expect, test } from "@jest/globals";
import { clusterPk } from "../../../../agent/contract/keys.js";
import type { NotebookItem } from "../../../../agent/contract/registry.js";
import { notebookWrites } from "../../../../agent/contract/writes/notebook.js";
import type { Diagnostic } from "../../../../provider/core/diagnostic.js";
import type { ObjectValue } from "../../../../provider/core/value.js";
import { newNotebook } from "../../../../provider/resources/notebook/attach.js";
import { planRenewal } from "../../../../provider/resources/notebook/renew.js";
import { isSettled } from "../../../../provider/resources/notebook/state.js";
import { CLUSTER_UUID } from "../../../support/agent/cluster-item.js";
import { CANNOT_START, NotebookStory, OTHER_UUID } from "../../../support/provider/notebook-story.js";

let story: NotebookStory;
beforeEach(() => {
  story = new NotebookStory();
});
const only = (diagnostics: readonly Diagnostic[]): Diagnostic => {
  const [first, ...others] = diagnostics;
  if (first === undefined || others.length > 0) throw new Error(`not one: ${JSON.stringify(diagnostics)}`);
  return first;
};
/** Another resource's, as its own create has put it. */
const foreign = (clusterUuid = OTHER_UUID): NotebookItem =>
  newNotebook(
    { name: "explore", org: "acme", clusterUuid, owner: "theirs", group: "other" },
    new Date("2026-01-01"),
  );
const putForeign = (clusterUuid?: string) => {
  const notebook = foreign(clusterUuid);
  expect(story.table.transact([notebookWrites.create(notebook), notebookWrites.name(notebook, null)])).toBe(
    true,
  );
};

describe("create", () => {
  test("makes the item and its name, asks for the node, and ends when it is FINISHED", async () => {
    const state = await story.created();
    expect(state).toMatchObject({ id: "explore", address: "10.0.0.1", instance_id: "i-1" });
    expect(story.item).toMatchObject({
      owner: state["owner"],
      status: "FINISHED",
      clusterUuid: CLUSTER_UUID,
    });
    expect(story.desired).toBe(1);
  });

  test.each<[string, () => void, RegExp]>([
    ["is not in the registry", () => story.setCluster(CLUSTER_UUID, null), /does not have it/],
    ["is being removed", () => story.setCluster(CLUSTER_UUID, { clusterStatus: "REMOVING" }), /REMOVING/],
  ])("at a cluster that %s is refused, and writes nothing", async (_name, given, why) => {
    given();
    const { state, diagnostics } = await story.apply(story.plan());
    expect(state).toBeNull();
    expect(only(diagnostics)).toMatchObject({ code: "notebook-refused", detail: expect.stringMatching(why) });
    expect(story.table.items.size).toBe(0);
  });

  test("at a cluster whose removal begins at the same moment leaves nothing behind", async () => {
    story.before = () => story.setCluster(CLUSTER_UUID, { clusterStatus: "REMOVING" });
    const { state, diagnostics } = await story.apply(story.plan());
    expect(state).toBeNull();
    expect(only(diagnostics).code).toBe("notebook-refused");
    expect(story.table.items.size).toBe(0);
    expect(story.desired).toBe(0);
  });

  test("of a name that another resource has fails, also where that comes in between, and touches nothing", async () => {
    story.before = () => putForeign();
    const { state, diagnostics } = await story.apply(story.plan());
    expect(state).toBeNull();
    expect(only(diagnostics)).toMatchObject({
      code: "notebook-name-taken",
      detail: expect.stringContaining(`cluster ${OTHER_UUID}`),
    });
    expect(story.item).toMatchObject({ owner: "theirs", status: "NEW" });
    expect(story.desired).toBe(0);
    expect(await story.planCreate(story.plan())).toEqual([
      expect.objectContaining({ severity: "warning", code: "already-there" }),
    ]);
  });

  test("takes a name whose notebook is gone, as a delete that was cut short leaves it", async () => {
    story.table.perform(notebookWrites.name(foreign(), null));
    expect(await story.created()).toMatchObject({ instance_id: "i-1" });
  });
});

describe("a notebook that does not become ready", () => {
  test.each([
    ["shared", "notebook-shared-unusable", /mount target/],
    ["home", "notebook-home-unusable", /access point/],
    ["hostfile", "notebook-hostfile-unreadable", /muster cluster resume/],
    ["head", "notebook-head-unreachable", /security group/],
    ["jupyter", "notebook-jupyter-down", /journalctl -u muster-jupyter/],
    ["kernel", "notebook-kernel-dead", /~\/\.local/],
  ] as const)(
    "because of %s is FAILED, and the diagnostic names it, its cause and the next step",
    async (probe, code, next) => {
      story.console = ["boot", "agent says so"];
      story.meanwhile = () =>
        story.observe({
          phase: "readiness-probes",
          failingProbes: [probe],
          reasonCode: code,
          reason: "so it is",
        });
      const { state, diagnostics } = await story.apply(story.plan());
      expect(state).toMatchObject({ id: "explore" });
      const diagnostic = only(diagnostics);
      expect(diagnostic).toMatchObject({
        severity: "error",
        code: "notebook-not-ready",
        reasonCode: "notebook-not-ready-in-time",
        summary: `Notebook explore is not ready: ${probe}`,
      });
      const lines = diagnostic.detail.split("\n");
      expect(lines).toContain(`Failing probe: ${probe} (${code}: so it is).`);
      expect(lines).toContain("  agent says so");
      expect(lines.at(-1)).toMatch(next);
      expect(story.item).toMatchObject({
        status: "FAILED",
        reasonCode: "notebook-not-ready-in-time",
        reason: expect.stringMatching(
          new RegExp(`Failing probe: ${probe} .*Console of i-1: boot \\| agent says so`),
        ),
      });
    },
  );

  test("because its group can't start a node fails at once", async () => {
    story.meanwhile = () => {
      story.activities = [
        { id: "a-1", at: "now", status: "Failed", message: "The image id '[ami-0bad]' does not exist." },
      ];
    };
    const { diagnostics } = await story.apply(story.plan());
    expect(only(diagnostics)).toMatchObject({
      reasonCode: "launch-image-missing",
      summary: "Notebook explore is not ready",
      detail: expect.stringContaining("Next: Give an image that exists"),
    });
    expect(story.item).toMatchObject({ status: "FAILED", reasonCode: "launch-image-missing" });
    expect(story.runtime.clock.monotonicMs()).toBeLessThan(60_000);
  });

  test("because its agent can't start fails with the agent's own words", async () => {
    story.meanwhile = () => undefined;
    story.console = [CANNOT_START];
    const { diagnostics } = await story.apply(story.plan());
    expect(only(diagnostics)).toMatchObject({
      reasonCode: "node-agent-cannot-start",
      detail: expect.stringContaining("the agent of i-1 can't start: No (config-invalid)"),
    });
  });

  test.each<[string, (story: NotebookStory) => void, string]>([
    ["is parked meanwhile", (it) => it.change({ status: "PARKED" }), "the notebook was parked meanwhile"],
    ["is taken over meanwhile", (it) => it.change({ owner: "theirs" }), "another muster_notebook took"],
    ["is gone meanwhile", (it) => it.table.items.clear(), "was removed from the registry meanwhile"],
    ["is being removed meanwhile", (it) => it.change({ status: "REMOVING" }), "the notebook is REMOVING"],
  ])("because it %s fails at once", async (_name, happens, why) => {
    story.meanwhile = happens;
    const { diagnostics } = await story.apply(story.plan());
    expect(only(diagnostics).detail).toContain(why);
    expect(story.runtime.sleeps.length).toBeLessThan(3);
  });

  test("in time, and does so later, is FINISHED then", async () => {
    story.meanwhile = () => undefined;
    const timeouts = { create: "5s", update: null, delete: null };
    const { diagnostics } = await story.apply(story.plan({ timeouts }));
    expect(only(diagnostics).detail).toContain(
      "Status: INPROGRESS, phase waiting-for-node; node: none has said",
    );
    expect(story.item).toMatchObject({ status: "FAILED" });
    story.observe();
    expect(story.item).toMatchObject({ status: "FINISHED" });
  });
});

describe("update", () => {
  let state: ObjectValue;
  beforeEach(async () => {
    state = await story.created();
  });

  test("to another version ends the node, and waits for another", async () => {
    const { state: after, diagnostics } = await story.apply(story.plan({ version: 2 }), state);
    expect(diagnostics).toEqual([]);
    expect(after).toMatchObject({ instance_id: "i-2", owner: state["owner"] });
    expect(story.item).toMatchObject({ retiring: "i-1", instanceId: "i-2" });
  });

  test("to a version that its node has already, as the state was lost, changes nothing", async () => {
    await story.apply(story.plan({ version: 2 }), state);
    const before = story.item;
    story.meanwhile = () => {
      throw new Error("it is started again");
    };
    const { state: after, diagnostics } = await story.apply(story.plan({ version: 2 }), state);
    expect(diagnostics).toEqual([]);
    expect(after).toMatchObject({ instance_id: "i-2" });
    expect([story.item, story.instances.map(({ id }) => id)]).toEqual([before, ["i-2"]]);
  });

  test.each<[string, boolean]>([
    ["goes on with the node that boots, and asks for no other", true],
    ["asks for a node again where none has come", false],
  ])("to another version that was cut short %s", async (_name, isThere) => {
    const planned = story.plan({ version: 2 });
    story.resize(0);
    if (isThere) story.resize(1);
    const asked = { status: "INPROGRESS", phase: "waiting-for-node" } as const;
    // It has said something, and is not ready.
    const instanceId = isThere ? "i-2" : null;
    story.change({ ...asked, instanceId, retiring: "i-1", statusChangedAt: "2025-12-31T00:00:00.000Z" });
    const seen: (string | undefined)[] = [];
    story.meanwhile = () => {
      if (seen.push(story.item?.statusChangedAt) > 2) story.observe();
    };
    const { diagnostics } = await story.apply(planned, state);
    expect(diagnostics).toEqual([]);
    expect(story.item).toMatchObject({ status: "FINISHED", instanceId: "i-2" });
    expect(story.instances.map(({ id }) => id)).toEqual(["i-2"]);
    // Of the last look before its node was ready: a new request would have changed it.
    expect(seen.at(-1) === "2025-12-31T00:00:00.000Z").toBe(isThere);
  });

  test("to another cluster moves the item in one step, and renews the node whatever its version", async () => {
    const { createdAt, owner } = story.item ?? {};
    const { state: after } = await story.apply(story.plan({ cluster: OTHER_UUID }), state);
    expect(after).toMatchObject({ cluster_uuid: OTHER_UUID, instance_id: "i-2", owner });
    expect(story.at(CLUSTER_UUID)).toBeNull();
    expect(story.at(OTHER_UUID)).toMatchObject({ createdAt, owner, status: "FINISHED" });
    expect(story.table.query(clusterPk(CLUSTER_UUID))).toEqual([]);
  });

  test("keeps what its node was used for: of a renewal in the item, of a move in the records of the cluster that it leaves", async () => {
    story.change({ statusChangedAt: "2025-12-31T23:30:00.000Z" });
    const renewed = await story.apply(story.plan({ version: 2 }), state);
    expect(story.item?.usageToRecord).toMatchObject([
      { clusterUuid: CLUSTER_UUID, instanceType: "m6i.large" },
    ]);
    await story.apply(story.plan({ cluster: OTHER_UUID, version: 2 }), renewed.state);
    expect(story.at(OTHER_UUID)?.usageToRecord).toEqual([]);
    expect(story.usage(CLUSTER_UUID)[0]).toMatchObject({ submittedBy: "notebook:explore", month: "2025-12" });
    expect(story.usage(OTHER_UUID)).toEqual([]);
  });

  test("to another cluster goes on where the notebook parks at the same moment", async () => {
    story.beforeMove = () => story.change({ status: "PARKED", statusChangedAt: "2026-01-01T00:00:02.000Z" });
    const { state: after } = await story.apply(story.plan({ cluster: OTHER_UUID }), state);
    expect(after).toMatchObject({ cluster_uuid: OTHER_UUID });
    expect(story.at(CLUSTER_UUID)).toBeNull();
  });

  test("to a cluster that takes none changes nothing", async () => {
    story.setCluster(OTHER_UUID, { clusterStatus: "REMOVED" });
    const { state: after, diagnostics } = await story.apply(story.plan({ cluster: OTHER_UUID }), state);
    expect(only(diagnostics).code).toBe("notebook-refused");
    expect(after).toEqual(state);
    expect(story.item).toMatchObject({ clusterUuid: CLUSTER_UUID, status: "FINISHED", instanceId: "i-1" });
  });

  test("that was cut short after the move goes on: the state shows it, and its own node is kept", async () => {
    story.meanwhile = () => undefined;
    const cut = await story.apply(story.plan({ cluster: OTHER_UUID, version: 2 }), state);
    expect(cut.state).toEqual(state);
    expect(story.item).toMatchObject({ status: "FAILED", clusterUuid: OTHER_UUID });
    const read = await story.read(state);
    expect(read.state).toMatchObject({ cluster_uuid: OTHER_UUID, node_version: null });
    story.meanwhile = () => story.observe();
    const { state: after } = await story.apply(story.plan({ cluster: OTHER_UUID, version: 2 }), read.state);
    expect(after).toMatchObject({ instance_id: "i-2" });
    expect(story.instances.map(({ id }) => id)).toEqual(["i-2"]);
  });

  test("that only takes over an imported notebook starts nothing", async () => {
    story.change({ status: "PARKED", phase: "parked" });
    story.resize(0);
    const imported = await story.imported();
    expect(imported).toMatchObject({
      cluster_uuid: CLUSTER_UUID,
      autoscaling_group: "notebook",
      owner: null,
    });
    const { state: after, diagnostics } = await story.apply(story.plan(), imported);
    expect(diagnostics).toEqual([]);
    expect(after).toMatchObject({ owner: story.item?.owner });
    expect(story.item?.owner).not.toBe(state["owner"]);
    expect(story.item?.status).toBe("PARKED");
    expect(story.desired).toBe(0);
    // The state of before has lost it.
    const lost = await story.read(state);
    expect(lost.state).toBeNull();
    expect(only(lost.diagnostics)).toMatchObject({ severity: "warning", code: "owned-elsewhere" });
  });

  test("of one that runs keeps its node at an import", async () => {
    const imported = await story.imported();
    expect(imported).toMatchObject({ node_version: state["node_version"], instance_id: "i-1" });
    const { state: after } = await story.apply(story.plan(), imported);
    expect(after).toMatchObject({ instance_id: "i-1" });
  });

  test("of another resource's, or of one that is gone, fails", async () => {
    story.change({ owner: "theirs" });
    const { diagnostics } = await story.apply(story.plan({ version: 2 }), state);
    expect(only(diagnostics).code).toBe("notebook-name-taken");
    story.table.items.clear();
    const gone = await story.apply(story.plan({ version: 2 }), state);
    expect(only(gone.diagnostics).code).toBe("notebook-gone");
    expect((await story.read(state)).state).toBeNull();
  });
});

describe("a read", () => {
  test.each<[string, (it: NotebookStory) => void, object]>([
    ["that is ready is as it was", () => undefined, { instance_id: "i-1", address: "10.0.0.1" }],
    [
      "that is parked is as it was",
      (it) => {
        it.change({ status: "PARKED", address: null });
        it.resize(0);
      },
      { instance_id: "i-1", address: "10.0.0.1" },
    ],
    [
      "that a command has started elsewhere has the new address",
      (it) => {
        it.resize(0);
        it.resize(1);
        it.change({ instanceId: "i-2", address: "10.0.0.2" });
      },
      { instance_id: "i-2", address: "10.0.0.2" },
    ],
    ["whose group is empty is unfinished", (it) => it.resize(0), { node_version: null }],
    ["that is FAILED is unfinished", (it) => it.change({ status: "FAILED" }), { node_version: null }],
  ])("of a notebook %s", async (_name, happens, expected) => {
    const state = await story.created();
    happens(story);
    expect((await story.read(state)).state).toEqual({ ...state, ...expected });
  });
});

describe("delete", () => {
  test("ends the node, and frees the name", async () => {
    const state = await story.created();
    expect(await story.apply(null, state)).toMatchObject({ state: null, diagnostics: [] });
    expect(story.table.items.size).toBe(0);
    expect(story.instances).toEqual([]);
  });

  test("records what its node was used for", async () => {
    const state = await story.created();
    story.change({ statusChangedAt: "2025-11-30T23:00:00.000Z" });
    await story.apply(null, state);
    expect(story.usage(CLUSTER_UUID)).toMatchObject([
      { from: "2025-11-30T23:00:00.000Z", to: "2025-12-01T00:00:00.000Z", month: "2025-11" },
      { from: "2025-12-01T00:00:00.000Z", month: "2025-12", instanceType: "m6i.large", nodes: 1 },
    ]);
  });

  test("of one that never was ready records nothing", async () => {
    story.meanwhile = () => undefined;
    const timeouts = { create: "5s", update: null, delete: null };
    const { state } = await story.apply(story.plan({ timeouts }));
    await story.apply(null, state);
    expect([story.item, story.usage(CLUSTER_UUID)]).toEqual([null, []]);
  });

  test("of what is gone succeeds", async () => {
    const state = await story.created();
    story.table.items.clear();
    expect(await story.apply(null, state)).toMatchObject({ state: null, diagnostics: [] });
    expect(story.instances).toEqual([]);
  });

  test("of another resource's touches nothing, and says so", async () => {
    const state = await story.created();
    story.change({ owner: "theirs" });
    const held = [...story.table.items].find(([place]) => place.startsWith("ORG#"));
    if (held !== undefined) story.table.items.set(held[0], { ...held[1], owner: "theirs" });
    const { state: after, diagnostics } = await story.apply(null, state);
    expect(after).toBeNull();
    expect(only(diagnostics)).toMatchObject({ severity: "warning", code: "owned-elsewhere" });
    expect(story.desired).toBe(1);
  });

  test("that takes too long says which instance is left, and may run again", async () => {
    const state = await story.created();
    const left = story.instances;
    story.resize = (desired) => {
      story.desired = desired;
      story.instances = left;
    };
    const { state: after, diagnostics } = await story.apply(null, state);
    expect(after).toEqual(state);
    expect(only(diagnostics)).toMatchObject({
      code: "notebook-not-drained",
      detail: expect.stringContaining("i-1 InService"),
    });
    expect(story.item).toMatchObject({ status: "REMOVING" });
    story.resize = () => {
      story.instances = [];
    };
    expect(await story.apply(null, state)).toMatchObject({ state: null, diagnostics: [] });
  });
});

describe("planRenewal to lt-1/2", () => {
  const of = (id: string, template: string | null, lifecycle = "InService") => ({ id, template, lifecycle });
  test.each<[string, Pick<NotebookItem, "status" | "retiring">, ReturnType<typeof of>[], object]>([
    ["nothing there", { status: "NEW", retiring: null }, [], { end: [], keep: null, retiring: null }],
    [
      "the old version",
      { status: "FINISHED", retiring: null },
      [of("i-1", "lt-1/1")],
      { end: ["i-1"], keep: null, retiring: "i-1" },
    ],
    [
      "that version already",
      { status: "FINISHED", retiring: "i-0" },
      [of("i-1", "lt-1/2")],
      { end: [], keep: "i-1", retiring: "i-0" },
    ],
    [
      "that version, but of the cluster that was left",
      { status: "NEW", retiring: "i-1" },
      [of("i-1", "lt-1/2")],
      { end: ["i-1"], keep: null, retiring: "i-1" },
    ],
    [
      "the old one on its way out",
      { status: "INPROGRESS", retiring: "i-1" },
      [of("i-1", "lt-1/1", "Terminating:Wait"), of("i-2", "lt-1/2")],
      { end: [], keep: "i-2", retiring: "i-1" },
    ],
    [
      "one that does not say, in a renewal that was cut short",
      { status: "INPROGRESS", retiring: "i-1" },
      [of("i-2", null)],
      { end: [], keep: "i-2", retiring: "i-1" },
    ],
    [
      "one that does not say, which was ready",
      { status: "FINISHED", retiring: "i-1" },
      [of("i-2", null)],
      { end: ["i-2"], keep: null, retiring: "i-2" },
    ],
  ])("%s", (_name, item, instances, expected) => {
    expect(planRenewal(item, { instances }, "lt-1/2")).toEqual(expected);
  });
});

describe("isSettled: whether the last apply of a notebook finished", () => {
  const group = (desired: number, ...ids: string[]) => ({
    name: "g",
    minSize: 0,
    desired,
    instances: ids.map((id) => ({ id, lifecycle: "InService", template: null })),
  });
  test.each<[string, Pick<NotebookItem, "status" | "retiring">, ReturnType<typeof group> | null, boolean]>([
    ["ready", { status: "FINISHED", retiring: null }, group(1, "i-1"), true],
    ["ready, with an emptied group", { status: "FINISHED", retiring: null }, group(0), false],
    ["parked", { status: "PARKED", retiring: null }, group(0), true],
    ["parked, without its group", { status: "PARKED", retiring: null }, null, false],
    ["started by a command", { status: "INPROGRESS", retiring: null }, group(1), true],
    ["started, with an emptied group", { status: "INPROGRESS", retiring: null }, group(0), false],
    [
      "a renewal that has ended the old node",
      { status: "INPROGRESS", retiring: "i-1" },
      group(1, "i-2"),
      true,
    ],
    [
      "a renewal that has not ended the old node",
      { status: "INPROGRESS", retiring: "i-1" },
      group(1, "i-1"),
      false,
    ],
    ["FAILED", { status: "FAILED", retiring: null }, group(1, "i-1"), false],
    ["made, and no more", { status: "NEW", retiring: null }, group(0), false],
  ])("%s", (_name, item, of, expected) => {
    expect(isSettled(item, of)).toBe(expected);
  });
});
