import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { beforeEach, describe, expect, test } from "@jest/globals";
import { newJob } from "../../../../agent/contract/job.js";
import { type AttemptItem, attemptOf } from "../../../../agent/contract/job-attempt.js";
import { because } from "../../../../agent/contract/reasons.js";
import type { JobDefinitionItem, JobItem } from "../../../../agent/contract/registry.js";
import { nodeSummary, observedCluster } from "../../../support/agent/cluster-item.js";
import { FakeWorld, LOG_PREFIX } from "../../../support/cli/fake-world.js";

const FINISHED = {
  status: "FINISHED",
  phase: "ended",
  exitCode: 0,
  endedAt: "2026-01-01T00:10:02.500Z",
  attempt: 1,
  logPrefix: LOG_PREFIX,
  log: {
    ...{ uri: `${LOG_PREFIX}manifest.json`, bytes: 3, parts: 1 },
    sha256: createHash("sha256").update("3.\n").digest("hex"),
  },
} as const satisfies Partial<JobItem>;
const RUNNING = { status: "INPROGRESS", phase: "running", ranks: 4 } as const satisfies Partial<JobItem>;
const HERE = ["--org", "acme", "--cluster", "demo"] as const;
const ready = observedCluster({
  clusterStatus: "FINISHED",
  phase: "ready",
  nodes: [nodeSummary("i-1"), nodeSummary("i-2")],
  hostfileNodes: 2,
});

let world: FakeWorld;
beforeEach(() => {
  world = new FakeWorld();
  world.clusters.push(ready);
  world.files.set("pi.py", Buffer.from("print(3)\n"));
  world.logs.store(LOG_PREFIX, "3.\n");
  world.logs.deliver(LOG_PREFIX);
});
const latest = (): JobItem => [...world.jobs.values()].at(-1) as JobItem;

const LEAVES = [
  ["job", "run"],
  ["job", "submit"],
  ["job", "show"],
  ["job", "list"],
  ["job", "logs"],
  ["job", "wait"],
  ["job", "cancel"],
  ["cluster", "list"],
  ["cluster", "show"],
  ["git-credentials", "set"],
  ["git-credentials", "list"],
  ["git-credentials", "delete"],
  ["token"],
  ["leftovers"],
] as const;

describe("every command", () => {
  test.each(LEAVES)("%s %s has help with an example, the habits and the exit statuses", async (...path) => {
    const words = path.filter((word) => typeof word === "string");
    expect(await world.run(...words, "--help")).toBe(0);
    for (const part of [
      `$ muster ${words.join(" ")}`,
      "--org",
      "--region",
      "--json",
      "--timeout",
      "4 timed out",
    ]) {
      expect(world.out).toContain(part);
    }
    expect(world.said).toEqual([]);
    expect(world.openings).toEqual([]);
  });

  test("is in the help of its group, and the version is there", async () => {
    expect(await world.run("--version")).toBe(0);
    expect(world.out).toBe("1.2.3\n");
    expect(await world.run("job", "--help")).toBe(0);
    for (const [group, name] of LEAVES) if (group === "job") expect(world.out).toContain(`  ${name} `);
  });

  test.each([
    ["a command that there is not", ["jbo"], "Did you mean job?"],
    ["one of a group", ["job", "lgos"], "Did you mean logs?"],
    ["an option", ["job", "list", "--clutser", "a"], "Did you mean --cluster?"],
    ["a group alone", ["job"], "Usage: muster job"],
    ["nothing", [], "Usage: muster"],
    ["no id", ["job", "show", ...HERE], "missing required argument 'id'"],
    ["no role", ["token", ...HERE], "required option '--role <role>' not specified"],
    ["the agents' own role", ["token", ...HERE, "--role", "peer"], "Allowed choices are reader, operator."],
    [
      "a time without a unit that there is",
      ["job", "wait", "x", "--timeout", "3d"],
      "Give a duration: seconds, or 90s, 15m, 2h.",
    ],
    ["a limit that is none", ["job", "list", "--limit", "0"], "Give a whole number from 1."],
    ["no file", ["job", "run", ...HERE], "the Python file is missing: give FILE, or --definition NAME"],
    ["a file that is not there", ["job", "run", ...HERE, "no.py"], "no.py does not exist"],
    [
      "both ways to say what",
      ["job", "run", ...HERE, "--definition", "x", "pi.py"],
      "pi.py: give either FILE or --definition",
    ],
    [
      "a definition's limit",
      ["job", "submit", ...HERE, "--definition", "x", "--processes", "2"],
      "need a FILE: a definition has its own",
    ],
    [
      "a job that may run too long",
      ["job", "run", ...HERE, "--time-limit", "169h", "pi.py"],
      "the maximum is 168h",
    ],
    ["an empty key", ["job", "run", ...HERE, "--idempotency-key", "", "pi.py"], "Give 1 to 200 characters."],
    [
      "a word that mpiexec would take for its own",
      ["job", "run", ...HERE, "pi.py", ":"],
      'command.1: ":" can\'t be passed alone',
    ],
  ])("refuses %s with exit status 2 and the next step", async (_name, argv, words) => {
    expect(await world.run(...argv)).toBe(2);
    expect(world.said.join("\n")).toContain(words);
    expect([world.out, world.jobs.size]).toEqual(["", 0]);
  });
});

describe("where a command works", () => {
  test("all that is missing is said at once", async () => {
    world.env = {};
    expect(await world.run("job", "list")).toBe(2);
    expect(world.said).toEqual([
      [
        "the org is missing: give --org, or run this in the folder of the org's muster.yaml",
        "the region is missing: give --region, or set AWS_REGION",
        "the cluster is missing: give --cluster, or run this in the folder of a muster.yaml with exactly one",
      ].join("\n"),
    ]);
  });

  test("a name that can't be one is refused", async () => {
    expect(await world.run("job", "list", "--org", "No", "--cluster", "x/y")).toBe(2);
    expect(world.said[0]).toMatch(/^--org is "No": a name has .*\n--cluster is "x\/y": a name has /);
  });

  test.each([
    [
      "muster.yaml says all",
      "org: {name: acme, region: eu-west-1}\nclusters: [{name: demo}]",
      [],
      "eu-west-1",
    ],
    [
      "an option is stronger",
      "org: {name: acme, region: eu-west-1}\nclusters: [{name: demo}]",
      ["--region", "us-west-2"],
      "us-west-2",
    ],
    [
      "another org's region and cluster are not taken",
      "org: {name: other, region: eu-west-1}\nclusters: [{name: x}]",
      HERE,
      "us-east-1",
    ],
    [
      "two clusters: neither",
      "org: {name: acme, region: eu-west-1}\nclusters: [{name: a}, {name: b}]",
      ["--cluster", "demo"],
      "eu-west-1",
    ],
    ["what is no YAML says nothing", "org: [", HERE, "us-east-1"],
  ])("%s", async (_name, text, argv, region) => {
    world.files.set("muster.yaml", Buffer.from(text));
    expect(await world.run("cluster", "show", ...argv)).toBe(0);
    expect(world.openings).toMatchObject([{ org: "acme", region }]);
  });

  test("where muster.yaml has two clusters, none is chosen", async () => {
    world.files.set(
      "elsewhere.yaml",
      Buffer.from("org: {name: acme, region: r}\nclusters: [{name: a}, {name: b}]"),
    );
    world.env = { MUSTER_CONFIG: "elsewhere.yaml" };
    expect(await world.run("job", "list")).toBe(2);
    expect(world.said[0]).toContain("the cluster is missing");
  });
});

describe("muster job run", () => {
  test("submits, says what it waits for at each change, writes the log, and says how it ended", async () => {
    world.meanwhile = (look) => {
      if (look === 3) world.changeJob(RUNNING);
      if (look === 6) world.changeJob(FINISHED);
    };
    expect(
      await world.run("job", "run", ...HERE, "--processes", "2", "--time-limit", "2h", "pi.py", "-h"),
    ).toBe(0);
    const { id, request } = latest();
    expect(request).toEqual({
      command: ["pi.py", "-h"],
      script: { name: "pi.py", content: "print(3)\n" },
      processes: 2,
      timeoutSeconds: 7200,
    });
    expect(world.out).toBe("3.\n");
    expect(world.said).toEqual([
      `job ${id}: NEW, queued: is next: waits for the head node to start it`,
      `job ${id}: INPROGRESS, running with 4 ranks`,
      `log: ${FINISHED.log.uri} (3 bytes)`,
      `job ${id}: FINISHED with exit code 0, 2.5 s after its submission`,
    ]);
  });

  test.each([
    [{ status: "FAILED", exitCode: 3 }, 3],
    [{ status: "FAILED", exitCode: 125 }, 125],
    [{ status: "FAILED", exitCode: 126 }, 1],
    [{ status: "FAILED", exitCode: 255 }, 1],
    [{ status: "FAILED", exitCode: null }, 1],
    [{ status: "FAILED", exitCode: 0 }, 1],
    [{ status: "CANCELLED", exitCode: null }, 1],
  ] as const)("that ends as %o has exit status %i", async (end, exitCode) => {
    world.meanwhile = () => world.changeJob({ ...FINISHED, ...end });
    expect(await world.run("job", "run", ...HERE, "pi.py")).toBe(exitCode);
  });

  test("--json is one document on stdout: the job, not its log", async () => {
    world.meanwhile = () => world.changeJob(FINISHED);
    expect(await world.run("job", "run", ...HERE, "--json", "pi.py")).toBe(0);
    expect(JSON.parse(world.out)).toEqual(JSON.parse(JSON.stringify(latest())));
  });

  test("a log that can't be read is said, and the exit status stays the job's", async () => {
    world.meanwhile = () => world.changeJob(FINISHED);
    world.logs.stream = () => Readable.from([Buffer.from("3")]);
    expect(await world.run("job", "run", ...HERE, "pi.py")).toBe(0);
    expect(world.said).toContainEqual(
      expect.stringContaining("The log broke off (its part at byte 1 is missing) after 1 of 3 bytes."),
    );
  });

  test("a reader that leaves is quiet", async () => {
    world.meanwhile = () => world.changeJob({ ...FINISHED, status: "FAILED", exitCode: 9 });
    world.readerLeaves = true;
    expect(await world.run("job", "run", ...HERE, "pi.py")).toBe(9);
    expect(world.said.join()).not.toContain("EPIPE");
    expect(await world.run("job", "list", ...HERE)).toBe(0);
  });

  test("warns of a degraded cluster, and of one that FAILED", async () => {
    world.clusters[0] = { ...ready, clusterStatus: "FAILED", reason: "i-3: \x1b[2J", desiredNodes: 6 };
    world.meanwhile = () => world.changeJob(FINISHED);
    for (const argv of [
      ["job", "run", ...HERE, "pi.py"],
      ["job", "submit", ...HERE, "pi.py"],
      ["cluster", "show", ...HERE],
      ["cluster", "list", "--org", "acme"],
      ["job", "list", ...HERE],
    ]) {
      world.said.length = 0;
      expect(await world.run(...argv)).toBe(0);
      expect(world.said).toEqual(
        expect.arrayContaining([
          "warning: cluster demo FAILED: i-3: \\x1b[2J",
          "warning: cluster demo is degraded: 2 of 6 nodes are ready: 4 have not registered",
        ]),
      );
    }
  });

  test("a cluster that is being removed is refused", async () => {
    world.clusters[0] = { ...ready, clusterStatus: "REMOVING" };
    for (const how of ["run", "submit"]) expect(await world.run("job", how, ...HERE, "pi.py")).toBe(3);
    expect(world.said[0]).toBe(`Cluster demo (${ready.uuid}) is REMOVING and does not accept jobs.`);
    expect(world.jobs.size).toBe(0);
  });

  test("a definition is run as it is now, and fails where there is none", async () => {
    const definition = {
      id: "d",
      clusterUuid: ready.uuid,
      name: "nightly",
      revision: 2,
      request: { command: ["n.py"] },
    };
    world.definitions.set("nightly", definition as unknown as JobDefinitionItem);
    world.meanwhile = () => world.changeJob(FINISHED);
    expect(await world.run("job", "run", ...HERE, "--definition", "nightly")).toBe(0);
    expect(latest()).toMatchObject({
      request: { command: ["n.py"] },
      definition: { name: "nightly", revision: 2 },
    });
    expect(await world.run("job", "run", ...HERE, "--definition", "other")).toBe(1);
    expect(world.said.at(-1)).toContain("Cluster demo has no job definition other");
  });

  test("a key makes one job; the same again follows it, another request is refused", async () => {
    const argv = ["job", "submit", ...HERE, "--idempotency-key", "k", "pi.py"];
    expect(await world.run(...argv)).toBe(0);
    expect(await world.run(...argv)).toBe(0);
    expect(world.jobs.size).toBe(1);
    expect(world.out).toBe(`${latest().id}\n${latest().id}\n`);
    expect(await world.run(...argv, "more")).toBe(3);
    expect(world.said.at(-1)).toMatch(
      /^The idempotency key "k" belongs to job job-\w+ of .*, which runs something else/,
    );
  });

  test("an item that vanishes ends the wait, and says how to look again", async () => {
    world.meanwhile = () => world.jobs.clear();
    expect(await world.run("job", "run", ...HERE, "pi.py")).toBe(1);
    expect(world.said.at(-1)).toMatch(/^Job job-\w+ is not in the registry of cluster .*: is its id right/);
    expect(world.said.join("\n")).not.toContain("runs on");
  });
});

describe("a Ctrl-C while a job is followed", () => {
  test("says what goes on and how to come back, and ends with 130", async () => {
    world.meanwhile = () => world.interrupt();
    expect(await world.run("job", "run", ...HERE, "pi.py")).toBe(130);
    const { id, cancelRequested } = latest();
    const flags = "--org acme --cluster demo";
    expect(world.said).toContain(
      `the job keeps running; follow it with \`muster job logs -f ${id} ${flags}\`, cancel it with \`muster job cancel ${id} ${flags}\``,
    );
    expect([cancelRequested, world.listens]).toEqual([false, false]);
  });

  test.each([
    ["leaves the job by default", "", 130, "NEW", "the job keeps running"],
    ["cancels it", "c", 130, "CANCELLED", "is CANCELLED"],
  ])("asks a person, who %s", async (_name, answer, exitCode, status, said) => {
    world.canAsk = true;
    world.answer = answer;
    world.meanwhile = (look) => look === 1 && world.interrupt();
    expect(await world.run("job", "run", ...HERE, "pi.py")).toBe(exitCode);
    expect(world.questions).toHaveLength(1);
    expect(latest().status).toBe(status);
    expect(world.said.join("\n")).toContain(said);
  });

  test("goes on where the person wants it", async () => {
    world.canAsk = true;
    world.answer = "k";
    world.meanwhile = (look) => (look === 1 ? world.interrupt() : look === 4 && world.changeJob(FINISHED));
    expect(await world.run("job", "wait", newLatest(), ...HERE)).toBe(0);
  });

  test("a second one, or a SIGTERM, asks nothing", async () => {
    world.canAsk = true;
    world.meanwhile = () => world.interrupt("SIGTERM");
    expect(await world.run("job", "wait", newLatest(), ...HERE)).toBe(143);
    expect(world.questions).toEqual([]);
  });
});

/** A job that waits; its id. */
function newLatest(): string {
  const job = newJob(ready.uuid, "k", { command: ["pi.py"] }, new Date("2026-01-01T00:00:00Z"));
  world.jobs.set(job.id, job);
  return job.id;
}

describe("the other job commands", () => {
  test("wait: a minute for a log that is on its way, and no longer", async () => {
    const id = newLatest();
    const pending = { ...FINISHED, log: null, logState: "pending", logReason: null } as const;
    world.changeJob(pending);
    expect(await world.run("job", "wait", id, ...HERE)).toBe(0);
    expect(world.said).toContain(
      `job ${id}: FINISHED; its log is not in the bucket yet, the upload is retried`,
    );
    world.said.length = 0;
    world.meanwhile = (look) => {
      if (look > 2) world.changeJob({ ...FINISHED, logState: "delivered" });
    };
    expect(await world.run("job", "wait", id, ...HERE)).toBe(0);
    expect(world.said.at(-1)).toBe(`log: ${FINISHED.log.uri} (3 bytes)`);
  });

  test("wait: exit status 0 for FINISHED, else 1, and the last lines where there is no log", async () => {
    const id = newLatest();
    world.changeJob({
      ...FINISHED,
      status: "FAILED",
      exitCode: 3,
      ...because("mpiexec-failed", "mpiexec\x07"),
      log: null,
      logState: "lost",
      logReason: "its records are gone",
      lastLines: ["\x1b[2Jx"],
    });
    expect(await world.run("job", "wait", id, ...HERE)).toBe(1);
    expect(world.said).toEqual([
      `job ${id}: FAILED with exit code 3: mpiexec\\x07, 602.5 s after its submission`,
      "log: lost: its records are gone; its last lines:",
      "  \\x1b[2Jx",
    ]);
    world.changeJob(FINISHED);
    expect(await world.run("job", "wait", id, ...HERE)).toBe(0);
  });

  test("show and list give the reason with its code, also as JSON", async () => {
    const id = newLatest();
    world.changeJob({ ...FINISHED, status: "FAILED", ...because("node-lost", "node 10.0.0.2 was lost") });
    expect(await world.run("job", "show", id, ...HERE)).toBe(0);
    expect(world.out).toContain("reason      node 10.0.0.2 was lost\nreason code node-lost\n");
    for (const argv of [["show", id], ["list"]]) {
      expect(await world.run("job", ...argv, ...HERE, "--json")).toBe(0);
      expect(world.out).toContain('"reasonCode":"node-lost","reason":"node 10.0.0.2 was lost"');
    }
  });

  test("show lists the attempts, also as JSON, and none of a job that has had none", async () => {
    const id = newLatest();
    expect(await world.run("job", "show", id, ...HERE)).toBe(0);
    expect(world.out).not.toContain("ATTEMPT");
    const launched = {
      ...{ attempt: 1, startedAt: "2026-01-01T00:10:01.000Z", ranks: 4 },
      launchedOn: { instanceId: "i-1", address: "10.0.0.1" },
      phaseTimes: {
        running: "2026-01-01T00:10:01.000Z",
        queued: "2026-01-01T00:00:00.000Z",
        source: "2026-01-01T00:10:00.000Z",
        preflight: "2026-01-01T00:10:00.250Z",
        launching: "2026-01-01T00:10:00.500Z",
        ended: "2026-01-01T00:10:02.500Z",
      },
    };
    world.changeJob({ ...FINISHED, ...launched, logState: "delivered" });
    const record = attemptOf(latest()) as AttemptItem;
    world.attempts.set(id, record);
    expect(await world.run("job", "show", id, ...HERE)).toBe(0);
    expect(world.out.split("\n").slice(-6)).toEqual([
      "ATTEMPT  STATUS    NODE      RANKS  STARTED                   ENDED                     EXIT CODE  REASON CODE  FAILED NODE  LOG",
      "1        FINISHED  10.0.0.1  4      2026-01-01T00:10:01.000Z  2026-01-01T00:10:02.500Z  0                                    s3://logs/logs/c/job-1/1/manifest.json",
      "",
      "ATTEMPT  WAITED   SOURCE  PREFLIGHT  LAUNCHING  RUNNING  DELIVERING",
      "1        600.0 s  0.3 s   0.3 s      0.5 s      1.5 s",
      "",
    ]);
    world.attempts.set(id, {
      ...record,
      status: "INPROGRESS",
      phase: "launching",
      log: null,
      logState: "none",
    });
    expect(await world.run("job", "show", id, ...HERE)).toBe(0);
    expect(world.out).toMatch(/\n1 +INPROGRESS, launching +10\.0\.0\.1 .* none\n\nATTEMPT/);
    world.changeJob({
      ...{ status: "INPROGRESS", phase: "retrying", endedAt: null, ...because("node-lost", "gone") },
      ...{ retryAt: "2026-01-01T00:11:00.000Z", phaseTimes: { retrying: "2026-01-01T00:10:50.000Z" } },
    });
    expect(await world.run("job", "show", id, ...HERE)).toBe(0);
    expect(world.out).toContain("INPROGRESS, retrying: the next attempt begins at 2026-01-01T00:11:00.000Z");
    expect(world.out).toContain("phase since 2026-01-01T00:10:50.000Z\nreason      gone\n");
    world.written.length = 0;
    expect(await world.run("job", "show", id, ...HERE, "--json")).toBe(0);
    expect(JSON.parse(world.out)).toMatchObject({
      id,
      attempt: 1,
      attempts: [{ jobId: id, number: 1, ranks: 4 }],
    });
  });

  test("show says what the job used, which node failed it, and what was left out", async () => {
    const id = newLatest();
    const usage = { nodes: 2, silentNodes: 1, peakMemoryBytes: 3 * 2 ** 28, peakMemoryAddress: "10.0.0.5" };
    world.changeJob({
      ...FINISHED,
      usage: { ...usage, cpuSeconds: 3.44 },
      failedNode: { address: "10.0.0.6", instanceId: "i-6" },
      leftOut: [{ address: "10.0.0.7", reasonCode: "nodes-unreachable" }],
    });
    expect(await world.run("job", "show", id, ...HERE)).toBe(0);
    expect(world.out).toContain(
      "used        3.4 CPU seconds on 2 nodes; at most 0.75 GiB of memory, on 10.0.0.5; 1 node has not said it\n",
    );
    expect(world.out).toContain("failed node i-6 (10.0.0.6)\nleft out    10.0.0.7\n");
  });

  test("a cluster's show gives its reason code, and each node's", async () => {
    const lost = nodeSummary("i-2", {
      state: "unready",
      failingProbes: ["heartbeat"],
      reasonCode: "node-silent",
    });
    world.clusters[0] = { ...ready, nodes: [lost], ...because("nodes-unready", "1 of 2") };
    expect(await world.run("cluster", "show", ...HERE)).toBe(0);
    expect(world.out).toContain("reason code nodes-unready\n");
    expect(world.out).toMatch(/FAILING +REASON CODE\n.* heartbeat +node-silent\n/);
  });

  test("show says what a job waits for: an earlier one, or nodes", async () => {
    const earlier = newJob(ready.uuid, "e", { command: ["e.py"] }, new Date("2025-12-31T00:00:00Z"));
    world.jobs.set(earlier.id, { ...earlier, ...RUNNING });
    const id = newLatest();
    expect(await world.run("job", "show", id, ...HERE)).toBe(0);
    expect(world.out).toContain(`status      NEW, queued: waits for job ${earlier.id}, which runs\n`);
    expect(world.out).toContain("command     pi.py\n");
    world.clusters[0] = { ...ready, hostfileNodes: 0, nodes: [] };
    expect(await world.run("job", "show", id, ...HERE)).toBe(0);
    expect(world.out).toContain(
      "NEW, queued: waits for nodes; cluster demo is FINISHED, ready; 0 of 2 nodes are ready: 2 have not registered\n",
    );
  });

  test("cancel asks the head for a running job, and refuses one that has ended", async () => {
    const id = newLatest();
    world.changeJob(RUNNING);
    expect(await world.run("job", "cancel", id, ...HERE)).toBe(0);
    expect(latest()).toMatchObject({ status: "INPROGRESS", cancelRequested: true });
    expect(world.said).toEqual([
      `job ${id} was asked to stop, and the head node stops it; wait for its end with \`muster job wait ${id} --org acme --cluster demo\``,
    ]);
    world.changeJob(FINISHED);
    expect(await world.run("job", "cancel", id, ...HERE)).toBe(3);
    expect(world.said.at(-1)).toBe(
      `Job ${id} is FINISHED since 2026-01-01T00:10:02.500Z: there is nothing to cancel.`,
    );
    expect(await world.run("job", "cancel", "job-0", ...HERE)).toBe(1);
  });

  test("logs: the bytes; refused before the launch; without one exit status 1", async () => {
    const id = newLatest();
    expect(await world.run("job", "logs", id, ...HERE)).toBe(3);
    expect(world.said).toEqual([
      `Job ${id} is NEW, queued: it has no output before its launch. Wait for it with \`muster job logs -f ${id} --org acme --cluster demo\`.`,
    ]);
    world.meanwhile = () => world.changeJob(FINISHED);
    expect(await world.run("job", "logs", "-f", id, ...HERE)).toBe(0);
    expect(world.out).toBe("3.\n");
    world.changeJob({ log: null, logState: "pending", logReason: "503 Slow Down" });
    expect(await world.run("job", "logs", id, ...HERE)).toBe(1);
    expect(world.said.at(-1)).toBe("log: not in the bucket yet, the upload is retried: 503 Slow Down");
  });

  test("list: nothing is said to be nothing", async () => {
    expect(await world.run("job", "list", ...HERE, "--status", "FAILED")).toBe(0);
    expect([world.out, world.said]).toEqual(["", ["Cluster demo has no FAILED job."]]);
  });
});

describe("the rest", () => {
  test("token: stdout is the token alone", async () => {
    expect(await world.run("token", ...HERE, "--role", "reader")).toBe(0);
    expect(world.out).toMatch(/^[\w-]{43}\n$/);
    expect(world.said).toEqual([expect.stringContaining("warning: this token is a secret")]);
  });

  test("leftovers: exit status 1 where something is left", async () => {
    const argv = ["leftovers", "--org", "acme"];
    expect(await world.run(...argv)).toBe(0);
    expect(world.out).toBe("Nothing of org acme is left in us-east-1.\n");
    world.leftovers = {
      leftovers: [{ kind: "VPC", id: "vpc-1" }],
      pendingDeletion: [{ kind: "key", id: "k" }],
    };
    expect(await world.run(...argv)).toBe(1);
    expect(world.out).toContain("left: VPC vpc-1\npending deletion: key k\n");
  });

  test("what was not expected is one line, without a stack", async () => {
    world.leftovers = null as never;
    expect(await world.run("leftovers", "--org", "acme")).toBe(1);
    expect(world.said).toEqual([expect.stringMatching(/^TypeError: .*\. This error is unexpected\.$/)]);
  });
});
