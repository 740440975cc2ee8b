import { beforeEach, describe, expect, test } from "@jest/globals";
import { readState } from "../../../../../provider/core/apply.js";
import type { ObjectValue } from "../../../../../provider/core/value.js";
import { jobResource } from "../../../../../provider/resources/job/resource.js";
import { CLUSTER_UUID } from "../../../../support/agent/cluster-item.js";
import { JobStory, RUNNING } from "../../../../support/provider/job-story.js";
import type { MemoryJobs } from "../../../../support/provider/memory-jobs.js";

let story: JobStory;
beforeEach(() => {
  story = new JobStory();
});

describe("read", () => {
  test("finds nothing where the definition is gone", async () => {
    const state = await story.applied();
    story.memory.definitions.clear();
    expect((await readState(story.target, state)).state).toBeNull();
  });

  test("keeps what is known of a run whose item was removed by hand", async () => {
    const state = await story.applied({ timeout: "60m" });
    story.memory.jobs.clear();
    expect(await story.refreshed(state)).toEqual(state);
  });

  test("completes an import", async () => {
    await story.applied({ environment: { A: "1" }, triggers: { mesh: "1" }, timeout: "90m" });
    const imported = jobResource.import?.(
      `${CLUSTER_UUID}/nightly`,
      story.target.privateState,
    ) as ObjectValue;
    const empty = Object.keys(jobResource.schema.attributes).map((name) => [name, null]);
    expect(
      await story.refreshed({ ...Object.fromEntries(empty), timeouts: null, ...imported }),
    ).toMatchObject({
      command: ["pi.py"],
      environment: { A: "1" },
      triggers: { mesh: "1" },
      timeout: "1h30m",
      run: "on_change",
      wait: true,
      revision: 1,
      status: "FINISHED",
    });
  });

  test.each(["nightly", `${CLUSTER_UUID}/`, `${CLUSTER_UUID}/Größe`, `${CLUSTER_UUID}/a/b`, "x/nightly"])(
    "an import of %s is refused",
    (id) =>
      expect(() => jobResource.import?.(id, story.target.privateState)).toThrow(
        "it must be <cluster UUID>/<the job's name>",
      ),
  );
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
    expect(story.onlyJob()).toBe(ended);
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
  ])("goes on, and says so, where nobody could end it: %s", async (_name, arrange, seconds) => {
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
      { severity: "warning", detail: expect.stringContaining(`${story.onlyJob().id} (INPROGRESS, running)`) },
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
        summary: expect.stringContaining("still runs"),
        detail: expect.stringContaining("Waited 20s in vain"),
      },
    ]);
    expect(story.memory.definitions.size).toBe(1);
  });
});
