import { execFile } from "node:child_process";
import { createHash, X509Certificate } from "node:crypto";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { CreateBucketCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { GetParameterCommand, PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { DynamoDBDocumentClient, PutCommand } from "@aws-sdk/lib-dynamodb";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { newJob, scriptRequest } from "../../../agent/contract/job.js";
import type { AttemptItem } from "../../../agent/contract/job-attempt.js";
import { type LogManifest, manifestKey, partKey } from "../../../agent/contract/log-parts.js";
import { attemptLogPrefix, clusterSecretName, tableName } from "../../../agent/contract/names.js";
import type { ObservedCluster } from "../../../agent/contract/nodes.js";
import { because, CANCELLED_ON_REQUEST } from "../../../agent/contract/reasons.js";
import {
  type JobDefinitionItem,
  type JobItem,
  type JobLog,
  QUEUE_INDEX,
} from "../../../agent/contract/registry.js";
import { deriveAuthority } from "../../../agent/contract/tls/authority.js";
import { roleToken } from "../../../agent/contract/tokens.js";
import { nodeSummary, observedCluster } from "../../support/agent/cluster-item.js";
import { jobRecord } from "../../support/agent/jobs.js";
import { buildTestBundle, type RunOptions, type TestBundle } from "../../support/cli/bundle.js";
import { startEmulator, type TestEmulator } from "../../support/emulator.js";
import { type FakeJobHead, startFakeJobHead } from "../../support/provider/fake-job-head.js";
import { createOrg, type TestOrg } from "../../support/provider/org.js";
import { type ClusterJobs, openJobs } from "../../support/provider/org-jobs.js";

const ALPHA = "0b9b4a3e-6f0e-4a52-9d3c-0f6a1b2c3d4e";
const EMPTY = "11111111-6f0e-4a52-9d3c-0f6a1b2c3d4e";
const TWIN_1 = "22222222-6f0e-4a52-9d3c-0f6a1b2c3d4e";
const TWIN_2 = "33333333-6f0e-4a52-9d3c-0f6a1b2c3d4e";
const BUCKET = "muster-acme-logs";
const SCRIPT = "print('größe')\n";

let emulator: TestEmulator;
let bundle: TestBundle;
let org: TestOrg;
let jobs: ClusterJobs;
let head: FakeJobHead;
let folder: string;

const s3 = () => new S3Client({ ...emulator.client, forcePathStyle: true });
const setCluster = (uuid: string, values: Partial<ObservedCluster>) =>
  org.setCluster(uuid, observedCluster({ uuid, ...values }));

beforeAll(async () => {
  [emulator, bundle] = await Promise.all([startEmulator(), buildTestBundle()]);
  folder = await mkdtemp(join(tmpdir(), "muster-cli-test-"));
  org = await createOrg(emulator, "acme");
  const ready = { clusterStatus: "FINISHED", phase: "ready" } as const;
  const nodes = [nodeSummary("i-1"), nodeSummary("i-2", { address: "10.0.0.2" })];
  await setCluster(ALPHA, { ...ready, name: "alpha", nodes, hostfileNodes: 2, cores: 4 });
  await setCluster(EMPTY, {
    name: "empty",
    clusterStatus: "FAILED",
    phase: "waiting-for-nodes",
    ...because("launch-no-capacity", "no capacity\x1b[2J"),
  });
  await setCluster(TWIN_1, { ...ready, name: "twin" });
  await setCluster(TWIN_2, { name: "twin", clusterStatus: "NEW", phase: "created" });
  jobs = openJobs(emulator, "acme", ALPHA);
  head = startFakeJobHead(jobs);
  await s3().send(new CreateBucketCommand({ Bucket: BUCKET }));
  await writeFile(join(folder, "pi.py"), SCRIPT);
  await writeFile(join(folder, "latin1.py"), Buffer.from("# coding: latin-1\nprint('\xe9')\n", "latin1"));
  await writeFile(
    join(folder, "muster.yaml"),
    "org: {name: acme, region: us-east-1}\nclusters: [{name: alpha, nodes: 2}]\n",
  );
});
afterAll(async () => {
  await head?.stop();
  await emulator?.stop();
  await bundle?.remove();
  if (folder !== undefined) await rm(folder, { recursive: true });
});

/** Beside a muster.yaml of org acme with the cluster alpha alone. */
const muster = (args: readonly string[], options: RunOptions = {}) =>
  bundle.run(args, { cwd: folder, ...options, env: { ...emulator.env, ...options.env } });
const documentOf = ({ stdout }: { stdout: Buffer }): unknown => JSON.parse(stdout.toString()) as unknown;
/** Without root's rights: only root can give them up, and who is not root has none. */
const NOBODY = process.getuid?.() === 0 ? { uid: 65_534 } : {};

const sha256 = (...pieces: readonly Buffer[]) =>
  pieces.reduce((hash, piece) => hash.update(piece), createHash("sha256")).digest("hex");
const prefixOf = (id: string) => attemptLogPrefix(ALPHA, id, 1);
const manifestUri = (id: string) => `s3://${BUCKET}/${manifestKey(prefixOf(id))}`;

/** The manifest of a log in these parts, and what the job's record says of it. */
function provedLog(id: string, parts: readonly Buffer[]): { manifest: LogManifest; log: JobLog } {
  let offset = 0;
  const hashes = new Map<Buffer, string>();
  const listed = parts.map((part) => {
    const proof = hashes.get(part) ?? sha256(part);
    hashes.set(part, proof);
    const key = partKey(prefixOf(id), offset);
    offset += part.length;
    return { key, bytes: part.length, sha256: proof };
  });
  const proof = { bytes: offset, sha256: sha256(...parts) };
  return {
    manifest: { job: id, attempt: 1, parts: listed, ...proof, exitCode: 0, truncated: false },
    log: { uri: manifestUri(id), ...proof, parts: parts.length },
  };
}

/** A job that has ended, as if pi.py had been submitted under the key. */
async function endedJob(key: string, change: (id: string) => Partial<JobItem>): Promise<string> {
  const job = newJob(ALPHA, key, scriptRequest("pi.py", SCRIPT, []), new Date());
  const endedAt = new Date().toISOString();
  const end = { status: "FINISHED", phase: "ended", exitCode: 0, endedAt, attempt: 1 } as const;
  const { [QUEUE_INDEX.hashKey]: _queue, ...Item } = jobRecord({ ...job, ...end, ...change(job.id) });
  const dynamo = DynamoDBDocumentClient.from(new DynamoDBClient(emulator.client));
  await dynamo.send(new PutCommand({ TableName: tableName("acme"), Item }));
  return job.id;
}

/** As endedJob, with its log in the bucket. */
async function loggedJob(
  key: string,
  parts: readonly Buffer[],
  more: Partial<JobItem> = {},
): Promise<string> {
  let manifest: LogManifest | null = null;
  const id = await endedJob(key, (jobId) => {
    const proved = provedLog(jobId, parts);
    manifest = proved.manifest;
    return { log: proved.log, ...more };
  });
  const put = (Key: string, Body: Buffer | string) =>
    s3().send(new PutObjectCommand({ Bucket: BUCKET, Key, Body }));
  let offset = 0;
  for (const part of parts) {
    await put(partKey(prefixOf(id), offset), part);
    offset += part.length;
  }
  await put(manifestKey(prefixOf(id)), JSON.stringify(manifest));
  return id;
}

/** An S3 of one log, whose parts `send` sends. */
async function logServer(
  id: string,
  parts: readonly Buffer[],
  send: (reply: ServerResponse, part: Buffer) => void,
) {
  const { manifest, log } = provedLog(id, parts);
  const server = createServer((request, reply) => {
    const path = new URL(request.url ?? "", "http://s3").pathname;
    const index = manifest.parts.findIndex(({ key }) => path.endsWith(key));
    const part = parts[index];
    if (path.endsWith("manifest.json")) reply.end(JSON.stringify(manifest));
    else if (part === undefined) reply.writeHead(404).end("<Error><Code>NoSuchKey</Code></Error>");
    else send(reply, part);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return { server, log, env: { AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${port}` } };
}

describe("for anyone, anywhere", () => {
  test("--help and cluster list need Node.js alone, and no rights", async () => {
    const help = await bundle.run(["--help"], NOBODY);
    expect(help).toMatchObject({ exitCode: 0, stderr: "" });
    expect(help.stdout.toString()).toContain("Usage: muster ");
    const list = await bundle.run(["cluster", "list", "--org", "acme"], { ...NOBODY, env: emulator.env });
    expect(list.exitCode).toBe(0);
    expect(list.stdout.toString()).toMatch(/^CLUSTER .*\nalpha +FINISHED +ready +2\/2 +4 /);
    expect(list.stderr).toBe("warning: cluster empty FAILED: no capacity\\x1b[2J\n");
  });
});

describe("clusters", () => {
  test("list --json is one document", async () => {
    const { clusters } = documentOf(await muster(["cluster", "list", "--json"])) as {
      clusters: ObservedCluster[];
    };
    expect(clusters.map(({ name, uuid }) => [name, uuid])).toEqual([
      ["alpha", ALPHA],
      ["empty", EMPTY],
      ["twin", TWIN_1],
      ["twin", TWIN_2],
    ]);
    expect(clusters[0]).not.toHaveProperty("pk");
  });

  test("show has the nodes; by its name, its UUID, or muster.yaml's only one", async () => {
    for (const where of [[], ["--cluster", "alpha"], ["--cluster", ALPHA]]) {
      const { exitCode, stdout, stderr } = await muster(["cluster", "show", ...where]);
      expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
      expect(stdout.toString()).toContain("i-2   worker  10.0.0.2  ip-i-2    2      ready");
    }
  });

  test("an ambiguous name is refused by every way in, with the list; a UUID is not", async () => {
    const ways = [
      ["cluster", "show"],
      ["job", "list"],
      ["job", "run", "pi.py"],
      ["job", "wait", "job-1"],
      ["token", "--role", "reader"],
    ];
    for (const [first = "", second = "", ...rest] of ways) {
      const args =
        first === "token"
          ? [first, "--cluster", "twin", second, ...rest]
          : [first, second, "--cluster", "twin", ...rest];
      const { exitCode, stderr, stdout } = await muster(args);
      expect({ args, exitCode, out: stdout.toString() }).toEqual({ args, exitCode: 3, out: "" });
      expect(stderr).toBe(
        [
          "Org acme has 2 clusters named twin in us-east-1:",
          `  ${TWIN_1}  FINISHED  since 2026-01-01T00:00:00.000Z`,
          `  ${TWIN_2}  NEW  since 2026-01-01T00:00:00.000Z`,
          "Choose one: --cluster accepts a UUID too.\n",
        ].join("\n"),
      );
    }
    expect((await muster(["cluster", "show", "--cluster", TWIN_2])).exitCode).toBe(0);
  });

  test("one that is not there fails with those that are", async () => {
    const { exitCode, stderr } = await muster(["job", "list", "--cluster", "alhpa"]);
    expect(exitCode).toBe(1);
    expect(stderr).toBe(
      "Org acme has no cluster alhpa in us-east-1. It has alpha, empty, twin. Did you mean alpha?\n",
    );
  });
});

describe("at a terminal", () => {
  /** All that the terminal got; `[K` erases a line, `[32m` makes it green. */
  const atTerminal = async (words: string, env: Readonly<Record<string, string>> = {}): Promise<string> => {
    const line = `${process.execPath} ${join(bundle.folder, "muster.cjs")} ${words}; true`;
    const { PATH = "" } = process.env;
    const { stdout } = await promisify(execFile)("/usr/bin/script", ["-qec", line, "/dev/null"], {
      ...{ cwd: folder, timeout: 60_000, env: { ...emulator.env, PATH, TERM: "xterm", ...env } },
    });
    return stdout.replaceAll("\x1b", "");
  };

  test("statuses have colours, unless NO_COLOR is set", async () => {
    expect(await atTerminal("cluster list")).toContain("[32mFINISHED[39m");
    const plain = await atTerminal("cluster list", { NO_COLOR: "1" });
    expect(plain).toContain("FINISHED");
    expect(plain).not.toContain("[3");
  });

  test("a wait is one line with its time, which goes with the end of the wait", async () => {
    await head.stop();
    try {
      const said = await atTerminal("job submit --wait --timeout 2s pi.py", { NO_COLOR: "1" });
      const lines = said.split("\r\n").map((line) => line.split("[K").at(-1) ?? "");
      expect(said).toMatch(/\[K\S job job-[0-9a-f]+: .* \(1s\)/);
      expect(lines.filter((line) => /^\S job job-/.test(line))).toEqual([]);
      expect(lines.filter((line) => line !== "").at(-1)).toBe("Timed out after 2s (--timeout).");
    } finally {
      head = startFakeJobHead(jobs);
    }
  });
});

describe("what is wrong with AWS", () => {
  test("an org that is not there", async () => {
    const { exitCode, stderr } = await muster(["cluster", "list", "--org", "nope"]);
    expect(exitCode).toBe(1);
    expect(stderr).toBe(
      "There is no registry table muster-nope-registry in us-east-1 (account 123456789012): is the org's name right, and is it deployed in this region?\n",
    );
  });

  test("--profile works with that profile, and keys in the environment count no more", async () => {
    // GIVEN a profile whose credentials come from a program, which says that it was asked
    const config = join(folder, "aws-config");
    const keys = JSON.stringify({ Version: 1, AccessKeyId: "AKIAPROFILE", SecretAccessKey: "s3cret" });
    await writeFile(join(folder, "keys.json"), keys);
    const program = `sh -c "touch ${folder}/asked; cat ${folder}/keys.json"`;
    await writeFile(config, `[profile ci]\ncredential_process = ${program}\n`);
    const env = { AWS_CONFIG_FILE: config };
    // WHEN THEN
    expect(await muster(["cluster", "list"], { env })).toMatchObject({ exitCode: 0 });
    expect(existsSync(join(folder, "asked"))).toBe(false);
    expect(await muster(["cluster", "list", "--profile", "ci"], { env })).toMatchObject({ exitCode: 0 });
    expect(existsSync(join(folder, "asked"))).toBe(true);
    const unknown = await muster(["cluster", "list", "--profile", "nobody"], { env });
    expect(unknown).toMatchObject({ exitCode: 1, stderr: expect.stringMatching(/credentials|nobody/i) });
  });

  test("a profile that is not there is named", async () => {
    const { AWS_ACCESS_KEY_ID: _id, AWS_SECRET_ACCESS_KEY: _key, ...env } = emulator.env;
    const { exitCode, stderr } = await bundle.run(["cluster", "list", "--org", "acme"], {
      env: { ...env, AWS_PROFILE: "nope" },
    });
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(
      /^Could not list the clusters in table muster-acme-registry: profile "nope" \(AWS_PROFILE\) gives no AWS credentials: .*`aws sts get-caller-identity --profile nope` must succeed\.\n$/,
    );
  });

  test.each([
    [
      "that does not answer",
      "http://127.0.0.1:9",
      /http:\/\/127\.0\.0\.1:9 \(AWS_ENDPOINT_URL\) does not answer \(.*ECONNREFUSED.*\)\. Check AWS_ENDPOINT_URL/,
    ],
    ["that is no URL", "nonsense", /nonsense \(AWS_ENDPOINT_URL\) is not an AWS endpoint/],
  ])("an endpoint %s is named", async (_name, AWS_ENDPOINT_URL, words) => {
    for (const args of [["cluster", "list"], ["leftovers"]]) {
      const { exitCode, stderr } = await muster(args, { env: { AWS_ENDPOINT_URL } });
      expect({ args, exitCode, stderr }).toEqual({ args, exitCode: 1, stderr: expect.stringMatching(words) });
      expect(stderr).not.toContain("    at ");
    }
  });

  test("an endpoint of another kind is named", async () => {
    const server = createServer((_request, reply) => reply.end("<html>hello</html>")).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const { exitCode, stderr } = await muster(["cluster", "list"], {
      env: { AWS_ENDPOINT_URL_DYNAMODB: `http://127.0.0.1:${port}` },
    });
    server.close();
    expect(exitCode).toBe(1);
    expect(stderr).toContain(`http://127.0.0.1:${port} (AWS_ENDPOINT_URL_DYNAMODB) is not an AWS endpoint`);
  });

  test("a call that is refused is named with what was tried", async () => {
    const response = { code: "AccessDeniedException", message: "not you", status: 400 };
    await emulator.injectFault({ service: "dynamodb", action: "Query", response });
    const { exitCode, stderr } = await muster(["cluster", "list"]);
    await emulator.clearFaults();
    expect(exitCode).toBe(1);
    expect(stderr).toContain(
      "Could not list the clusters in table muster-acme-registry: AccessDeniedException: not you",
    );
    expect(stderr).toContain("lack this permission");
  });
});

describe("token", () => {
  test("prints the role's, and says that it is a secret", async () => {
    const Name = clusterSecretName("acme", ALPHA);
    const ssm = new SSMClient(emulator.client);
    const without = await muster(["token", "--role", "reader"]);
    expect(without).toMatchObject({ exitCode: 1, stderr: expect.stringContaining(`${Name}, is missing`) });
    await ssm.send(new PutParameterCommand({ Name, Type: "SecureString", Value: "s3cret" }));
    const { exitCode, stdout, stderr } = await muster(["token", "--role", "operator"]);
    expect(exitCode).toBe(0);
    expect(stdout.toString()).toBe(`${roleToken("s3cret", "operator")}\n`);
    expect(stderr).toContain("warning: this token is a secret");
    expect(stderr).not.toContain("s3cret");
    expect(documentOf(await muster(["token", "--role", "reader", "--json"]))).toEqual({
      clusterUuid: ALPHA,
      role: "reader",
      token: roleToken("s3cret", "reader"),
    });
  });
});

describe("token ca and token rotate", () => {
  const Name = clusterSecretName("acme", ALPHA);
  const secretNow = async () => {
    const get = new GetParameterCommand({ Name, WithDecryption: true });
    return (await new SSMClient(emulator.client).send(get)).Parameter;
  };
  const names = (pem: string) =>
    pem
      .split(/(?<=-----END CERTIFICATE-----\n)/)
      .map((one) => new X509Certificate(one).subject.split("CN=")[1]);
  const nameOf = (secret: string) => deriveAuthority(secret, ALPHA).name;

  test("the authority's certificate is printed as a file for curl", async () => {
    const { exitCode, stdout } = await muster(["token", "ca"]);
    expect(exitCode).toBe(0);
    expect(names(stdout.toString())).toEqual([nameOf((await secretNow())?.Value ?? "")]);
    expect(stdout.toString()).toMatch(/^-----BEGIN CERTIFICATE-----\n[\s\S]*-----END CERTIFICATE-----\n$/);
  });

  test("a rotation makes another secret; both authorities are printed, and tokens are of the new one", async () => {
    const before = await secretNow();
    const { exitCode, stdout, stderr } = await muster(["token", "rotate"]);
    expect([exitCode, stdout.toString()]).toEqual([0, ""]);
    expect(stderr).toContain("Cluster alpha has a new secret (version 2). Tokens of before count until ");
    const after = await secretNow();
    expect(after).toMatchObject({ Type: "SecureString", Version: 2 });
    expect(Buffer.from(after?.Value ?? "", "base64url")).toHaveLength(32);
    for (const secret of [before, after]) expect(stderr).not.toContain(secret?.Value ?? "");
    const both = [after, before].map((secret) => nameOf(secret?.Value ?? ""));
    expect(names((await muster(["token", "ca"])).stdout.toString())).toEqual(both);
    const token = (await muster(["token", "--role", "reader"])).stdout.toString();
    expect(token).toBe(`${roleToken(after?.Value ?? "", "reader")}\n`);
  });

  test("a second one within the hour is refused, unless it is asked for", async () => {
    const refused = await muster(["token", "rotate"]);
    expect(refused).toMatchObject({ exitCode: 3, stderr: expect.stringContaining("with --again") });
    expect((await secretNow())?.Version).toBe(2);
    const document = documentOf(await muster(["token", "rotate", "--again", "--json"]));
    expect(document).toEqual({ clusterUuid: ALPHA, version: 3, oldUntil: expect.stringMatching(/Z$/) });
  });
});

describe("leftovers", () => {
  test("lists what is there with exit status 1, as text and as a document", async () => {
    const { exitCode, stdout } = await muster(["leftovers"]);
    expect(exitCode).toBe(1);
    expect(stdout.toString()).toContain("left: table muster-acme-registry\n");
    const none = await muster(["leftovers", "--org", "nobody", "--json", "--region", "us-east-1"]);
    expect(none.exitCode).toBe(0);
    expect(documentOf(none)).toEqual({ leftovers: [], pendingDeletion: [] });
  });
});

describe("--timeout", () => {
  test("ends a command whose call to AWS hangs, with exit status 4", async () => {
    for (const [service, action, argv] of [
      ["dynamodb", "Query", ["cluster", "list"]],
      ["ec2", "DescribeVpcs", ["leftovers"]],
    ] as const) {
      await emulator.injectFault({ service, action, response: { delayMs: 20_000 } });
      const { exitCode, stdout, stderr } = await muster([...argv, "--timeout", "5"]);
      await emulator.clearFaults();
      expect({ exitCode, out: stdout.toString(), stderr }).toEqual({
        exitCode: 4,
        out: "",
        stderr: "Timed out after 5s (--timeout).\n",
      });
    }
  });
});

describe("job run", () => {
  test("runs a file, and its exit status is the job's", async () => {
    head.outcome = "fail";
    head.deliversLogs = false;
    const failed = await muster(["job", "run", "pi.py", "--json", "-x"]);
    expect(failed.exitCode).toBe(3);
    expect(failed.stdout.toString()).toBe("");
    expect(failed.stderr).toContain(
      "log: lost: its output is gone; its last lines:\n  Traceback:\n  ValueError: größe\n",
    );
    head.outcome = "finish";
    const run = await muster(["job", "run", "--json", "pi.py", "--json", "-x"]);
    head.deliversLogs = true;
    expect(run.exitCode).toBe(0);
    expect(documentOf(run)).toMatchObject({
      status: "FINISHED",
      request: { command: ["pi.py", "--json", "-x"], script: { name: "pi.py", content: SCRIPT } },
    });
    expect((documentOf(run) as JobItem).request).not.toHaveProperty("timeoutSeconds");
  });

  test("runs a command, with what is asked for it, and keeps who did", async () => {
    head.deliversLogs = false;
    const asked = [
      "--command",
      "-m report 'a b'",
      "--retries",
      "1",
      "--environment",
      "A=1",
      "--if-busy",
      "refuse",
    ];
    const run = await muster(["job", "run", "--json", ...asked]);
    head.deliversLogs = true;
    expect(run.exitCode).toBe(0);
    const job = documentOf(run) as JobItem;
    expect(job).toMatchObject({
      submittedBy: expect.stringMatching(/^arn:aws:/),
      request: {
        command: ["-m", "report", "a b"],
        environment: { A: "1" },
        retries: { count: 1 },
        ifBusy: "refuse",
      },
    });
    const list = (await muster(["job", "list", "--limit", "1"])).stdout.toString();
    expect(list).toMatch(/^JOB +STATUS +ATTEMPT .*\njob-\w+ +FINISHED +1 of 2 /);
  });

  test("leaves an attempt, which job show lists", async () => {
    const { id } = documentOf(await muster(["job", "run", "--json", "pi.py"])) as JobItem;
    const shown = documentOf(await muster(["job", "show", "--json", id])) as { attempts: AttemptItem[] };
    expect(shown).toMatchObject({ id, attempt: 1 });
    expect(shown.attempts).toMatchObject([{ jobId: id, number: 1, status: "FINISHED", exitCode: 0 }]);
    expect(shown.attempts[0]).not.toHaveProperty("pk");
    const text = (await muster(["job", "show", id])).stdout.toString();
    expect(text).toMatch(/\nATTEMPT +STATUS .*\n1 +FINISHED +10\.0\.0\.1 /);
  });

  test("refuses a script in another encoding before anything is made", async () => {
    const before = (await jobs.list()).length;
    const { exitCode, stderr } = await muster(["job", "run", "latin1.py"]);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(
      /^latin1\.py can't be a job: it is not UTF-8: byte 0xe9 at offset 25 \(line 2\), and line 1 declares latin-1\. .*save it as UTF-8/,
    );
    expect((await jobs.list()).length).toBe(before);
  });

  test("the same key follows the same job; another request under it is refused", async () => {
    head.deliversLogs = false;
    const args = ["job", "run", "--json", "--idempotency-key", "pipeline-7", "pi.py"];
    const first = documentOf(await muster(args)) as JobItem;
    const second = await muster(args);
    expect(documentOf(second)).toEqual(first);
    expect(second.stderr).toContain(`job ${first.id}: was submitted with this key at ${first.submittedAt}`);
    const other = await muster([...args, "7"]);
    head.deliversLogs = true;
    expect(other).toMatchObject({
      exitCode: 3,
      stderr: expect.stringContaining(`belongs to job ${first.id}`),
    });
  });

  test("on a cluster without nodes says what it waits for, gives up when --timeout says so, and leaves the job", async () => {
    const where = ["--cluster", "empty"];
    const { exitCode, stderr } = await muster(["job", "run", ...where, "--timeout", "8s", "pi.py"]);
    expect(exitCode).toBe(4);
    const id = /job (job-[0-9a-f]+): NEW/.exec(stderr)?.[1] ?? "";
    expect(stderr.split("\n")).toEqual([
      "warning: cluster empty FAILED: no capacity\\x1b[2J",
      `job ${id}: NEW, queued: waits for nodes; cluster empty is FAILED, waiting-for-nodes: no capacity\\x1b[2J; 0 of 2 nodes are ready: 2 have not registered`,
      `the job keeps running; follow it with \`muster job logs -f ${id} --cluster empty\`, cancel it with \`muster job cancel ${id} --cluster empty\``,
      "Timed out after 8s (--timeout).",
      "",
    ]);
    const cancelled = await muster(["job", "cancel", id, ...where, "--json"]);
    expect(cancelled.exitCode).toBe(0);
    expect(documentOf(cancelled)).toMatchObject({ id, status: "CANCELLED", ...CANCELLED_ON_REQUEST });
    const again = await muster(["job", "cancel", id, ...where]);
    expect(again).toMatchObject({
      exitCode: 3,
      stderr: expect.stringContaining(`Job ${id} is CANCELLED since `),
    });
    const wait = await muster(["job", "wait", id, ...where]);
    expect(wait).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining(`job ${id}: CANCELLED: cancelled on request`),
    });
  });

  test.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)(
    "%s says that the job keeps running, and how to come back; cancel then ends it",
    async (signal, exitCode) => {
      head.outcome = "run";
      const run = await muster(["job", "run", "pi.py"], {
        onStderr: (text, kill) => text.includes("INPROGRESS, running") && kill(signal),
      });
      const id = /job (job-[0-9a-f]+): INPROGRESS/.exec(run.stderr)?.[1] ?? "";
      expect(run.exitCode).toBe(exitCode);
      expect(run.stderr).toContain(
        `the job keeps running; follow it with \`muster job logs -f ${id}\`, cancel it with \`muster job cancel ${id}\`\n`,
      );
      const show = await muster(["job", "show", id]);
      expect(show.stdout.toString()).toContain("status      INPROGRESS, running\n");
      const cancel = await muster(["job", "cancel", id]);
      // The head may have done it before the command looks again.
      expect(cancel).toMatchObject({
        exitCode: 0,
        stderr: expect.stringMatching(/was asked to stop|is CANCELLED/),
      });
      const wait = await muster(["job", "wait", id, "--json"]);
      expect(wait.exitCode).toBe(1);
      expect(documentOf(wait)).toMatchObject({ id, status: "CANCELLED" });
      head.outcome = "finish";
    },
  );

  test("goes on over an outage of the registry", async () => {
    head.outcome = "run";
    const run = muster(["job", "run", "--json", "pi.py"], {
      onStderr: (text) => {
        if (text.includes("INPROGRESS, running")) {
          const response = { code: "InternalServerError", message: "later", status: 500 };
          void emulator.injectFault({ service: "dynamodb", action: "GetItem", response });
        }
        if (text.includes("can't read the job at the moment")) {
          head.outcome = "finish";
          void emulator.clearFaults();
        }
      },
    });
    expect(await run).toMatchObject({
      exitCode: 0,
      stderr: expect.stringContaining("InternalServerError: later"),
    });
  });
});

describe("job logs", () => {
  const binary = Buffer.from(Array.from({ length: 70_000 }, (_, index) => (index * 7) % 256));

  test("writes every byte as it is", async () => {
    const id = await loggedJob("binary", [binary.subarray(0, 50_001), binary.subarray(50_001)]);
    const { exitCode, stdout, stderr } = await muster(["job", "logs", id]);
    expect({ exitCode, isSame: stdout.equals(binary) }).toEqual({ exitCode: 0, isSame: true });
    expect(stderr).toBe(`log: ${manifestUri(id)} (70000 bytes)\n`);
    const followed = await muster(["job", "logs", "-f", id]);
    expect(followed.stdout.equals(binary)).toBe(true);
    expect(documentOf(await muster(["job", "logs", "--json", id]))).toMatchObject({
      jobId: id,
      log: { bytes: 70_000 },
    });
    const tail = await muster(["job", "logs", "--tail", "3", id]);
    const start = [1, 2, 3].reduce((at) => binary.lastIndexOf(10, at - 1), binary.length);
    expect(tail.stdout.equals(binary.subarray(start + 1))).toBe(true);
  });

  test("a reader that leaves early is no failure, and leaves no stack trace", async () => {
    const id = await loggedJob("head", [Buffer.alloc(8_388_608, "x"), Buffer.alloc(8_000_000, "y")]);
    const { exitCode, stderr } = await muster(["job", "logs", id], { stdoutBytes: 10 });
    expect({ exitCode, stderr }).toEqual({
      exitCode: 0,
      stderr: `log: ${manifestUri(id)} (16388608 bytes)\n`,
    });
  });

  test("of `job run`, likewise: the exit status is the job's own", async () => {
    const key = "failed-head";
    await loggedJob(key, [Buffer.alloc(8_000_000, "x")], {
      status: "FAILED",
      exitCode: 7,
      ...because("mpiexec-failed", "mpiexec exited with code 7"),
    });
    const { exitCode, stderr } = await muster(["job", "run", "--idempotency-key", key, "pi.py"], {
      stdoutBytes: 10,
    });
    expect(exitCode).toBe(7);
    expect(stderr).toContain("FAILED with exit code 7: mpiexec exited with code 7");
    expect(stderr).not.toMatch(/EPIPE|^ {4}at /m);
  });

  test("of 1 GiB passes through in little memory, in one endless line", async () => {
    const part = Buffer.alloc(8_388_608, "0123456789abcdef");
    const parts = Array.from({ length: 128 }, () => part);
    const id = await endedJob("huge", (jobId) => ({ log: provedLog(jobId, parts).log }));
    const { server, log, env } = await logServer(id, parts, (reply, bytes) => reply.end(bytes));
    const probe = join(folder, "probe.cjs");
    await writeFile(probe, "process.on('exit', () => console.error('KB', process.resourceUsage().maxRSS));");
    const run = { env: { ...env, NODE_OPTIONS: `--require ${probe}` }, discards: true };
    const { exitCode, stdoutBytes, stderr } = await muster(["job", "logs", id], run);
    server.close();
    expect({ exitCode, stdoutBytes }).toEqual({ exitCode: 0, stdoutBytes: log.bytes });
    const kilobytes = Number(/KB (\d+)/.exec(stderr)?.[1]);
    expect(kilobytes).toBeGreaterThan(10_000);
    expect(kilobytes).toBeLessThan(250_000);
  });

  test("that breaks off half-way fails with what came and where the rest is", async () => {
    const parts = [Buffer.alloc(1_000, "x")];
    const id = await endedJob("half", (jobId) => ({ log: provedLog(jobId, parts).log }));
    let asked = 0;
    const { server, env } = await logServer(id, parts, (reply, bytes) => {
      asked += 1;
      reply.writeHead(asked === 1 ? 200 : 206, { "content-length": String(bytes.length) });
      reply.write(asked === 1 ? bytes.subarray(0, 300) : "", () => setTimeout(() => reply.destroy(), 100));
      reply.flushHeaders();
    });
    const { exitCode, stderr, stdoutBytes } = await muster(["job", "logs", id], { env });
    server.close();
    expect({ exitCode, stdoutBytes }).toEqual({ exitCode: 1, stdoutBytes: 300 });
    expect(stderr).toMatch(/The log broke off \(.*\) after 300 of 1000 bytes\. .*; its manifest is s3:/);
    expect(asked).toBeGreaterThan(1);
  });

  test("fails where it is gone, and where it is not what was delivered", async () => {
    const gone = await muster([
      "job",
      "logs",
      await endedJob("gone", (id) => ({ log: provedLog(id, [binary]).log })),
    ]);
    expect(gone).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining("manifest.json does not exist any more"),
    });
    const id = await loggedJob("short", [binary]);
    await s3().send(new PutObjectCommand({ Bucket: BUCKET, Key: partKey(prefixOf(id), 0), Body: "123" }));
    expect(await muster(["job", "logs", id])).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining(
        `${partKey(prefixOf(id), 0)} is not what was delivered: it has 3 bytes`,
      ),
    });
  });

  test("of a job that has not ended is refused, of one that is not there fails", async () => {
    head.outcome = "run";
    const { stdout } = await muster(["job", "submit", "pi.py"]);
    const id = stdout.toString().trim();
    const early = await muster(["job", "logs", id]);
    head.outcome = "finish";
    expect(early).toMatchObject({ exitCode: 3, stderr: expect.stringContaining(`muster job logs -f ${id}`) });
    const none = await muster(["job", "logs", "job-0"]);
    expect(none).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("has no job job-0") });
    expect(await muster(["job", "logs", "-f", "job-0"])).toMatchObject({ exitCode: 1 });
  });

  test("a job's last lines and its reason can't move the cursor", async () => {
    const id = await endedJob("hostile", () => ({
      log: null,
      status: "FAILED",
      exitCode: 1,
      ...because("mpiexec-failed", "\x1b[2Jok"),
      lastLines: ["\x1b[1;1HApply complete!\u202e"],
    }));
    for (const args of [["show"], ["wait"], ["logs"]]) {
      const { stdout, stderr } = await muster(["job", ...args, id]);
      expect(`${stdout}${stderr}`).toContain("\\x1b[1;1HApply complete!\\u202e");
      // biome-ignore lint/suspicious/noControlCharactersInRegex: that there are none is the test
      expect(`${stdout}${stderr}`).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]/);
    }
    const { stdout } = await muster(["job", "show", "--json", id]);
    expect(stdout.toString()).not.toContain("\u202e");
    expect(documentOf({ stdout })).toMatchObject({ lastLines: ["\x1b[1;1HApply complete!\u202e"] });
  });
});

describe("job definitions", () => {
  test("lists them by name, without any script, and shows one in full", async () => {
    expect((await muster(["job", "definitions"])).stderr).toBe("Cluster alpha has no job definition.\n");
    const definition = {
      ...{ id: "d", clusterUuid: ALPHA, revision: 3, triggers: { a: "x" }, run: "manual" },
      request: { command: ["n.py"], script: { name: "n.py", content: SCRIPT } },
      ...{
        schedule: { cron: "30 6 * * *" },
        createdAt: "2026-01-01T00:00:00Z",
        updatedAt: "2026-01-01T00:00:00Z",
      },
    };
    await jobs.changeDefinition("nightly", { ...definition, name: "nightly" } as JobDefinitionItem);
    await jobs.changeDefinition("daily", { ...definition, name: "daily" } as JobDefinitionItem);
    const { definitions } = documentOf(await muster(["job", "definitions", "--json"])) as {
      definitions: Record<string, unknown>[];
    };
    expect(definitions).toMatchObject([
      { name: "daily", revision: 3, request: { command: ["n.py"] }, lastJob: null },
      { name: "nightly", schedule: { cron: "30 6 * * *" } },
    ]);
    expect(definitions[0]?.["request"]).toEqual({ command: ["n.py"] });
    const { stdout } = await muster(["job", "definitions", "nightly"]);
    expect(stdout.toString()).toContain("schedule    30 6 * * * (UTC)\n");
    expect(documentOf(await muster(["job", "definitions", "--json", "nightly"]))).toMatchObject({
      triggers: { a: "x" },
      request: { script: { content: SCRIPT } },
    });
    for (const name of ["nightly", "daily"]) await jobs.deleteDefinition(name);
  });
});

describe("job list", () => {
  test("has the newest first, by status and limit, without any script", async () => {
    const { jobs: listed } = documentOf(
      await muster(["job", "list", "--json", "--limit", "2", "--status", "FINISHED"]),
    ) as { jobs: JobItem[] };
    expect(listed).toHaveLength(2);
    expect(listed.every(({ status }) => status === "FINISHED")).toBe(true);
    expect(listed[0]?.request).toEqual({ command: ["pi.py"] });
    expect((listed[0]?.submittedAt ?? "") >= (listed[1]?.submittedAt ?? "")).toBe(true);
    const { stdout, stderr } = await muster(["job", "list", "--limit", "1"]);
    expect(stdout.toString().trimEnd().split("\n")).toHaveLength(2);
    expect(stderr).toMatch(/^Older jobs are not shown \(--limit\)\.\n$/);
  });
});
