import { describe, expect, test } from "@jest/globals";
import type { JobItem } from "../../../../agent/contract/registry.js";
import { createLaunchesAhead } from "../../../../agent/jobs/launches-ahead.js";
import { fakeWorld, recordsOf } from "../../../support/agent/fake-jobs.js";
import { HOSTFILE } from "../../../support/agent/jobs.js";
import { job, other, running } from "../../../support/agent/waiting-jobs.js";

/** `made`: the folders, by the numbers of their making. */
function launches() {
  const { deps, node, world } = fakeWorld();
  const made: string[] = [];
  const prepareAhead = async (folder: string) => {
    made.push(folder);
    return true;
  };
  const ahead = createLaunchesAhead({ ...deps, workspace: { ...deps.workspace, prepareAhead } });
  return { ...ahead, made, gotReady: node.gotReady, world };
}

const folderOf = ({ id }: JobItem) => `/shared/.muster/jobs/${id}`;

describe("a launch that does not wait for its job's claim", () => {
  test("has its mpiexec got ready, its folder made, and its job's item planned", async () => {
    const { begin, made, gotReady } = launches();
    const begun = begin(job);
    expect(begun?.change).toMatchObject({
      phase: "launching",
      ranks: 4,
      logPrefix: `s3://logs/${recordsOf(job.id)}/`,
    });
    expect(await begun?.folder).toBe(true);
    expect([made, gotReady]).toEqual([[folderOf(job)], [recordsOf(job.id)]]);
  });

  test.each<[string, JobItem | null]>([
    ["has not been read", null],
    ["runs already", running],
    ["is to be cancelled", { ...job, cancelRequested: true }],
    [
      "has a source",
      { ...job, request: { ...job.request, source: { git: { url: "https://a.example/b.git" } } } },
    ],
  ])("is not begun where the job %s", (_name, one) => {
    const { begin, beginEarly, made, gotReady } = launches();
    if (one !== null) beginEarly(one);
    expect([begin(one), made, gotReady]).toEqual([null, [], []]);
  });

  test("says so where the folder can't be made", async () => {
    const { deps } = fakeWorld();
    const prepareAhead = () => Promise.reject(new Error("/shared does not answer"));
    const ahead = createLaunchesAhead({ ...deps, workspace: { ...deps.workspace, prepareAhead } });
    expect(await ahead.begin(job)?.folder).toBe(false);
  });

  test("makes its folder once where it was begun while another job ran", async () => {
    const { begin, beginEarly, made, gotReady } = launches();
    beginEarly(job);
    expect([made, gotReady]).toEqual([[folderOf(job)], [recordsOf(job.id)]]);
    expect(await begin(job)?.folder).toBe(true);
    expect(made).toEqual([folderOf(job)]);
  });

  test.each<[string, JobItem | null]>([
    ["of another job", other],
    ["of a job that was not read", null],
  ])("makes its folder again where a launch %s came between", (_name, between) => {
    const { begin, beginEarly, made } = launches();
    beginEarly(job);
    begin(between);
    made.length = 0;
    begin(job);
    expect(made).toEqual([folderOf(job)]);
  });

  test.each([
    [64, 1],
    [65, 0],
  ])("on %i nodes is got ready %i times while another job runs", (nodes, times) => {
    const { beginEarly, made, gotReady, world } = launches();
    const hosts = Array.from({ length: nodes }, (_, n) => ({ address: `10.0.0.${n}`, cores: 2 }));
    world.hostfile = { ...HOSTFILE, nodes: hosts };
    beginEarly(job);
    expect([made.length, gotReady.length]).toEqual([times, times]);
  });
});
