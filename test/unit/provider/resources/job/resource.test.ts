import { beforeEach, describe, expect, test } from "@jest/globals";
import { runOf } from "../../../../../agent/contract/job-definition.js";
import type { JobItem } from "../../../../../agent/contract/registry.js";
import { applyChange, type Outcome, readState, type Target } from "../../../../../provider/core/apply.js";
import { planChange } from "../../../../../provider/core/plan.js";
import { openPrivateState } from "../../../../../provider/core/private-state.js";
import type { AnyResource } from "../../../../../provider/core/resource.js";
import type { ObjectValue } from "../../../../../provider/core/value.js";
import { jobResource } from "../../../../../provider/resources/job/resource.js";
import type { MusterClient } from "../../../../../provider/resources/ports.js";
import { CLUSTER_UUID, clusterItem } from "../../../../support/agent/cluster-item.js";
import { type MemoryJobs, memoryJobs } from "../../../../support/provider/memory-jobs.js";
import { fakeRuntime } from "../../../../support/provider/runtime.js";

const FINISHED: Partial<JobItem> = { status: "FINISHED", phase: "ended", exitCode: 0 };
const FAILED: Partial<JobItem> = { status: "FAILED", phase: "ended", exitCode: 3, reason: "it broke" };
const RUNNING: Partial<JobItem> = { status: "INPROGRESS", phase: "running", leaseGeneration: 1 };

let memory: MemoryJobs;
let target: Target<MusterClient>;
/** What happens while something waits; called before each look but the first. */
let meanwhile: (seconds: number) => void;
let interrupt: AbortController;

beforeEach(() => {
  memory = memoryJobs();
  meanwhile = () => undefined;
  interrupt = new AbortController();
  const { clock, ...runtime } = fakeRuntime({ signal: interrupt.signal });
  target = {
    typeName: "muster_job",
    resource: jobResource as unknown as AnyResource<MusterClient>,
    client: memory.client,
    privateState: openPrivateState(""),
    runtime: {
      ...runtime,
      clock: {
        ...clock,
        sleep: async (milliseconds, signal) => {
          await clock.sleep(milliseconds, signal);
          meanwhile(Math.round(clock.monotonicMs() / 1000));
        },
      },
    },
  };
});

const CONFIG: ObjectValue = {
  cluster_uuid: CLUSTER_UUID,
  name: "nightly",
  command: ["pi.py"],
};

/** Refresh, plan and apply as Terraform does them. */
async function apply(change: ObjectValue = {}, before: ObjectValue | null = null): Promise<Outcome> {
  const prior = before === null ? null : (await readState(target, before)).state;
  const config = { ...CONFIG, ...change };
  const proposed = { ...prior, ...Object.fromEntries(Object.entries(config)) };
  const { planned } = planChange(jobResource.schema, { prior, proposed, config });
  return applyChange(target, { prior, planned, config });
}
const destroy = (state: ObjectValue | null): Promise<Outcome> =>
  applyChange(target, { prior: state, planned: null, config: null });
const refreshed = async (state: ObjectValue | null): Promise<ObjectValue> =>
  (await readState(target, state ?? {})).state ?? {};

/** A job that was made, run and FINISHED. */
async function applied(change: ObjectValue = {}): Promise<ObjectValue> {
  meanwhile = () => memory.changeLatest(FINISHED);
  const { state, diagnostics } = await apply(change);
  expect(diagnostics).toEqual([]);
  meanwhile = () => undefined;
  return state ?? {};
}
const onlyJob = (): JobItem => {
  expect(memory.jobs.size).toBe(1);
  return [...memory.jobs.values()][0] as JobItem;
};

describe("create", () => {
  test("submits the revision's run, and ends when it is FINISHED", async () => {
    const state = await applied();
    expect(state).toMatchObject({ revision: 1, status: "FINISHED", job_id: onlyJob().id, exit_code: 0 });
    expect(onlyJob().definition).toMatchObject({ name: "nightly", revision: 1 });
  });

  test.each<[string, Partial<JobItem> | null, string]>([
    ["FINISHED is accepted", FINISHED, "FINISHED"],
    ["running is followed", RUNNING, "FINISHED"],
    ["never submitted is submitted", null, "FINISHED"],
  ])("over what a killed one left, its run %s", async (_name, left, status) => {
    const { job_id } = await applied();
    if (left === null) memory.jobs.clear();
    else memory.changeLatest({ ...left, exitCode: null });
    meanwhile = () => memory.changeLatest(FINISHED);
    const { state, diagnostics } = await apply();
    expect(diagnostics).toEqual([]);
    expect(state).toMatchObject({ revision: 1, status, job_id });
    expect(onlyJob().id).toBe(job_id);
  });

  test("over what a killed one left tells of its FAILED run, and runs nothing", async () => {
    await applied();
    memory.changeLatest(FAILED);
    const { state, diagnostics } = await apply();
    expect(diagnostics).toMatchObject([{ summary: "Job nightly FAILED: it broke" }]);
    expect(state).toMatchObject({ status: "FAILED" });
    expect(memory.submits).toBe(1);
  });

  test("over another one of the name fails, and leaves no state: its destruction would be the other's", async () => {
    await applied();
    const found = memory.definitions.get("nightly");
    const { state, diagnostics } = await apply({ command: ["e.py"] });
    expect(state).toBeNull();
    expect(diagnostics).toMatchObject([
      { path: ["name"], detail: expect.stringContaining(`terraform import ADDRESS ${CLUSTER_UUID}/nightly`) },
    ]);
    expect(memory.definitions.get("nightly")).toBe(found);
  });

  test("that loses the race for the name fails likewise", async () => {
    await applied();
    const read = memory.client.definitions.read;
    let reads = 0;
    const late: MusterClient = {
      ...memory.client,
      definitions: {
        ...memory.client.definitions,
        read: async (uuid, name) => (reads++ === 0 ? null : read(uuid, name)),
      },
    };
    target = { ...target, client: late };
    const { state, diagnostics } = await apply({ command: ["e.py"] });
    expect(state).toBeNull();
    expect(diagnostics).toMatchObject([{ summary: expect.stringContaining("has a job nightly already") }]);
  });

  test.each([
    ["is not there", null, "it is not in the registry"],
    ["is being removed", clusterItem({ clusterStatus: "REMOVING", phase: "removing" }), "it is REMOVING"],
  ])("in a cluster that %s fails before anything is made", async (_name, cluster, why) => {
    memory.cluster = cluster;
    const { state, diagnostics } = await apply();
    expect(state).toBeNull();
    expect(diagnostics).toMatchObject([{ path: ["cluster_uuid"], detail: expect.stringContaining(why) }]);
    expect([memory.definitions.size, memory.jobs.size]).toEqual([0, 0]);
  });

  test("interrupted while it waits is no failure; the next apply follows the same run", async () => {
    meanwhile = () => interrupt.abort();
    const { state, diagnostics } = await apply();
    expect(diagnostics).toMatchObject([{ severity: "warning", detail: expect.stringContaining("goes on") }]);
    expect(state).toMatchObject({ revision: 1, job_id: onlyJob().id, status: "NEW" });

    memory.changeLatest(RUNNING);
    target = { ...target, runtime: { ...target.runtime, signal: new AbortController().signal } };
    expect(await refreshed(state)).toMatchObject({ command: null });
    // A second refresh before the apply must not forget it.
    expect(await refreshed(await refreshed(state))).toMatchObject({ command: null });
    meanwhile = () => memory.changeLatest(FINISHED);
    const next = await apply({}, state);
    expect(next).toMatchObject({ state: { revision: 1, status: "FINISHED" }, diagnostics: [] });
    expect(memory.submits).toBe(1);
    expect(await refreshed(next.state)).toEqual(next.state);
  });

  test("interrupted, and FINISHED since: the next plan has nothing to do", async () => {
    meanwhile = () => interrupt.abort();
    const { state } = await apply();
    memory.changeLatest(FINISHED);
    expect(await refreshed(state)).toMatchObject({ revision: 1, status: "FINISHED", command: ["pi.py"] });
  });

  test("warns of a log that was not delivered", async () => {
    meanwhile = () => memory.changeLatest({ ...FINISHED, reason: "its log could not be delivered" });
    const { state, diagnostics } = await apply();
    expect(state).toMatchObject({ status: "FINISHED" });
    expect(diagnostics).toMatchObject([{ severity: "warning", detail: "its log could not be delivered." }]);
  });
});

describe("a wait that ends without the run", () => {
  test("says the job's and the cluster's state when the time is up", async () => {
    memory.cluster = clusterItem({ clusterStatus: "PARKED", phase: "no-nodes" });
    const { diagnostics } = await apply({ timeouts: { create: "5s", update: null, delete: null } });
    expect(diagnostics).toMatchObject([{ summary: "Job nightly has not ended" }]);
    for (const part of [
      "took longer than 5s",
      "is NEW, phase queued",
      "PARKED, phase no-nodes",
      "no head node",
    ]) {
      expect(diagnostics[0]?.detail).toContain(part);
    }
  });

  test("is by default as long as the job may take, and 30m", async () => {
    const { diagnostics } = await apply({ timeout: "10m" });
    expect(diagnostics[0]?.detail).toContain("took longer than 40m");
  });

  test.each<[string, () => void, string]>([
    ["the cluster goes", () => (memory.cluster = null), "it is not in the registry"],
    ["the job's item goes", () => memory.jobs.clear(), "somebody removed it"],
  ])("fails at once when %s", async (_name, happens, why) => {
    meanwhile = happens;
    const { diagnostics } = await apply();
    expect(diagnostics).toMatchObject([{ detail: expect.stringContaining(why) }]);
    expect(target.runtime.clock.monotonicMs()).toBe(1000);
  });
});

describe("update", () => {
  test("of what is run makes a new revision and runs it; of anything else runs nothing", async () => {
    const state = await applied();
    meanwhile = () => memory.changeLatest(FINISHED);
    const other = await apply({ wait: false, timeouts: { create: "5h", update: null, delete: null } }, state);
    expect(other).toMatchObject({ state: { revision: 1, job_id: state["job_id"] }, diagnostics: [] });
    expect(memory.submits).toBe(1);
    const changed = await apply({ environment: { A: "1" } }, other.state);
    expect(changed).toMatchObject({ state: { revision: 2, status: "FINISHED" }, diagnostics: [] });
    expect(memory.submits).toBe(2);
  });

  test.each<[string, Partial<JobItem> | null, { revision: number; submits: number }]>([
    ["before it submitted", null, { revision: 2, submits: 2 }],
    ["while it waited", RUNNING, { revision: 2, submits: 2 }],
    ["and whose run FAILED since", FAILED, { revision: 3, submits: 3 }],
  ])("after one that was cut short %s", async (_name, left, expected) => {
    const state = await applied();
    meanwhile = () => interrupt.abort();
    const cut = await apply({ processes: 2 }, state);
    expect(cut.diagnostics).toMatchObject([{ summary: expect.stringContaining("Interrupted") }]);
    expect(cut.state).toMatchObject({ revision: 1, status: "FINISHED" });
    if (left === null) {
      memory.jobs.delete([...memory.jobs.keys()].at(-1) ?? "");
      memory.submits -= 1;
    } else memory.changeLatest(left);

    target = { ...target, runtime: { ...target.runtime, signal: new AbortController().signal } };
    meanwhile = () => memory.changeLatest(FINISHED);
    const next = await apply({ processes: 2 }, cut.state);
    expect(next.diagnostics).toEqual([]);
    expect(next.state).toMatchObject({ revision: expected.revision, processes: 2, status: "FINISHED" });
    expect(memory.submits).toBe(expected.submits);
  });

  test("back to what it was, after one that failed, is a change too", async () => {
    const state = await applied();
    meanwhile = () => memory.changeLatest(FAILED);
    const failed = await apply({ processes: 2 }, state);
    expect(failed.diagnostics).toMatchObject([{ summary: "Job nightly FAILED: it broke" }]);
    meanwhile = () => memory.changeLatest(FINISHED);
    const back = await apply({}, failed.state);
    expect(back.state).toMatchObject({ revision: 3, processes: null, status: "FINISHED" });
    expect(memory.definitions.get("nightly")?.request.processes).toBeUndefined();
  });

  test("from manual to on_change runs what was never run, and not what was run by hand", async () => {
    const state = (await apply({ run: "manual" })).state;
    expect(state).toMatchObject({ revision: 1, job_id: null, status: null });
    expect(memory.submits).toBe(0);
    const definition = memory.definitions.get("nightly");
    if (definition === undefined) throw new Error("there is no definition");
    const byHand = { ...runOf(definition, new Date(0), "by-hand"), ...FINISHED };
    memory.jobs.set(byHand.id, byHand);
    const kept = await apply({}, state);
    expect(kept).toMatchObject({ state: { job_id: byHand.id, status: "FINISHED" }, diagnostics: [] });
    memory.jobs.clear();
    meanwhile = () => memory.changeLatest(FINISHED);
    expect((await apply({}, state)).state).toMatchObject({ revision: 1, status: "FINISHED" });
    expect(memory.submits).toBe(1);
  });

  test("of a definition that somebody has changed since the plan does nothing", async () => {
    const prior = await refreshed(await applied());
    const config = { ...CONFIG, wait: false };
    const { planned } = planChange(jobResource.schema, { prior, proposed: { ...prior, ...config }, config });
    const definition = memory.definitions.get("nightly");
    if (definition !== undefined) memory.definitions.set("nightly", { ...definition, revision: 7 });
    const { state, diagnostics } = await applyChange(target, { prior, planned, config });
    expect(diagnostics).toMatchObject([{ summary: expect.stringContaining("was changed meanwhile") }]);
    expect(state).toEqual(prior);
  });

  test("of a definition that is gone says so", async () => {
    const prior = await refreshed(await applied());
    const config = { ...CONFIG, processes: 2 };
    const { planned } = planChange(jobResource.schema, { prior, proposed: { ...prior, ...config }, config });
    memory.definitions.clear();
    const { diagnostics } = await applyChange(target, { prior, planned, config });
    expect(diagnostics).toMatchObject([{ summary: expect.stringContaining("is gone") }]);
  });
});

describe("read", () => {
  test("finds nothing where the definition is gone", async () => {
    const state = await applied();
    memory.definitions.clear();
    expect((await readState(target, state)).state).toBeNull();
  });

  test("keeps what is known of a run whose item was removed by hand", async () => {
    const state = await applied({ timeout: "60m" });
    memory.jobs.clear();
    expect(await refreshed(state)).toEqual(state);
  });

  test("completes an import", async () => {
    await applied({ environment: { A: "1" }, triggers: { mesh: "1" }, timeout: "90m" });
    const imported = jobResource.import?.(`${CLUSTER_UUID}/nightly`, target.privateState) as ObjectValue;
    const empty = Object.keys(jobResource.schema.attributes).map((name) => [name, null]);
    expect(await refreshed({ ...Object.fromEntries(empty), timeouts: null, ...imported })).toMatchObject({
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
      expect(() => jobResource.import?.(id, target.privateState)).toThrow(
        "it must be <cluster UUID>/<the job's name>",
      ),
  );
});

describe("delete", () => {
  const lease = (renewal: number) => ({ generation: 1, renewal, ttlMs: 5000 }) as MemoryJobs["lease"];

  test("cancels what waits at once, and leaves nothing; what has ended stays as it is; twice is once", async () => {
    const { state } = await apply({ wait: false });
    expect(await destroy(state)).toEqual({ state: null, diagnostics: [] });
    expect(onlyJob()).toMatchObject({ status: "CANCELLED", phase: "ended", reason: expect.any(String) });
    expect(memory.definitions.size).toBe(0);
    const ended = onlyJob();
    expect(await destroy(state)).toEqual({ state: null, diagnostics: [] });
    expect(onlyJob()).toBe(ended);
  });

  test("asks the head to end what runs, and waits for it", async () => {
    const { state } = await apply({ wait: false });
    memory.changeLatest(RUNNING);
    memory.lease = lease(1);
    meanwhile = (seconds) => {
      memory.lease = lease(seconds);
      if (seconds >= 60) memory.changeLatest({ status: "CANCELLED", phase: "ended" });
    };
    expect(await destroy(state)).toEqual({ state: null, diagnostics: [] });
    expect(onlyJob()).toMatchObject({ status: "CANCELLED", cancelRequested: true });
  });

  test.each<[string, () => void, number]>([
    ["there never was a head", () => undefined, 0],
    ["its lease is not renewed", () => (memory.lease = lease(1)), 15],
    ["the cluster is being removed", () => (memory.cluster = null), 0],
  ])("goes on, and says so, where nobody could end it: %s", async (_name, arrange, seconds) => {
    const { state } = await apply({ wait: false });
    memory.changeLatest(RUNNING);
    arrange();
    let waited = 0;
    meanwhile = (now) => {
      waited = now;
    };
    const { state: left, diagnostics } = await destroy(state);
    expect(left).toBeNull();
    expect(diagnostics).toMatchObject([
      { severity: "warning", detail: expect.stringContaining(`${onlyJob().id} (INPROGRESS, running)`) },
    ]);
    expect(waited).toBe(seconds);
    expect(onlyJob()).toMatchObject({ cancelRequested: true });
    expect(memory.definitions.size).toBe(0);
  });

  test("gives up when a living head does not end it in time, and keeps the definition", async () => {
    const timeouts = { create: null, update: null, delete: "20s" };
    const { state } = await apply({ wait: false, timeouts });
    memory.changeLatest(RUNNING);
    meanwhile = (seconds) => {
      memory.lease = lease(seconds);
    };
    memory.lease = lease(0);
    const { state: left, diagnostics } = await destroy(state);
    expect(left).toEqual(state);
    expect(diagnostics).toMatchObject([
      { summary: expect.stringContaining("still runs"), detail: expect.stringContaining("longer than 20s") },
    ]);
    expect(memory.definitions.size).toBe(1);
  });
});
