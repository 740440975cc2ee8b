import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DynamoDBClient, paginateScan } from "@aws-sdk/client-dynamodb";
import {
  CreateBucketCommand,
  GetObjectCommand,
  PutObjectCommand,
  paginateListObjectsV2,
  S3Client,
} from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { zipSync } from "fflate";
import type { JobSource } from "../../../agent/contract/job-source.js";
import { jobFolder, tableName } from "../../../agent/contract/names.js";
import type { ObservedCluster } from "../../../agent/contract/nodes.js";
import type { JobItem, JobRequest } from "../../../agent/contract/registry.js";
import { sendFolder } from "../../../scripts/cli/commands/source-options.js";
import { packFolder } from "../../../scripts/cli/jobs/pack.js";
import { processWorld } from "../../../scripts/cli/system/process-world.js";
import { sharedFolder } from "../../../scripts/journey/place.js";
import { type NodeGitServer, startNodeGitServer } from "../../support/git/node-server.js";
import { runInNode } from "../../support/journey.js";
import { jobsOnSharedCluster } from "../../support/shared-cluster/jobs.js";
import {
  leaveSharedCluster,
  type SharedJourney,
  useSharedCluster,
} from "../../support/shared-cluster/use.js";

const MINUTE_MS = 60_000;
/** Planted, and looked for afterwards. */
const CANARY = `canary-${Date.now()}-pass`;
const BUCKET = "acme-sources";

let journey: SharedJourney;
let cluster: ObservedCluster;
let server: NodeGitServer;
let s3: S3Client;
beforeAll(async () => {
  ({ journey, cluster } = await useSharedCluster());
  s3 = new S3Client({ region: journey.place.workspace.region, forcePathStyle: true });
  const user = { username: "ada", password: CANARY };
  server = await startNodeGitServer(journey.place, cluster.nodes, user);
  const { gitCredentials } = access();
  await gitCredentials.set("private", { kind: "password", host: server.https, ...user });
  const { privateKey, knownHosts } = server;
  await gitCredentials.set("key", { kind: "ssh-key", host: server.ssh, privateKey, knownHosts });
}, 6 * MINUTE_MS);
afterAll(async () => {
  s3?.destroy();
  if (journey !== undefined) await leaveSharedCluster(journey);
}, 2 * MINUTE_MS);

const { access, submit, ended, logOf } = jobsOnSharedCluster(() => ({ journey, cluster }), {
  ...{ prefix: "sources", timeoutSeconds: 120, waitSeconds: 180 },
  signalMs: 3 * MINUTE_MS,
});

/** Runs a job to its end. */
const run = async (request: JobRequest): Promise<JobItem> =>
  ended(await submit({ processes: 2, ...request }));
const git = (path: string, more: object = {}): JobSource => ({
  git: { url: `https://${server.https}/${path}`, ...more },
});

describe("a job from a Git repository", () => {
  test("runs its default branch", async () => {
    const job = await run({ command: ["top.py"], source: git("tools.git") });
    expect(job).toMatchObject({ status: "FINISHED", sourceVersion: expect.stringMatching(/^[0-9a-f]{40}$/) });
    expect(job.sourceVersion).not.toBe(server.commit);
    expect(await logOf(job)).toBe("newer\nnewer\n");
  });

  test("runs a file of a sub-folder with the modules beside it, of a private one's branch, by its browser's address", async () => {
    const source = git("private/tools/tree/feature/a/b/examples/ring", { credentials: "private" });
    const job = await run({ command: ["ring.py"], source });
    expect(job).toMatchObject({
      status: "FINISHED",
      sourceVersion: server.commit,
      sourceFolder: "examples/ring",
    });
    expect(await logOf(job)).toBe("helped 2\nhelped 2\n");
    const { stdout } = await runInNode(journey.place, cluster.nodes[0]?.id ?? "", [
      "find",
      jobFolder(job.id),
    ]);
    expect(stdout).not.toContain(".git");
  });

  test("runs a tag over ssh, and a commit, each below the working folder", async () => {
    const source = {
      git: { url: `ssh://root@${server.ssh}/opt/git/tools.git`, reference: "v1", credentials: "key" },
    };
    const request = { command: ["ring.py"], workingFolder: "examples/ring" };
    const byTag = await run({ ...request, source });
    expect(byTag).toMatchObject({ status: "FINISHED", sourceVersion: server.commit, reason: null });
    const byCommit = await run({ ...request, source: git("tools.git", { reference: server.commit }) });
    expect(byCommit).toMatchObject({ status: "FINISHED", sourceVersion: server.commit });
  });

  test("fails with its cause, and leaves no folder", async () => {
    const job = await run({ command: ["top.py"], source: git("tools.git", { reference: "none" }) });
    expect(job).toMatchObject({ status: "FAILED", reasonCode: "source-not-found", attempt: 1 });
    expect(job.reason).toMatch(/has no branch or tag none/);
    const folder = join(sharedFolder(journey.place, cluster.uuid), jobFolder(job.id).slice("/shared".length));
    expect(spawnSync("ls", [folder]).status).not.toBe(0);
  });
});

test("a job from an archive in S3, and one from a folder on /shared", async () => {
  await s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
  const Body = zipSync({
    "hello.py": Buffer.from("import lib.words; print(lib.words.WORD)\n"),
    "lib/words.py": Buffer.from("WORD = 'zipped'\n"),
  });
  await s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: "hello.zip", Body }));
  const zipped = await run({ command: ["hello.py"], source: { s3: { uri: `s3://${BUCKET}/hello.zip` } } });
  expect(zipped).toMatchObject({ status: "FINISHED", sourceVersion: expect.stringMatching(/^etag:/) });
  expect(await logOf(zipped)).toBe("zipped\nzipped\n");
  const shared = await run({ command: ["hello.py"], source: { shared: { path: jobFolder(zipped.id) } } });
  expect(shared).toMatchObject({ status: "FINISHED", sourceVersion: null });
  expect(await logOf(shared)).toBe("zipped\nzipped\n");
});

test("a job from a folder with helper modules, which the command packs", async () => {
  const folder = mkdtempSync(join(tmpdir(), "muster-folder-"));
  mkdirSync(join(folder, "helpers"));
  writeFileSync(join(folder, ".gitignore"), "*.log\n");
  writeFileSync(join(folder, "old.log"), "not sent");
  writeFileSync(join(folder, "helpers/words.py"), "WORD = 'packed'\n");
  writeFileSync(
    join(folder, "main.py"),
    "import os; from helpers.words import WORD; print(WORD, sorted(os.listdir()))\n",
  );
  const packed = await packFolder(folder, processWorld("test"));
  const [current] = await Array.fromAsync(access().clusters.list());
  if (current === undefined) throw new Error("no cluster");
  await sendFolder(packed, current, access().bundles, () => undefined);
  rmSync(folder, { recursive: true });
  const job = await run({ command: ["main.py"], source: { bundle: packed.bundle } });
  expect(job).toMatchObject({ status: "FINISHED", sourceVersion: packed.bundle.sha256 });
  expect((await logOf(job)).split("\n")[0]).toMatch(/^packed \['\.gitignore', .*'main\.py'\]$/);
  expect(await logOf(job)).not.toContain("old.log");
});

test("a planted password and key are nowhere afterwards", async () => {
  const keyLine = server.privateKey.split("\n")[2] ?? "";
  expect(keyLine.length).toBeGreaterThan(30);
  for (const secret of [CANARY, keyLine]) {
    // Terraform's state, and all that the jobs and the agents have written to the file system.
    const folders = [journey.place.workspace.folder, sharedFolder(journey.place, cluster.uuid)];
    const { status, stdout } = spawnSync("grep", ["-rlF", "--", secret, ...folders], { encoding: "utf8" });
    expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
    for (const { id } of cluster.nodes) await expectNowhereOn(id, secret);
    expect(await registryText()).not.toContain(secret);
    expect(await objectsText()).not.toContain(secret);
  }
});

/** Arguments and environment of every process, the journal, and the folders that the agent and its errands write to. */
async function expectNowhereOn(node: string, secret: string): Promise<void> {
  const script = `read -r secret
    grep -lF -- "$secret" /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null
    grep -rlF -- "$secret" /tmp /var/tmp /home /var/lib/muster /etc /run/muster /shared 2>/dev/null
    journalctl --no-pager -o cat -u muster-agent | grep -cF -- "$secret" | grep -v '^0$'
    echo looked`;
  const { stdout } = await runInNode(journey.place, node, ["bash", "-c", script], `${secret}\n`);
  expect(stdout).toBe("looked\n");
}

async function registryText(): Promise<string> {
  const client = new DynamoDBClient({ region: journey.place.workspace.region });
  const items: unknown[] = [];
  const scan = { TableName: tableName(journey.place.workspace.org) };
  for await (const { Items } of paginateScan({ client }, scan)) items.push(...(Items ?? []));
  client.destroy();
  expect(items.length).toBeGreaterThan(5);
  return JSON.stringify(items);
}

async function objectsText(): Promise<string> {
  const [{ logBucket: Bucket } = { logBucket: undefined }] = await Array.fromAsync(access().clusters.list());
  const keys: (string | undefined)[] = [];
  for await (const { Contents } of paginateListObjectsV2({ client: s3 }, { Bucket }))
    keys.push(...(Contents ?? []).map(({ Key }) => Key));
  expect(keys.length).toBeGreaterThan(5);
  const texts = keys.map(async (Key) =>
    (await s3.send(new GetObjectCommand({ Bucket, Key }))).Body?.transformToString("latin1"),
  );
  return (await Promise.all(texts)).join("\n");
}
