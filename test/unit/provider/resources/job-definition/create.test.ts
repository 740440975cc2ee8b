import { beforeEach, describe, expect, test } from "@jest/globals";
import { because } from "../../../../../agent/contract/reasons.js";
import type { JobDefinitionItem, JobItem } from "../../../../../agent/contract/registry.js";
import type { MusterClient } from "../../../../../provider/client/ports.js";
import { DiagnosticError, errorDiagnostic } from "../../../../../provider/core/diagnostic.js";
import { UNKNOWN } from "../../../../../provider/core/value.js";
import { CLUSTER_UUID, clusterItem } from "../../../../support/agent/cluster-item.js";
import { queuedJob } from "../../../../support/agent/jobs.js";
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

describe("create", () => {
  test("submits the revision's job, and ends when it is FINISHED", async () => {
    const state = await story.applied();
    expect(state).toMatchObject({
      revision: 1,
      job_status: "FINISHED",
      job_id: story.onlyJob().id,
      job_exit_code: 0,
    });
    expect(story.onlyJob().definition).toMatchObject({ name: "nightly", revision: 1 });
    expect(story.logged).toContainEqual(
      expect.stringContaining(
        `job ${story.onlyJob().id} of definition nightly to end: NEW, queued: waits in the queue`,
      ),
    );
  });

  test("at a cluster that is parked, and that a job does not resume, submits no job, and keeps the definition", async () => {
    const parked = { clusterStatus: "PARKED", phase: "parked", resumeOnJob: false } as const;
    story.memory.cluster = clusterItem(parked);
    const { diagnostics } = await story.apply();
    expect(diagnostics).toMatchObject([{ code: "job-not-admitted", reasonCode: "cluster-stays-parked" }]);
    expect(diagnostics[0]?.detail).toContain("No job was submitted");
    expect([story.memory.submits, story.memory.definitions.size]).toEqual([0, 1]);
  });

  test("shows all of the job, and before there is one nothing of it", async () => {
    const times = { startedAt: "2026-01-01T00:00:05.000Z", endedAt: "2026-01-01T00:00:09.000Z" };
    const log = { uri: "s3://logs/demo", bytes: 6, sha256: "00", parts: 1 };
    story.meanwhile = () => story.memory.changeLatest({ ...FAILED, ...times, log });
    const state = await story.refreshed((await story.apply()).state);
    expect(state).toMatchObject({
      ...{ job_id: story.onlyJob().id, job_submitted_at: story.onlyJob().submittedAt },
      ...{ job_status: "FAILED", job_phase: "ended", job_exit_code: 3, job_log_uri: log.uri },
      ...{ job_reason_code: "rank-exited", job_reason: "it broke" },
      ...{ job_started_at: times.startedAt, job_ended_at: times.endedAt },
    });
    const nothing = Object.keys(state).filter((name) => name.startsWith("job_") && name !== "job_timeout");
    const manual = new DefinitionStory();
    expect(await manual.applied({ run: "manual" })).toMatchObject(
      Object.fromEntries(nothing.map((name) => [name, null])),
    );
    expect(nothing).toHaveLength(10);
  });

  test.each<[string, Partial<JobItem> | null, string]>([
    ["FINISHED is accepted", FINISHED, "FINISHED"],
    ["running is followed", RUNNING, "FINISHED"],
    ["never submitted is submitted", null, "FINISHED"],
  ])("of what a killed one left, once it is imported: its job %s", async (_name, left, status) => {
    const { job_id } = await story.applied();
    if (left === null) story.memory.jobs.clear();
    else story.memory.changeLatest({ ...left, exitCode: null });
    story.meanwhile = () => story.memory.changeLatest(FINISHED);
    const { state, diagnostics } = await story.apply({}, await story.imported());
    expect(diagnostics).toEqual([]);
    expect(state).toMatchObject({ revision: 1, job_status: status, job_id });
    expect(story.onlyJob().id).toBe(job_id);
  });

  test("of what a killed one left, once it is imported: a FAILED job is shown as such, and not repeated", async () => {
    await story.applied();
    story.memory.changeLatest(FAILED);
    const { state, diagnostics } = await story.apply({}, await story.imported());
    expect(diagnostics).toEqual([]);
    expect(state).toMatchObject({
      job_status: "FAILED",
      job_reason_code: "rank-exited",
      job_reason: "it broke",
    });
    expect(story.memory.submits).toBe(1);
  });

  test("over one that has an owner fails though it is the same; one from before there were any is taken", async () => {
    const { job_id } = await story.applied();
    const found = story.memory.definitions.get("nightly");
    const refused = await story.apply();
    expect(refused.state).toBeNull();
    expect(refused.diagnostics).toMatchObject([
      { path: ["name"], detail: expect.stringContaining(`owner ${found?.owner}`) },
    ]);
    if (found === undefined) throw new Error("there is no definition");
    const { owner: _owner, ...old } = found;
    story.memory.definitions.set("nightly", old);
    const { state } = await story.apply();
    expect(state).toMatchObject({ job_id, job_status: "FINISHED", owner: expect.any(String) });
    expect(story.memory.definitions.get("nightly")?.owner).toBe(state?.["owner"]);
  });

  test("whose answer was lost is in the state, so that its destruction finds what it made, and nothing else", async () => {
    const { create } = story.memory.client.definitions;
    const lost = new DiagnosticError(
      [errorDiagnostic("aws-unavailable", "Could not create it", "No answer.")],
      {
        transient: true,
      },
    );
    const definitions = {
      ...story.memory.client.definitions,
      create: async (definition: JobDefinitionItem) => {
        await create(definition);
        throw lost;
      },
    };
    story.target = { ...story.target, client: { ...story.memory.client, definitions } };
    const { state } = await story.apply();
    expect(state).toMatchObject({ id: `${CLUSTER_UUID}/nightly`, owner: expect.any(String) });
    expect(await story.destroy(state)).toEqual({ state: null, diagnostics: [] });
    expect(story.memory.definitions.size).toBe(0);
  });

  test("over another one of the name fails, and leaves no state: its destruction would be the other's", async () => {
    await story.applied();
    const found = story.memory.definitions.get("nightly");
    const { state, diagnostics } = await story.apply({ command: ["e.py"] });
    expect(state).toBeNull();
    expect(diagnostics).toMatchObject([
      { path: ["name"], detail: expect.stringContaining(`terraform import ADDRESS ${CLUSTER_UUID}/nightly`) },
    ]);
    expect(story.memory.definitions.get("nightly")).toEqual(found);
  });

  test("that loses the race for the name fails likewise", async () => {
    await story.applied();
    const read = story.memory.client.definitions.read;
    let reads = 0;
    const late: MusterClient = {
      ...story.memory.client,
      definitions: {
        ...story.memory.client.definitions,
        read: async (uuid, name) => (reads++ === 0 ? null : read(uuid, name)),
      },
    };
    story.target = { ...story.target, client: late };
    const { state, diagnostics } = await story.apply({ command: ["e.py"] });
    expect(state).toBeNull();
    expect(diagnostics).toMatchObject([
      { summary: expect.stringContaining("has a job definition nightly already") },
    ]);
  });

  test.each([
    ["is not there", null, "it is not in the registry"],
    ["is being removed", clusterItem({ clusterStatus: "REMOVING", phase: "removing" }), "it is REMOVING"],
  ])("in a cluster that %s fails before anything is made", async (_name, cluster, why) => {
    story.memory.cluster = cluster;
    const { state, diagnostics } = await story.apply();
    expect(state).toBeNull();
    expect(diagnostics).toMatchObject([{ path: ["cluster_uuid"], detail: expect.stringContaining(why) }]);
    expect([story.memory.definitions.size, story.memory.jobs.size]).toEqual([0, 0]);
  });

  test("interrupted while it waits is no failure; the next apply follows the same job", async () => {
    story.meanwhile = () => story.interrupt();
    const { state, diagnostics } = await story.apply();
    expect(diagnostics).toMatchObject([{ severity: "warning", detail: expect.stringContaining("goes on") }]);
    expect(state).toMatchObject({ revision: 1, job_id: story.onlyJob().id, job_status: "NEW" });

    story.memory.changeLatest(RUNNING);
    story.startAgain();
    const refreshed = await story.refreshed(state);
    expect(refreshed).toEqual({ ...state, revision: null });
    expect(story.plan(refreshed).planned).toMatchObject({
      command: ["pi.py"],
      revision: UNKNOWN,
      job_id: UNKNOWN,
    });
    // A second refresh before the apply must not forget it.
    expect(await story.refreshed(refreshed)).toEqual(refreshed);
    story.meanwhile = () => story.memory.changeLatest(FINISHED);
    const next = await story.apply({}, state);
    expect(next).toMatchObject({ state: { revision: 1, job_status: "FINISHED" }, diagnostics: [] });
    expect(story.memory.submits).toBe(1);
    expect(await story.refreshed(next.state)).toEqual(next.state);
  });

  test("interrupted, and FINISHED since: the next plan has nothing to do", async () => {
    story.meanwhile = () => story.interrupt();
    const { state } = await story.apply();
    story.memory.changeLatest(FINISHED);
    expect(await story.refreshed(state)).toMatchObject({
      revision: 1,
      job_status: "FINISHED",
      command: ["pi.py"],
    });
  });

  test("says which job it waits for, and warns that it ran on a part of its cluster", async () => {
    const cluster = {
      ...clusterItem({ clusterStatus: "FINISHED", phase: "ready" }),
      hostfileNodes: 2,
      desiredNodes: 6,
    };
    story.memory.cluster = cluster;
    const other = { ...queuedJob("other", {}, "2020-01-01T00:00:00Z"), ...RUNNING };
    await story.memory.client.jobs.submit(other);
    const late = await story.apply({ timeouts: { create: "5s", update: null, delete: null } });
    expect(late.diagnostics[0]?.detail).toContain(
      `waits for job ${other.id}, which runs; cluster demo is degraded: 2 of 6`,
    );

    story.meanwhile = (seconds) => story.memory.changeLatest(seconds % 2 === 0 ? RUNNING : FINISHED);
    const { diagnostics } = await story.apply({ triggers: { again: "1" } }, late.state);
    expect(diagnostics).toMatchObject([
      {
        severity: "warning",
        summary: "The job of definition nightly ran on a part of its cluster only",
        detail: "Seen while it ran: cluster demo is degraded: 2 of 6 nodes are ready: 6 have not registered.",
      },
    ]);
  });

  test("does not warn of what its cluster lacked while it only waited", async () => {
    const ready = { clusterStatus: "FINISHED", phase: "ready" } as const;
    story.memory.cluster = { ...clusterItem(ready), hostfileNodes: 2, desiredNodes: 6 };
    story.meanwhile = (seconds) => {
      if (seconds === 5) story.memory.cluster = { ...clusterItem(ready), hostfileNodes: 6, desiredNodes: 6 };
      if (seconds === 9) story.memory.changeLatest(FINISHED);
    };
    expect((await story.apply()).diagnostics).toEqual([]);
  });

  const LATE = {
    ...FINISHED,
    ...{ logState: "pending", logReasonCode: "log-undelivered", logReason: "503 Slow Down" },
  } as Partial<JobItem>;

  test("waits for a log that comes a little later", async () => {
    const log = { uri: "s3://logs/k", bytes: 1, sha256: "00", parts: 1 };
    story.meanwhile = (seconds) =>
      story.memory.changeLatest(
        seconds < 30 ? LATE : { log, logState: "delivered", logReasonCode: null, logReason: null },
      );
    const { state, diagnostics } = await story.apply();
    expect(state).toMatchObject({ job_status: "FINISHED", job_log_uri: "s3://logs/k" });
    expect(diagnostics).toEqual([]);
  });

  test("warns of a log that is still on its way a minute later, and learns of it by the next refresh", async () => {
    story.meanwhile = () => story.memory.changeLatest(LATE);
    const { state, diagnostics } = await story.apply();
    expect(state).toMatchObject({ job_status: "FINISHED", job_log_uri: null });
    expect(diagnostics).toMatchObject([
      {
        ...{ severity: "warning", code: "job-log-missing", reasonCode: "log-undelivered" },
        detail: expect.stringContaining("is not in the bucket yet"),
      },
    ]);
    expect(diagnostics[0]?.detail).toContain("503 Slow Down");
    story.memory.changeLatest({
      log: { uri: "s3://logs/k", bytes: 1, sha256: "00", parts: 1 },
      logState: "delivered",
    });
    expect(await story.refreshed(state)).toMatchObject({ job_log_uri: "s3://logs/k" });
  });
});

describe("a wait that ends before the job", () => {
  test("says the job's and the cluster's state when the time is up", async () => {
    story.memory.cluster = clusterItem({
      ...{ clusterStatus: "PARKED", phase: "no-nodes" },
      ...because("nodes-missing", "why"),
    });
    const { diagnostics } = await story.apply({ timeouts: { create: "5s", update: null, delete: null } });
    expect(diagnostics).toMatchObject([
      {
        code: "job-not-ended",
        reasonCode: "nodes-missing",
        summary: "Job of definition nightly has not ended",
      },
    ]);
    for (const part of [
      "Timed out after 5s",
      "is NEW, queued: waits for nodes; cluster demo is PARKED, no-nodes: why; 0 of 2 nodes are ready",
      "PARKED, phase no-nodes",
      "no head node",
    ]) {
      expect(diagnostics[0]?.detail).toContain(part);
    }
  });

  test("is by default as long as the job may take, and 30m", async () => {
    const { diagnostics } = await story.apply({ timeout: "10m" });
    expect(diagnostics[0]?.detail).toContain("Timed out after 40m");
  });

  test.each<[string, () => void, string]>([
    ["the cluster goes", () => (story.memory.cluster = null), "it is not in the registry"],
    ["the job's item goes", () => story.memory.jobs.clear(), "its item was removed"],
  ])("fails at once when %s", async (_name, happens, why) => {
    story.meanwhile = happens;
    const { diagnostics } = await story.apply();
    expect(diagnostics).toMatchObject([{ detail: expect.stringContaining(why) }]);
    expect(story.target.runtime.clock.monotonicMs()).toBe(1000);
  });
});
