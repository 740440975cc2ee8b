import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import {
  AutoScalingClient,
  CreateAutoScalingGroupCommand,
  CreateLaunchConfigurationCommand,
  DescribeAutoScalingGroupsCommand,
} from "@aws-sdk/client-auto-scaling";
import { PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { openTable, perform } from "../../../agent/aws/table.js";
import { clusterSecretName } from "../../../agent/contract/names.js";
import type { NotebookItem } from "../../../agent/contract/notebook.js";
import { roleToken } from "../../../agent/contract/tokens.js";
import { notebookWrites } from "../../../agent/contract/writes/notebook.js";
import { CLUSTER_UUID, observedCluster } from "../../support/agent/cluster-item.js";
import { CLUSTER_SECRET } from "../../support/agent/tls.js";
import { buildTestBundle, type RunOptions, type TestBundle } from "../../support/cli/bundle.js";
import { type PlayedAgent, playAgent } from "../../support/cli/forwarder.js";
import { startEmulator, type TestEmulator } from "../../support/emulator.js";
import { createOrg } from "../../support/provider/org.js";

const GROUP = "muster-notebook-explore-acme";
const TOKEN = roleToken(CLUSTER_SECRET, "operator");
const notebook = {
  ...{ name: "explore", org: "acme", clusterUuid: CLUSTER_UUID, owner: "random", group: GROUP },
  ...{ createdAt: "2026-01-01T00:00:00.000Z", attachedAt: "2026-01-01T00:00:00.000Z" },
  ...{ status: "FINISHED", phase: "ready", reasonCode: null, reason: null },
  statusChangedAt: "2026-01-01T00:05:00.000Z",
  ...{ retiring: null, failingProbes: [], instanceId: "i-7", instanceType: "m6i.xlarge" },
  ...{ address: "10.0.0.7", publicAddress: null, observedAt: "2026-01-01T00:09:30.000Z" },
} as const satisfies NotebookItem;

let emulator: TestEmulator;
let bundle: TestBundle;
let folder: string;
let agent: PlayedAgent;

beforeAll(async () => {
  // The end of the tunnel is here; the certificate is the node's.
  [emulator, bundle, agent] = await Promise.all([
    startEmulator(),
    buildTestBundle(),
    playAgent(notebook.address),
  ]);
  folder = await mkdtemp(join(tmpdir(), "muster-notebooks-test-"));
  const org = await createOrg(emulator, "acme");
  await org.setCluster(CLUSTER_UUID, observedCluster({ clusterStatus: "FINISHED", phase: "ready" }));
  const put = { Name: clusterSecretName("acme", CLUSTER_UUID), Value: CLUSTER_SECRET, Overwrite: true };
  await new SSMClient(emulator.client).send(new PutParameterCommand({ ...put, Type: "SecureString" }));
  await createGroup();
  const { port } = agent.upstream();
  await program("session-manager-plugin", "exit 0");
  await program(
    "aws",
    `printf '%s\\n' "$@" >"$HOME/aws-words"; env >"$HOME/aws-env"
trap 'echo interrupted >"$HOME/aws-end"; exit 130' INT TERM
echo; echo 'Starting session with SessionId: ada-0a1b'; echo 'Port ${port} opened for sessionId ada-0a1b.'
while :; do sleep 0.1; done`,
  );
  await program(
    "xdg-open",
    `printf '%s\\n' "$@" >"$HOME/browser-words"; stat -c %a "$1" "$(dirname "$1")" >"$HOME/browser-modes"; env >"$HOME/browser-env"
cp "$1" "$HOME/page.new"; mv "$HOME/page.new" "$HOME/page"`,
  );
});
afterAll(async () => {
  await agent?.close();
  await emulator?.stop();
  await bundle?.remove();
  if (folder !== undefined) await rm(folder, { recursive: true, force: true });
});
/** The notebook as it was at first. */
beforeEach(async () => {
  Object.assign(process.env, emulator.env);
  const table = openTable("acme", CLUSTER_UUID, "us-east-1");
  await perform(table, notebookWrites.delete(notebook));
  await perform(table, notebookWrites.freeName(notebook));
  await perform(table, notebookWrites.create(notebook));
  await perform(table, notebookWrites.name(notebook, null));
});

const program = (name: string, text: string) =>
  writeFile(join(folder, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });

async function createGroup(): Promise<void> {
  const scaling = new AutoScalingClient(emulator.client);
  const LaunchConfigurationName = "one";
  await scaling.send(
    new CreateLaunchConfigurationCommand({
      LaunchConfigurationName,
      ImageId: "ami-12c6146b",
      InstanceType: "t3.small",
    }),
  );
  const size = { MinSize: 0, MaxSize: 1, DesiredCapacity: 0, AvailabilityZones: ["us-east-1a"] };
  await scaling.send(
    new CreateAutoScalingGroupCommand({ AutoScalingGroupName: GROUP, LaunchConfigurationName, ...size }),
  );
}
async function groupSize(): Promise<number | undefined> {
  const describe = new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [GROUP] });
  const { AutoScalingGroups = [] } = await new AutoScalingClient(emulator.client).send(describe);
  return AutoScalingGroups[0]?.DesiredCapacity;
}

const run = (args: readonly string[], options: RunOptions = {}) =>
  bundle.run(["notebook", ...args, "--org", "acme", "--region", "us-east-1"], {
    cwd: folder,
    ...options,
    env: { ...emulator.env, PATH: `${folder}${delimiter}${process.env["PATH"]}`, ...options.env },
  });
const documentOf = ({ stdout }: { stdout: Buffer }) => JSON.parse(stdout.toString()) as unknown;
const written = (name: string) => readFile(join(folder, name), "utf8");

async function read(name: string): Promise<string> {
  for (;;) {
    const text = await written(name).catch(() => null);
    if (text !== null) return text;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe("the bundle", () => {
  test("finds notebooks by their name in the org", async () => {
    expect(documentOf(await run(["show", "explore", "--json"]))).toEqual({
      ...notebook,
      clusterName: "demo",
    });
    expect(documentOf(await run(["list", "--json"]))).toEqual({
      notebooks: [{ ...notebook, clusterName: "demo" }],
    });
    const missing = await run(["show", "explorer"]);
    expect(missing).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("Did you mean explore?") });
  });

  test("stops one and starts it again, by the contract's writes and the group's size", async () => {
    expect(documentOf(await run(["stop", "explore", "--json"]))).toMatchObject({ status: "PARKED" });
    expect(await groupSize()).toBe(0);
    const started = documentOf(await run(["start", "explore", "--no-wait", "--json"]));
    // The group does not have the node of before any more.
    expect(started).toMatchObject({ status: "INPROGRESS", phase: "waiting-for-node", retiring: "i-7" });
    expect(await groupSize()).toBe(1);
  });

  test("opens one through Session Manager, in the browser; nothing secret is in an argv, an environment or a log", async () => {
    let seen: { status: number; code: string } | null = null;
    let isAsked = false;
    const { exitCode, stderr, stdout } = await run(["open", "explore", "--via", "ssm", "--json"], {
      env: { DISPLAY: ":9", XDG_RUNTIME_DIR: folder },
      onStderr: (text, kill) => {
        if (isAsked || !text.includes("if the browser shows nothing")) return;
        isAsked = true;
        void enter().then((found) => {
          seen = found;
          kill("SIGINT");
        });
      },
    });
    expect({ exitCode, stderr }).toMatchObject({
      exitCode: 130,
      stderr: expect.stringContaining(
        "stop it with `muster notebook stop explore --org acme --region us-east-1`",
      ),
    });
    expect(seen).toMatchObject({ status: 200 });
    expect(agent.seen.at(-1)).toMatchObject({
      url: "/notebook/api/contents",
      headers: { authorization: `Bearer ${TOKEN}`, host: `${notebook.address}:8471` },
    });
    expect((await written("aws-words")).trimEnd().split("\n")).toEqual([
      ...["ssm", "start-session", "--target", "i-7", "--region", "us-east-1"],
      ...["--document-name", "AWS-StartPortForwardingSession"],
      ...["--parameters", "portNumber=8471,localPortNumber=0"],
    ]);
    expect(await written("aws-end")).toBe("interrupted\n");
    const [, path = ""] = /^(.*notebook\.html)$/m.exec(await written("browser-words")) ?? [];
    expect(await written("browser-modes")).toBe("600\n700\n");
    await expect(stat(path)).rejects.toThrow("ENOENT");
    const { code } = seen ?? { code: "" };
    expect(code).toMatch(/^([a-z2-9]{4}-){4}[a-z2-9]{4}$/);
    const files = ["aws-words", "aws-env", "browser-words", "browser-env"].map(written);
    const all = [stderr, stdout.toString(), ...(await Promise.all(files))].join("\n");
    for (const secret of [CLUSTER_SECRET, TOKEN, code, roleToken(CLUSTER_SECRET, "peer")])
      expect(all).not.toContain(secret);
  });
});

/** What the browser does with the page. */
async function enter(): Promise<{ readonly status: number; readonly code: string }> {
  const page = await read("page");
  const [, action = ""] = /action="([^"]+)"/.exec(page) ?? [];
  const [, code = ""] = /name="code" value="([^"]+)"/.exec(page) ?? [];
  const entered = await fetch(action, {
    ...{ method: "POST", body: new URLSearchParams({ code }) },
    headers: { origin: "null", "sec-fetch-site": "cross-site" },
  });
  const cookie = entered.headers.get("set-cookie")?.split(";")[0] ?? "";
  const { origin } = new URL(action);
  const reply = await fetch(`${origin}/notebook/api/contents`, { headers: { cookie } });
  return { status: reply.status, code };
}
