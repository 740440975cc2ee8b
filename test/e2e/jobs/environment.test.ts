import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GetObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import {
  attemptLogPrefix,
  NODE_ENVIRONMENTS,
  STORED_ENVIRONMENTS,
  setupLogKey,
} from "../../../agent/contract/names.js";
import type { ObservedCluster } from "../../../agent/contract/nodes.js";
import type { JobItem, JobRequest } from "../../../agent/contract/registry.js";
import { waitFor } from "../../../scripts/system/wait.js";
import { runInNode } from "../../support/journey.js";
import { jobsOnSharedCluster } from "../../support/shared-cluster/jobs.js";
import {
  leaveSharedCluster,
  type SharedJourney,
  useSharedCluster,
} from "../../support/shared-cluster/use.js";
import { makeWheel } from "../../support/uv.js";

const MINUTE_MS = 60_000;
const SOURCE = "/shared/app";

let journey: SharedJourney;
let cluster: ObservedCluster;
beforeAll(async () => {
  ({ journey, cluster } = await useSharedCluster());
  await putSource();
}, 6 * MINUTE_MS);
afterAll(async () => {
  if (journey !== undefined) await leaveSharedCluster(journey);
}, 2 * MINUTE_MS);

/** A folder with helper modules and requirements, on /shared as a person would put it there. Nodes reach no index. */
async function putSource(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "muster-app-"));
  cpSync(join(__dirname, "../../fixtures/jobs/environment"), folder, { recursive: true });
  mkdirSync(join(folder, "wheels"));
  makeWheel(join(folder, "wheels"), {
    name: "greeting",
    version: "1.0",
    text: "WORD = 'hello'\n",
    requires: ["mpi4py"],
  });
  writeFileSync(join(folder, "requirements.txt"), "--no-index\n--find-links ./wheels\ngreeting\nmpi4py>=4\n");
  writeFileSync(join(folder, "none.txt"), "--no-index\nno-such-package\n");
  const packed = execFileSync("tar", ["-C", folder, "-cz", "."]).toString("base64");
  rmSync(folder, { recursive: true });
  const unpack = `mkdir -p ${SOURCE} && base64 -d | tar -C ${SOURCE} -xz --no-same-permissions`;
  const { exitCode, stderr } = await onNode(0, ["runuser", "-u", "muster", "--", "sh", "-c", unpack], packed);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
}

/** The object's text; "": there is none yet. */
async function objectText(Bucket: string, Key: string): Promise<string> {
  const s3 = new S3Client({ region: journey.place.workspace.region, forcePathStyle: true });
  const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key })).catch(() => ({ Body: undefined }));
  return (await Body?.transformToString()) ?? "";
}

const { submit, ended, logOf } = jobsOnSharedCluster(() => ({ journey, cluster }), {
  ...{ prefix: "environment", timeoutSeconds: 60, waitSeconds: 240 },
  signalMs: 4 * MINUTE_MS,
});
const onNode = (index: number, argv: readonly [string, ...string[]], input = "") =>
  runInNode(journey.place, cluster.nodes[index]?.id ?? "", argv, input);

async function run(request: Partial<JobRequest>): Promise<JobItem> {
  const own = { command: [`${SOURCE}/main.py`], source: { shared: { path: SOURCE } } };
  return ended(await submit({ ...own, ...request }));
}

interface Line {
  readonly host: string;
  readonly ranks: number;
  readonly word: string;
  readonly greeting: string;
  readonly mpi4py: string;
  readonly prefix: string;
  readonly prepared: string;
}
async function linesOf(job: JobItem): Promise<readonly Line[]> {
  expect(job).toMatchObject({ status: "FINISHED", reason: null });
  const text = await logOf(job);
  return text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Line);
}
/** What tells one installation from another: the files themselves. */
const installed = async () => {
  const look = `stat -c '%i %n' ${STORED_ENVIRONMENTS}/*.tar.zst ${NODE_ENVIRONMENTS}/*; ls -A ${STORED_ENVIRONMENTS} ${NODE_ENVIRONMENTS}`;
  return Promise.all([0, 1].map(async (index) => (await onNode(index, ["sh", "-c", look])).stdout));
};
let first: JobItem;

describe("a job with requirements and a set-up", () => {
  const setup = { command: ["python", `${SOURCE}/prepare.py`], timeoutSeconds: 60 };

  test("imports its packages from each node's own disk, and mpi4py from the image", async () => {
    first = await run({ requirements: "requirements.txt", setup });
    const lines = await linesOf(first);
    const hosts = cluster.nodes.map(({ hostname }) => hostname);
    expect(lines).toHaveLength(cluster.cores);
    expect(new Set(lines.map(({ host }) => host))).toEqual(new Set(hosts));
    for (const line of lines) {
      expect(line).toMatchObject({ ranks: cluster.cores, word: "hello hello", prepared: line.host });
      expect(line.prefix).toMatch(new RegExp(`^${NODE_ENVIRONMENTS}/[0-9a-f]{32}$`));
      expect(line.greeting).toBe(`${line.prefix}/lib/python3.13/site-packages/greeting.py`);
      expect(line.mpi4py).toMatch(/^\/usr\/local\/lib\/python3\.13\/dist-packages\/mpi4py\//);
    }
  });

  test("installs nothing a second time", async () => {
    const before = await installed();
    const lines = await linesOf(await run({ requirements: "requirements.txt" }));
    expect(lines).toHaveLength(cluster.cores);
    expect(await installed()).toEqual(before);
  });

  test("has each node's set-up in a log of its own", async () => {
    const bucket = new URL(first.log?.uri ?? "").hostname;
    for (const { id: node, hostname } of cluster.nodes) {
      const key = setupLogKey({ clusterUuid: cluster.uuid, jobId: first.id, attempt: 1, node });
      expect(key).toBe(`${attemptLogPrefix(cluster.uuid, first.id, 1)}setup-${node}.log`);
      const text = await waitFor({
        what: `the set-up's log of ${node}`,
        timeoutSeconds: 60,
        look: () => objectText(bucket, key),
        isDone: (found) => found !== "",
        describe: String,
      });
      expect(text).toBe(`set up ${hostname} with hello\n`);
    }
  });

  test("whose requirements can't be installed fails with the installer's last lines", async () => {
    const job = await run({ requirements: "none.txt" });
    expect(job).toMatchObject({ status: "FAILED", reasonCode: "requirements-failed", log: null });
    expect(job.reason).toMatch(/^none\.txt can't be installed: error: .*no-such-package was not found/);
    expect(job.lastLines.join("\n")).toContain("no-such-package");
  });

  test("whose set-up fails on a node fails with that node and its last lines", async () => {
    const [, second] = cluster.nodes;
    const command = [...setup.command, second?.hostname ?? ""];
    const job = await run({ requirements: "requirements.txt", setup: { command } });
    expect(job).toMatchObject({
      status: "FAILED",
      reasonCode: "setup-failed",
      reason: `set-up on ${second?.address} exited with code 1: ${second?.hostname} is not to be set up`,
      lastLines: [`set up ${second?.hostname} with hello`, `${second?.hostname} is not to be set up`],
    });
  });

  test("survives the loss of an agent in mid-set-up: it runs again on that node, and on no other", async () => {
    const [head, other] = cluster.nodes[0]?.id === cluster.headInstanceId ? [0, 1] : [1, 0];
    const begun = async (index: number) => (await onNode(index, ["cat", "/tmp/begun"])).stdout;
    const command = ["sh", "-c", "echo begun >>/tmp/begun; sleep 3"];
    const running = run({ setup: { command }, command: ["-c", "print(1)"] });
    await waitFor({
      what: "the set-up to run",
      timeoutSeconds: 60,
      look: () => begun(other),
      isDone: (text) => text !== "",
      describe: String,
    });
    await onNode(other, ["systemctl", "kill", "--signal=KILL", "--kill-whom=main", "muster-agent"]);
    expect(await running).toMatchObject({ status: "FINISHED", reason: null });
    expect([await begun(head), await begun(other)]).toEqual(["begun\n", "begun\nbegun\n"]);
  });

  test("leaves no process and nothing half done on any node", async () => {
    for (const index of [0, 1]) {
      const { stdout } = await onNode(index, [
        "sh",
        "-c",
        `ls -A ${NODE_ENVIRONMENTS} ${STORED_ENVIRONMENTS} | grep '^\\.' || :; pgrep -a uv || :`,
      ]);
      expect(stdout).toBe("");
    }
  });
});
