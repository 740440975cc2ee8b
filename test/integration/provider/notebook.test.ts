import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import { usagePk } from "../../../agent/contract/keys.js";
import { notebookWrites } from "../../../agent/contract/writes/notebook.js";
import { waitFor } from "../../../scripts/system/wait.js";
import { addressOf, type FakeNotebook, startFakeNotebook } from "../../support/provider/fake-notebook.js";
import type { TestOrg } from "../../support/provider/org.js";
import { type Setting, startSetting } from "../../support/provider/setting.js";
import { unwrapped, type Workspace } from "../../support/provider/terraform.js";

const GROUP = "notebook";
const APPLY = ["apply", "-auto-approve", "-input=false"] as const;
interface Declared {
  readonly cluster?: "alpha" | "beta";
  readonly version: string;
  readonly timeouts?: string;
}
const CLUSTERS = `
provider "muster" {
  org = "acme"
}
resource "muster_cluster" "alpha" {
  name = "alpha"
}
resource "muster_cluster" "beta" {
  name = "beta"
}
`;
const notebookHcl = ({ cluster = "alpha", version, timeouts = "" }: Declared): string => `
${CLUSTERS}
resource "muster_notebook" "it" {
  name              = "explore"
  cluster_uuid      = muster_cluster.${cluster}.uuid
  autoscaling_group = "${GROUP}"
  node_version      = "${version}"
  timeouts {
    ${timeouts}
  }
}
output "address" { value = muster_notebook.it.address }
output "instance_id" { value = muster_notebook.it.instance_id }
`;

describe("muster_notebook, by real terraform", () => {
  let setting: Setting;
  let org: TestOrg;
  let workspace: Workspace;
  let agent: FakeNotebook;

  let version: string;
  /** Declares the notebook, of the newest version of its launch template. */
  const declare = (declared: Omit<Declared, "version"> = {}) =>
    workspace.configure(notebookHcl({ ...declared, version }));
  const newVersion = async () => {
    version = await org.templateVersion(GROUP, true);
  };
  const instances = async () => (await org.group(GROUP)).instanceIds;
  const planned = async () => (await workspace.run(["plan", "-input=false"])).output;
  async function fail(...args: [string, ...string[]]): Promise<string> {
    const { exitCode, output } = await workspace.run(args);
    expect(exitCode).toBe(1);
    return unwrapped(output);
  }
  /** As its agent, or a command, does it. */
  async function park(): Promise<void> {
    const item = await org.notebook("explore");
    if (item === null) throw new Error("there is no notebook");
    expect(await org.update(notebookWrites.park(item, new Date()))).toBe(true);
    await org.setSize(GROUP, { desired: 0, max: 1 });
  }

  beforeAll(async () => {
    setting = await startSetting();
    org = setting.org;
    await org.createGroup(GROUP, 1);
    version = await org.templateVersion(GROUP);
    workspace = await setting.workspace();
    agent = startFakeNotebook(org, "explore", GROUP);
  });
  afterEach(() => {
    agent.failing = null;
    agent.isSilent = false;
  });
  afterAll(async () => {
    await agent?.stop();
    await setting?.stop();
  });

  test("apply ends when the notebook is FINISHED; the next plan is clean", async () => {
    await declare();
    await workspace.apply();
    const [instance = ""] = await instances();
    expect(await workspace.outputs()).toEqual({ address: addressOf(instance), instance_id: instance });
    expect(await org.group(GROUP)).toMatchObject({ desired: 1, max: 1 });
    expect(await org.notebook("explore")).toMatchObject({
      ...{ org: "acme", group: GROUP, status: "FINISHED", instanceId: instance },
      clusterUuid: await org.findUuid("alpha"),
    });
    expect(await workspace.plan()).toBe("clean");
  });

  test("its state has its name, size and place, and nothing else of it", async () => {
    const state = JSON.parse(await workspace.state()) as {
      resources: { type: string; instances: { attributes: Record<string, unknown> }[] }[];
    };
    const [own] = state.resources.filter(({ type }) => type === "muster_notebook");
    expect(Object.keys(own?.instances[0]?.attributes ?? {}).sort()).toEqual([
      ...["address", "autoscaling_group", "cluster_uuid", "id", "instance_id", "name", "node_version"],
      ...["owner", "timeouts"],
    ]);
  });

  test("parked, and started again by a command: the plan stays clean", async () => {
    await park();
    expect(await workspace.plan()).toBe("clean");
    expect(await instances()).toEqual([]);
    const item = await org.notebook("explore");
    expect(item).toMatchObject({ status: "PARKED" });
    if (item !== null) await org.update(notebookWrites.start(item, null, new Date()));
    agent.isSilent = true;
    await org.setSize(GROUP, { desired: 1, max: 1 });
    expect((await workspace.run(["plan", "-input=false"])).output).not.toContain(
      "muster_notebook.it will be",
    );
    agent.isSilent = false;
    await workspace.apply();
    expect(await org.notebook("explore")).toMatchObject({ status: "FINISHED" });
  });

  test("a group that somebody emptied is filled again", async () => {
    await org.setSize(GROUP, { desired: 0, max: 1 });
    expect(await planned()).toMatch(/\+ node_version +=/);
    await workspace.apply();
    expect(await instances()).toHaveLength(1);
    expect(await workspace.plan()).toBe("clean");
  });

  test("another version renews the node in place", async () => {
    const [before] = await instances();
    await newVersion();
    await declare();
    expect(await planned()).toContain("muster_notebook.it will be updated in-place");
    await workspace.apply();
    const [after] = await instances();
    expect(after).not.toBe(before);
    expect(await org.notebook("explore")).toMatchObject({ retiring: before, instanceId: after });
    expect(await org.runningInstances()).toEqual([after]);
    expect(await workspace.plan()).toBe("clean");
  });

  test("another cluster is an update in place: the item moves, and another node starts there", async () => {
    const [before] = await instances();
    const was = await org.notebook("explore");
    await declare({ cluster: "beta" });
    const plan = await planned();
    expect(plan).toContain("muster_notebook.it will be updated in-place");
    expect(plan).toContain("0 to add, 1 to change, 0 to destroy");
    await workspace.apply();
    const [after] = await instances();
    expect(after).not.toBe(before);
    const [alpha, beta] = [await org.findUuid("alpha"), await org.findUuid("beta")];
    expect(await org.notebook("explore")).toMatchObject({
      ...{ clusterUuid: beta, status: "FINISHED", instanceId: after, owner: was?.owner },
      createdAt: was?.createdAt,
    });
    expect(await org.sortKeys(alpha ?? "")).not.toContain("NOTEBOOK#explore");
    expect(await org.sortKeys(beta ?? "")).toContain("NOTEBOOK#explore");
    expect(await workspace.plan()).toBe("clean");
  });

  test("a parked one that moves is started there", async () => {
    await park();
    await newVersion();
    await declare();
    await workspace.apply();
    expect(await org.notebook("explore")).toMatchObject({
      ...{ status: "FINISHED", clusterUuid: await org.findUuid("alpha") },
    });
    expect(await instances()).toHaveLength(1);
  });

  test("a renewal that runs out of time says which probe fails, why, and the next step", async () => {
    agent.failing = { probe: "jupyter", reasonCode: "notebook-jupyter-down", reason: "HTTP 403" };
    await newVersion();
    await declare({ timeouts: 'update = "2s"' });
    const text = await fail(...APPLY);
    expect(text).toContain("Notebook explore is not ready: jupyter");
    expect(text).toContain("Timed out after 2s");
    expect(text).toContain("Failing probe: jupyter (notebook-jupyter-down: HTTP 403).");
    expect(text).toMatch(/Status: INPROGRESS, phase readiness-probes; node: i-[0-9a-f]+ \(10\./);
    expect(text).toMatch(/Console of i-[0-9a-f]+/);
    expect(text).toMatch(/Next: .*journalctl -u muster-jupyter\. Then apply again, or destroy/);
    expect(text).toContain("Code: notebook-not-ready, reason: notebook-not-ready-in-time");
  });

  test("a failed renewal leaves the notebook FAILED, with the probe; the next apply goes on with it", async () => {
    agent.isSilent = true;
    await fail(...APPLY);
    const failed = await org.notebook("explore");
    expect(failed).toMatchObject({ status: "FAILED", reasonCode: "notebook-not-ready-in-time" });
    expect(failed?.reason).toContain("Timed out after 2s");
    agent.isSilent = false;
    await workspace.apply();
    expect(await org.notebook("explore")).toMatchObject({ status: "FINISHED" });
    expect(await workspace.plan()).toBe("clean");
  });

  test("a move that Ctrl-C ended is continued by the next apply, with the node that it had started", async () => {
    agent.failing = { probe: "kernel", reasonCode: "notebook-kernel-dead", reason: "no answer" };
    await newVersion();
    await declare({ cluster: "beta" });
    const interrupt = new AbortController();
    const { exitCode, output } = await workspace.run([...APPLY], {
      signal: interrupt.signal,
      env: { TF_LOG_PROVIDER: "INFO" },
      onLine: (line) => {
        if (line.includes("failing probe: kernel")) interrupt.abort();
      },
    });
    expect(exitCode).toBe(1);
    expect(unwrapped(output)).toContain("Interrupted: update muster_notebook");
    const [started] = await instances();
    expect(await planned()).toMatch(/~ node_version +=/);
    const resumed = await workspace.run([...APPLY], {
      env: { TF_LOG_PROVIDER: "INFO" },
      onLine: (line) => {
        if (line.includes("failing probe: kernel")) agent.failing = null;
      },
    });
    expect(resumed.exitCode).toBe(0);
    expect(await instances()).toEqual([started]);
    expect(await org.notebook("explore")).toMatchObject({
      ...{ status: "FINISHED", instanceId: started, clusterUuid: await org.findUuid("beta") },
    });
    expect(await workspace.plan()).toBe("clean");
  });

  test("its cluster can't be destroyed meanwhile, and loses nothing", async () => {
    const args = ["destroy", "-auto-approve", "-target=muster_cluster.beta"] as const;
    await workspace.run(["state", "rm", "muster_notebook.it"]);
    const text = await fail(...args);
    expect(text).toContain("Cluster beta has a notebook attached");
    expect(text).toContain("explore. Nothing of it was changed.");
    expect(text).toContain("Code: cluster-has-notebooks");
    expect(await org.cluster((await org.findUuid("beta")) ?? "")).toMatchObject({ clusterStatus: "NEW" });
  });

  test("with its name taken, the plan warns, and the apply fails and says how to import it", async () => {
    await declare({ cluster: "beta" });
    expect(unwrapped(await planned())).toContain("Notebook explore is there already");
    const text = await fail(...APPLY);
    expect(text).toContain("Org acme has a notebook explore already");
    expect(text).toContain(`It is attached to cluster ${await org.findUuid("beta")}`);
    expect(text).toContain("terraform import ADDRESS explore");
    expect(text).toContain("Code: notebook-name-taken");
    expect(await workspace.state()).not.toContain("muster_notebook");
  });

  test("an import by name takes it over, and starts nothing", async () => {
    await park();
    await workspace.run(["import", "muster_notebook.it", "explore"]);
    const before = await org.notebook("explore");
    expect(await planned()).toContain("0 to add, 1 to change, 0 to destroy");
    await workspace.apply();
    const after = await org.notebook("explore");
    expect(after?.owner).not.toBe(before?.owner);
    expect(after).toMatchObject({ status: "PARKED" });
    expect(await instances()).toEqual([]);
    expect(await workspace.plan()).toBe("clean");
    const invalid = await fail("import", "muster_notebook.it", "Explore!");
    expect(invalid).toMatch(/already managed|must be a notebook's name/);
  });

  test("destroy ends the node, frees the name, and lets the clusters go", async () => {
    await newVersion();
    await declare({ cluster: "beta" });
    await workspace.apply();
    expect(await instances()).toHaveLength(1);
    const beta = (await org.findUuid("beta")) ?? "";
    const { statusChangedAt } = (await org.notebook("explore")) ?? {};
    const { exitCode, output } = await workspace.run(["destroy", "-auto-approve"]);
    expect({ exitCode, output: exitCode === 0 ? "" : output }).toEqual({ exitCode: 0, output: "" });
    expect(await org.notebook("explore")).toBeNull();
    expect(await org.runningInstances()).toEqual([]);
    expect(await org.findUuid("beta")).toBeNull();
    expect(await org.sortKeys(beta, usagePk)).toContain(`NOTEBOOK#explore#${statusChangedAt}`);
  });

  test("an interrupted create is tainted, and the next apply makes the one notebook", async () => {
    agent.isSilent = true;
    await declare();
    const interrupt = new AbortController();
    const running = workspace.run([...APPLY], { signal: interrupt.signal });
    await waitFor({
      what: "the node to be asked for",
      timeoutSeconds: 40,
      everyMs: 100,
      look: () => org.notebook("explore"),
      isDone: (item) => item?.status === "INPROGRESS",
      describe: (item) => item?.status ?? "none",
    });
    interrupt.abort();
    expect((await running).exitCode).toBe(1);
    expect(await workspace.state()).toContain('"status": "tainted"');
    agent.isSilent = false;
    await workspace.apply();
    expect(await org.runningInstances()).toHaveLength(1);
    expect(await workspace.plan()).toBe("clean");
    await workspace.run(["destroy", "-auto-approve"]);
    expect(await org.notebook("explore")).toBeNull();
  });
});
