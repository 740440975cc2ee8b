import { beforeEach, describe, expect, test } from "@jest/globals";
import { applyChange, readState } from "../../../../../provider/core/apply.js";
import { type ObjectValue, UNKNOWN } from "../../../../../provider/core/value.js";
import { jobDefinitionResource } from "../../../../../provider/resources/job-definition/resource.js";
import { CLUSTER_UUID } from "../../../../support/agent/cluster-item.js";
import { DefinitionStory, FINISHED, RUNNING } from "../../../../support/provider/job-definition-story.js";
import type { MemoryJobs } from "../../../../support/provider/memory-jobs.js";

let story: DefinitionStory;
beforeEach(() => {
  story = new DefinitionStory();
});

describe("read", () => {
  test("finds nothing where the definition is gone", async () => {
    const state = await story.applied();
    story.memory.definitions.clear();
    expect((await readState(story.target, state)).state).toBeNull();
  });

  test("keeps what is known of a job whose item was removed by hand", async () => {
    const state = await story.applied({ timeout: "60m" });
    story.memory.jobs.clear();
    expect(await story.refreshed(state)).toEqual(state);
  });

  test("completes an import", async () => {
    await story.applied({ environment: { A: "1" }, triggers: { mesh: "1" }, timeout: "90m" });
    expect(await story.imported()).toMatchObject({
      owner: null,
      command: ["pi.py"],
      environment: { A: "1" },
      triggers: { mesh: "1" },
      timeout: "1h30m",
      run: "on_change",
      wait: true,
      revision: 1,
      job_status: "FINISHED",
    });
  });

  test.each(["nightly", `${CLUSTER_UUID}/`, `${CLUSTER_UUID}/Größe`, `${CLUSTER_UUID}/a/b`, "x/nightly"])(
    "an import of %s is refused",
    (id) =>
      expect(() => jobDefinitionResource.import?.(id, story.target.privateState)).toThrow(
        "it must be <cluster UUID>/<the job definition's name>",
      ),
  );
});

describe("a definition that another resource has taken over", () => {
  beforeEach(async () => {
    state = (await story.apply({ wait: false })).state ?? {};
    const definition = [...story.memory.definitions.values()][0];
    if (definition === undefined) throw new Error("there is no definition");
    story.memory.definitions.set("nightly", { ...definition, owner: "another" });
  });
  let state: ObjectValue;

  test("is dropped by a read, which says so", async () => {
    expect(await readState(story.target, state)).toMatchObject({
      state: null,
      diagnostics: [
        { severity: "warning", summary: expect.stringContaining("not this resource's any more") },
      ],
    });
  });

  test("is not changed by an update that was planned before", async () => {
    const { planned, config } = story.plan(state, { command: ["e.py"] });
    const { diagnostics } = await applyChange(story.target, { prior: state, planned, config });
    expect(diagnostics).toMatchObject([
      { summary: `Cluster ${CLUSTER_UUID} has a job definition nightly already` },
    ]);
    expect(story.memory.definitions.get("nightly")).toMatchObject({ owner: "another", revision: 1 });
  });

  test("keeps its jobs and itself when the old one is destroyed", async () => {
    expect(await story.destroy(state)).toMatchObject({
      state: null,
      diagnostics: [
        { severity: "warning", summary: expect.stringContaining("not this resource's any more") },
      ],
    });
    expect(story.onlyJob()).toMatchObject({ status: "NEW", cancelRequested: false });
    expect(story.memory.definitions.size).toBe(1);
  });

  test("and made anew: jobs of the old one's own definition are cancelled, those of the new one are not", async () => {
    const [definition] = story.memory.definitions.values();
    if (definition === undefined) throw new Error("there is no definition");
    story.memory.definitions.set("nightly", { ...definition, id: "new-id" });
    const job = story.onlyJob();
    const reference = { id: "new-id", name: "nightly", revision: 1 };
    story.memory.jobs.set("new-job", { ...job, id: "new-job", definition: reference });
    await story.destroy(state);
    expect(story.memory.jobs.get(job.id)).toMatchObject({ status: "CANCELLED" });
    expect(story.memory.jobs.get("new-job")).toMatchObject({ status: "NEW" });
  });

  test("an import takes it back, by its next apply, which runs nothing again", async () => {
    story.memory.changeLatest(FINISHED);
    const imported = await story.imported();
    expect(story.plan(imported, { wait: false }).planned).toMatchObject({ owner: UNKNOWN, revision: 1 });
    const { state: taken, diagnostics } = await story.apply({ wait: false }, imported);
    expect(diagnostics).toEqual([]);
    expect(taken?.["owner"]).toEqual(story.memory.definitions.get("nightly")?.owner);
    expect(taken?.["owner"]).not.toBe("another");
    expect(story.memory.submits).toBe(1);
    expect(await story.refreshed(taken)).toEqual(taken);
  });
});

describe("delete", () => {
  const lease = (renewal: number) => ({ generation: 1, renewal, ttlMs: 5000 }) as MemoryJobs["lease"];

  test("cancels what waits at once, and leaves nothing; what has ended stays as it is; twice is once", async () => {
    const { state } = await story.apply({ wait: false });
    expect(await story.destroy(state)).toEqual({ state: null, diagnostics: [] });
    expect(story.onlyJob()).toMatchObject({
      status: "CANCELLED",
      phase: "ended",
      reason: expect.any(String),
    });
    expect(story.memory.definitions.size).toBe(0);
    const ended = story.onlyJob();
    expect(await story.destroy(state)).toEqual({ state: null, diagnostics: [] });
    expect(story.onlyJob()).toEqual(ended);
  });

  test("asks the head to end what runs, and waits for it", async () => {
    const { state } = await story.apply({ wait: false });
    story.memory.changeLatest(RUNNING);
    story.memory.lease = lease(1);
    story.meanwhile = (seconds) => {
      story.memory.lease = lease(seconds);
      if (seconds >= 60) story.memory.changeLatest({ status: "CANCELLED", phase: "ended" });
    };
    expect(await story.destroy(state)).toEqual({ state: null, diagnostics: [] });
    expect(story.onlyJob()).toMatchObject({ status: "CANCELLED", cancelRequested: true });
  });

  test.each<[string, () => void, number]>([
    ["there never was a head", () => undefined, 0],
    ["its lease is not renewed", () => (story.memory.lease = lease(1)), 15],
    ["the cluster is being removed", () => (story.memory.cluster = null), 0],
  ])("goes on, and says so, where nothing could end it: %s", async (_name, arrange, seconds) => {
    const { state } = await story.apply({ wait: false });
    story.memory.changeLatest(RUNNING);
    arrange();
    let waited = 0;
    story.meanwhile = (now) => {
      waited = now;
    };
    const { state: left, diagnostics } = await story.destroy(state);
    expect(left).toBeNull();
    expect(diagnostics).toMatchObject([
      {
        ...{ severity: "warning", code: "job-abandoned" },
        detail: expect.stringContaining(`${story.onlyJob().id} (INPROGRESS, running)`),
      },
    ]);
    expect(waited).toBe(seconds);
    expect(story.onlyJob()).toMatchObject({ cancelRequested: true });
    expect(story.memory.definitions.size).toBe(0);
  });

  test("gives up when a living head does not end it in time, and keeps the definition", async () => {
    const timeouts = { create: null, update: null, delete: "20s" };
    const { state } = await story.apply({ wait: false, timeouts });
    story.memory.changeLatest(RUNNING);
    story.meanwhile = (seconds) => {
      story.memory.lease = lease(seconds);
    };
    story.memory.lease = lease(0);
    const { state: left, diagnostics } = await story.destroy(state);
    expect(left).toEqual(state);
    expect(diagnostics).toMatchObject([
      {
        code: "job-not-cancelled",
        summary: expect.stringContaining("still runs"),
        detail: expect.stringContaining("Timed out after 20s"),
      },
    ]);
    expect(story.memory.definitions.size).toBe(1);
  });
});
