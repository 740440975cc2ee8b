import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { waitFor } from "../../../scripts/system/wait.js";
import { type FakeHead, startFakeHead } from "../../support/provider/fake-head.js";
import { type FakeJobHead, startFakeJobHead } from "../../support/provider/fake-job-head.js";
import type { TestOrg } from "../../support/provider/org.js";
import { type ClusterJobs, openJobs } from "../../support/provider/org-jobs.js";
import { type Setting, startSetting } from "../../support/provider/setting.js";
import { unwrapped, type Workspace } from "../../support/provider/terraform.js";

const GROUP = "nodes";
const HEAD = `
provider "muster" {
  org = "acme"
}
`;
const cluster = `${HEAD}
resource "muster_cluster" "it" {
  name = "demo"
}
output "uuid" { value = muster_cluster.it.uuid }
`;
const fleet = (address: string, uuid: string, nodes = 2): string => `
resource "muster_fleet" "${address}" {
  cluster_uuid      = ${uuid}
  autoscaling_group = "${GROUP}"
  nodes             = ${nodes}
}
`;
const jobDefinition = (address: string, uuid: string): string => `
resource "muster_job_definition" "${address}" {
  cluster_uuid = "${uuid}"
  name         = "pi"
  command      = ["-c", "print(3.14)"]
}
`;
const OWN = "muster_cluster.it.uuid";
const APPLY = ["apply", "-auto-approve", "-input=false"] as const;
const DESTROY = ["destroy", "-auto-approve", "-input=false"] as const;

describe("what a resource made is its own, by real terraform", () => {
  let setting: Setting;
  let org: TestOrg;
  let workspace: Workspace;
  let head: FakeHead;
  let uuid: string;
  beforeAll(async () => {
    setting = await startSetting();
    ({ org } = setting);
    await org.createGroup(GROUP, 1);
    workspace = await setting.workspace();
    head = startFakeHead(org, "demo", GROUP);
    await workspace.configure(cluster + fleet("a", OWN));
    await workspace.apply();
    uuid = String((await workspace.outputs())["uuid"]);
  });
  afterAll(async () => {
    await head?.stop();
    await setting?.stop();
  });

  const instances = async () => [...(await org.group(GROUP)).instanceIds].sort();
  async function expectReady(nodes: number): Promise<void> {
    expect(await org.group(GROUP)).toMatchObject({ desired: nodes, max: nodes });
    expect(await instances()).toHaveLength(nodes);
    expect(await org.cluster(uuid)).toMatchObject({ clusterStatus: "FINISHED", desiredNodes: nodes });
    expect(await workspace.plan()).toBe("clean");
  }

  test("a fleet that another state has is refused: whose it is, and how it is taken over", async () => {
    const before = await instances();
    const other = await setting.workspace();
    await other.configure(HEAD + fleet("b", `"${uuid}"`, 1));
    const { exitCode, output } = await other.run(APPLY);
    expect(exitCode).toBe(1);
    const text = unwrapped(output);
    expect(text).toContain(`Cluster ${uuid} has a fleet already`);
    expect(text).toContain(`group ${GROUP}, since 20`);
    expect(text).toContain(`terraform import ADDRESS ${uuid}/${GROUP}`);
    expect(text).toContain("terraform state mv");
    expect((await other.run(["state", "list"])).output).toBe("");
    expect(await instances()).toEqual(before);
    await expectReady(2);
  });

  test("a renamed address keeps its nodes where the configuration says moved", async () => {
    const before = await instances();
    const moved = "moved {\n  from = muster_fleet.a\n  to   = muster_fleet.b\n}\n";
    await workspace.configure(cluster + fleet("b", OWN) + moved);
    expect(await workspace.apply()).toContain("0 added, 0 changed, 0 destroyed");
    expect(await instances()).toEqual(before);
    await expectReady(2);
  });

  test("a renamed address without moved never ends with nodes in the state and none in the group", async () => {
    await workspace.configure(cluster + fleet("c", OWN));
    const planned = unwrapped((await workspace.run(["plan", "-input=false"])).output);
    expect(planned).toContain(`Warning: Fleet ${uuid}/${GROUP} is there already`);
    expect(planned).toContain("don't apply: say so by a moved block, or terraform state mv OLD NEW");
    const first = await workspace.run(APPLY);
    // Terraform destroys one address and creates the other at the same time: either may come first.
    if (first.exitCode !== 0) {
      expect(unwrapped(first.output)).toContain(`Cluster ${uuid} has a fleet already`);
      expect(await org.group(GROUP)).toMatchObject({ desired: 0 });
      await workspace.apply();
    }
    await expectReady(2);
  });

  test("an emptied group that was not parked is cured by a plain apply; a parked one is left alone", async () => {
    await org.setSize(GROUP, { desired: 0, max: 2 });
    await org.setCluster(uuid, { hostfileNodes: 0, nodes: [] });
    const { output } = await workspace.run(["plan", "-input=false"]);
    expect(output).toMatch(/~ nodes +\( *0 -> 2|~ nodes +=\s+0 -> 2/);
    await workspace.apply();
    await expectReady(2);
    await org.setSize(GROUP, { desired: 0, max: 2 });
    await org.setCluster(uuid, { clusterStatus: "PARKED", phase: "parked", desiredNodes: 0 });
    expect(await workspace.plan()).toBe("clean");
    await org.setSize(GROUP, { desired: 2, max: 2 });
    await org.setCluster(uuid, { clusterStatus: "INPROGRESS", phase: "waiting-for-nodes", desiredNodes: 2 });
  });

  test("an import takes it over by its first apply; the old state then changes and destroys nothing of it", async () => {
    const before = await instances();
    const other = await setting.workspace();
    await other.configure(HEAD + fleet("taken", `"${uuid}"`));
    expect((await other.run(["import", "muster_fleet.taken", `${uuid}/${GROUP}`])).exitCode).toBe(0);
    expect(unwrapped((await other.run(["plan", "-input=false"])).output)).toContain(
      "+ owner = (known after apply)",
    );
    expect(await other.apply()).toContain("0 added, 1 changed, 0 destroyed");
    expect(await other.plan()).toBe("clean");

    const planned = unwrapped((await workspace.run(["plan", "-input=false"])).output);
    expect(planned).toContain(`Fleet ${uuid}/${GROUP} is not this resource's any more`);
    const refused = await workspace.run(APPLY);
    expect(refused.exitCode).toBe(1);
    expect(unwrapped(refused.output)).toContain(`Cluster ${uuid} has a fleet already`);
    expect((await workspace.run([...DESTROY, "-target=muster_fleet.c"])).exitCode).toBe(0);
    expect(await instances()).toEqual(before);

    expect((await other.run(DESTROY)).exitCode).toBe(0);
    expect(await instances()).toEqual([]);
    expect(await org.runningInstances()).toEqual([]);
    await workspace.apply();
    await expectReady(2);
  });

  test("a state from before fleets had owners takes its fleet by the next apply", async () => {
    const before = await instances();
    await org.disownFleet(uuid);
    await workspace.editState((attributes) => ("autoscaling_group" in attributes ? { owner: null } : {}));
    expect(await workspace.apply()).toContain("0 added, 1 changed, 0 destroyed");
    expect(await instances()).toEqual(before);
    await expectReady(2);
  });

  test("a group that is another cluster's fleet is refused", async () => {
    const other = await setting.workspace();
    await other.configure(cluster.replace("demo", "second") + fleet("it", OWN, 1));
    const { exitCode, output } = await other.run(APPLY);
    expect(exitCode).toBe(1);
    expect(unwrapped(output)).toContain(`Auto Scaling group ${GROUP} is the fleet of cluster demo`);
    expect((await other.run(DESTROY)).exitCode).toBe(0);
    await expectReady(2);
  });

  test("a fleet that is replaced, tainted or not, is its own", async () => {
    const replaced = await workspace.run([...APPLY, "-replace=muster_fleet.c"]);
    expect(replaced.exitCode).toBe(0);
    expect(replaced.output).not.toContain("Warning");
    expect((await workspace.run(["taint", "muster_fleet.c"])).exitCode).toBe(0);
    await workspace.apply();
    await expectReady(2);
  });

  describe("a job", () => {
    let jobs: ClusterJobs;
    let jobHead: FakeJobHead;
    let space: Workspace;
    beforeAll(async () => {
      jobs = openJobs(setting.emulator, "acme", uuid);
      jobHead = startFakeJobHead(jobs);
      space = await setting.workspace();
      await space.configure(HEAD + jobDefinition("a", uuid));
      await space.apply();
    });
    afterAll(() => jobHead?.stop());

    test("that another state has is refused, the same as it is or not", async () => {
      const other = await setting.workspace();
      await other.configure(HEAD + jobDefinition("b", uuid));
      const { exitCode, output } = await other.run(APPLY);
      expect(exitCode).toBe(1);
      expect(unwrapped(output)).toContain(`Cluster ${uuid} has a job definition pi already`);
      expect(unwrapped(output)).toContain(`terraform import ADDRESS ${uuid}/pi`);
      expect((await other.run(["state", "list"])).output).toBe("");
    });

    test("at a renamed address is there, with its jobs, once applies say that they are complete", async () => {
      await space.configure(HEAD + jobDefinition("b", uuid));
      const { output } = await space.run(["plan", "-input=false"]);
      expect(output).toContain(`Warning: Job definition ${uuid}/pi is there already`);
      const first = await space.run(APPLY);
      if (first.exitCode !== 0) await space.apply();
      expect(await jobs.definition("pi")).not.toBeNull();
      expect((await jobs.list()).at(-1)).toMatchObject({ status: "FINISHED" });
      expect(await space.plan()).toBe("clean");
    });

    test("that was imported elsewhere is neither cancelled nor deleted by the old state's destroy", async () => {
      await interruptedReplacement();
      const other = await setting.workspace();
      await other.configure(HEAD + jobDefinition("taken", uuid).replace("}", "wait = false\n}"));
      expect((await other.run(["import", "muster_job_definition.taken", `${uuid}/pi`])).exitCode).toBe(0);
      expect(await other.apply()).toContain("0 added, 1 changed, 0 destroyed");
      const { output } = await space.run(["plan", "-input=false"]);
      expect(unwrapped(output)).toContain(`Job definition ${uuid}/pi is not this resource's any more`);
      expect((await space.run(DESTROY)).exitCode).toBe(0);
      expect((await jobs.list()).at(-1)).toMatchObject({ status: "INPROGRESS", cancelRequested: false });
      expect(await jobs.definition("pi")).not.toBeNull();
      jobHead.outcome = "finish";
      expect((await other.run(DESTROY)).exitCode).toBe(0);
      expect(await jobs.definition("pi")).toBeNull();
    });

    /** Leaves a job in progress, whose apply was cut short. */
    async function interruptedReplacement(): Promise<void> {
      jobHead.outcome = "run";
      const known = (await jobs.list()).length;
      const cut = new AbortController();
      const ended = space.run([...APPLY, "-replace=muster_job_definition.b"], { signal: cut.signal });
      await waitFor({
        what: "the job",
        timeoutSeconds: 40,
        everyMs: 50,
        look: () => jobs.list(),
        isDone: (seen) => seen.length > known && seen.at(-1)?.status === "INPROGRESS",
        describe: (seen) => JSON.stringify(seen),
      });
      cut.abort();
      await ended;
    }
  });
});
