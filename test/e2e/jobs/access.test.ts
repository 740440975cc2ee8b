import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { openTable } from "../../../agent/aws/table.js";
import { nodeSk, partitionKeyed } from "../../../agent/contract/keys.js";
import { hostfilePath } from "../../../agent/contract/names.js";
import type { ObservedCluster } from "../../../agent/contract/nodes.js";
import { countLoginSessions } from "../../../agent/system/login-sessions.js";
import { openAccess } from "../../../scripts/journey/steps.js";
import { cloudPlaces } from "../../../scripts/local/hosts/cloud.js";
import { ENDPOINT_ADDRESS } from "../../../scripts/local/hosts/system/lan.js";
import { initPid, nodePlaces } from "../../../scripts/local/hosts/system/node.js";
import { waitFor } from "../../../scripts/system/wait.js";
import { buildTestBundle, type TestBundle } from "../../support/cli/bundle.js";
import { withoutHydraWords } from "../../support/hydra-words.js";
import { runInNode } from "../../support/journey.js";
import {
  leaveSharedCluster,
  type SharedJourney,
  sharedKeyFile,
  useSharedCluster,
} from "../../support/shared-cluster/use.js";

const MINUTE_MS = 60_000;

let journey: SharedJourney;
let cluster: ObservedCluster;
let bundle: TestBundle;
/** A PATH with stand-ins for AWS's two programs: a session with an instance is a connection to its node's port. */
let path: string;
let folder: string;
beforeAll(async () => {
  ({ journey, cluster } = await useSharedCluster());
  bundle = await buildTestBundle();
  folder = await mkdtemp(join(tmpdir(), "muster-access-"));
  await writeFile(join(folder, "aws"), standIn());
  await chmod(join(folder, "aws"), 0o755);
  await symlink("/bin/true", join(folder, "session-manager-plugin"));
  path = `${folder}${delimiter}${process.env["PATH"]}`;
}, 6 * MINUTE_MS);
afterAll(async () => {
  await bundle?.remove();
  if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  if (journey !== undefined) await leaveSharedCluster(journey);
}, 2 * MINUTE_MS);

interface Ran {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Node.js between ssh and the node, as `aws ssm start-session` is. Fails for arguments that are not those of ssh through Session Manager. */
const standIn = (): string => `#!${process.execPath}
const wanted = /^ssm start-session --target (i-[0-9a-f]+) --region us-east-1 --document-name AWS-StartSSHSession --parameters portNumber=22$/;
const id = wanted.exec(process.argv.slice(2).join(" "))?.[1];
const address = ${JSON.stringify(Object.fromEntries(cluster.nodes.map(({ id, address }) => [id, address])))}[id];
if (address === undefined) { console.error("unexpected: " + process.argv.slice(2).join(" ")); process.exit(2); }
const socket = require("node:net").connect(22, address);
process.stdin.pipe(socket).pipe(process.stdout);
`;

/** A program in the network of the nodes, where their addresses have a route; it is no node. */
function inNetwork(argv: readonly string[]): Promise<Ran> {
  const { netns } = cloudPlaces(journey.place.cloudName);
  const args = [`--net=/run/netns/${netns}`, "--", ...argv];
  const env = { ...process.env, PATH: path, AWS_ENDPOINT_URL: `http://${ENDPOINT_ADDRESS}` };
  return new Promise((resolve) => {
    const child = execFile("nsenter", args, { env, timeout: 2 * MINUTE_MS }, (_error, stdout, stderr) =>
      resolve({ exitCode: child.exitCode, stdout, stderr }),
    );
    child.stdin?.end();
  });
}

const keyFile = () => sharedKeyFile(journey.place);
/** `muster cluster NAME`, on this cluster. */
function musterCluster(name: string, ...args: readonly string[]): Promise<Ran> {
  const { org, region } = journey.place.workspace;
  const place = ["--org", org, "--region", region, "--cluster", cluster.name];
  return inNetwork([process.execPath, join(bundle.folder, "muster.cjs"), "cluster", name, ...place, ...args]);
}
/** As a person who has copied an address: plain ssh, with the host key that `muster cluster hosts` shows. */
async function ssh(
  index: number,
  options: readonly string[],
  command: string,
  user = "muster",
): Promise<Ran> {
  const node = cluster.nodes[index];
  const hosts = await openAccess(journey.place.workspace.org, journey.place.workspace.region).clusters.hosts(
    cluster,
  );
  const key = hosts.find(({ id }) => id === node?.id)?.sshHostKeys[0];
  const knownHosts = join(folder, "known_hosts");
  await writeFile(knownHosts, `${node?.address} ${key}\n`);
  const known = [
    "-o",
    `UserKnownHostsFile=${knownHosts}`,
    "-o",
    "StrictHostKeyChecking=yes",
    "-o",
    "ConnectTimeout=10",
  ];
  return inNetwork(["ssh", "-F", "none", ...known, ...options, `${user}@${node?.address}`, command]);
}
/** In the node's registry item. */
async function setPublicAddress(id: string, publicAddress: string | null): Promise<void> {
  const { org, region } = journey.place.workspace;
  const { client, TableName } = openTable(org, cluster.uuid, region);
  const Key = partitionKeyed(cluster.uuid, nodeSk(id));
  const values = { ":address": publicAddress };
  const set = { UpdateExpression: "SET publicAddress = :address", ExpressionAttributeValues: values };
  await client.send(new UpdateCommand({ TableName, Key, ...set }));
}

/** A connection to a node's sshd that says nothing. */
async function openConnection() {
  const { netns } = cloudPlaces(journey.place.cloudName);
  const script = `require("node:net").connect(22, "${cluster.nodes[0]?.address}").once("data", () => console.log("open"))`;
  const child = spawn("nsenter", [`--net=/run/netns/${netns}`, "--", process.execPath, "-e", script], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  await once(child.stdout, "data");
  return child;
}

const withKey = () => ["-o", "BatchMode=yes", "-o", "IdentitiesOnly=yes", "-i", keyFile()];

const across = () => `-n ${cluster.cores} -f ${hostfilePath(cluster.uuid)}`;
const hostnames = () =>
  cluster.nodes.flatMap(({ hostname, cores }) => Array<string>(cores).fill(hostname)).sort();
const linesOf = ({ stdout }: Ran) => stdout.trimEnd().split("\n");

describe("a person who has logged in", () => {
  test.each([0, 1])(
    "to node %d runs the documented commands as they are written, over the agents and over ssh",
    async (index) => {
      const list = await ssh(index, withKey(), `ls -la ${hostfilePath(cluster.uuid)}`);
      expect({ exitCode: list.exitCode, stderr: list.stderr }).toEqual({ exitCode: 0, stderr: "" });
      expect(list.stdout).toMatch(/^-rw\S+ +1 muster muster /);
      for (const launcher of ["", "-launcher ssh "]) {
        const names = await ssh(index, withKey(), `mpiexec ${launcher}${across()} hostname`);
        expect({ exitCode: names.exitCode, stderr: withoutHydraWords(names.stderr) }).toEqual({
          exitCode: 0,
          stderr: "",
        });
        expect(linesOf(names).sort()).toEqual(hostnames());
        const versions = await ssh(index, withKey(), `mpiexec ${launcher}${across()} python --version`);
        expect(withoutHydraWords(versions.stderr)).toBe("");
        expect(new Set(linesOf(versions)).size).toBe(1);
        expect(linesOf(versions)[0]).toMatch(/^Python 3\./);
      }
    },
  );

  test("starts ranks over plain ssh where that is asked for: the other node's sshd took the cluster's own key", async () => {
    const [first, second] = cluster.nodes;
    const logIns = async () => {
      const { stdout } = await runInNode(journey.place, second?.id ?? "", [
        "journalctl",
        "-u",
        "ssh",
        "-o",
        "cat",
      ]);
      return stdout
        .split("\n")
        .filter((line) => line.startsWith(`Accepted publickey for muster from ${first?.address} `)).length;
    };
    const before = await logIns();
    await ssh(0, withKey(), `mpiexec ${across()} hostname`);
    expect(await logIns()).toBe(before);
    await ssh(0, withKey(), `mpiexec -launcher ssh ${across()} hostname`);
    expect(await logIns()).toBe(before + 1);
  });

  test("is counted while the session lasts, and a stranger who tries is not", async () => {
    const pid = initPid(nodePlaces(cloudPlaces(journey.place.cloudName), cluster.nodes[0]?.id ?? ""));
    const sessions = () => countLoginSessions(`/proc/${pid}/root/proc`);
    const counted = (count: number) =>
      waitFor({
        what: `${count} sessions`,
        timeoutSeconds: 15,
        look: sessions,
        isDone: (found) => found === count,
        describe: String,
      });
    await counted(0);
    const session = ssh(0, withKey(), "sleep 300; true");
    const stranger = await openConnection();
    await counted(1);
    await runInNode(journey.place, cluster.nodes[0]?.id ?? "", ["pkill", "-u", "muster", "-x", "sleep"]);
    await session;
    await counted(0);
    stranger.kill();
  });

  test("reaches the other node by ssh, and no node lets a job do so", async () => {
    const [, second] = cluster.nodes;
    const reached = await ssh(
      0,
      withKey(),
      `ssh ${second?.address} hostname && ssh ${second?.hostname} id -un`,
    );
    expect(reached).toMatchObject({ exitCode: 0, stdout: `${second?.hostname}\nmuster\n` });
    const asJob = [
      "setpriv",
      "--reuid=1500",
      "--regid=1500",
      "--clear-groups",
      "env",
      "HOME=/home/muster",
    ] as const;
    const job = await runInNode(journey.place, cluster.nodes[0]?.id ?? "", [
      ...asJob,
      ...["ssh", "-o", "BatchMode=yes", "-i", "/run/muster/cluster-key", `${second?.address}`, "hostname"],
    ]);
    expect(job.exitCode).toBe(255);
    expect(job.stdout).toBe("");
    const read = await runInNode(journey.place, cluster.nodes[0]?.id ?? "", [
      ...asJob,
      "cat",
      "/run/muster/cluster-key",
    ]);
    expect(read.stderr).toContain("Permission denied");
  });

  test("can pass no key on, and forward nothing to the node", async () => {
    const agent = await ssh(0, [...withKey(), "-A"], "echo $SSH_AUTH_SOCK");
    expect(agent).toMatchObject({ exitCode: 0, stdout: "\n" });
    const remote = await ssh(
      0,
      [...withKey(), "-o", "ExitOnForwardFailure=yes", "-R", "9999:127.0.0.1:1"],
      "true",
    );
    expect(remote.exitCode).toBe(255);
  });
});

describe("sshd refuses", () => {
  test.each<[string, string, () => readonly string[], RegExp]>([
    [
      "a password",
      "muster",
      () => ["-o", "PubkeyAuthentication=no", "-o", "NumberOfPasswordPrompts=1"],
      /Permission denied \(publickey\)/,
    ],
    ["root, with the key", "root", withKey, /Permission denied \(publickey\)/],
    ["another user of the node", "muster-launch", withKey, /Permission denied \(publickey\)/],
    ["a user that there is not", "ada", withKey, /Permission denied \(publickey\)/],
    [
      "muster without a key",
      "muster",
      () => ["-o", "BatchMode=yes", "-o", "IdentitiesOnly=yes", "-i", "/dev/null"],
      /Permission denied \(publickey\)/,
    ],
  ])("%s", async (_name, user, options, words) => {
    const refused = await ssh(0, options(), "id", user);
    expect(refused).toMatchObject({ exitCode: 255, stdout: "" });
    expect(refused.stderr).toMatch(words);
  });
});

describe("muster cluster", () => {
  const how = () => ["--via", "private", "--identity", keyFile()];

  test("hosts lists the nodes' addresses, the UUID and the hostfile", async () => {
    const { exitCode, stdout } = await musterCluster("hosts", "--json");
    expect(exitCode).toBe(0);
    const { id, address, hostname } = cluster.nodes[0] ?? {};
    expect(JSON.parse(stdout)).toMatchObject({
      uuid: cluster.uuid,
      hostfile: hostfilePath(cluster.uuid),
      cores: cluster.cores,
      nodes: [
        {
          id,
          address,
          hostname,
          publicAddress: null,
          sshHostKeys: [expect.stringMatching(/^ssh-ed25519 /)],
        },
        {},
      ],
    });
  });

  test("ssh logs in with the published host key, to the node that is asked for, and passes the exit status on", async () => {
    const { hostname, address } = cluster.nodes[1] ?? {};
    const first = await musterCluster("ssh", ...how(), "--node", `${address}`, "--", "hostname; exit 7");
    expect(first).toEqual({ exitCode: 7, stdout: `${hostname}\n`, stderr: "" });
  });

  test("ssh goes to the public address where there is one", async () => {
    const { id = "", hostname } = cluster.nodes[0] ?? {};
    const publicAddress = "203.0.113.77";
    // What the emulator and the local network lack: EC2 gives the node an address, and its gateway sends on what comes there.
    const own = ["ip", "address"] as const;
    await setPublicAddress(id, publicAddress);
    await runInNode(journey.place, id, [...own, "add", `${publicAddress}/32`, "dev", "eth0"]);
    const reached = await musterCluster(
      "ssh",
      "--identity",
      keyFile(),
      "--node",
      publicAddress,
      "--",
      "hostname",
    );
    await runInNode(journey.place, id, [...own, "del", `${publicAddress}/32`, "dev", "eth0"]);
    await setPublicAddress(id, null);
    expect(reached).toEqual({ exitCode: 0, stdout: `${hostname}\n`, stderr: "" });
  });

  test("ssh goes through Session Manager where the address is private", async () => {
    const { id, hostname } = cluster.nodes[0] ?? {};
    const through = await musterCluster("ssh", "--identity", keyFile(), "--node", `${id}`, "--", "hostname");
    expect(through).toEqual({ exitCode: 0, stdout: `${hostname}\n`, stderr: "" });
  });

  test("ssh refuses a node that shows another host key", async () => {
    const [first, second] = cluster.nodes;
    // The second node's address with the first one's name: what a stranger in its place would be.
    const script = `s|"${first?.id}":"${first?.address}"|"${first?.id}":"${second?.address}"|`;
    await inNetwork(["sed", "-i", script, join(folder, "aws")]);
    const refused = await musterCluster(
      "ssh",
      "--via",
      "ssm",
      "--identity",
      keyFile(),
      "--node",
      `${first?.id}`,
      "--",
      "hostname",
    );
    await writeFile(join(folder, "aws"), standIn());
    expect(refused).toMatchObject({ exitCode: 255, stdout: "" });
    expect(refused.stderr).toContain("Host key verification failed");
  });

  test("verify runs the three checks on every node, and says which fails", async () => {
    const good = await musterCluster("verify", ...how(), "--json");
    expect(JSON.parse(good.stdout)).toMatchObject({
      uuid: cluster.uuid,
      nodes: cluster.nodes.map(({ id }) => ({
        id,
        isOk: true,
        checks: [{ problem: null }, { problem: null }, { problem: null }],
      })),
    });
    expect(good.exitCode).toBe(0);
    const [, second] = cluster.nodes;
    const on = (...argv: [string, ...string[]]) => runInNode(journey.place, second?.id ?? "", argv);
    await on("chmod", "000", "/usr/bin/mpiexec");
    const bad = await musterCluster("verify", ...how(), "--json").finally(() =>
      on("chmod", "755", "/usr/bin/mpiexec"),
    );
    expect(bad.exitCode).toBe(1);
    expect(JSON.parse(bad.stdout)).toMatchObject({
      nodes: [
        { isOk: true },
        {
          id: second?.id,
          isOk: false,
          checks: [{ problem: null }, { problem: expect.stringMatching(/^ended with 126/) }, {}],
        },
      ],
    });
  });
});

describe("on a node", () => {
  test("the host key is its own, and no image's", async () => {
    const keys = await Promise.all(
      cluster.nodes.map(({ id }) =>
        runInNode(journey.place, id, ["cat", "/etc/ssh/ssh_host_ed25519_key.pub"]),
      ),
    );
    expect(new Set(keys.map(({ stdout }) => stdout)).size).toBe(2);
  });

  test("no job can change who may log in", async () => {
    const job = (script: string) =>
      runInNode(journey.place, cluster.nodes[0]?.id ?? "", [
        ...(["setpriv", "--reuid=1500", "--regid=1500", "--clear-groups", "sh", "-c"] as const),
        script,
      ]);
    for (const target of [
      "/etc/ssh/authorized_keys.d/muster",
      "/etc/ssh/authorized_keys.d/new",
      "/etc/ssh/sshd_config.d/x",
    ])
      expect((await job(`echo x >>${target}`)).stderr).toContain("Permission denied");
    // A key in the home counts for nothing.
    await job(
      `mkdir -p -m 700 ~muster/.ssh && cp /etc/ssh/ssh_host_ed25519_key.pub ~muster/.ssh/authorized_keys`,
    );
    const settings = await runInNode(journey.place, cluster.nodes[0]?.id ?? "", ["/usr/sbin/sshd", "-T"]);
    expect(settings.stdout).toContain("authorizedkeysfile /etc/ssh/authorized_keys.d/%u\n");
    await job("rm -r ~muster/.ssh");
  });
});
