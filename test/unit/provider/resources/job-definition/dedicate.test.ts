import { beforeEach, describe, expect, test } from "@jest/globals";
import { revisionJobId } from "../../../../../agent/contract/job-definition.js";
import type { ClusterItem, JobDefinitionItem } from "../../../../../agent/contract/registry.js";
import { UNKNOWN } from "../../../../../provider/core/value.js";
import { jobDefinitionRules } from "../../../../../provider/resources/job-definition/rules.js";
import { jobDefinitionSchema } from "../../../../../provider/resources/job-definition/schema.js";
import { queuedJob } from "../../../../support/agent/jobs.js";
import { DefinitionStory, FAILED, FINISHED } from "../../../../support/provider/job-definition-story.js";

const DEDICATED = { dedicated: true } as const;

let story: DefinitionStory;
beforeEach(() => {
  story = new DefinitionStory();
});
const dedicatedTo = () => story.memory.cluster?.dedicatedTo;
const definition = (): JobDefinitionItem => story.memory.definitions.get("nightly") as JobDefinitionItem;
function changeCluster(change: Partial<ClusterItem>): void {
  story.memory.cluster = { ...(story.memory.cluster as ClusterItem), ...change };
}

describe("a dedicated cluster", () => {
  test("is made for the job before that is submitted, and the next plan shows nothing", async () => {
    let atSubmit: string | undefined = "unset";
    story.meanwhile = () => {
      atSubmit = dedicatedTo();
      story.memory.changeLatest(FINISHED);
    };
    const { state, diagnostics } = await story.apply(DEDICATED);
    expect(diagnostics).toEqual([]);
    expect(atSubmit).toBe(story.onlyJob().id);
    expect(state).toMatchObject({ dedicated: true, job_id: dedicatedTo() });
    const refreshed = await story.refreshed(state);
    expect(story.plan(refreshed, DEDICATED).planned).toEqual(refreshed);
  });

  test("is made for no job where that is not asked", async () => {
    expect(await story.applied()).toMatchObject({ dedicated: null });
    expect(dedicatedTo()).toBeUndefined();
  });

  test("is made for the next revision's job, also after a job that failed", async () => {
    story.meanwhile = () => story.memory.changeLatest(FAILED);
    const { state } = await story.apply(DEDICATED);
    const first = dedicatedTo();
    story.meanwhile = () => story.memory.changeLatest(FINISHED);
    const again = await story.apply({ ...DEDICATED, command: ["e.py"] }, state);
    expect(again.diagnostics).toEqual([]);
    expect(dedicatedTo()).toBe(revisionJobId(definition()));
    expect(dedicatedTo()).not.toBe(first);
  });

  test("may become one, and be one no longer, without another job", async () => {
    const plain = await story.applied();
    const { state: dedicated } = await story.apply(DEDICATED, plain);
    expect(dedicatedTo()).toBe(story.onlyJob().id);
    const { state, diagnostics } = await story.apply({ dedicated: null }, dedicated);
    expect(diagnostics).toEqual([]);
    expect(state).toMatchObject({ dedicated: null });
    expect(dedicatedTo()).toBeUndefined();
    expect(story.onlyJob().status).toBe("FINISHED");
  });

  test("is not taken from another definition's job, and submits nothing then", async () => {
    const other = { ...queuedJob("a"), definition: { id: "d", name: "weekly", revision: 1 } };
    story.memory.jobs.set(other.id, other);
    changeCluster({ dedicatedTo: other.id });
    const { diagnostics } = await story.apply(DEDICATED);
    expect(diagnostics).toMatchObject([{ code: "cluster-dedicated", path: ["dedicated"] }]);
    expect(diagnostics[0]?.detail).toContain(`It is made for job ${other.id}`);
    expect(dedicatedTo()).toBe(other.id);
    expect(story.memory.submits).toBe(0);
  });

  test("takes the place of an earlier definition of its name, and of a job that was never submitted", async () => {
    const earlier = { ...queuedJob("a"), definition: { id: "d", name: "nightly", revision: 7 } };
    story.memory.jobs.set(earlier.id, { ...earlier, ...FINISHED });
    changeCluster({ dedicatedTo: earlier.id });
    const state = await story.applied(DEDICATED);
    expect(dedicatedTo()).toBe(state["job_id"]);
    changeCluster({ dedicatedTo: "never" });
    await story.apply({ ...DEDICATED, timeouts: { create: null, update: "1h", delete: null } }, state);
    expect(dedicatedTo()).toBe(state["job_id"]);
  });

  test("is kept when the definition goes; a parked one stays as it is, for a destroy that is repeated", async () => {
    const state = await story.applied(DEDICATED);
    changeCluster({ clusterStatus: "PARKED", phase: "parked" });
    const { diagnostics } = await story.destroy(state);
    expect(diagnostics).toEqual([]);
    expect(dedicatedTo()).toBe(state["job_id"]);
    changeCluster({ clusterStatus: "FINISHED", phase: "ready" });
    const next = await story.applied(DEDICATED);
    await story.destroy(next);
    expect(dedicatedTo()).toBeUndefined();
  });

  test("is none of a definition's business that never made it so", async () => {
    const state = await story.applied();
    changeCluster({ dedicatedTo: story.onlyJob().id });
    await story.destroy(state);
    expect(dedicatedTo()).toBe(state["job_id"]);
  });

  test("is given up where it changes before each of three tries, and submits nothing then", async () => {
    let tries = 0;
    Object.assign(story.memory.client.registry, {
      updateCluster: async () => {
        tries += 1;
        return null;
      },
    });
    const { diagnostics } = await story.apply(DEDICATED);
    expect(diagnostics[0]?.detail).toContain("was changed at the same time");
    expect([tries, story.memory.submits]).toEqual([3, 0]);
  });

  test("is not one that is being removed", async () => {
    const prior = await story.applied();
    changeCluster({ clusterStatus: "REMOVING", phase: "removing" });
    const { diagnostics } = await story.apply(DEDICATED, prior);
    expect(diagnostics).toMatchObject([{ code: "cluster-dedicated" }]);
    expect(diagnostics[0]?.detail).toContain("It is being removed");
  });
});

const NOTHING = Object.fromEntries(
  Object.keys(jobDefinitionSchema.attributes).map((name) => [name, null] as const),
);

describe("what a dedicated definition may say", () => {
  const problems = (config: object) =>
    jobDefinitionRules({ ...NOTHING, command: ["pi.py"], run: "on_change", ...config } as never)
      .map(({ detail }) => detail)
      .filter((detail) => detail?.includes("dedicated"));

  test.each([
    ["a job that apply submits", { dedicated: true }, []],
    ["nothing of it", { dedicated: null, run: "manual" }, []],
    ["a job whose policy is left out", { dedicated: true, run: null }, []],
    ["a job whose policy is not known yet", { dedicated: true, run: UNKNOWN }, []],
    ["a schedule that may be null", { dedicated: true, schedule: UNKNOWN }, []],
    ["a job by hand", { dedicated: true, run: "manual" }, [expect.stringContaining('it is "manual"')]],
    [
      "a schedule",
      { dedicated: true, schedule: { cron: "0 6 * * *" } },
      [expect.stringContaining("only without schedule")],
    ],
  ])("%s", (_name, config, expected) => {
    expect(problems(config)).toEqual(expected);
  });
});
