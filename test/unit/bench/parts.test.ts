import { describe, expect, test } from "@jest/globals";
import { applyRows } from "../../bench/parts/apply.js";
import { bootRow } from "../../bench/parts/boot.js";
import { commandRows } from "../../bench/parts/command.js";
import { gateRow } from "../../bench/parts/gate.js";
import { idleRows } from "../../bench/parts/idle.js";
import { type Launches, launchRows } from "../../bench/parts/launch.js";
import { notebookRow } from "../../bench/parts/notebook.js";
import { deliveryRows, followRows } from "../../bench/parts/output.js";
import { startRows } from "../../bench/parts/provider.js";
import { queueRows } from "../../bench/parts/queue.js";
import { quickstartRows } from "../../bench/parts/quickstart.js";
import { reduceRow } from "../../bench/parts/reduce.js";
import { scaleRows } from "../../bench/parts/scale.js";
import { statusRows } from "../../bench/parts/status.js";
import { synthRow } from "../../bench/parts/synth.js";
import { isMet, type Measured } from "../../bench/row.js";
import type { ScaleFigures } from "../../bench/scale/measure.js";

/** What has missed its goal. */
const missed = (rows: readonly Measured[]): readonly string[] =>
  rows.filter((row) => isMet(row) === false).map(({ what }) => what);

describe("the provider's start", () => {
  const start = (handshakeMs: number, schemaMs: number, rssMb: number) => ({ handshakeMs, schemaMs, rssMb });
  const bare = [{ wholeMs: 100, rssMb: 40 }];
  const peers = [{ name: "another", starts: [start(300, 900, 600)] }];

  test("meets its goals at so many times a bare Node.js, and misses them above", () => {
    expect(missed(startRows({ ours: [start(150, 180, 50)], bare, peers }))).toEqual([]);
    expect(missed(startRows({ ours: [start(151, 181, 51)], bare, peers }))).toEqual([
      "start to handshake",
      "start to schema",
      "memory with the schema",
    ]);
  });

  test("has its own median of each measure: no single start need have had them all", () => {
    const rows = startRows({ ours: [start(1, 20, 300), start(2, 30, 100), start(3, 10, 200)], bare, peers });
    expect(rows.map(({ ours }) => ours)).toEqual([2, 2, 20, 20, 200, 200]);
  });
});

describe("the command's start", () => {
  const starts = { bare: [25, 20], calls: [80, 90], help: [30], listHelp: [30], list: [90], first: [200] };

  test.each([
    [30, []],
    [31, ["muster --help", "muster job list --help"]],
  ])(
    "a help of %d ms beside 20 ms of Node.js misses %j, and the least of all runs counts",
    (help, expected) => {
      const rows = commandRows({ ...starts, help: [99, help], listHelp: [help, 90] });
      expect(missed(rows)).toEqual(expected);
    },
  );

  test.each([
    [90, []],
    [91, ["muster job list"]],
  ])(
    "a list of %d ms, beside 30 ms of its own and the 60 ms that its calls add, misses %j",
    (list, expected) => {
      expect(missed(commandRows({ ...starts, list: [list, 99] }))).toEqual(expected);
    },
  );
});

test.each([
  [6, 220, []],
  [6.1, 220, ["apply of 100"]],
  [6, 221, ["calls of AWS for 100"]],
])(
  "an apply of %d s and %d calls, beside 2 s of terraform_data and 20 s of calls, ten at once, misses %j",
  (seconds, calls, expected) => {
    const of = (name: string, applySeconds: number) => ({ name, count: 100, planSeconds: 1, applySeconds });
    const spent = { calls, seconds: 20 };
    const rows = applyRows({ ours: of("o", seconds), peer: of("terraform_data", 2), spent });
    expect(missed(rows)).toEqual(expected);
  },
);

test.each([
  [20, 1.2, []],
  [20, 1.21, ["synth of 20 clusters"]],
  [1, 1.02, ["synth of 1 cluster"]],
])("a synth of %d clusters in %d s misses %j", (clusters, seconds, expected) => {
  expect(missed([synthRow(clusters, seconds)])).toEqual(expected);
});

describe("a job's output", () => {
  const peer = { printSeconds: 9, copySeconds: 30 };
  const ours = { printSeconds: 10, afterEndSeconds: 24, grownMb: 32 };

  test("meets its goals beside what is left of a copy that begins with the job", () => {
    expect(missed(deliveryRows({ bytes: 1e9, ours, peer }))).toEqual([]);
    const slow = { printSeconds: 10.1, afterEndSeconds: 24.1, grownMb: 33 };
    expect(missed(deliveryRows({ bytes: 1e9, ours: slow, peer }))).toEqual([
      "1 GB, the job's own MB",
      "1 GB, end to manifest",
      "1 GB, agent's growth",
    ]);
  });

  test("has a second where nothing is left of a copy", () => {
    const quick = { printSeconds: 10, afterEndSeconds: 1.2, grownMb: 0 };
    expect(
      missed(deliveryRows({ bytes: 2e7, ours: quick, peer: { printSeconds: 10, copySeconds: 5 } })),
    ).toEqual([]);
  });

  test("is followed within 50 ms, but for one line in a hundred", () => {
    const lines = (late: number) => Array.from({ length: 100 }, (_, n) => (n < late ? 51 : 20));
    const tail = { watchers: 1, lineMs: [1] };
    const follow = (late: number) =>
      followRows({ ours: [{ watchers: 50, lineMs: lines(late) }], peer: tail });
    expect(missed(follow(1))).toEqual([]);
    expect(missed(follow(2))).toEqual(["line to 50 who follow it, p99"]);
  });
});

test("few nodes' status has goals: half of a hello's answers, and 10 ms", () => {
  const figures = (name: string, hasGoal: boolean, perSecond: number, p99Ms: number) => ({
    ...{ name, hasGoal, perSecond, p99Ms },
  });
  const hello = figures("hello", false, 40_000, 3);
  const few = figures("few", true, 20_000, 10);
  expect(missed(statusRows({ hello, ours: [few], jobReads: 0.01 }))).toEqual([]);
  const ours = [figures("few", true, 19_999, 11), figures("many", false, 1, 99)];
  expect(missed(statusRows({ hello, ours, jobReads: 0.011 }))).toEqual([
    "few",
    "few, p99",
    "GET /v1/jobs/:id, registry reads an answer",
  ]);
});

describe("a head of many nodes", () => {
  const figures: ScaleFigures = {
    ...{ nodes: 1_000, joinSeconds: 5, joinNodeWrites: 1_002, joinClusterWrites: 3, headMb: 150 },
    ...{ writesPerMinute: 15, readsPerMinute: 57, headCpuPercent: 4, otherHeadSeconds: 14 },
    ...{ allWithItSeconds: 20, hostfileSeconds: 21, takesAtOnce: 16, lost: 0 },
  };

  test("misses none at its limits", () => {
    expect(missed(scaleRows(figures))).toEqual([]);
  });

  test.each<[keyof ScaleFigures, number, string]>([
    ["joinSeconds", 5.1, "last hello to the whole hostfile"],
    ["headMb", 151, "head's memory"],
    ["writesPerMinute", 16, "writes a minute, at rest"],
    ["allWithItSeconds", 20.1, "head killed, to all with the other"],
    ["lost", 1, "head killed, others declared lost"],
  ])("misses its goal with %s of %d", (name, value, what) => {
    expect(missed(scaleRows({ ...figures, [name]: value }))).toEqual([`1000 nodes: ${what}`]);
  });
});

test.each([
  [80, []],
  [81, ["64 nodes, first instance to hostfile"]],
])("a boot of %d s beside 40 s of banners misses %j", (hostfileSeconds, expected) => {
  expect(missed([bootRow({ nodes: 64, bannerSeconds: 40, hostfileSeconds })])).toEqual(expected);
});

describe("a launch", () => {
  const launches: Launches = {
    bare: [100, 90, 110],
    ours: { "job to the head": [120, 130, 131], "muster job submit": [131, 131, 90] },
    peers: { "Hydra over ssh": [400] },
    srun: [130],
  };

  test("misses by its median: over 1.3 times bare mpiexec, or slower than srun", () => {
    expect(missed(launchRows(4, launches))).toEqual([
      "4 nodes, muster job submit",
      "4 nodes, muster job submit",
    ]);
  });

  test("has no row beside a Slurm that could not be started", () => {
    const names = launchRows(4, { ...launches, srun: null }).map(({ beside }) => beside?.name);
    expect(names).toEqual(["bare mpiexec", "bare mpiexec", "bare mpiexec"]);
  });
});

test.each([
  [110, []],
  [111, ["100 jobs of a second, queue to end"]],
])("a queue of %d s beside 100 s misses %j, whatever Slurm takes", (ours, expected) => {
  expect(missed(queueRows(100, { ours, sequential: 100, sbatch: 50 }))).toEqual(expected);
});

test("an idle agent misses its goals of memory and CPU, each by its role", () => {
  const cost = (rssMb: number, cpuPercent: number) => ({ rssMb, cpuPercent, childrenPercent: 9 });
  const bare = cost(60, 0);
  expect(missed(idleRows({ bare, slurmd: null, worker: cost(75, 0.1), head: cost(75, 0.3) }))).toEqual([]);
  expect(
    missed(idleRows({ bare, slurmd: cost(9, 0), worker: cost(76, 0.11), head: cost(76, 0.31) })),
  ).toEqual(["worker's agent, memory", "worker's agent, CPU", "head's agent, memory", "head's agent, CPU"]);
});

test.each<[string, Measured, Measured]>([
  ["the slow-down of an Allreduce", reduceRow(0.5), reduceRow(0.51)],
  ["a notebook", notebookRow(4, { ours: [5], peer: [5] }), notebookRow(4, { ours: [5.1], peer: [5] })],
  ["the gate", gateRow(2_400), gateRow(2_401)],
])("%s has its goal", (_name, good, bad) => {
  expect([isMet(good), isMet(bad)]).toEqual([true, false]);
});

test("the quickstart has a goal for a warm and for a cold one", () => {
  expect(missed(quickstartRows({ empty: 20, warm: 30, cold: 180 }))).toEqual([]);
  expect(missed(quickstartRows({ empty: 20, warm: 31, cold: 181 }))).toEqual([
    "quickstart, warm",
    "quickstart, cold",
  ]);
});
