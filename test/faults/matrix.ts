import type { Fault, Injector, Part } from "./fault.js";

/** What a job gets that a fault is to end: more time than the fault takes. */
const LONG_SECONDS = 300;
/** What a job gets that is to outlive its fault. */
const SHORT_SECONDS = 12;
const BOUND_SECONDS = 5;
/** The lease of a head that is lost has to run out first, and then its node has to stay silent. */
const HEAD_BOUND_SECONDS = 40;

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
  expected: GOES_ON,
});

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
  },
  {
    name: "kill-mpiexec",
    what: "kill -9 of mpiexec",
    jobSeconds: LONG_SECONDS,
    inject: kill("head", "-f", "^[^ ]*mpiexec.* -launcher ssh"),
    expected: lost("mpiexec-killed"),
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
    inject: (into) => into.strike("worker", "cut"),
    heal: { act: (into) => into.strike("worker", "uncut") },
    expected: lost("node-lost"),
  },
  {
    name: "cut-head",
    what: "the head is cut off the network, from AWS too",
    jobSeconds: LONG_SECONDS,
    inject: (into) => into.strike("head", "cut"),
    heal: { act: (into) => into.strike("head", "uncut") },
    expected: lost("head-lost", HEAD_BOUND_SECONDS),
  },
  {
    name: "freeze-head",
    what: "the head hangs, and goes on while the next head runs the job's second attempt",
    jobSeconds: SHORT_SECONDS,
    retries: 1,
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
    inject: (into) => into.strike("head", "kill"),
    heal: { act: (into) => into.replace("head") },
    expected: lost("head-lost", HEAD_BOUND_SECONDS),
  },
];
