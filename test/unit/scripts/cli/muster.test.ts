import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { beforeEach, describe, expect, test } from "@jest/globals";
import { Command } from "commander";
import { newJob } from "../../../../agent/contract/job.js";
import { type AttemptItem, attemptOf } from "../../../../agent/contract/job-attempt.js";
import { because } from "../../../../agent/contract/reasons.js";
import type { JobDefinitionItem, JobItem } from "../../../../agent/contract/registry.js";
import { COMMANDS } from "../../../../scripts/cli/command-list.js";
import { CLUSTER_COMMANDS } from "../../../../scripts/cli/commands/cluster.js";
import { IMAGE_COMMANDS } from "../../../../scripts/cli/commands/image.js";
import { JOB_COMMANDS } from "../../../../scripts/cli/commands/job.js";
import { NOTEBOOK_COMMANDS } from "../../../../scripts/cli/commands/notebook.js";
import { nodeSummary, observedCluster } from "../../../support/agent/cluster-item.js";
import { COMMAND_CASES } from "../../../support/cli/every-command.js";
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

describe("every command", () => {
  test("is in the help of its group, and the version is there", async () => {
    expect(await world.run("--version")).toBe(0);
    expect(world.out).toBe("1.2.3\n");
    expect(await world.run("job", "--help")).toBe(0);
    const ofGroup = Object.keys(COMMAND_CASES).filter((words) => words.startsWith("job "));
    expect(ofGroup.length).toBeGreaterThan(5);
    for (const words of ofGroup) expect(world.out).toContain(`  ${words.slice("job ".length)} `);
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
    [
      "no file",
      ["job", "run", ...HERE],
      "what to run is missing: give FILE, a Python file on this machine, --command or --definition NAME",
    ],
    ["a file that is not there", ["job", "run", ...HERE, "no.py"], "no.py does not exist"],
    [
      "both ways to say what",
      ["job", "run", ...HERE, "--definition", "x", "pi.py"],
      "pi.py and --definition: give only one of FILE, --command and --definition",
    ],
    [
      "a definition's limit",
      ["job", "submit", ...HERE, "--definition", "x", "--processes", "2"],
      "--processes: give it with a FILE or --command; a definition has its own",
    ],
    [
      "a job that may run too long",
      ["job", "run", ...HERE, "--time-limit", "169h", "pi.py"],
      "Give at most 168h.",
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

  test("options that follow a script are the script's, and where the place is missing that is said", async () => {
    world.env = {};
    const typed = ["pi.py", "--org", "acme", "--region=us-east-1", "--organ", "x"];
    for (const command of ["run", "submit"]) expect(await world.run("job", command, ...typed)).toBe(2);
    const why =
      "\nwhat follows FILE is the script's, so --org, --region too: give muster's options before FILE";
    expect(world.said).toEqual([expect.stringContaining(why), expect.stringContaining(why)]);
    world.said.length = 0;
    expect(await world.run("job", "run", "pi.py", "--epochs", "3")).toBe(2);
    expect(world.said.join()).not.toContain("script's");
  });

  test.each([
    ["nothing is typed", []],
    [
      "all is typed, for the file may name the role that leads to the org's account",
      ["--org", "acme", "--cluster", "demo"],
    ],
  ])(
    "in the folder of a file with two orgs nothing is done, and it is said why, where %s",
    async (_when, typed) => {
      world.env = { AWS_REGION: "us-east-1" };
      world.files.set(
        "muster.yaml",
        Buffer.from("org: {name: acme}\norg: {name: evil}\nclusters: [{name: demo}]"),
      );
      expect(await world.run("job", "list", ...typed)).toBe(2);
      expect(world.said).toEqual([
        "muster.yaml is no YAML: Map keys must be unique at line 2, column 1. Mend it, or work in another folder",
      ]);
      expect(world.openings).toEqual([]);
    },
  );

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

describe("what a job may be given", () => {
  const submit = (...argv: string[]) => world.run("job", "submit", ...HERE, ...argv);

  test("is all of a request's fields, and none where nothing is said", async () => {
    world.env = { ...world.env, TOKEN: "from this shell" };
    expect(
      await submit(
        ...["--command", "-m train 'a b'", "--environment", "A=1=2", "--environment", "TOKEN"],
        ...["--setup", "/bin/sh -c 'make'", "--setup-time-limit", "5m"],
        ...["--processes", "4", "--processes-per-node", "2", "--runtime", "intel"],
        ...["--on-rank-failure", "continue", "--on-bad-node", "continue", "--if-busy", "refuse"],
        ...["--retries", "2", "--retry-delay", "0", "--retry-on", "failure", "--retry-on", "timed-out"],
        ...["--time-limit", "30m", "--job-time-limit", "2h"],
      ),
    ).toBe(0);
    expect(latest().request).toEqual({
      command: ["-m", "train", "a b"],
      environment: { A: "1=2", TOKEN: "from this shell" },
      setup: { command: ["/bin/sh", "-c", "make"], timeoutSeconds: 300 },
      processes: 4,
      processesPerNode: 2,
      runtime: "intel",
      onRankFailure: "continue",
      onBadNode: "continue",
      ifBusy: "refuse",
      retries: { count: 2, delaySeconds: 0, on: ["failure", "timed-out"] },
      timeoutSeconds: 1800,
      jobTimeoutSeconds: 7200,
    });
    expect(await submit("--no-mpi", "pi.py", "--retries", "9")).toBe(0);
    expect(latest().request).toEqual({
      command: ["pi.py", "--retries", "9"],
      script: { name: "pi.py", content: "print(3)\n" },
      mpi: false,
    });
  });

  test("is refused with every problem at once, each with its option, and no variable's value", async () => {
    expect(
      await submit(
        ...["--command", "x.py", "--environment", "1A=hunter2", "--environment", "NOT_SET"],
        ...["--environment", "B=hunter2", "--environment", "B=hunter3"],
        ...["--setup", "make 'all", "--retry-delay", "5s", "--retry-on", "failure"],
      ),
    ).toBe(2);
    const said = world.said.join("\n");
    for (const part of [
      '--environment: "1A" must have a name of letters',
      '--environment: "NOT_SET" is not set in this shell; write NAME=VALUE',
      '--environment: "B" is given twice',
      `--setup: "make 'all" has a quote (') at character 6 without its end`,
      "--retry-delay: is of --retries",
      "--retry-on: is of --retries",
    ]) {
      expect(said).toContain(part);
    }
    expect(said).not.toContain("hunter");
    expect(world.jobs.size).toBe(0);
  });

  test.each([
    ["a command", ["--command", "x.py 'a"], '--command: "x.py \'a" has a quote'],
    ["a command that is empty", ["--command", ""], '--command: "" has no word'],
    ["a shell's operator", ["--command", "x.py > out"], "there is no shell"],
    [
      "mpiexec",
      ["--command", "mpiexec -n 4 python x.py"],
      '--command: "mpiexec" is what Muster itself starts',
    ],
    [
      "a part of no source",
      ["--working-folder", "a", "pi.py"],
      '--working-folder: "a" names a part of the source',
    ],
    [
      "a retry's cause",
      ["--retries", "1", "--retry-on", "rain", "pi.py"],
      '--retry-on: "rain" must be failure',
    ],
    ["processes without MPI", ["--no-mpi", "--processes", "2", "pi.py"], "--processes: 2 has no meaning"],
    ["too many retries", ["--retries", "11", "pi.py"], "Give a whole number from 1 to 10."],
    ["a long pause", ["--retries", "1", "--retry-delay", "2h", "pi.py"], "Give at most 1h."],
    ["no such policy", ["--if-busy", "wait", "pi.py"], "Allowed choices are queue, refuse."],
    ["a file and a command", ["--command", "x.py", "pi.py"], "pi.py and --command: give only one of"],
    [
      "a key of Muster's own",
      ["--idempotency-key", "definition:x:1", "pi.py"],
      "can't begin with definition:",
    ],
    [
      "what a definition has itself",
      ["--definition", "x", "--no-mpi", "--environment", "A=1"],
      "--no-mpi, --environment: give them with a FILE or --command",
    ],
  ])("fails: %s", async (_name, argv, words) => {
    expect(await submit(...argv)).toBe(2);
    expect(world.said.join("\n")).toContain(words);
    expect(world.jobs.size).toBe(0);
  });

  test("who submitted it is recorded, or null where that can't be found", async () => {
    expect(await submit("pi.py")).toBe(0);
    expect(latest().submittedBy).toBe("arn:aws:iam::123456789012:user/ada");
    world.caller = null;
    expect(await submit("pi.py", "again")).toBe(0);
    expect(latest().submittedBy).toBeNull();
  });

  test("a key finds its job, also where another asks again", async () => {
    expect(await submit("--idempotency-key", "k", "pi.py")).toBe(0);
    world.caller = "arn:aws:iam::123456789012:user/bob";
    expect(await submit("--idempotency-key", "k", "pi.py")).toBe(0);
    expect(world.jobs.size).toBe(1);
  });

  test("one that does not wait is refused beside another, and nothing is left", async () => {
    expect(await submit("pi.py")).toBe(0);
    for (const how of ["run", "submit"])
      expect(await world.run("job", how, ...HERE, "--if-busy", "refuse", "pi.py")).toBe(3);
    expect(world.said.at(-1)).toMatch(
      /^The job was refused \(cluster-busy\): the cluster has job job-\w+ \(NEW\), .* Nothing was submitted;/,
    );
    expect(world.jobs.size).toBe(1);
  });
});

describe("muster job definitions", () => {
  beforeEach(() => {
    const definition = {
      ...{ id: "d", clusterUuid: ready.uuid, name: "nightly", revision: 2, triggers: {}, run: "manual" },
      ...{ createdAt: "2026-01-01T00:00:00Z", updatedAt: "2026-01-02T00:00:00Z" },
      request: { command: ["n.py", "1"], environment: { SECRET: "hunter2" }, retries: { count: 2 } },
      schedule: {
        cron: "30 6 * * *",
        timeZone: "Europe/Berlin",
        startingDeadlineSeconds: 60,
        ifRunning: "queue",
      },
    } as unknown as JobDefinitionItem;
    world.definitions.set("nightly", definition);
    world.definitions.set("empty", {
      ...definition,
      name: "empty",
      schedule: { at: "2027-01-01T00:00:00Z" },
    });
  });

  test("lists them with their last jobs", async () => {
    expect(await world.run("job", "submit", ...HERE, "--definition", "nightly")).toBe(0);
    world.written.length = 0;
    expect(await world.run("job", "definitions", ...HERE)).toBe(0);
    expect(world.out).toMatch(/^DEFINITION +REVISION +RUN +SCHEDULE +NEXT SLOT +LAST JOB +STATUS +COMMAND\n/);
    expect(world.out).toMatch(
      new RegExp(
        `\nnightly +2 +manual +30 6 \\* \\* \\* \\(Europe/Berlin\\) +2026-01-01T05:30:00.000Z +${latest().id} +NEW +n.py 1\n`,
      ),
    );
    expect(world.out).toMatch(
      /\nempty +2 +manual +once, at 2027-01-01T00:00:00Z +2027-01-01T00:00:00.000Z +n.py 1\n/,
    );
    world.written.length = 0;
    expect(await world.run("job", "definitions", ...HERE, "--json")).toBe(0);
    expect(JSON.parse(world.out)).toMatchObject({
      definitions: [
        { name: "nightly", lastJob: { id: latest().id } },
        { name: "empty", lastJob: null },
      ],
    });
  });

  test("shows one in full, without a variable's value", async () => {
    expect(await world.run("job", "definitions", ...HERE, "nightly")).toBe(0);
    for (const line of [
      "definition  nightly",
      "schedule    30 6 * * * (Europe/Berlin)",
      "deadline    60 s",
      "if running  queue",
      "command     n.py 1",
      "variables   SECRET",
      "retries     2, each after 10 s",
    ])
      expect(world.out).toContain(`${line}\n`);
    expect(world.out).not.toContain("hunter2");
    expect(await world.run("job", "definitions", ...HERE, "other")).toBe(1);
    expect(world.said.at(-1)).toContain("has no job definition other; `muster job definitions` lists them");
  });

  test("shows how far its schedule is, and why slots had no job", async () => {
    world.schedules.set("nightly", {
      ...{ clusterUuid: ready.uuid, name: "nightly", definitionId: "d", leaseGeneration: 1, timing: {} },
      ...{ reasonCode: null, reason: null, scheduledThrough: "2025-12-31T05:30:00.000Z" },
      ...{ lastSlot: "2025-12-30T05:30:00.000Z", lastJobId: "job-1", missedCount: 3 },
      missed: [
        {
          ...{ first: "2025-12-31T05:30:00.000Z", last: "2025-12-31T05:30:00.000Z", count: 1, jobId: null },
          ...{ reasonCode: "schedule-missed-deadline", reason: "no head could submit it within 60 s" },
        },
      ],
    });
    expect(await world.run("job", "definitions", ...HERE, "nightly")).toBe(0);
    expect(world.out).toContain(
      [
        "next slot   2026-01-01T05:30:00.000Z",
        "last slot   2025-12-30T05:30:00.000Z",
        "no job      3, the last at 2025-12-31T05:30:00.000Z: no head could submit it within 60 s\n",
      ].join("\n"),
    );
    world.written.length = 0;
    expect(await world.run("job", "definitions", ...HERE, "nightly", "--json")).toBe(0);
    expect(JSON.parse(world.out)).toMatchObject({ name: "nightly", progress: { missedCount: 3 } });
  });

  test("says so where there is none", async () => {
    world.definitions.clear();
    expect(await world.run("job", "definitions", ...HERE)).toBe(0);
    expect(world.said).toEqual(["Cluster demo has no job definition."]);
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

  test("list and show say who submitted a job, its attempt of how many, its slot, version and next try", async () => {
    const id = newLatest();
    world.changeJob({
      ...{ ...RUNNING, attempt: 2, submittedBy: "arn:aws:sts::123456789012:assumed-role/Data/ada" },
      request: { command: ["pi.py"], retries: { count: 2, delaySeconds: 60, on: ["failure"] } },
      definition: { id: "d", name: "nightly", revision: 1 },
      ...{ slot: "2026-01-01T06:30:00.000Z", retryAt: "2026-01-01T06:40:00.000Z", sourceVersion: "c0ffee" },
    });
    expect(await world.run("job", "list", ...HERE)).toBe(0);
    expect(world.out).toMatch(/^JOB +STATUS +ATTEMPT +SUBMITTED +BY +SECONDS +WHAT\n/);
    expect(world.out).toMatch(
      /running, next try 2026-01-01T06:40:00.000Z +2 of 3 .* assumed-role\/Data\/ada +nightly of 2026-01-01T06:30:00.000Z\n/,
    );
    world.written.length = 0;
    expect(await world.run("job", "show", id, ...HERE)).toBe(0);
    for (const line of [
      "slot        2026-01-01T06:30:00.000Z",
      "version     c0ffee",
      "attempt     2 of 3",
      "next try    2026-01-01T06:40:00.000Z",
      "by          arn:aws:sts::123456789012:assumed-role/Data/ada",
      "retries     2, each after 60 s, on failure",
    ])
      expect(world.out).toContain(`${line}\n`);
  });

  test("show says what the job used, which node failed it, and what was left out", async () => {
    const id = newLatest();
    const usage = { nodes: 2, silentNodes: 1, peakMemoryBytes: 3 * 2 ** 28, peakMemoryAddress: "10.0.0.5" };
    world.changeJob({
      ...FINISHED,
      usage: { ...usage, cpuSeconds: 3.44, network: "efa" },
      failedNode: { address: "10.0.0.6", instanceId: "i-6" },
      leftOut: [{ address: "10.0.0.7", reasonCode: "nodes-unreachable" }],
    });
    expect(await world.run("job", "show", id, ...HERE)).toBe(0);
    expect(world.out).toContain(
      "used        3.4 CPU seconds on 2 nodes; at most 0.75 GiB of memory, on 10.0.0.5; MPI over efa; 1 node has not said it\n",
    );
    expect(world.out).toContain("failed node i-6 (10.0.0.6)\nleft out    10.0.0.7\n");
  });

  test.each([
    ["has it", {}, "notebooks   explore: jobs of others wait\n"],
    [
      "shares it",
      { shareWithNotebooks: true },
      "notebooks   explore; jobs of others run beside (shareWithNotebooks)\n",
    ],
    ["does not bind it while it is parked", { clusterStatus: "PARKED" }, "notebooks   explore\n"],
  ] as const)("a cluster's show says of a notebook that it %s", async (_name, change, shown) => {
    world.clusters.splice(0, 1, observedCluster({ notebooks: ["explore"], ...change }));
    expect(await world.run("cluster", "show", ...HERE)).toBe(0);
    expect(world.out).toContain(shown);
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
    expect(world.out).toContain(
      `status      NEW, queued, position 1: waits for job ${earlier.id}, which runs\n`,
    );
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

describe("muster cluster repair", () => {
  const replacements = [
    { nodeId: "i-9", at: "2026-01-01T00:00:00.000Z", reasonCode: "node-never-ready" },
  ] as const;

  test("lets failing nodes of a protected fleet be replaced again, and forgets how many were", async () => {
    world.clusters[0] = {
      ...ready,
      replacements: [...replacements],
      protectedSince: "2026-01-01T00:05:00.000Z",
    };
    expect(await world.run("cluster", "repair", ...HERE)).toBe(0);
    expect(world.out).toContain("was protected since 2026-01-01T00:05:00.000Z");
    expect(world.clusters[0]).toMatchObject({ replacements: [], protectedSince: null });
  });

  test("may run again, and says that nothing was protected", async () => {
    expect(await world.run("cluster", "repair", ...HERE)).toBe(0);
    expect(world.out).toContain("was not protected");
  });
});

describe("a command that is loaded when it is named", () => {
  const everyOne = [
    ...COMMANDS,
    ...JOB_COMMANDS,
    ...CLUSTER_COMMANDS,
    ...NOTEBOOK_COMMANDS,
    ...IMAGE_COMMANDS,
  ];

  test.each(everyOne)("$name has the name and the summary that the help has before", async (command) => {
    const parent = new Command().enablePositionalOptions();
    await command.add(parent, { world, version: "1.2.3", isNamed: () => false, exitCode: 0 });
    const loaded = parent.commands.map((one) => ({ name: one.name(), summary: one.summary() }));
    expect(loaded).toEqual([{ name: command.name, summary: command.summary }]);
  });
});
