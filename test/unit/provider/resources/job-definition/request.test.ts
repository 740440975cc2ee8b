import { beforeEach, describe, expect, test } from "@jest/globals";
import { newJob } from "../../../../../agent/contract/job.js";
import { isSameSchedule } from "../../../../../provider/resources/job-definition/request.js";
import { type DefinitionState, waitMs } from "../../../../../provider/resources/job-definition/state.js";
import { CLUSTER_UUID } from "../../../../support/agent/cluster-item.js";
import { DefinitionStory, FINISHED } from "../../../../support/provider/job-definition-story.js";
import { CALLER } from "../../../../support/provider/memory-jobs.js";

let story: DefinitionStory;
beforeEach(() => {
  story = new DefinitionStory();
});

const GIT = { url: "https://github.com/acme/model", reference: "main", credentials: null };
const NO_SOURCE = { git: null, s3: null, shared: null, bundle: null };
const EVERYTHING = {
  mpi: true,
  source: { ...NO_SOURCE, git: GIT },
  working_folder: "a/b",
  requirements: "requirements.txt",
  setup: { command: ["/bin/sh", "-c", "true"], timeout: "120s" },
  environment: { A: "1" },
  processes: 4,
  processes_per_node: 2,
  runtime: "intel",
  on_rank_failure: "continue",
  on_bad_node: "continue",
  if_busy: "queue",
  retries: { count: 2, delay: "0s", on: ["failure", "timed-out"] },
  timeout: "5400s",
  job_timeout: "180m",
  schedule: {
    at: null,
    cron: "30 6 * * 1-5",
    time_zone: "Europe/Berlin",
    starting_deadline: "90m",
    if_running: "skip",
  },
};

describe("all that a definition may say", () => {
  test("is the request of its jobs, and its schedule is beside it", async () => {
    await story.applied(EVERYTHING);
    const definition = story.memory.definitions.get("nightly");
    expect(definition?.request).toEqual({
      command: ["pi.py"],
      mpi: true,
      source: { git: { url: GIT.url, reference: "main" } },
      workingFolder: "a/b",
      requirements: "requirements.txt",
      setup: { command: ["/bin/sh", "-c", "true"], timeoutSeconds: 120 },
      environment: { A: "1" },
      processes: 4,
      processesPerNode: 2,
      runtime: "intel",
      onRankFailure: "continue",
      onBadNode: "continue",
      ifBusy: "queue",
      retries: { count: 2, delaySeconds: 0, on: ["failure", "timed-out"] },
      timeoutSeconds: 5400,
      jobTimeoutSeconds: 10_800,
    });
    expect(definition?.schedule).toEqual({
      cron: "30 6 * * 1-5",
      timeZone: "Europe/Berlin",
      startingDeadlineSeconds: 5400,
      ifRunning: "skip",
    });
    const [job] = story.memory.jobs.values();
    expect(job).toMatchObject({ request: definition?.request, submittedBy: CALLER, slot: null });
  });

  test("comes back as it was written", async () => {
    const state = await story.applied(EVERYTHING);
    expect(await story.refreshed(state)).toEqual(state);
    expect(state).toMatchObject(EVERYTHING);
  });

  test("comes back from an import, with durations in the usual words", async () => {
    await story.applied(EVERYTHING);
    expect(await story.imported()).toMatchObject({
      ...EVERYTHING,
      setup: { command: ["/bin/sh", "-c", "true"], timeout: "2m" },
      timeout: "1h30m",
      job_timeout: "3h",
      schedule: { ...EVERYTHING.schedule, starting_deadline: "1h30m" },
    });
  });

  test.each([
    ["s3", { s3: { uri: "s3://models/weather/" } }],
    ["shared", { shared: { path: "/shared/model" } }],
    ["bundle", { bundle: { sha256: "0".repeat(64), bytes: 7 } }],
    ["git without more", { git: { url: GIT.url, reference: null, credentials: null } }],
  ])("a source that is %s too", async (_name, source) => {
    const state = await story.applied({ source: { ...NO_SOURCE, ...source } });
    expect(await story.refreshed(state)).toEqual(state);
  });

  test("is nothing where nothing is said", async () => {
    const state = await story.applied();
    expect(story.memory.definitions.get("nightly")).not.toHaveProperty("schedule");
    expect(story.memory.definitions.get("nightly")?.request).toEqual({
      command: ["pi.py"],
      timeoutSeconds: 3600,
    });
    expect(state).toMatchObject({ mpi: null, source: null, setup: null, retries: null, schedule: null });
  });
});

describe("a change", () => {
  test.each<[string, object]>([
    ["of the source", { source: { ...NO_SOURCE, git: { ...GIT, reference: "v2" } } }],
    ["of the retries' pause", { retries: { ...EVERYTHING.retries, delay: "20s" } }],
    ["that takes something away", { job_timeout: null }],
    ["of a policy", { on_bad_node: "fail" }],
  ])("%s is a new revision", async (_name, change) => {
    const state = await story.applied(EVERYTHING);
    story.meanwhile = () => story.memory.changeLatest(FINISHED);
    const next = await story.apply({ ...EVERYTHING, ...change }, state);
    expect(next).toMatchObject({ diagnostics: [], state: { revision: 2 } });
    expect(story.memory.submits).toBe(2);
  });

  test("of the schedule is none, and nothing is submitted; without one, none is kept", async () => {
    const state = await story.applied(EVERYTHING);
    const schedule = { ...EVERYTHING.schedule, cron: "0 7 * * *" };
    const other = await story.apply({ ...EVERYTHING, schedule }, state);
    expect(other).toMatchObject({ diagnostics: [], state: { revision: 1 } });
    expect(story.memory.definitions.get("nightly")?.schedule).toMatchObject({ cron: "0 7 * * *" });
    const none = await story.apply({ ...EVERYTHING, schedule: null }, other.state);
    expect(none).toMatchObject({ diagnostics: [], state: { revision: 1, schedule: null } });
    expect(story.memory.definitions.get("nightly")).not.toHaveProperty("schedule");
    expect(story.memory.submits).toBe(1);
  });
});

describe("a job that does not wait", () => {
  test("fails the apply at once where the cluster has another, and is submitted by the next one", async () => {
    const other = newJob(CLUSTER_UUID, "other", { command: ["x"] }, new Date(0));
    story.memory.jobs.set(other.id, { ...other, status: "INPROGRESS" });
    const refused = await story.apply({ if_busy: "refuse" });
    expect(refused.diagnostics).toMatchObject([
      {
        code: "job-not-admitted",
        reasonCode: "cluster-busy",
        detail: expect.stringContaining(`the cluster has job ${other.id} (INPROGRESS)`),
      },
    ]);
    expect(refused.diagnostics[0]?.detail).toContain("No job was submitted; apply again");
    expect(story.memory.jobs.size).toBe(1);
    expect(story.memory.definitions.get("nightly")).toMatchObject({ revision: 1 });
  });
});

test.each([
  [{ timeout: "1h", retries: null, job_timeout: null }, 90],
  [{ timeout: "1h", retries: { count: 2, delay: "30m", on: null }, job_timeout: null }, 60 + 2 * 90 + 30],
  [{ timeout: "1h", retries: { count: 2, delay: null, on: null }, job_timeout: "2h" }, 120 + 30],
])("apply waits for all attempts: %j", (state, expectedMinutes) => {
  const whole = { timeouts: null, ...state } as unknown as DefinitionState;
  expect(waitMs(whole, "create")).toBe(expectedMinutes * 60_000);
});

test.each([
  [undefined, undefined, true],
  [undefined, { cron: "* * * * *" }, false],
  [{ cron: "* * * * *", timeZone: "UTC" }, { timeZone: "UTC", cron: "* * * * *" }, true],
  [{ cron: "* * * * *" }, { cron: "* * * * *", timeZone: "UTC" }, false],
])("schedules are the same or not: %j, %j", (a, b, isSame) => expect(isSameSchedule(a, b)).toBe(isSame));
