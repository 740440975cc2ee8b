import { spawnSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GetParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { AGENT_PORT, clusterSecretName } from "../../../agent/contract/names.js";
import type { ObservedCluster } from "../../../agent/contract/nodes.js";
import type { JobItem } from "../../../agent/contract/registry.js";
import { authorityCertificate, deriveAuthority } from "../../../agent/contract/tls/authority.js";
import { type Role, roleToken } from "../../../agent/contract/tokens.js";
import { awaitEnd, openAccess } from "../../../scripts/journey/steps.js";
import { cloudPlaces } from "../../../scripts/local/hosts/cloud.js";
import { ENDPOINT_ADDRESS } from "../../../scripts/local/hosts/system/lan.js";
import { runCommand } from "../../../scripts/system/command.js";
import { type HttpReply, requestAgent, runInNode } from "../../support/journey.js";
import {
  leaveSharedCluster,
  type SharedJourney,
  useSharedCluster,
} from "../../support/shared-cluster/use.js";

const PROJECT = join(__dirname, "../../..");
const MINUTE_MS = 60_000;
const SUBMISSIONS_AT_ONCE = 100;

let journey: SharedJourney;
let cluster: ObservedCluster;
let secret: string;
beforeAll(async () => {
  ({ journey, cluster } = await useSharedCluster());
  const { org, region } = journey.place.workspace;
  const Name = clusterSecretName(org, cluster.uuid);
  const get = new GetParameterCommand({ Name, WithDecryption: true });
  secret = (await new SSMClient({ region }).send(get)).Parameter?.Value ?? "";
}, 6 * MINUTE_MS);
afterAll(async () => {
  if (journey !== undefined) await leaveSharedCluster(journey);
}, 2 * MINUTE_MS);

type Node = ObservedCluster["nodes"][number];
const nodeWhere = (isIt: (node: Node) => boolean): Node => {
  const found = cluster.nodes.find(isIt);
  if (found === undefined) throw new Error("no such node");
  return found;
};
const head = () => nodeWhere(({ id }) => id === cluster.headInstanceId);
const other = () => nodeWhere(({ id }) => id !== cluster.headInstanceId);

const post = (node: Node, path: string, body: unknown, { key = "", role = "operator" as Role } = {}) =>
  requestAgent(journey.place, node, {
    path,
    body,
    token: roleToken(secret, role),
    ...(key === "" ? {} : { headers: { "idempotency-key": key } }),
  });
const idOf = ({ body }: HttpReply): string => (body as JobItem).id;

async function ended(jobId: string): Promise<JobItem> {
  const { org, region } = journey.place.workspace;
  const watch = { say: () => {}, signal: AbortSignal.timeout(MINUTE_MS) };
  return awaitEnd(openAccess(org, region), cluster, jobId, 60, watch);
}

/** How the head found the jobs that it took, by their ids: its agent's own word, in its journal. */
async function foundBy(): Promise<Readonly<Record<string, string>>> {
  const read = ["journalctl", "-u", "muster-agent", "-o", "cat", "--no-pager"] as const;
  const { stdout } = await runInNode(journey.place, head().id, read);
  const found: Record<string, string> = {};
  for (const line of stdout.split("\n").filter((text) => text.includes('"found"'))) {
    const taken = JSON.parse(line) as { readonly jobId: string; readonly found: string };
    found[taken.jobId] = taken.found;
  }
  return found;
}

const SCRIPT = { name: "quick.py", content: "print('here')\n" };
const QUICK = { command: [SCRIPT.name], script: SCRIPT, timeoutSeconds: 60 };

/** Before a program that runs in the nodes' network. */
const inNetwork = () =>
  ["nsenter", `--net=/run/netns/${cloudPlaces(journey.place.cloudName).netns}`] as const;

/** All requests at once, from one process. Who is told that the registry does not answer asks again, by the same key. */
const BURST = `
  const { urls, ...request } = JSON.parse(require("fs").readFileSync(0));
  const send = async (url, tries = 5) => {
    const reply = await fetch(url, { method: "POST", ...request });
    const { id, error } = await reply.json();
    if (error?.code !== "registry-unavailable" || tries === 1) return [reply.status, id, error?.code];
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    return send(url, tries - 1);
  };
  Promise.all(urls.map(send)).then((replies) => console.log(JSON.stringify(replies)));
`;

describe("a head with nothing to do", () => {
  test("takes a job that was sent to another node because that node has passed it on", async () => {
    const jobId = idOf(await post(other(), "/v1/jobs", QUICK, { key: "launch by another node" }));
    expect(await ended(jobId)).toMatchObject({ status: "FINISHED", exitCode: 0 });
    // A head that is busy for a moment leaves an offer to the node, which then nudges it.
    expect(await foundBy()).toMatchObject({ [jobId]: expect.stringMatching(/^(offer|nudge)$/) });
  });

  test("takes a job of the command's because that has offered it, from where the nodes can be reached", async () => {
    const { org, region } = journey.place.workspace;
    const argv = [process.execPath, join(PROJECT, "dist/cli/muster.cjs"), "job", "submit"] as const;
    const place = ["--org", org, "--region", region, "--cluster", cluster.name] as const;
    const env = { ...process.env, AWS_ENDPOINT_URL: `http://${ENDPOINT_ADDRESS}` };
    const file = join(PROJECT, "examples/pi.py");
    const said = await runCommand([...inNetwork(), ...argv, ...place, file], { env, timeoutSeconds: 60 });
    const jobId = said.trim();
    expect(await ended(jobId)).toMatchObject({ status: "FINISHED" });
    expect(await foundBy()).toMatchObject({ [jobId]: "offer" });
  });

  test("makes one job of one key, submitted 100 times at once through both nodes", async () => {
    const urls = Array.from(
      { length: SUBMISSIONS_AT_ONCE },
      (_, n) => `https://${(n % 2 === 0 ? head() : other()).address}:${AGENT_PORT}/v1/jobs`,
    );
    const headers = {
      authorization: `Bearer ${roleToken(secret, "operator")}`,
      "content-type": "application/json",
      "idempotency-key": "launch at once",
    };
    const order = JSON.stringify({ urls, headers, body: JSON.stringify(QUICK) });
    const [nsenter, ...rest] = [...inNetwork(), process.execPath, "-e", BURST];
    const folder = await mkdtemp(join(tmpdir(), "muster-ca-"));
    const authority = join(folder, "ca.pem");
    await writeFile(authority, authorityCertificate(deriveAuthority(secret, cluster.uuid)));
    const env = { ...process.env, NODE_EXTRA_CA_CERTS: authority };
    const { stdout } = spawnSync(nsenter, rest, { input: order, encoding: "utf8", env, timeout: MINUTE_MS });
    await rm(folder, { recursive: true });
    const replies = JSON.parse(stdout) as readonly (readonly [number, string, string?])[];
    // The one that has made the job may not have heard of it, and asked again.
    const others = replies.filter(([status]) => status !== 201);
    expect(replies.length - others.length).toBeLessThanOrEqual(1);
    expect(others.map(([status, , code]) => code ?? status)).toEqual(Array(others.length).fill(200));
    expect(replies).toHaveLength(SUBMISSIONS_AT_ONCE);
    const [jobId = "", ...more] = new Set(replies.map(([, id]) => id));
    expect(more).toEqual([]);
    expect(await ended(jobId)).toMatchObject({ status: "FINISHED", attempt: 1 });
  });

  test("hears nudges of the role that is for them, on any node, and that role is good for nothing else", async () => {
    for (const node of cluster.nodes)
      expect((await post(node, "/v1/nudge", {}, { role: "nudge" })).status).toBe(202);
    expect((await post(other(), "/v1/jobs", QUICK, { key: "launch k", role: "nudge" })).status).toBe(403);
    expect((await post(other(), "/v1/nudge", {}, { role: "reader" })).status).toBe(403);
  });
});
