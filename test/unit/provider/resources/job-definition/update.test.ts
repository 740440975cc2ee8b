import { beforeEach, describe, expect, test } from "@jest/globals";
import { jobOf } from "../../../../../agent/contract/job-definition.js";
import type { JobDefinitionItem, JobItem } from "../../../../../agent/contract/registry.js";
import { applyChange } from "../../../../../provider/core/apply.js";
import { type ObjectValue, UNKNOWN } from "../../../../../provider/core/value.js";
import {
  DefinitionStory,
  FAILED,
  FINISHED,
  RUNNING,
} from "../../../../support/provider/job-definition-story.js";

let story: DefinitionStory;
beforeEach(() => {
  story = new DefinitionStory();
});

describe("update", () => {
  test("of what is run makes a new revision and submits it; of anything else submits nothing", async () => {
    const state = await story.applied();
    story.meanwhile = () => story.memory.changeLatest(FINISHED);
    const other = await story.apply(
      { wait: false, timeouts: { create: "5h", update: null, delete: null } },
      state,
    );
    expect(other).toMatchObject({ state: { revision: 1, job_id: state["job_id"] }, diagnostics: [] });
    expect(story.memory.submits).toBe(1);
    const changed = await story.apply({ environment: { A: "1" } }, other.state);
    expect(changed).toMatchObject({ state: { revision: 2, job_status: "FINISHED" }, diagnostics: [] });
    expect(story.memory.submits).toBe(2);
  });

  test.each<[string, Partial<JobItem> | null, { revision: number; submits: number }]>([
    ["before it submitted", null, { revision: 2, submits: 2 }],
    ["while it waited", RUNNING, { revision: 2, submits: 2 }],
    ["and whose job FAILED since", FAILED, { revision: 3, submits: 3 }],
  ])("after one that was cut short %s", async (_name, left, expected) => {
    const state = await story.applied();
    story.meanwhile = () => story.interrupt();
    const cut = await story.apply({ processes: 2 }, state);
    expect(cut.diagnostics).toMatchObject([{ summary: expect.stringContaining("Interrupted") }]);
    expect(cut.state).toMatchObject({ revision: 1, job_status: "FINISHED" });
    expect(await story.refreshed(cut.state)).toMatchObject({ revision: null, command: ["pi.py"] });
    if (left === null) {
      story.memory.jobs.delete([...story.memory.jobs.values()].map(({ id }) => id).at(-1) ?? "");
      story.memory.submits -= 1;
    } else story.memory.changeLatest(left);

    story.startAgain();
    story.meanwhile = () => story.memory.changeLatest(FINISHED);
    const next = await story.apply({ processes: 2 }, cut.state);
    expect(next.diagnostics).toEqual([]);
    expect(next.state).toMatchObject({ revision: expected.revision, processes: 2, job_status: "FINISHED" });
    expect(story.memory.submits).toBe(expected.submits);
  });

  test("goes on where it was written, and only the answer was lost", async () => {
    const state = await story.applied();
    const { replace } = story.memory.client.definitions;
    let writes = 0;
    Object.assign(story.memory.client.definitions, {
      replace: async (...args: Parameters<typeof replace>) => {
        writes += 1;
        await replace(...args);
        return false;
      },
    });
    story.meanwhile = () => story.memory.changeLatest(FINISHED);
    const changed = await story.apply({ processes: 2 }, state);
    expect(changed).toMatchObject({ state: { revision: 2, job_status: "FINISHED" }, diagnostics: [] });
    expect(writes).toBe(1);
  });

  test.each([
    ["at another time", { updatedAt: "2027-01-01T00:00:00.000Z", revision: 2 }],
    ["to another revision", { revision: 7 }],
  ])("fails where another has written the definition meanwhile, %s", async (_name, theirs) => {
    const state = await story.applied();
    Object.assign(story.memory.client.definitions, {
      replace: async (_previous: unknown, next: JobDefinitionItem) => {
        story.memory.definitions.set("nightly", { ...next, ...theirs });
        return false;
      },
    });
    const { diagnostics } = await story.apply({ processes: 2 }, state);
    expect(diagnostics).toMatchObject([{ summary: expect.stringContaining("changed") }]);
    expect(story.memory.submits).toBe(1);
  });

  test("of one that has lost its owner gives it the state's again", async () => {
    const state = await story.applied();
    const found = story.memory.definitions.get("nightly");
    if (found === undefined) throw new Error("there is no definition");
    const { owner, ...lost } = found;
    story.memory.definitions.set("nightly", lost);
    await story.apply({ wait: false }, state);
    expect(state["owner"]).toBe(owner);
    expect(story.memory.definitions.get("nightly")?.owner).toBe(owner);
  });

  test("of when it is waited for keeps what is known of a job whose item is gone", async () => {
    const state = await story.applied();
    story.memory.jobs.clear();
    const { state: after, diagnostics } = await story.apply({ wait: false }, state);
    expect(diagnostics).toEqual([]);
    expect(after).toEqual({ ...state, wait: false });
    expect(story.memory.submits).toBe(1);
  });

  test("back to what it was, after one that failed, is a change too", async () => {
    const state = await story.applied();
    story.meanwhile = () => story.memory.changeLatest(FAILED);
    const failed = await story.apply({ processes: 2 }, state);
    expect(failed.diagnostics).toMatchObject([
      {
        code: "job-failed",
        reasonCode: "rank-exited",
        summary: "Job of definition nightly FAILED: it broke",
      },
    ]);
    story.meanwhile = () => story.memory.changeLatest(FINISHED);
    const back = await story.apply({}, failed.state);
    expect(back.state).toMatchObject({ revision: 3, processes: null, job_status: "FINISHED" });
    expect(story.memory.definitions.get("nightly")?.request.processes).toBeUndefined();
  });

  test("from manual to on_change runs what was never run, and not what was run by hand", async () => {
    const state = (await story.apply({ run: "manual" })).state;
    expect(state).toMatchObject({ revision: 1, job_id: null, job_status: null });
    expect(story.memory.submits).toBe(0);
    const definition = story.memory.definitions.get("nightly");
    if (definition === undefined) throw new Error("there is no definition");
    const byHand = { ...jobOf(definition, new Date(0), "by-hand"), ...FINISHED };
    story.memory.jobs.set(byHand.id, byHand);
    const kept = await story.apply({}, state);
    expect(kept).toMatchObject({ state: { job_id: byHand.id, job_status: "FINISHED" }, diagnostics: [] });
    story.memory.jobs.clear();
    story.meanwhile = () => story.memory.changeLatest(FINISHED);
    expect((await story.apply({}, state)).state).toMatchObject({ revision: 1, job_status: "FINISHED" });
    expect(story.memory.submits).toBe(1);
  });

  test("of a definition that somebody has changed since the plan does nothing", async () => {
    const prior = await story.refreshed(await story.applied());
    const { planned, config } = story.plan(prior, { wait: false });
    const definition = story.memory.definitions.get("nightly");
    if (definition !== undefined) story.memory.definitions.set("nightly", { ...definition, revision: 7 });
    const { state, diagnostics } = await applyChange(story.target, { prior, planned, config });
    expect(diagnostics).toMatchObject([
      { summary: expect.stringContaining("was changed since it was planned") },
    ]);
    expect(state).toEqual(prior);
  });

  test("of a definition that is gone says so", async () => {
    const prior = await story.refreshed(await story.applied());
    const { planned, config } = story.plan(prior, { processes: 2 });
    story.memory.definitions.clear();
    const { diagnostics } = await applyChange(story.target, { prior, planned, config });
    expect(diagnostics).toMatchObject([{ summary: expect.stringContaining("is gone") }]);
  });
});

describe("the plan of an update", () => {
  const JOB = ["revision", "job_id", "job_submitted_at"];
  const planned = async (change: ObjectValue, first: ObjectValue = {}) => {
    const prior = await story.refreshed(await story.applied(first));
    const plan = story.plan(prior, { ...first, ...change });
    const unknown = Object.entries(plan.planned ?? {}).flatMap(([name, value]) =>
      value === UNKNOWN ? name : [],
    );
    return { unknown, replaces: plan.requiresReplace };
  };

  test.each<[string, ObjectValue]>([
    ["whether it is waited for", { wait: false }],
    ["how long it is waited for", { timeouts: { create: "5h", update: null, delete: null } }],
    ["when it is run", { run: "manual" }],
  ])("keeps the job where only that changes: %s", async (_name, change) => {
    const { unknown } = await planned(change);
    expect(unknown.filter((name) => JOB.includes(name))).toEqual([]);
    expect(unknown).toContain("job_status");
  });

  test.each<[string, ObjectValue]>([
    ["command", { command: ["pi.py", "2"] }],
    ["script", { script: { name: "pi.py", content: "print(4)" } }],
    ["environment", { environment: { A: "1" } }],
    ["processes", { processes: 2 }],
    ["timeout", { timeout: "2h" }],
    ["triggers", { triggers: { mesh: "2" } }],
  ])("shows a job where %s changes", async (_name, change) => {
    const { unknown, replaces } = await planned(change);
    expect(unknown).toEqual(expect.arrayContaining(JOB));
    expect(replaces).toEqual([]);
  });

  test("shows a job where it becomes one that apply runs, and never was run", async () => {
    const { unknown } = await planned({ run: "on_change" }, { run: "manual" });
    expect(unknown).toEqual(expect.arrayContaining(["job_id", "job_submitted_at"]));
    expect(unknown).not.toContain("revision");
  });

  test("replaces it for another name or cluster", async () => {
    expect((await planned({ name: "daily", cluster_uuid: UNKNOWN })).replaces).toEqual([
      ["cluster_uuid"],
      ["name"],
    ]);
  });
});
