import { existsSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { TerminateInstancesCommand } from "@aws-sdk/client-ec2";
import { DeleteAccessPointCommand, DeleteFileSystemCommand } from "@aws-sdk/client-efs";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { checkNothingOfHost } from "../../scripts/image/check-root.js";
import { bakeEnvironment } from "../../scripts/image/host-config.js";
import { cloudPlaces } from "../../scripts/local/hosts/cloud.js";
import { NODE_FAULTS } from "../../scripts/local/hosts/faults.js";
import { observeNodes, type ReconcileReport } from "../../scripts/local/hosts/hosts.js";
import { leftoversOf, sweepCloud } from "../../scripts/local/hosts/sweep.js";
import { nodePlaces } from "../../scripts/local/hosts/system/node.js";
import {
  createFleet,
  createShared,
  type HostsCloud,
  type NodeRun,
  runInNode,
  startHostsCloud,
} from "../support/hosts-cloud.js";
import { runMpi } from "../support/manual-mpi.js";

const PLACES = cloudPlaces("test-hosts");
const WAIT_MS = 60_000;
let cloud: HostsCloud;
let shared: { fileSystem: string; accessPoint: string };
/** The two instances' ids, as they were at first. */
let first: string;
let second: string;

const reconcile = async (): Promise<ReconcileReport> => cloud.hosts.reconcile(await cloud.observer.observe());
const inFirst = (script: string): Promise<NodeRun> => runInNode(PLACES, first, script);
const imds = (path: string): string =>
  `t=$(curl -sSfX PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 60' http://169.254.169.254/latest/api/token) && ` +
  `curl -sSf -H "X-aws-ec2-metadata-token: $t" http://169.254.169.254/latest/${path}`;

async function waitUntil(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  const deadlineMs = Date.now() + WAIT_MS;
  while (!(await isSo())) {
    if (Date.now() > deadlineMs) throw new Error(`After ${WAIT_MS / 1000} s still not: ${what}`);
    await sleep(100);
  }
}
const waitForBoot = (id: string): Promise<void> =>
  waitUntil(
    `${id} is up`,
    async () => (await runInNode(PLACES, id, "systemctl is-system-running")).stdout === "running",
  );

beforeAll(async () => {
  await sweepCloud(PLACES);
  cloud = await startHostsCloud(PLACES.name);
  await createFleet(cloud, 2);
  shared = await createShared(cloud);
  const report = await reconcile();
  expect(report).toMatchObject({ problems: [], unstarted: [], dead: [], stopped: [] });
  [first, second] = report.started as [string, string];
  await Promise.all([waitForBoot(first), waitForBoot(second)]);
}, 600_000);

afterAll(async () => {
  await cloud?.stopServices();
  await sweepCloud(PLACES);
});

test("the image holds nothing of the machine that built it", async () => {
  const environment = bakeEnvironment(process.env, "");
  await expect(checkNothingOfHost(PLACES.image, { environment, sources: "" })).resolves.toBeUndefined();
});

test("a second reconcile does nothing", async () => {
  expect(await reconcile()).toEqual({ started: [], stopped: [], dead: [], unstarted: [], problems: [] });
});

test("the node has its instance's name, address and processor", async () => {
  const instance = (await cloud.observer.observe()).instances.find(({ id }) => id === first);
  expect((await inFirst("hostname")).stdout).toBe(instance?.privateDnsName.split(".")[0]);
  expect((await inFirst("ip -o -4 address show eth0")).stdout).toContain(` ${instance?.address}/`);
  expect(
    (await inFirst(`grep -c ^processor /proc/cpuinfo; grep '^core id' /proc/cpuinfo | sort -u | wc -l`))
      .stdout,
  ).toBe("4\n2");
});

test("the image's kernel settings hold in the node, and those of the machine are left alone", async () => {
  const file = readFileSync("agent/image/files/etc/sysctl.d/50-muster.conf", "utf8");
  const settings = [...file.matchAll(/^([\w.]+) = (\d+)$/gm)].map(([, key = "", value = ""]) => ({
    key,
    value,
  }));
  const own = settings.filter(({ key }) => /somaxconn|syn_backlog/.test(key));
  expect(own).toHaveLength(2);
  for (const { key, value } of own) {
    expect(`${key} = ${(await inFirst(`cat /proc/sys/${key.replaceAll(".", "/")}`)).stdout}`).toBe(
      `${key} = ${value}`,
    );
    expect(readFileSync(`/proc/sys/${key.replaceAll(".", "/")}`, "utf8").trim()).not.toBe(value);
  }
  // The others are not to be seen in a namespace.
  expect((await inFirst("ls -d /proc/sys/net/ipv4/neigh/default")).exitCode).not.toBe(0);
  expect((await inFirst("systemctl is-active systemd-sysctl")).stdout).toBe("active");
});

test("user data ran once, as root, and the console log tells", async () => {
  expect((await inFirst("systemctl restart ec2-user-data; cat /root/user-data-runs")).stdout).toBe("once");
  expect(readFileSync(nodePlaces(PLACES, first).consoleLog, "utf8")).toContain("user data ran as root");
});

test("metadata answers version 2 only, each node about itself", async () => {
  expect((await inFirst(imds("meta-data/instance-id"))).stdout).toBe(first);
  expect((await runInNode(PLACES, second, imds("meta-data/instance-id"))).stdout).toBe(second);
  expect((await inFirst(imds("meta-data/tags/instance/colour"))).stdout).toBe("green");
  const v1 = "curl -so /dev/null -w '%{http_code}' http://169.254.169.254/latest/meta-data/instance-id";
  expect((await inFirst(v1)).stdout).toBe("401");
});

test("root has the role's credentials, and the job user can't reach them", async () => {
  const answer = await inFirst(imds("meta-data/iam/security-credentials/node"));
  expect(answer).toMatchObject({ exitCode: 0, stderr: "" });
  expect(JSON.parse(answer.stdout)).toMatchObject({
    Code: "Success",
    AccessKeyId: expect.stringMatching(/^ASIA/),
  });
  const asUser = "setpriv --reuid muster --regid muster --clear-groups curl -s -m 5 http://169.254.169.254/";
  expect((await inFirst(asUser)).exitCode).toBe(7);
});

test("root reaches the local end of a mount's TLS tunnel, and the job user can't", async () => {
  const listen =
    "import socket; s = socket.create_server(('127.0.0.1', 20050)); [s.accept() for _ in range(9)]";
  await inFirst(`systemd-run -q --unit tunnel-end python3 -c "${listen}"`);
  const dial = `python3 -c "import socket; socket.create_connection(('127.0.0.1', 20050), 2)"`;
  await waitUntil("root reaches it", async () => (await inFirst(dial)).exitCode === 0);
  const refused = await inFirst(`setpriv --reuid muster --regid muster --clear-groups ${dial} 2>&1`);
  expect(refused.stdout).toContain("ConnectionRefusedError");
  expect((await inFirst("systemctl stop tunnel-end")).exitCode).toBe(0);
});

test("AWS answers at the address that units have in their environment", async () => {
  const ask =
    'curl -s "$(systemctl show-environment | sed -n s/^AWS_ENDPOINT_URL=//p)/?Action=GetCallerIdentity&Version=2011-06-15"';
  expect((await inFirst(ask)).stdout).toContain("ListAllMyBucketsResult");
});

test("the file system is shared, through its access point", async () => {
  const mount = `mkdir -p /shared && mount -t efs -o tls,iam,accesspoint=${shared.accessPoint} ${shared.fileSystem}:/ /shared`;
  expect(
    await inFirst(
      `${mount} && setpriv --reuid muster --regid muster --clear-groups sh -c 'echo hi >/shared/x'`,
    ),
  ).toMatchObject({ exitCode: 0 });
  expect((await runInNode(PLACES, second, `${mount} && cat /shared/x && stat -c %U /shared`)).stdout).toBe(
    "hi\nmuster",
  );
  expect((await inFirst("mkdir -p /t && mount -t efs fs-00000000:/ /t")).exitCode).not.toBe(0);
});

test("MPI ranks of both nodes reduce together", async () => {
  const { instances } = await cloud.observer.observe();
  const program =
    "from mpi4py import MPI; w = MPI.COMM_WORLD; print(w.allreduce(w.rank + 1), w.size, MPI.Get_processor_name(), flush=True)";
  const { exitCode, lines } = await runMpi(PLACES, instances, [
    "-ppn",
    "2",
    "-n",
    "4",
    "python",
    "-c",
    program,
  ]);
  expect(exitCode).toBe(0);
  const names = instances.map(({ privateDnsName }) => privateDnsName.split(".")[0]);
  expect(lines.sort()).toEqual([...names, ...names].map((name) => `10 4 ${name}`).sort());
});

test("a cut link ends what goes over it until it is plugged in again", async () => {
  const dial = `python3 -c "import socket; socket.create_connection(('169.254.169.254', 80), 2)"`;
  expect((await inFirst(dial)).exitCode).toBe(0);
  await NODE_FAULTS.cut(PLACES, first);
  expect((await inFirst(dial)).exitCode).not.toBe(0);
  await NODE_FAULTS.uncut(PLACES, first);
  await waitUntil("the link works", async () => (await inFirst(dial)).exitCode === 0);
});

test("a frozen node stands still until it thaws", async () => {
  await inFirst("systemd-run -q --unit tick sh -c 'while :; do echo x >>/shared/ticks; sleep 0.05; done'");
  const ticks = `${PLACES.efs}/${shared.fileSystem}/org/ticks`;
  await waitUntil("it ticks", () => existsSync(ticks));
  await NODE_FAULTS.freeze(PLACES, first);
  const before = readFileSync(ticks).length;
  await sleep(500);
  expect(readFileSync(ticks).length).toBe(before);
  await NODE_FAULTS.thaw(PLACES, first);
  await waitUntil("it ticks again", () => readFileSync(ticks).length > before);
});

test("a killed node stays off while its instance is there, and goes with it", async () => {
  await NODE_FAULTS.kill(PLACES, second);
  expect(await reconcile()).toEqual({
    started: [],
    stopped: [],
    dead: [second],
    unstarted: [],
    problems: [],
  });
  await expect(NODE_FAULTS.freeze(PLACES, second)).rejects.toThrow("is not running");
  await cloud.ec2.send(new TerminateInstancesCommand({ InstanceIds: [second] }));
  const report = await reconcile();
  expect(report).toMatchObject({ stopped: [second], dead: [], unstarted: [], problems: [] });
  expect(existsSync(nodePlaces(PLACES, second).root)).toBe(false);
  expect(existsSync(nodePlaces(PLACES, second).consoleLog)).toBe(true);
  // The group replaces what it lost.
  expect([...report.started, ...(await reconcile()).started]).toHaveLength(1);
});

test("a node that powers itself off is reported", async () => {
  await inFirst("systemctl poweroff");
  await waitUntil("the node is off", () =>
    observeNodes(PLACES).some(({ instanceId, power }) => instanceId === first && power === "off"),
  );
  expect((await reconcile()).dead).toEqual([first]);
});

test("a file system goes with its content", async () => {
  await cloud.efs.send(new DeleteAccessPointCommand({ AccessPointId: shared.accessPoint }));
  await cloud.efs.send(new DeleteFileSystemCommand({ FileSystemId: shared.fileSystem }));
  await reconcile();
  expect(existsSync(`${PLACES.efs}/${shared.fileSystem}`)).toBe(false);
});

test("a sweep of a running cloud leaves nothing behind", async () => {
  expect(leftoversOf(PLACES).join("\n")).toMatch(
    /process \d+[\s\S]*cgroup[\s\S]*mount[\s\S]*namespace[\s\S]*folder/,
  );
  await sweepCloud(PLACES);
  expect(leftoversOf(PLACES)).toEqual([]);
  expect(readFileSync("/proc/self/mountinfo", "utf8")).not.toContain(PLACES.folder);
});
