import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { AGENT_PORT, AUTHORITY_FILE } from "../../../agent/contract/names.js";
import type { ObservedCluster } from "../../../agent/contract/nodes.js";
import type { JobItem } from "../../../agent/contract/registry.js";
import { roleToken } from "../../../agent/contract/tokens.js";
import { proveLog, readLog } from "../../../scripts/journey/steps.js";
import { waitFor } from "../../../scripts/system/wait.js";
import { buildTestBundle, type TestBundle } from "../../support/cli/bundle.js";
import { requestAgent, runInNode } from "../../support/journey.js";
import { jobsOnSharedCluster } from "../../support/shared-cluster/jobs.js";
import {
  leaveSharedCluster,
  type SharedJourney,
  useSharedCluster,
} from "../../support/shared-cluster/use.js";

const MINUTE_MS = 60_000;

let journey: SharedJourney;
let cluster: ObservedCluster;
let bundle: TestBundle;
let token: string;
beforeAll(async () => {
  ({ journey, cluster } = await useSharedCluster());
  bundle = await buildTestBundle();
  token = roleToken((await access().secrets.read(cluster.uuid)).value, "reader");
}, 6 * MINUTE_MS);
afterAll(async () => {
  await bundle?.remove();
  if (journey !== undefined) await leaveSharedCluster(journey);
}, 2 * MINUTE_MS);

const {
  access,
  submit: submitRequest,
  ended,
} = jobsOnSharedCluster(() => ({ journey, cluster }), {
  ...{ prefix: "logs", timeoutSeconds: 120, waitSeconds: 100 },
  signalMs: 2 * MINUTE_MS,
});

/** Rank 0 alone runs it; the others wait for it. */
function submit(code: string): Promise<JobItem> {
  const own = `from mpi4py import MPI\nif MPI.COMM_WORLD.rank == 0:\n ${code.replaceAll("\n", "\n ")}`;
  return submitRequest({ command: ["-c", `${own}\nMPI.COMM_WORLD.Barrier()`] });
}
const running = (job: JobItem) =>
  waitFor({
    what: `job ${job.id} to print`,
    timeoutSeconds: 60,
    look: async () => {
      const seen = await access().jobs.observe(cluster.uuid, job.id);
      return { seen, parts: seen?.logPrefix ? await access().logs.parts(seen.logPrefix) : [] };
    },
    isDone: ({ parts }) => parts.length > 0,
    describe: ({ seen }) => `${seen?.status}, ${seen?.phase}`,
  });

/** Node.js's own client, on the node: the first line of its input is the token. */
const FOLLOW = `let text = "";
process.stdin.on("data", (piece) => { text += piece; }).on("end", () => {
  const [authorization, url] = text.split("\\n");
  const socket = new WebSocket(url, { headers: { authorization } });
  socket.binaryType = "arraybuffer";
  const pieces = [];
  let live = 0;
  socket.onmessage = ({ data }) => {
    if (typeof data === "string") {
      const end = JSON.parse(data);
      console.log(JSON.stringify({ end, live, base64: Buffer.concat(pieces).toString("base64") }));
    } else { pieces.push(Buffer.from(data)); live += 1; }
  };
  socket.onclose = ({ code }) => console.log(code);
  socket.onerror = ({ message }) => console.log(message);
});`;

describe("the output of a job that runs", () => {
  const lines = "".concat(...Array.from({ length: 8 }, (_, index) => `step ${index}\n`));
  const binary = Buffer.concat([Buffer.from(lines), Buffer.from([0, 255, 254, 13]), Buffer.from("😀 end\r")]);
  const code = [
    "import sys, time",
    "for step in range(8):",
    "  print('step', step, flush=True)",
    "  time.sleep(1)",
    "sys.stdout.buffer.write(b'\\x00\\xff\\xfe\\r' + '😀 end\\r'.encode())",
  ].join("\n");

  test("is followed by the command and from a node that is not head, and is in S3 whole, with its proof", async () => {
    const job = await submit(code);
    await running(job);
    const head = await access().jobs.observe(cluster.uuid, job.id);
    const other = cluster.nodes.find(({ address }) => address !== head?.launchedOn?.address);
    if (other === undefined) throw new Error("no other node");
    const { org, region } = journey.place.workspace;
    const place = ["--org", org, "--region", region, "--cluster", cluster.uuid];
    const follows = bundle.run(["job", "logs", "-f", job.id, ...place], {
      env: process.env as Record<string, string>,
    });
    const url = `wss://${other.address}:${AGENT_PORT}/v1/jobs/${job.id}/logs/follow`;
    const argv = [
      "env",
      `NODE_EXTRA_CA_CERTS=${AUTHORITY_FILE}`,
      "/usr/lib/muster/node",
      "-e",
      FOLLOW,
    ] as const;
    const socket = runInNode(journey.place, other.id, argv, `Bearer ${token}\n${url}`);
    const [command, { stdout }] = await Promise.all([follows, socket]);
    const finished = await ended(job);
    expect(finished).toMatchObject({ status: "FINISHED", reason: null, exitCode: 0, logState: "delivered" });
    expect(command.exitCode).toBe(0);
    expect(command.stdout.equals(binary)).toBe(true);

    const [said = "{}", closed] = stdout.trimEnd().split("\n");
    const { end, live, base64 } = JSON.parse(said) as { end: object; live: number; base64: string };
    expect({ end, closed }).toMatchObject({
      end: { type: "end", job: job.id, attempt: 1, status: "FINISHED", exitCode: 0, offset: binary.length },
      closed: "1000",
    });
    expect(Buffer.from(base64, "base64").equals(binary)).toBe(true);
    expect(live).toBeGreaterThan(2);

    const sha256 = createHash("sha256").update(binary).digest("hex");
    expect(finished.log).toMatchObject({ bytes: binary.length, sha256 });
    expect(finished.log?.parts).toBeGreaterThan(1);
    expect((await readLog(access(), finished)).equals(binary)).toBe(true);
    // The local copy is gone: what a node shows comes from the bucket now.
    const reply = await requestAgent(journey.place, other, {
      ...{ path: `/v1/jobs/${job.id}/logs?offset=5&limit=1`, token },
    });
    expect(reply).toEqual({ status: 200, body: 0 });
  });

  test("of 50 MB in one endless line is in S3 whole, with its proof", async () => {
    const job = await submit("import sys\nfor _ in range(50):\n  sys.stdout.write('x' * 1000000)");
    const finished = await ended(job);
    expect(finished).toMatchObject({ status: "FINISHED", log: { bytes: 50_000_000 } });
    const { bytes, sha256 } = await proveLog(access(), finished);
    expect({ bytes, sha256 }).toEqual({
      bytes: 50_000_000,
      sha256: createHash("sha256").update("x".repeat(50_000_000)).digest("hex"),
    });
  });

  test("that is cancelled in its midst is in S3 up to there, with its manifest", async () => {
    const job = await submit("import itertools\nfor step in itertools.count(): print('step', step)");
    await running(job);
    await access().jobs.requestCancel(cluster.uuid, job.id);
    const cancelled = await ended(job);
    expect(cancelled).toMatchObject({ status: "CANCELLED", logState: "delivered" });
    const { start, bytes } = await proveLog(access(), cancelled);
    expect(bytes).toBe(cancelled.log?.bytes);
    const printed = start.toString().split("\n").slice(0, 1_000);
    expect(printed).toEqual(printed.map((_, step) => `step ${step}`));
  });
});
