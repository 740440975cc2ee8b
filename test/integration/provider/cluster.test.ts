import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { hostfilePath } from "../../../agent/contract/names.js";
import { nodeReasonCode } from "../../../agent/contract/reasons.js";
import type { NodeSummary } from "../../../agent/contract/registry.js";
import { waitFor } from "../../../scripts/system/wait.js";
import type { TestEmulator } from "../../support/emulator.js";
import { EMULATORS } from "../../support/emulators.js";
import { createOrg, type TestOrg } from "../../support/provider/org.js";
import { type Setting, startSetting } from "../../support/provider/setting.js";
import { unwrapped, type Workspace } from "../../support/provider/terraform.js";

const clusterHcl = (attributes: string, name = "demo"): string => `
provider "muster" {
  org = "acme"
}
resource "muster_cluster" "it" {
  name = "${name}"
  ${attributes}
}
output "uuid" { value = muster_cluster.it.uuid }
output "hostfile" { value = muster_cluster.it.hostfile }
`;

const node = (id: string, address: string, state: NodeSummary["state"]): NodeSummary => ({
  id,
  address,
  hostname: id,
  cores: 2,
  kind: "worker",
  state,
  failingProbes: state === "ready" ? [] : ["shared"],
  reasonCode: nodeReasonCode(state === "ready" ? [] : ["shared"]),
});

async function onlyInstance(
  workspace: Workspace,
): Promise<{ readonly status?: string; readonly attributes: { readonly uuid: string } }> {
  const state = JSON.parse(await workspace.state()) as {
    resources: [{ instances: [{ status?: string; attributes: { uuid: string } }] }];
  };
  return state.resources[0].instances[0];
}

describe.each(EMULATORS)("muster_cluster on $name, by real terraform", ({ start }) => {
  let setting: Setting;
  let emulator: TestEmulator;
  let org: TestOrg;
  let workspace: Workspace;
  const uuid = async (): Promise<string> => String((await workspace.outputs())["uuid"]);

  beforeAll(async () => {
    setting = await startSetting(start);
    ({ emulator, org } = setting);
    workspace = await setting.workspace();
  });
  afterAll(() => setting?.stop());

  test("apply makes the registry item and a secret that is not in the state; the next plan is clean", async () => {
    await workspace.configure(clusterHcl('idle_timeout_minutes = 60\n  tags = { team = "cfd" }'));
    await workspace.apply();
    const made = await uuid();
    expect((await workspace.outputs())["hostfile"]).toBe(hostfilePath(made));
    expect(await org.cluster(made)).toMatchObject({
      name: "demo",
      org: "acme",
      clusterStatus: "NEW",
      desiredNodes: 0,
      idleTimeoutMinutes: 60,
      tags: { team: "cfd" },
    });
    const { type, value } = await org.secret(made);
    expect(type).toBe("SecureString");
    expect(Buffer.from(value, "base64url")).toHaveLength(32);
    expect(await workspace.state()).not.toContain(value);
    expect(await workspace.plan()).toBe("clean");
  });

  test("a secret that was rotated is no difference", async () => {
    const made = await uuid();
    const { value } = await org.secret(made);
    await org.rotateSecret(made);
    expect((await org.secret(made)).value).not.toBe(value);
    expect(await workspace.plan()).toBe("clean");
  });

  test("a change is made in place", async () => {
    const before = await uuid();
    await workspace.configure(clusterHcl(""));
    await workspace.apply();
    expect(await uuid()).toBe(before);
    expect(await org.cluster(before)).toMatchObject({ idleTimeoutMinutes: null, tags: {} });
    expect(await workspace.plan()).toBe("clean");
  });

  test("a parked cluster is no difference; tags changed by hand are", async () => {
    await org.setCluster(await uuid(), { clusterStatus: "PARKED", phase: "parked", desiredNodes: 0 });
    expect(await workspace.plan()).toBe("clean");
    await org.setCluster(await uuid(), { tags: { by: "hand" } });
    expect(await workspace.plan()).toBe("changes");
    await workspace.apply();
    expect(await org.cluster(await uuid())).toMatchObject({ tags: {}, clusterStatus: "PARKED" });
  });

  test("what the head reports is told, and is no difference, also where it changes between plan and apply", async () => {
    const made = await uuid();
    await org.setCluster(made, {
      clusterStatus: "FINISHED",
      phase: "ready",
      desiredNodes: 2,
      nodes: [node("i-1", "10.0.0.10", "ready"), node("i-2", "10.0.0.11", "unready")],
      hostfileNodes: 1,
      cores: 2,
      headInstanceId: "i-1",
      observedAt: "2026-01-01T00:00:00.000Z",
    });
    expect(await workspace.plan()).toBe("clean");
    await workspace.configure(clusterHcl("idle_timeout_minutes = 30"));
    expect((await workspace.run(["plan", "-out=saved"])).output).not.toContain("known after apply");
    await org.setCluster(made, { clusterStatus: "PARKED", cores: 0, nodes: [], headInstanceId: null });
    expect((await workspace.run(["apply", "saved"])).output).toContain("1 changed");
    expect((await onlyInstance(workspace)).attributes).toMatchObject({
      status: "FINISHED",
      desired_nodes: 2,
      ready_nodes: 1,
      cores: 2,
      addresses: ["10.0.0.10"],
      head_instance_id: "i-1",
      observed_at: "2026-01-01T00:00:00.000Z",
    });
    expect(await org.cluster(made)).toMatchObject({ idleTimeoutMinutes: 30, clusterStatus: "PARKED" });
    expect(await workspace.plan()).toBe("clean");
    await workspace.configure(clusterHcl(""));
    await workspace.apply();
    expect((await onlyInstance(workspace)).attributes).toMatchObject({ status: "PARKED", addresses: [] });
  });

  test("import takes over what exists; a malformed id fails with what an id is", async () => {
    const other = await setting.workspace();
    await other.configure(clusterHcl(""));
    const wrong = await other.run(["import", "muster_cluster.it", "Not_a_name"]);
    expect(wrong.exitCode).not.toBe(0);
    expect(unwrapped(wrong.output)).toContain("must be a cluster's UUID, like");
    const imported = await other.run(["import", "muster_cluster.it", await uuid()]);
    expect(imported.output).toContain("Import successful");
    const { exitCode, output } = await other.run(["plan", "-input=false"]);
    expect(exitCode).toBe(0);
    expect(output).not.toContain("muster_cluster.it will be");
  });

  test("a provider of another org does not take it for deleted: it is refused, by plan and by destroy", async () => {
    const made = await uuid();
    await createOrg(emulator, "elsewhere");
    await workspace.configure(clusterHcl("").replace('"acme"', '"elsewhere"'));
    for (const command of ["plan", "destroy"]) {
      const answer = await workspace.run([
        command,
        "-input=false",
        ...(command === "plan" ? [] : ["-auto-approve"]),
      ]);
      expect(answer.exitCode).toBe(1);
      expect(unwrapped(answer.output)).toContain(`Error: ${made} is in org acme in us-east-1`);
    }
    expect(await org.cluster(made)).not.toBeNull();
    await workspace.configure(clusterHcl(""));
    expect(await workspace.plan()).toBe("clean");
  });

  test("removed by hand, it is made anew", async () => {
    const before = await uuid();
    await org.deleteCluster(before);
    expect(await workspace.plan()).toBe("changes");
    await workspace.apply();
    expect(await uuid()).not.toBe(before);
    expect(await org.cluster(await uuid())).toMatchObject({ clusterStatus: "NEW" });
  });

  test("a new name replaces it; servers' errors that pass are waited out", async () => {
    const before = await uuid();
    for (const [service, action] of [
      ["dynamodb", "TransactWriteItems"],
      ["ssm", "PutParameter"],
    ] as const) {
      const response = { code: "InternalServerError", message: "try again", status: 500 };
      await emulator.injectFault({ service, action, times: 1, response });
    }
    await workspace.configure(clusterHcl("", "renamed"));
    expect((await workspace.run(["plan"])).output).toContain("must be replaced");
    await workspace.apply();
    await emulator.clearFaults();
    expect(await uuid()).not.toBe(before);
    expect(await org.sortKeys(before)).toEqual([]);
    expect(await org.cluster(await uuid())).toMatchObject({ name: "renamed" });
  });

  test("an update that AWS refuses names the cluster and the next step, and the next apply makes it", async () => {
    await workspace.configure(clusterHcl("idle_timeout_minutes = 5", "renamed"));
    await emulator.injectFault({
      service: "dynamodb",
      action: "UpdateItem",
      response: { code: "AccessDeniedException", message: "no dynamodb:UpdateItem", status: 400 },
    });
    const { exitCode, output } = await workspace.run(["apply", "-auto-approve"]);
    await emulator.clearFaults();
    expect(exitCode).toBe(1);
    expect(unwrapped(output)).toContain(`Could not update cluster ${await uuid()} in table`);
    expect(unwrapped(output)).toContain("AccessDeniedException: no dynamodb:UpdateItem");
    expect(unwrapped(output)).toContain("The credentials lack this permission");
    await workspace.apply();
    expect(await org.cluster(await uuid())).toMatchObject({ idleTimeoutMinutes: 5 });
  });

  describe("a create that is cut short between the item and the secret", () => {
    async function cutShort(space: Workspace, name: string, how: "signal" | "kill") {
      await space.configure(clusterHcl("", name));
      const response = { delayMs: 60_000 };
      await emulator.injectFault({ service: "ssm", action: "PutParameter", response });
      const cut = new AbortController();
      const ended = space.run(["apply", "-auto-approve"], { [how]: cut.signal });
      const made = await waitFor({
        what: "the cluster's item",
        timeoutSeconds: 40,
        everyMs: 50,
        look: () => org.findUuid(name),
        isDone: (found) => found !== null,
        describe: String,
      });
      cut.abort();
      const end = await ended;
      await emulator.clearFaults();
      return { ...end, made: String(made) };
    }

    test("by Ctrl-C keeps the cluster as tainted, and the next apply leaves one", async () => {
      const space = await setting.workspace();
      const { exitCode, output, made } = await cutShort(space, "interrupted", "signal");
      expect(exitCode).toBe(1);
      expect(unwrapped(output)).toContain(`Interrupted: create muster_cluster ${made}`);
      const { status, attributes } = await onlyInstance(space);
      expect({ status, uuid: attributes.uuid }).toEqual({ status: "tainted", uuid: made });
      await space.apply();
      expect(await org.sortKeys(made)).toEqual([]);
      expect(await org.findUuid("interrupted")).toBe((await space.outputs())["uuid"]);
      expect((await space.run(["destroy", "-auto-approve"])).exitCode).toBe(0);
    });

    test("by a kill keeps its name; what it left is imported, and has its secret made by the next apply", async () => {
      const space = await setting.workspace();
      const { exitCode, made } = await cutShort(space, "killed", "kill");
      expect(exitCode).toBeNull();
      const refused = await space.run(["apply", "-auto-approve"]);
      expect(refused.exitCode).toBe(1);
      expect(unwrapped(refused.output)).toContain(`terraform import ADDRESS ${made}`);
      expect((await space.run(["import", "muster_cluster.it", made])).exitCode).toBe(0);
      // The one that was killed may have been about to make it.
      await org.deleteSecret(made).catch(() => undefined);
      expect(await space.plan()).toBe("changes");
      await space.apply();
      expect((await org.secret(made)).type).toBe("SecureString");
      expect(await space.plan()).toBe("clean");
      expect((await space.run(["destroy", "-auto-approve"])).exitCode).toBe(0);
      expect(await org.sortKeys(made)).toEqual([]);
    });
  });

  test("a secret that can't be made fails the apply, keeps the cluster as tainted, and the next apply heals it", async () => {
    const second = await setting.workspace();
    await second.configure(clusterHcl("", "second"));
    await emulator.injectFault({
      service: "ssm",
      action: "PutParameter",
      response: { code: "AccessDeniedException", message: "no ssm:PutParameter", status: 400 },
    });
    const { exitCode, output } = await second.run(["apply", "-auto-approve"]);
    await emulator.clearFaults();
    expect(exitCode).toBe(1);
    expect(output).toContain("Could not create the secret of cluster");
    expect(unwrapped(output)).toContain("The credentials lack this permission");
    const { status, attributes } = await onlyInstance(second);
    expect(status).toBe("tainted");
    expect(await org.sortKeys(attributes.uuid)).toEqual(["META"]);
    await second.apply();
    expect(await org.sortKeys(attributes.uuid)).toEqual([]);
    expect((await second.run(["destroy", "-auto-approve"])).exitCode).toBe(0);
  });

  test("destroy leaves no item and no parameter, whatever the cluster had", async () => {
    const last = await uuid();
    await Promise.all(Array.from({ length: 60 }, (_, index) => org.putItem(last, `JOB#${index}`)));
    await org.putItem(last, "LEASE");
    expect((await workspace.run(["destroy", "-auto-approve"])).output).toContain("Destroy complete");
    expect(await org.sortKeys(last)).toEqual([]);
    expect((await org.parameterNames()).filter((name) => name.includes(last))).toEqual([]);
  });

  describe("what fails, fails clearly", () => {
    test.each([
      ["a bad name", clusterHcl("", "Demo_1"), {}, 'name is "Demo_1": it must be 2-32 lower-case'],
      ["a bad count", clusterHcl("idle_timeout_minutes = 0.5"), {}, "must be a whole number"],
      [
        "an org that is not deployed",
        clusterHcl("").replace('"acme"', '"nobody"'),
        {},
        "Deploy the org's stack first",
      ],
      ["no region", clusterHcl(""), { AWS_REGION: "", AWS_DEFAULT_REGION: "" }, "No AWS region"],
      [
        "no credentials",
        clusterHcl(""),
        { AWS_ACCESS_KEY_ID: "", AWS_SECRET_ACCESS_KEY: "" },
        "Give AWS credentials",
      ],
    ])("%s", async (_name, hcl, env, expected) => {
      const bad = await setting.workspace();
      await bad.configure(hcl);
      const { exitCode, output } = await bad.run(["apply", "-auto-approve"], { env });
      expect(exitCode).toBe(1);
      expect(unwrapped(output)).toContain(expected);
      expect(output).not.toContain("    at ");
    });
  });
});
