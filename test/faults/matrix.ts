import { setTimeout as sleep } from "node:timers/promises";
import { type Fault, type Injector, type Part, STATES, type State } from "./fault.js";

/** What a job gets that a fault is to end: more time than the fault takes. */
const LONG_SECONDS = 300;
/** What a job gets that is to outlive its fault. */
const SHORT_SECONDS = 12;
const BOUND_SECONDS = 5;
/** The lease of a head that is lost has to run out first, and then its node has to stay silent. */
const HEAD_BOUND_SECONDS = 25;

const kill =
  (part: Part, ...pattern: readonly string[]) =>
  (into: Injector) =>
    into.run(part, ["pkill", "-KILL", ...pattern]).then(expectSuccess);

function expectSuccess({ exitCode, stderr }: { exitCode: number | null; stderr: string }): void {
  if (exitCode !== 0) throw new Error(`nothing to kill (exit code ${exitCode}): ${stderr}`);
}

/** Only the agent itself: what it has started has cgroups of its own. */
const killAgent = (part: Part) => (into: Injector) =>
  into
    .run(part, ["systemctl", "kill", "--kill-whom=main", "--signal=KILL", "muster-agent"])
    .then(expectSuccess);

const GOES_ON = { status: "FINISHED", reasonCodes: [null], withinSeconds: null } as const;
const lost = (reasonCode: string, withinSeconds = BOUND_SECONDS) =>
  ({ status: "FAILED", reasonCodes: [reasonCode], withinSeconds }) as const;
/** Larger than a node's disk here. */
const FILL_DISK =
  "fallocate -l 1T /var/lib/fill 2>/dev/null || cat /dev/zero >/var/lib/fill 2>/dev/null; true";

/** Processors, memory bus and disk, for 10 s, with nothing of it left. */
const KEEP_BUSY = `for i in 1 2 3 4; do timeout 10 sh -c 'while :; do :; done' & done
timeout 10 sh -c 'while :; do dd if=/dev/zero of=/var/lib/busy bs=1M count=32 conv=fsync; done'; rm -f /var/lib/busy`;

/** S3 fails around the job's end: the job ends all the same, and its log is delivered afterwards. */
export const s3Fails = (seconds: number): Fault => ({
  name: "s3-fails",
  what: `S3 answers with errors for ${seconds} s around the job's end`,
  jobSeconds: 3,
  inject: (into) => into.breakS3(true),
  heal: { after: { seconds }, act: (into) => into.breakS3(false) },
  states: ["running"],
  expected: GOES_ON,
});

/** The registry fails for a while: the job runs on, and its end is recorded afterwards, by the same head. */
export const registryFails = (how: "down" | "throttled", seconds: number): Fault => ({
  name: `registry-${how}`,
  what: `the registry ${how === "down" ? "answers with errors" : "refuses every call as too many"} for ${seconds} s`,
  jobSeconds: Math.max(3, Math.floor(seconds / 2)),
  headStays: true,
  async inject(into) {
    await into.breakRegistry(how);
    await sleep(seconds * 1_000).finally(() => into.breakRegistry(null));
  },
  expected: GOES_ON,
});

const inSeconds = (seconds: number): string => new Date(Date.now() + seconds * 1_000).toISOString();

/** EC2 announces it two minutes before; here there is less to wait for. The attempt is ended half a minute before that. */
const SPOT_SECONDS = 45;
const spot = (part: Part): Fault => ({
  name: `spot-${part}`,
  what: `EC2 announces that it takes ${part === "head" ? "the head" : "another node than the head"}`,
  jobSeconds: SHORT_SECONDS * 2,
  retries: 1,
  replaces: part,
  inject: async (into) =>
    into.announce(part, { spot: JSON.stringify({ action: "terminate", time: inSeconds(SPOT_SECONDS) }) }),
  expected: {
    ...{ status: "FINISHED", reasonCodes: ["node-interrupted"], withinSeconds: SPOT_SECONDS, attempts: 2 },
  },
});

const reboot = (seconds: number) => ({
  ...{ Code: "system-reboot", Description: "scheduled reboot", EventId: "instance-event-1", State: "active" },
  ...{ NotBefore: inSeconds(seconds), NotAfter: inSeconds(seconds + 3_600) },
});

const FLOOD = `import socket, sys, time
sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
until = time.monotonic() + 10
while time.monotonic() < until:
    for address in sys.argv[1:]:
        try: sender.sendto(b"x" * 60000, (address, 9))
        except OSError: pass`;
/** What the agent's clock says: five minutes ago. The machine's own is everybody's here. */
const SKEW = `cat >/var/lib/skew.cjs <<'JS'
const Real = Date, shift = -300000;
globalThis.Date = class extends Real {
  constructor(...given) { if (given.length === 0) super(Real.now() + shift); else super(...given); }
  static now() { return Real.now() + shift; }
};
JS
mkdir -p /run/systemd/system/muster-agent.service.d
printf '[Service]\nEnvironment=NODE_OPTIONS=--require=/var/lib/skew.cjs\n' >/run/systemd/system/muster-agent.service.d/skew.conf
systemctl daemon-reload && systemctl restart muster-agent`;
const UNSKEW = `rm -rf /var/lib/skew.cjs /run/systemd/system/muster-agent.service.d/skew.conf
systemctl daemon-reload && systemctl restart muster-agent`;
const UNMOUNT = "umount --lazy /shared && umount --lazy /var/lib/muster/agents";

const sh = (part: Part, script: string) => (into: Injector) =>
  into.run(part, ["sh", "-c", script]).then(expectSuccess);

/** Faults that the cluster gets over by another node, and such as only seem to be some. */
const NODE_LIFE: readonly Fault[] = [
  spot("worker"),
  spot("head"),
  {
    name: "maintenance-worker",
    what: "EC2 schedules a reboot of another node than the head, in a day",
    jobSeconds: SHORT_SECONDS,
    replaces: "worker",
    inject: async (into) => into.announce("worker", { maintenance: JSON.stringify([reboot(86_400)]) }),
    expected: GOES_ON,
  },
  {
    name: "rebalance-worker",
    what: "EC2 hints that an interruption is likelier for another node than the head, and none comes",
    jobSeconds: SHORT_SECONDS,
    headStays: true,
    inject: async (into) =>
      into.announce("worker", { rebalance: JSON.stringify({ noticeTime: inSeconds(0) }) }),
    heal: { after: { seconds: 12 }, act: async (into) => into.announce("worker", {}) },
    expected: GOES_ON,
  },
  {
    name: "lose-worker",
    what: "another node than the head loses its power for good, and no person looks",
    jobSeconds: SHORT_SECONDS,
    retries: 1,
    replaces: "worker",
    inject: (into) => into.strike("worker", "kill"),
    expected: { status: "FINISHED", reasonCodes: ["node-lost"], withinSeconds: BOUND_SECONDS, attempts: 2 },
  },
  {
    name: "terminate-worker",
    what: "the instance of another node than the head is terminated",
    jobSeconds: SHORT_SECONDS,
    retries: 1,
    inject: (into) => into.replace("worker"),
    expected: {
      status: "FINISHED",
      reasonCodes: ["node-lost"],
      withinSeconds: 2 * BOUND_SECONDS,
      attempts: 2,
    },
  },
  {
    name: "terminate-head",
    what: "the instance of the head is terminated",
    jobSeconds: SHORT_SECONDS,
    retries: 1,
    inject: (into) => into.replace("head"),
    expected: {
      status: "FINISHED",
      reasonCodes: ["node-lost"],
      withinSeconds: 2 * BOUND_SECONDS,
      attempts: 2,
    },
  },
  {
    name: "never-boots",
    what: "an instance is ended, and the one in its place never reports",
    jobSeconds: SHORT_SECONDS,
    inject: (into) => into.replaceWithDead("worker"),
    states: ["idle"],
    expected: GOES_ON,
  },
  {
    name: "status-check",
    what: "another node than the head hangs, EC2's status check fails, and Auto Scaling replaces the instance",
    jobSeconds: SHORT_SECONDS,
    retries: 1,
    async inject(into) {
      await into.strike("worker", "freeze");
      await into.replace("worker");
    },
    expected: { status: "FINISHED", reasonCodes: ["node-lost"], withinSeconds: BOUND_SECONDS, attempts: 2 },
  },
  {
    name: "unmount-worker",
    what: "another node than the head loses its mounts of the file system",
    jobSeconds: SHORT_SECONDS,
    inject: sh("worker", UNMOUNT),
    expected: GOES_ON,
  },
  {
    name: "clock-skew",
    what: "the clock of another node's agent is five minutes slow",
    jobSeconds: SHORT_SECONDS,
    headStays: true,
    inject: sh("worker", SKEW),
    heal: { after: { seconds: 10 }, act: sh("worker", UNSKEW) },
    expected: GOES_ON,
  },
  {
    name: "busy-network",
    what: "the nodes send each other as much as they can for 10 s",
    jobSeconds: SHORT_SECONDS,
    headStays: true,
    inject: (into) =>
      into.runOnAll([
        ...(["setsid", "-f", "/usr/bin/python3", "-c", FLOOD] as const),
        ...[into.node("head").address, into.node("worker").address],
      ]),
    expected: GOES_ON,
  },
  registryFails("down", 180),
  registryFails("throttled", 40),
];

/** Every fault, those that leave the nodes as they are first. */
export const FAULTS: readonly Fault[] = [
  {
    name: "kill-agent-head",
    what: "kill -9 of the head's agent",
    jobSeconds: SHORT_SECONDS,
    inject: killAgent("head"),
    expected: GOES_ON,
  },
  {
    name: "kill-agent-worker",
    what: "kill -9 of another node's agent",
    jobSeconds: SHORT_SECONDS,
    inject: killAgent("worker"),
    expected: GOES_ON,
  },
  {
    name: "upgrade-agents",
    what: "the agents of all nodes are stopped and started, as by an upgrade",
    jobSeconds: SHORT_SECONDS,
    inject: (into) => into.runOnAll(["systemctl", "restart", "muster-agent"]),
    expected: GOES_ON,
  },
  {
    name: "kill-proxy",
    what: "kill -9 of Hydra's proxy on another node than the head",
    jobSeconds: LONG_SECONDS,
    inject: kill("worker", "-x", "hydra_pmi_proxy"),
    expected: lost("proxy-killed"),
    states: ["running"],
  },
  {
    name: "kill-mpiexec",
    what: "kill -9 of mpiexec",
    jobSeconds: LONG_SECONDS,
    inject: kill("head", "-f", "^[^ ]*mpiexec.* -launcher ssh"),
    expected: lost("mpiexec-killed"),
    states: ["running"],
  },
  {
    name: "busy-nodes",
    what: "the processors and the disk of all nodes are kept busy for 10 s by others than the job",
    jobSeconds: SHORT_SECONDS,
    inject: (into) =>
      into.runOnAll(["setsid", "-f", "sh", "-c", `(${KEEP_BUSY}) >/dev/null 2>&1 </dev/null`]),
    expected: GOES_ON,
  },
  s3Fails(60),
  {
    name: "full-disk-head",
    what: "the head's own disk is full for 10 s",
    jobSeconds: SHORT_SECONDS,
    inject: (into) => into.run("head", ["sh", "-c", FILL_DISK]).then(() => undefined),
    heal: {
      after: { seconds: 10 },
      act: (into) => into.run("head", ["rm", "-f", "/var/lib/fill"]).then(() => undefined),
    },
    expected: GOES_ON,
  },
  {
    name: "full-files",
    what: "the file system of the agents' records and of /shared is full for 20 s",
    jobSeconds: 25,
    inject: (into) => into.fillFiles(true),
    heal: { after: { seconds: 20 }, act: (into) => into.fillFiles(false) },
    expected: GOES_ON,
  },
  {
    name: "freeze-worker",
    what: "another node than the head hangs: none of its processes runs, its connections stay open",
    jobSeconds: LONG_SECONDS,
    inject: (into) => into.strike("worker", "freeze"),
    heal: { act: (into) => into.strike("worker", "thaw") },
    expected: lost("node-lost"),
  },
  {
    name: "cut-worker",
    what: "another node than the head is cut off the network",
    jobSeconds: LONG_SECONDS,
    endsRanks: true,
    inject: (into) => into.strike("worker", "cut"),
    heal: { act: (into) => into.strike("worker", "uncut") },
    expected: lost("node-lost"),
  },
  {
    name: "cut-head",
    what: "the head is cut off the network, from AWS too",
    jobSeconds: LONG_SECONDS,
    endsRanks: true,
    inject: (into) => into.strike("head", "cut"),
    heal: { act: (into) => into.strike("head", "uncut") },
    expected: lost("head-lost", HEAD_BOUND_SECONDS),
  },
  {
    name: "freeze-head",
    what: "the head hangs, and goes on while the next head runs the job's second attempt",
    jobSeconds: SHORT_SECONDS,
    retries: 1,
    endsRanks: true,
    inject: (into) => into.strike("head", "freeze"),
    heal: { after: "second attempt runs", act: (into) => into.strike("head", "thaw") },
    expected: {
      ...{ status: "FINISHED", reasonCodes: ["head-lost"], withinSeconds: HEAD_BOUND_SECONDS, attempts: 2 },
    },
  },
  {
    name: "kill-worker",
    what: "another node than the head loses its power, and the job is tried again without it",
    jobSeconds: SHORT_SECONDS,
    retries: 1,
    inject: (into) => into.strike("worker", "kill"),
    heal: { act: (into) => into.replace("worker") },
    expected: { status: "FINISHED", reasonCodes: ["node-lost"], withinSeconds: BOUND_SECONDS, attempts: 2 },
  },
  {
    name: "kill-head",
    what: "the head loses its power",
    jobSeconds: LONG_SECONDS,
    endsRanks: true,
    inject: (into) => into.strike("head", "kill"),
    heal: { act: (into) => into.replace("head") },
    expected: lost("head-lost", HEAD_BOUND_SECONDS),
  },
  ...NODE_LIFE,
];

/** One fault in one state. */
export interface MatrixRow {
  readonly fault: Fault;
  readonly state: State;
}

/** The rows of these faults in those of the states that mean something for each. Pure. */
export const rowsOf = (faults: readonly Fault[], states: readonly State[] = STATES): readonly MatrixRow[] =>
  faults.flatMap((fault) =>
    states.filter((state) => (fault.states ?? STATES).includes(state)).map((state) => ({ fault, state })),
  );
