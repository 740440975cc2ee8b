import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import { newClusterItem } from "../../../provider/resources/cluster/state.js";
import { waitFor } from "../../../scripts/system/wait.js";
import { buildTestBundle, type TestBundle } from "../../support/cli/bundle.js";
import { EMULATORS, type Emulator } from "../../support/emulators.js";
import { type FakeJobHead, startFakeJobHead } from "../../support/provider/fake-job-head.js";
import { type ClusterJobs, openJobs } from "../../support/provider/org-jobs.js";
import { type Setting, startSetting } from "../../support/provider/setting.js";
import { unwrapped, type Workspace } from "../../support/provider/terraform.js";

const UUID = "0b9b4a3e-6f0e-4a52-9d3c-0f6a1b2c3d4e";
const definitionHcl = (name: string, attributes = ""): string => `
provider "muster" {
  org = "acme"
}
resource "muster_job_definition" "it" {
  cluster_uuid = "${UUID}"
  name         = "${name}"
  command      = ["pi.py", "größe"]
  script       = { name = "pi.py", content = "print(3.14)" }
  ${attributes}
}
output "job" { value = muster_job_definition.it }
`;

let bundle: TestBundle;
let setting: Setting;
let jobs: ClusterJobs;
let head: FakeJobHead;
beforeAll(async () => {
  bundle = await buildTestBundle();
});
afterAll(() => bundle?.remove());
async function open(start: Emulator["start"]): Promise<void> {
  setting = await startSetting(start);
  const { org, emulator } = setting;
  const cluster = newClusterItem({
    uuid: UUID,
    org: "acme",
    name: "demo",
    ...{
      idleTimeoutMinutes: null,
      countSshSessions: true,
      resumeOnJob: true,
      shareWithNotebooks: false,
      budget: null,
    },
    tags: {},
    at: new Date(),
  });
  await org.setCluster(UUID, { ...cluster, clusterStatus: "FINISHED", phase: "ready", desiredNodes: 2 });
  jobs = openJobs(emulator, "acme", UUID);
  head = startFakeJobHead(jobs);
}
afterEach(() => {
  head.outcome = "finish";
  head.alive = true;
  head.deliversLogs = true;
});

const jobsOf = async (name: string) =>
  (await jobs.list()).filter(({ definition }) => definition?.name === name);
const outputs = async (workspace: Workspace): Promise<Record<string, unknown>> =>
  (await workspace.outputs())["job"] as Record<string, unknown>;

const APPLY = ["apply", "-auto-approve", "-input=false"] as const;
const destroy = (workspace: Workspace) => workspace.run(["destroy", "-auto-approve"]);

/** `muster job run --definition`. */
async function submitByHand(definition: string) {
  const options = ["job", "run", "--org", "acme", "--cluster", "demo", "--definition", definition];
  const { exitCode, stdout, stderr } = await bundle.run(options, { env: setting.emulator.env });
  return { exitCode, output: `${stdout}${stderr}` };
}

/** Applies until the job of that name runs, and then cuts the apply short. */
async function cutShort(workspace: Workspace, name: string, how: "signal" | "kill") {
  head.outcome = "run";
  const cut = new AbortController();
  const ended = workspace.run(APPLY, { [how]: cut.signal });
  await waitFor({
    what: "the job",
    timeoutSeconds: 40,
    everyMs: 50,
    look: () => jobsOf(name),
    isDone: (seen) => seen.at(-1)?.status === "INPROGRESS",
    describe: (seen) => JSON.stringify(seen),
  });
  cut.abort();
  return ended;
}

describe.each(EMULATORS)("muster_job_definition on $name, by real terraform", ({ start }) => {
  beforeAll(() => open(start));
  afterAll(async () => {
    await head?.stop();
    await setting?.stop();
  });

  test("is run and followed; run again by a change of what it runs, and by nothing else", async () => {
    const workspace = await setting.workspace();
    await workspace.configure(definitionHcl("pi"));
    await workspace.apply();
    const [first] = await jobsOf("pi");
    expect(first).toMatchObject({
      status: "FINISHED",
      request: {
        command: ["pi.py", "größe"],
        script: { name: "pi.py", content: "print(3.14)" },
        timeoutSeconds: 3600,
      },
    });
    expect(await outputs(workspace)).toMatchObject({
      id: `${UUID}/pi`,
      revision: 1,
      job_id: first?.id,
      job_status: "FINISHED",
      job_exit_code: 0,
      job_log_uri: first?.log?.uri,
      job_reason_code: null,
      job_reason: null,
    });
    expect(await workspace.plan()).toBe("clean");

    await workspace.configure(definitionHcl("pi", 'wait = false\ntimeouts {\n  delete = "9m"\n}'));
    await workspace.apply();
    expect(await jobsOf("pi")).toHaveLength(1);
    expect(await outputs(workspace)).toMatchObject({
      revision: 1,
      job_id: first?.id,
      job_status: "FINISHED",
    });

    await workspace.configure(definitionHcl("pi", 'triggers = { mesh = "2" }'));
    await workspace.apply();
    const [, second] = await jobsOf("pi");
    expect(await jobsOf("pi")).toHaveLength(2);
    expect(await outputs(workspace)).toMatchObject({
      revision: 2,
      job_id: second?.id,
      job_status: "FINISHED",
    });

    await workspace.configure(definitionHcl("pi-2"));
    await workspace.apply();
    expect(await jobs.definition("pi")).toBeNull();
    expect(await outputs(workspace)).toMatchObject({
      id: `${UUID}/pi-2`,
      revision: 1,
      job_status: "FINISHED",
    });
    expect((await destroy(workspace)).exitCode).toBe(0);
    expect(await jobs.definition("pi-2")).toBeNull();
  });

  test("a job that fails, fails the apply with its reason and its last lines, and the next submits another", async () => {
    const workspace = await setting.workspace();
    await workspace.configure(definitionHcl("fails"));
    head.outcome = "fail";
    const { exitCode, output } = await workspace.run(APPLY);
    const [first] = await jobsOf("fails");
    expect(exitCode).toBe(1);
    const text = unwrapped(output);
    expect(text).toContain("Error: Job of definition fails FAILED: mpiexec exited with code 3");
    expect(text).toContain(`Job ${first?.id} on cluster ${UUID}: status FAILED, exit code 3.`);
    expect(text).toContain("Code: job-failed, reason: mpiexec-failed");
    expect(text).toContain("Its last lines: Traceback: ValueError: größe");
    expect(text).toContain(`Its whole log: ${first?.log?.uri}`);
    expect(await workspace.state()).toContain('"status": "tainted"');

    head.outcome = "finish";
    await workspace.apply();
    expect((await jobsOf("fails")).map(({ status }) => status)).toEqual(["FAILED", "FINISHED"]);

    await workspace.configure(definitionHcl("fails", "processes = 2"));
    head.outcome = "fail";
    expect((await workspace.run(APPLY)).exitCode).toBe(1);
    expect(await outputs(workspace)).toMatchObject({ revision: 1, processes: null, job_status: "FINISHED" });

    head.outcome = "finish";
    await workspace.apply();
    expect(await outputs(workspace)).toMatchObject({ revision: 3, processes: 2, job_status: "FINISHED" });
    expect(await jobsOf("fails")).toHaveLength(4);
    expect(await workspace.plan()).toBe("clean");
  });

  test("without waiting it is only submitted, if AWS takes it; destroying cancels what runs and what waits", async () => {
    const workspace = await setting.workspace();
    head.outcome = "run";
    await workspace.configure(definitionHcl("submitted", "wait = false"));
    const response = { code: "AccessDeniedException", message: "no dynamodb:PutItem", status: 400 };
    await setting.emulator.injectFault({ service: "dynamodb", action: "PutItem", response });
    const refused = await workspace.run(APPLY);
    await setting.emulator.clearFaults();
    expect(refused.exitCode).toBe(1);
    expect(unwrapped(refused.output)).toContain(
      `Could not create job definition submitted of cluster ${UUID}`,
    );
    expect(unwrapped(refused.output)).toContain("The credentials lack this permission");

    await workspace.apply();
    expect(await outputs(workspace)).toMatchObject({ revision: 1, job_exit_code: null, job_ended_at: null });
    expect((await destroy(workspace)).exitCode).toBe(0);
    expect(await jobsOf("submitted")).toMatchObject([{ status: "CANCELLED" }]);

    head.alive = false;
    await workspace.apply();
    expect(await outputs(workspace)).toMatchObject({ revision: 1, job_status: "NEW", job_phase: "queued" });
    expect((await destroy(workspace)).exitCode).toBe(0);
    expect((await jobsOf("submitted")).at(-1)).toMatchObject({
      status: "CANCELLED",
      reasonCode: "cancelled-with-definition",
      reason: "cancelled: its definition was destroyed",
    });
    expect(await jobs.definition("submitted")).toBeNull();
  });

  test("says all that it may: the job has it, the next plan is empty, and so is one after an import", async () => {
    const workspace = await setting.workspace();
    const all = `
  source         = { s3 = { uri = "s3://models/weather.tar.gz" } }
  working_folder = "a/b"
  requirements   = "requirements.txt"
  setup          = { command = ["/bin/sh", "-c", "make"], timeout = "120s" }
  environment    = { A = "1" }
  processes_per_node = 2
  runtime            = "intel"
  on_rank_failure    = "continue"
  on_bad_node        = "continue"
  if_busy            = "queue"
  retries  = { count = 2, delay = "0s", on = ["failure", "node-loss"] }
  timeout     = "90m"
  job_timeout = "5h"
  schedule = { cron = "30 6 * * 1-5", time_zone = "Europe/Berlin", starting_deadline = "90m", if_running = "queue" }`;
    const hcl = definitionHcl("all", all).replace(/script .*\n/, "");
    await workspace.configure(hcl);
    await workspace.apply();
    const [job] = await jobsOf("all");
    expect(job).toMatchObject({
      submittedBy: expect.stringMatching(/^arn:aws:/),
      request: {
        source: { s3: { uri: "s3://models/weather.tar.gz" } },
        ...{ workingFolder: "a/b", requirements: "requirements.txt", environment: { A: "1" } },
        setup: { command: ["/bin/sh", "-c", "make"], timeoutSeconds: 120 },
        runtime: "intel",
        ...{ processesPerNode: 2, onRankFailure: "continue", onBadNode: "continue", ifBusy: "queue" },
        retries: { count: 2, delaySeconds: 0, on: ["failure", "node-loss"] },
        ...{ timeoutSeconds: 5400, jobTimeoutSeconds: 18_000 },
      },
    });
    expect((await jobs.definition("all"))?.schedule).toEqual({
      cron: "30 6 * * 1-5",
      timeZone: "Europe/Berlin",
      startingDeadlineSeconds: 5400,
      ifRunning: "queue",
    });
    expect(await workspace.plan()).toBe("clean");

    await workspace.configure(hcl.replace("30 6 * * 1-5", "0 7 * * *"));
    await workspace.apply();
    expect(await outputs(workspace)).toMatchObject({ revision: 1, job_id: job?.id });
    expect(await jobs.definition("all")).toMatchObject({ schedule: { cron: "0 7 * * *" } });
    expect(await workspace.plan()).toBe("clean");

    await workspace.configure(hcl.replace(/schedule .*/, ""));
    await workspace.apply();
    expect(await jobs.definition("all")).not.toHaveProperty("schedule");
    expect(await jobsOf("all")).toHaveLength(1);

    await jobs.changeDefinition("all", { schedule: { at: "2027-01-01T00:00:00Z" } });
    expect(await workspace.plan()).toBe("changes");
    await workspace.apply();
    expect(await jobs.definition("all")).not.toHaveProperty("schedule");
    expect(await workspace.plan()).toBe("clean");
    expect((await destroy(workspace)).exitCode).toBe(0);
  });

  test("one that does not wait fails the apply where the cluster has a job; the next apply submits it", async () => {
    const workspace = await setting.workspace();
    head.outcome = "run";
    const other = await setting.workspace();
    await other.configure(definitionHcl("other", "wait = false"));
    await other.apply();
    await workspace.configure(definitionHcl("impatient", 'if_busy = "refuse"\n  wait = false'));
    const refused = await workspace.run(APPLY);
    expect(refused.exitCode).toBe(1);
    expect(unwrapped(refused.output)).toContain("Error: The job of definition impatient was refused");
    expect(unwrapped(refused.output)).toContain("Code: job-not-admitted, reason: cluster-busy");
    expect(await jobsOf("impatient")).toEqual([]);
    expect((await destroy(other)).exitCode).toBe(0);
    await workspace.apply();
    expect(await jobsOf("impatient")).toHaveLength(1);
    expect((await destroy(workspace)).exitCode).toBe(0);
  });

  test("a manual one is run by hand only: a change of its policy does not run again what was run", async () => {
    const workspace = await setting.workspace();
    await workspace.configure(definitionHcl("by-hand", 'run = "manual"'));
    await workspace.apply();
    expect(await outputs(workspace)).toMatchObject({ revision: 1, job_id: null, job_status: null });
    expect(await jobsOf("by-hand")).toEqual([]);

    head.deliversLogs = false;
    const ended = await submitByHand("by-hand");
    const [job] = await jobsOf("by-hand");
    expect(ended.exitCode).toBe(0);
    expect(ended.output).toContain(`job ${job?.id}: FINISHED with exit code 0`);
    expect(job).toMatchObject({
      definition: { name: "by-hand", revision: 1 },
      request: { command: ["pi.py", "größe"] },
    });

    await workspace.configure(definitionHcl("by-hand"));
    await workspace.apply();
    expect(await outputs(workspace)).toMatchObject({ revision: 1, job_id: job?.id, job_status: "FINISHED" });
    expect(await jobsOf("by-hand")).toHaveLength(1);

    const none = await submitByHand("nobodys");
    expect(none.exitCode).toBe(1);
    expect(none.output).toContain("Cluster demo has no job definition nobodys");
  });

  test("Ctrl-C while a create waits: the job goes on, and the next apply follows it to its end", async () => {
    const workspace = await setting.workspace();
    await workspace.configure(definitionHcl("interrupted"));
    const { exitCode, output } = await cutShort(workspace, "interrupted", "signal");
    expect(exitCode).toBe(1);
    expect(unwrapped(output)).toContain(
      "Interrupted: the job of definition interrupted is not followed any more",
    );
    expect(await jobsOf("interrupted")).toMatchObject([{ status: "INPROGRESS", cancelRequested: false }]);
    expect(await workspace.state()).not.toContain("tainted");

    const { output: taken } = await workspace.run(["plan", "-input=false"]);
    expect(unwrapped(taken)).toContain("+ revision = (known after apply)");
    head.outcome = "finish";
    await workspace.apply();
    expect(await jobsOf("interrupted")).toMatchObject([{ status: "FINISHED" }]);
    expect(await outputs(workspace)).toMatchObject({ revision: 1, job_status: "FINISHED" });
    expect(await workspace.plan()).toBe("clean");
  });

  test("a create that is killed while it waits: once imported, the next apply takes its job up, and submits no other", async () => {
    const workspace = await setting.workspace();
    await workspace.configure(definitionHcl("killed"));
    expect((await cutShort(workspace, "killed", "kill")).exitCode).toBeNull();
    const refused = await workspace.run(APPLY);
    expect(refused.exitCode).toBe(1);
    expect(unwrapped(refused.output)).toContain(`terraform import ADDRESS ${UUID}/killed`);
    expect((await workspace.run(["import", "muster_job_definition.it", `${UUID}/killed`])).exitCode).toBe(0);
    head.outcome = "finish";
    await workspace.apply();
    expect(await jobsOf("killed")).toMatchObject([{ status: "FINISHED" }]);
    expect(await outputs(workspace)).toMatchObject({ revision: 1, job_status: "FINISHED" });
    expect(await workspace.plan()).toBe("clean");
  });

  test("another one of the name is refused, and can be imported; what is changed or deleted by hand is made right", async () => {
    const owner = await setting.workspace();
    await owner.configure(definitionHcl("shared", "environment = { A = 1 }"));
    await owner.apply();

    const workspace = await setting.workspace();
    await workspace.configure(definitionHcl("shared", "processes = 2"));
    const { exitCode, output } = await workspace.run(APPLY);
    expect(exitCode).toBe(1);
    expect(unwrapped(output)).toContain(`Cluster ${UUID} has a job definition shared already`);
    expect(await workspace.run(["state", "list"])).toMatchObject({ output: "" });

    await workspace.configure(definitionHcl("shared", "environment = { A = 1 }"));
    expect((await workspace.run(["import", "muster_job_definition.it", `${UUID}/shared`])).exitCode).toBe(0);
    await workspace.apply();
    expect(await jobsOf("shared")).toHaveLength(1);
    expect(await workspace.plan()).toBe("clean");

    await jobs.changeDefinition("shared", { request: { command: ["e.py"], timeoutSeconds: 60 } });
    const drift = await workspace.run(["plan", "-input=false"]);
    expect(unwrapped(drift.output)).toContain('~ command = [ - "e.py", + "pi.py"');
    await workspace.apply();
    expect((await jobsOf("shared")).at(-1)?.request.command).toEqual(["pi.py", "größe"]);

    await jobs.deleteDefinition("shared");
    await workspace.apply();
    expect(await jobsOf("shared")).toHaveLength(3);
    expect(await outputs(workspace)).toMatchObject({ revision: 1, job_status: "FINISHED" });
  });

  test("of a parked cluster, its job resumes that; a cluster that is to stay parked refuses it", async () => {
    const fleet = { owner: "o", group: "gone", nodes: 2, since: "2026-01-01T00:00:00.000Z" };
    const parked = { clusterStatus: "PARKED", phase: "parked", desiredNodes: 0, fleet } as const;
    const workspace = await setting.workspace();
    await setting.org.setCluster(UUID, { ...parked, resumeOnJob: false });
    await workspace.configure(definitionHcl("wakes"));
    const refused = await workspace.run(APPLY);
    expect(refused.exitCode).toBe(1);
    expect(unwrapped(refused.output)).toContain("a job does not resume it (resumeOnJob: false)");
    expect(unwrapped(refused.output)).toContain("reason: cluster-stays-parked");
    expect(await setting.org.cluster(UUID)).toMatchObject({ clusterStatus: "PARKED" });

    await setting.org.setCluster(UUID, { resumeOnJob: true });
    await workspace.apply();
    const job = (await jobsOf("wakes")).at(-1);
    expect(job).toMatchObject({ status: "FINISHED" });
    expect(await setting.org.cluster(UUID)).toMatchObject({
      ...{ clusterStatus: "INPROGRESS", phase: "waiting-for-nodes", desiredNodes: 2 },
      resume: { by: `job ${job?.id}` },
    });
    await setting.org.setCluster(UUID, { clusterStatus: "FINISHED", phase: "ready" });
    expect(await workspace.plan()).toBe("clean");
  });
});
