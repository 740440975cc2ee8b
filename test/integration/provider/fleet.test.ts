import { writeFile } from "node:fs/promises";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import { newJob } from "../../../agent/contract/job.js";
import { waitFor } from "../../../scripts/system/wait.js";
import type { TestEmulator } from "../../support/emulator.js";
import { type FakeHead, startFakeHead } from "../../support/provider/fake-head.js";
import type { TestOrg } from "../../support/provider/org.js";
import { openJobs } from "../../support/provider/org-jobs.js";
import { type Setting, startSetting } from "../../support/provider/setting.js";
import { unwrapped, type Workspace } from "../../support/provider/terraform.js";

const GROUP = "nodes";
const fleetHcl = (nodes: number, timeouts = ""): string => `
provider "muster" {
  org = "acme"
}
resource "muster_cluster" "it" {
  name = "demo"
}
resource "muster_fleet" "it" {
  cluster_uuid      = muster_cluster.it.uuid
  autoscaling_group = "${GROUP}"
  nodes             = ${nodes}
  timeouts {
    ${timeouts}
  }
}
output "uuid" { value = muster_cluster.it.uuid }
output "ready_nodes" { value = muster_fleet.it.ready_nodes }
output "cores" { value = muster_fleet.it.cores }
output "addresses" { value = muster_fleet.it.addresses }
`;

describe("muster_fleet, by real terraform", () => {
  let setting: Setting;
  let emulator: TestEmulator;
  let org: TestOrg;
  let workspace: Workspace;
  let head: FakeHead;

  const uuid = async (): Promise<string> => (await org.findUuid("demo")) ?? "";

  beforeAll(async () => {
    setting = await startSetting();
    ({ emulator, org } = setting);
    await org.createGroup(GROUP, 1);
    workspace = await setting.workspace();
    head = startFakeHead(org, "demo", GROUP);
  });
  afterEach(() => {
    head.unreadyFrom = Number.POSITIVE_INFINITY;
  });
  afterAll(async () => {
    await head?.stop();
    await setting?.stop();
  });

  test("apply ends when every node is ready; the next plan is clean", async () => {
    await workspace.configure(fleetHcl(2));
    await workspace.apply();
    expect(await workspace.outputs()).toMatchObject({
      ready_nodes: 2,
      cores: 4,
      addresses: ["10.0.0.10", "10.0.0.11"],
    });
    // The group allowed only one: its maximum is the fleet's too.
    expect(await org.group(GROUP)).toMatchObject({ desired: 2, max: 2 });
    expect(await org.cluster(await uuid())).toMatchObject({ clusterStatus: "FINISHED", desiredNodes: 2 });
    expect(await workspace.plan()).toBe("clean");
  });

  test("a node that was replaced is told with its own address by a refresh", async () => {
    const cluster = await org.cluster(await uuid());
    const nodes = (cluster?.nodes ?? []).map((node, index) =>
      index === 0 ? { ...node, id: "i-9", address: "10.0.0.9" } : node,
    );
    await org.setCluster(await uuid(), { nodes });
    expect((await workspace.run(["apply", "-refresh-only", "-auto-approve"])).exitCode).toBe(0);
    expect(await workspace.outputs()).toMatchObject({ addresses: ["10.0.0.9", "10.0.0.11"] });
    await org.setCluster(await uuid(), { nodes: cluster?.nodes ?? [] });
    await workspace.apply();
  });

  test("parked, or resized from outside: the plan stays clean, outputs and all", async () => {
    await org.setSize(GROUP, { desired: 3, max: 4 });
    await org.setCluster(await uuid(), { hostfileNodes: 3, cores: 6 });
    expect(await workspace.plan()).toBe("clean");
    await org.setSize(GROUP, { desired: 0, max: 4 });
    await org.setCluster(await uuid(), {
      clusterStatus: "PARKED",
      hostfileNodes: 0,
      nodes: [],
      desiredNodes: 0,
    });
    expect(await workspace.plan()).toBe("clean");
  });

  test("a change of nodes resizes in place, and resumes what was parked", async () => {
    await workspace.configure(fleetHcl(3));
    await workspace.apply();
    expect(await workspace.outputs()).toMatchObject({ ready_nodes: 3, cores: 6 });
    expect(await org.group(GROUP)).toMatchObject({ desired: 3, max: 3 });
  });

  test("fewer nodes while a job runs: the apply ends no node itself, waits for the job, and names it at the time-out", async () => {
    const { instanceIds } = await org.group(GROUP);
    const jobs = openJobs(emulator, "acme", await uuid());
    const job = newJob(await uuid(), "long", { command: ["e.py"] }, new Date());
    await jobs.put({ ...job, status: "INPROGRESS" });
    head.isWorking = true;
    await workspace.configure(fleetHcl(1, 'update = "4s"'));
    const { exitCode, output } = await workspace.run(["apply", "-auto-approve"]);
    const text = unwrapped(output);
    expect(exitCode).toBe(1);
    expect(text).toContain("The fleet still has 3 nodes instead of 1");
    expect(text).toContain(`job ${job.id} still uses the nodes`);
    expect(text).toContain(`muster job cancel ${job.id}`);
    expect(await org.group(GROUP)).toEqual({ desired: 3, max: 3, instanceIds });
    expect(await org.cluster(await uuid())).toMatchObject({ shrinksFrom: 3, desiredNodes: 1 });
    await jobs.remove(job);
    head.isWorking = false;
  });

  test("the next apply goes on, and ends when the head has ended the others", async () => {
    const [first] = (await org.group(GROUP)).instanceIds;
    await workspace.configure(fleetHcl(1));
    await workspace.apply();
    expect(await org.group(GROUP)).toEqual({ desired: 1, max: 1, instanceIds: [first] });
    expect(await workspace.plan()).toBe("clean");
  });

  test("fewer nodes where no head is left: the apply sets the group's size itself", async () => {
    await workspace.configure(fleetHcl(2));
    await workspace.apply();
    await head.stop();
    await org.setCluster(await uuid(), { headInstanceId: null });
    await workspace.configure(fleetHcl(1));
    const applying = workspace.apply();
    await waitFor({
      ...{ what: "the group to be set", timeoutSeconds: 30, look: () => org.group(GROUP) },
      isDone: ({ desired }) => desired === 1,
      describe: ({ desired }) => `${desired} wanted`,
    });
    head = startFakeHead(org, "demo", GROUP);
    await applying;
    expect(await org.group(GROUP)).toMatchObject({ desired: 1, max: 1 });
  });

  test("a resize that runs out of time says why, marks the cluster FAILED, and is run again by the next apply", async () => {
    head.unreadyFrom = 1;
    await workspace.configure(fleetHcl(2, 'update = "4s"'));
    const { exitCode, output } = await workspace.run(["apply", "-auto-approve"]);
    const text = unwrapped(output);
    expect(exitCode).toBe(1);
    expect(text).toContain("The fleet is not ready: 1 of 2 nodes");
    expect(text).toContain("Timed out after 4s");
    expect(text).toContain("Code: fleet-not-ready, reason: resize-timed-out");
    expect(text).toContain("Phase: waiting-for-nodes");
    expect(text).toMatch(/Not ready: i-[0-9a-f]+ \(10\.0\.0\.11\) unready: shared/);
    expect(text).toContain("The group's latest activities:");
    expect(text).toMatch(/Console of i-[0-9a-f]+/);
    expect(await org.cluster(await uuid())).toMatchObject({
      clusterStatus: "FAILED",
      phase: "waiting-for-nodes",
      reasonCode: "resize-timed-out",
      reason: expect.stringContaining("Timed out after 4s"),
    });
    head.unreadyFrom = Number.POSITIVE_INFINITY;
    const { output: planned } = await workspace.run(["plan", "-input=false"]);
    expect(planned).toMatch(/~ nodes += 1 -> 2/);
    expect(planned).toMatch(/\+ ready_nodes += \(known after apply\)/);
    await workspace.apply();
    expect(await workspace.outputs()).toMatchObject({ ready_nodes: 2 });
  });

  test("a resize that Ctrl-C ended leaves nodes as it was, and the next apply runs it, or the one back", async () => {
    head.unreadyFrom = 2;
    await workspace.configure(fleetHcl(3));
    const interrupt = new AbortController();
    const { exitCode } = await workspace.run(["apply", "-auto-approve"], {
      signal: interrupt.signal,
      env: { TF_LOG_PROVIDER: "INFO" },
      onLine: (line) => {
        if (line.includes("to be ready")) interrupt.abort();
      },
    });
    expect(exitCode).toBe(1);
    head.unreadyFrom = Number.POSITIVE_INFINITY;
    expect(await workspace.state()).toContain('"nodes": 2');
    expect((await workspace.run(["plan", "-input=false"])).output).toMatch(/~ nodes += 2 -> 3/);
    await workspace.configure(fleetHcl(2));
    expect(await workspace.plan()).toBe("changes");
    await workspace.apply();
    expect(await org.group(GROUP)).toMatchObject({ desired: 2, max: 2 });
    expect(await workspace.plan()).toBe("clean");
  });

  test("the diagnosis shows the last console lines of the worst node", async () => {
    head.unreadyFrom = 0;
    await workspace.configure(fleetHcl(1, 'update = "4s"'));
    const { instanceIds } = await org.group(GROUP);
    for (const id of instanceIds)
      await writeFile(emulator.consoleLogPath(id), "mount.efs: no route to host\n");
    const { output } = await workspace.run(["apply", "-auto-approve"]);
    expect(unwrapped(output)).toContain("mount.efs: no route to host");
    head.unreadyFrom = Number.POSITIVE_INFINITY;
    await workspace.apply();
  });

  test("Ctrl-C ends a create at once and leaves a fleet that destroy takes down", async () => {
    head.unreadyFrom = 0;
    const interrupt = new AbortController();
    const { exitCode, output } = await workspace.run(["apply", "-auto-approve", "-replace=muster_fleet.it"], {
      signal: interrupt.signal,
      env: { TF_LOG_PROVIDER: "INFO" },
      onLine: (line) => {
        if (line.includes("to be ready")) interrupt.abort();
      },
    });
    expect(exitCode).toBe(1);
    expect(unwrapped(output)).toContain("Interrupted: create muster_fleet");
    expect(await workspace.state()).toContain('"status": "tainted"');
    expect(await org.group(GROUP)).toMatchObject({ desired: 1 });
  });

  test("untaint keeps what an interrupted create left", async () => {
    head.unreadyFrom = Number.POSITIVE_INFINITY;
    await waitFor({
      what: "the head to report its nodes ready",
      timeoutSeconds: 30,
      everyMs: 50,
      look: async () => org.cluster(await uuid()),
      isDone: (cluster) => cluster?.clusterStatus === "FINISHED",
      describe: (cluster) => JSON.stringify(cluster),
    });
    const { instanceIds } = await org.group(GROUP);
    expect((await workspace.run(["untaint", "muster_fleet.it"])).exitCode).toBe(0);
    expect(await workspace.plan()).toBe("clean");
    expect((await org.group(GROUP)).instanceIds).toEqual(instanceIds);
  });

  test("destroy ends when the instances are gone and leaves nothing", async () => {
    const last = await uuid();
    const { exitCode, output } = await workspace.run(["destroy", "-auto-approve"]);
    expect(output).toContain("Destroy complete");
    expect(exitCode).toBe(0);
    expect(await org.group(GROUP)).toEqual({ desired: 0, max: 0, instanceIds: [] });
    expect(await org.runningInstances()).toEqual([]);
    expect(await org.sortKeys(last)).toEqual([]);
    expect(await org.parameterNames()).toEqual([]);
  });

  test("a create that fails keeps the fleet as tainted; the next apply replaces it and never makes a second", async () => {
    head.unreadyFrom = 1;
    await workspace.configure(fleetHcl(2, 'create = "4s"'));
    const { exitCode, output } = await workspace.run(["apply", "-auto-approve"]);
    expect(exitCode).toBe(1);
    expect(unwrapped(output)).toContain("Phase: waiting-for-nodes (status INPROGRESS)");
    expect(unwrapped(output)).toMatch(/Not ready: i-[0-9a-f]+ \(10\.0\.0\.11\) unready: shared/);
    expect(unwrapped(output)).toMatch(/Console of i-[0-9a-f]+/);
    expect(await workspace.state()).toContain('"status": "tainted"');
    head.unreadyFrom = Number.POSITIVE_INFINITY;
    await workspace.configure(fleetHcl(2, 'create = "30s"'));
    await workspace.apply();
    expect(await org.runningInstances()).toHaveLength(2);
    expect((await workspace.run(["destroy", "-auto-approve"])).exitCode).toBe(0);
    expect(await org.runningInstances()).toEqual([]);
  });
});
