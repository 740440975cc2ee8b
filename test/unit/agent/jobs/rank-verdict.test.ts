import { describe, expect, test } from "@jest/globals";
import { type Because, because } from "../../../../agent/contract/reasons.js";
import { createRankBoard, NO_FACTS, type RankFacts } from "../../../../agent/jobs/rank-board.js";
import {
  causeOf,
  programVerdict,
  type RankVerdict,
  ranksByHost,
  rankVerdict,
} from "../../../../agent/jobs/rank-verdict.js";

const A = "10.0.0.1";
const B = "10.0.0.2";
const HOSTS = [
  { address: A, cores: 2 },
  { address: B, cores: 2 },
];
const placed = ranksByHost(HOSTS, 4);
const at = (atMs: number, exitCode: number | null = 0) => ({ atMs, exitCode });

const whyOf = (verdict: RankVerdict | null): Because | null =>
  verdict === null ? null : because(verdict.reasonCode, verdict.reason);

describe("Hydra's placement", () => {
  test.each([
    [
      4,
      [
        [A, [0, 1]],
        [B, [2, 3]],
      ],
    ],
    [
      3,
      [
        [A, [0, 1]],
        [B, [2]],
      ],
    ],
    [2, [[A, [0, 1]]]],
    [1, [[A, [0]]]],
  ])("of %d ranks fills one host after the other", (ranks, expected) => {
    expect([...ranksByHost(HOSTS, ranks)]).toEqual(expected);
  });
});

describe("a rank's failure", () => {
  const failure = {
    host: B,
    rank: 3,
    status: 1,
    lines: ["a", "ValueError: b", "c"],
    isOutOfMemory: false,
    atMs: 5_000,
  };
  const failed = (change: Partial<typeof failure> = {}) => ({
    ...NO_FACTS,
    failed: { ...failure, ...change },
  });

  test("ends the job a second later, when the others' last lines have come", () => {
    expect(rankVerdict(failed(), placed, 5_999)).toBeNull();
    expect(rankVerdict(failed(), placed, 6_000)).toMatchObject({
      reasonCode: "rank-exited",
      lines: failure.lines,
    });
    expect(rankVerdict(failed({ lines: [] }), placed, 6_000)).toMatchObject({ lines: null, exitCode: 1 });
  });

  test.each([
    ["with an error of its own explains mpiexec's end at once", {}, 0, "rank-exited"],
    ["with MPI's error may be another's fault for a second", { lines: ["Exception: MPI_ABORT"] }, 999, null],
    ["with MPI's error explains it after that", { lines: ["Exception: MPI_ABORT"] }, 1_000, "rank-exited"],
    ["by the launcher's SIGKILL may be another's fault for a second", { status: 137 }, 999, null],
    ["by the launcher's SIGTERM may be another's fault for a second", { status: 143 }, 999, null],
    ["by another signal explains it at once", { status: 139 }, 0, "rank-killed"],
    ["for lack of memory explains it at once", { status: 137, isOutOfMemory: true }, 0, "rank-out-of-memory"],
  ])("%s", (_name, change, afterMs, reasonCode) => {
    expect(causeOf(failed(change), 5_000 + afterMs)?.reasonCode ?? null).toBe(reasonCode);
  });

  test.each([
    ["the last line", ["a", "b", "c"], "c"],
    ["what follows a traceback's frames", ["  File x", "ValueError: b", "c"], "ValueError: b"],
    [
      "what follows the last of them",
      ["Traceback", "  File x", "  File y", "ValueError: b", "c"],
      "ValueError: b",
    ],
  ])("is told by %s", (_name, lines, words) => {
    expect(causeOf(failed({ lines }), 6_000)?.reason).toBe(`rank 3 on ${B} exited with code 1: ${words}`);
  });
});

test("a job without ranks has not ended", () => {
  expect(rankVerdict(NO_FACTS, new Map(), 1_000_000)).toBeNull();
});

describe("the ranks' state", () => {
  const failed = { host: B, rank: 3, status: 1, lines: [], isOutOfMemory: false, atMs: 0 };
  test.each<[string, Partial<RankFacts>, Because | null]>([
    ["nothing is known", {}, null],
    ["all of a host wait, and all of them run", { waiting: new Map([[A, [0, 1]]]) }, null],
    ["one host's proxy has ended, and nobody waits", { ended: new Map([[B, at(0)]]) }, null],
    [
      "some wait for one that has ended on their host",
      { waiting: new Map([[A, [0]]]) },
      because(
        "rank-left-early",
        "rank 1 on 10.0.0.1 ended without MPI_Init or MPI_Finalize, for which the other ranks wait",
      ),
    ],
    [
      "some wait for those of a host whose proxy has ended",
      { waiting: new Map([[A, [0, 1]]]), ended: new Map([[B, at(9_000)]]) },
      because(
        "rank-left-early",
        "rank 2 on 10.0.0.2 ended without MPI_Init or MPI_Finalize, for which the other ranks wait",
      ),
    ],
    [
      "all proxies have ended long ago",
      {
        ended: new Map([
          [A, at(1_000)],
          [B, at(5_000)],
        ]),
      },
      because("mpiexec-hung", "mpiexec did not end, though all its ranks have"),
    ],
    [
      "all proxies have just ended",
      {
        ended: new Map([
          [A, at(1_000)],
          [B, at(5_001)],
        ]),
      },
      null,
    ],
    ["a rank has just failed", { failed: { ...failed, atMs: 9_001 } }, null],
    ["a rank has failed", { failed }, because("rank-exited", "rank 3 on 10.0.0.2 exited with code 1")],
    [
      "a rank has failed with a word",
      { failed: { ...failed, lines: ["Traceback", "ValueError: boo"] } },
      because("rank-exited", "rank 3 on 10.0.0.2 exited with code 1: ValueError: boo"),
    ],
    [
      "a rank was killed",
      { failed: { ...failed, status: 139 } },
      because("rank-killed", "rank 3 on 10.0.0.2 was ended by SIGSEGV"),
    ],
    [
      "memory ran out",
      { failed: { ...failed, status: 137, isOutOfMemory: true } },
      because(
        "rank-out-of-memory",
        "rank 3 on 10.0.0.2 was ended by the kernel: the node's memory for the job ran out",
      ),
    ],
  ])("when %s", (_name, facts, why) => {
    expect(whyOf(rankVerdict({ ...NO_FACTS, ...facts }, placed, 10_000))).toEqual(why);
  });

  test("a failed rank's status and lines are the job's", () => {
    const facts = { ...NO_FACTS, failed: { ...failed, status: 3, lines: ["a", "b"] } };
    expect(rankVerdict(facts, placed, 10_000)).toMatchObject({ exitCode: 3, lines: ["a", "b"] });
  });
});

describe("the ranks' state, where one that fails does not end the others", () => {
  const failed = { host: B, rank: 3, status: 1, lines: [], isOutOfMemory: false, atMs: 0 };
  const isFailed = because("rank-exited", "rank 3 on 10.0.0.2 exited with code 1");
  const left = because(
    "rank-left-early",
    "rank 3 on 10.0.0.2 ended without MPI_Init or MPI_Finalize, for which the other ranks wait",
  );
  const onBoth = {
    waiting: new Map([
      [A, [0, 1]],
      [B, [2]],
    ]),
    stuck: new Set([A, B]),
  };
  const onOne = {
    waiting: new Map([
      [A, [0, 1]],
      [B, [2]],
    ]),
    stuck: new Set([A]),
  };
  test.each<[string, Partial<RankFacts>, Because | null]>([
    ["one has failed, and the others work", { failed }, null],
    ["one has failed, and only some of the others wait for it", { failed, ...onOne }, null],
    ["one has failed, and all others wait for it", { failed, ...onBoth }, isFailed],
    [
      "one has failed, its host's ranks have ended, and all others wait for it",
      { failed, waiting: new Map([[A, [0, 1]]]), stuck: new Set([A]), ended: new Map([[B, at(9_000)]]) },
      isFailed,
    ],
    ["one has left early, and only some of the others wait for it", onOne, null],
    ["one has left early, and all others wait for it", onBoth, left],
    [
      "one has failed, and mpiexec does not end after all proxies",
      {
        failed,
        ended: new Map([
          [A, at(1_000)],
          [B, at(5_000)],
        ]),
      },
      because("mpiexec-hung", "mpiexec did not end, though all its ranks have"),
    ],
  ])("when %s", (_name, facts, why) => {
    expect(whyOf(rankVerdict({ ...NO_FACTS, ...facts }, placed, 10_000, "continue"))).toEqual(why);
  });
});

describe("the end of a program without MPI", () => {
  test.each<[number | null, boolean, Because | null]>([
    [0, false, null],
    [
      null,
      false,
      because(
        "exit-code-unknown",
        "the program ended without an exit code: what was to record it was killed, or the records could not be written",
      ),
    ],
    [3, false, because("program-exited", "the program exited with code 3")],
    [139, false, because("program-killed", "the program was ended by SIGSEGV")],
    [
      137,
      true,
      because(
        "program-out-of-memory",
        "the program was ended by the kernel: the node's memory for the job ran out",
      ),
    ],
  ])("with code %j, memory out: %j", (exitCode, isOutOfMemory, why) => {
    const verdict = programVerdict(exitCode, isOutOfMemory);
    expect(whyOf(verdict)).toEqual(why);
    if (verdict !== null) expect(verdict).toMatchObject({ exitCode, lines: null });
  });
});

describe("the cause of mpiexec's failure", () => {
  test.each<[string, Partial<RankFacts>, Because | null]>([
    ["nothing is known", {}, null],
    [
      "proxies ended as they should",
      {
        ended: new Map([
          [A, at(0, 0)],
          [B, at(0, null)],
        ]),
      },
      null,
    ],
    [
      "a proxy was killed",
      {
        ended: new Map([
          [A, at(0, 255)],
          [B, at(0, 137)],
        ]),
      },
      because(
        "proxy-killed",
        "Hydra's proxy on 10.0.0.2, which runs that node's ranks, was ended by SIGKILL",
      ),
    ],
  ])("when %s", (_name, facts, why) => {
    expect(whyOf(causeOf({ ...NO_FACTS, ...facts }, 5_000))).toEqual(why);
  });

  test("of a rank that SIGKILL or SIGTERM ended is a proxy, where a signal ended that too", () => {
    const failed = { host: B, rank: 2, status: 137, lines: [] as string[], isOutOfMemory: false, atMs: 0 };
    const codeOf = (ended: RankFacts["ended"], rank = failed, nowMs = 5_000) =>
      causeOf({ ...NO_FACTS, failed: rank, ended }, nowMs)?.reasonCode;
    expect(codeOf(new Map([[B, at(0, 137)]]))).toBe("proxy-killed");
    // Another node's ranks are ended too, and may be the first to report.
    expect(codeOf(new Map([[A, at(0, 137)]]))).toBe("proxy-killed");
    expect(codeOf(new Map([[A, at(0, 137)]]), { ...failed, status: 143 })).toBe("proxy-killed");
    expect(codeOf(new Map([[B, at(0, 1)]]))).toBe("rank-killed");
    // Its proxy's end may be on its way.
    expect(codeOf(new Map(), failed, 500)).toBeUndefined();
    expect(codeOf(new Map([[B, at(0, 1)]]), failed, 500)).toBeUndefined();
    // One that only misses another may be reported first.
    const misses = { ...failed, status: 1, lines: ["mpi4py.MPI.Exception: Other MPI error, error stack:"] };
    expect(codeOf(new Map(), misses, 999)).toBeUndefined();
    expect(codeOf(new Map(), misses, 1_000)).toBe("rank-exited");
    expect(codeOf(new Map(), misses, 1_500)).toBe("rank-exited");
    expect(codeOf(new Map([[B, at(0, 137)]]), { ...failed, status: 139 })).toBe("rank-killed");
    expect(codeOf(new Map([[B, at(0, 137)]]), { ...failed, isOutOfMemory: true })).toBe("rank-out-of-memory");
  });

  test.each<[string, number, number, number]>([
    ["one that others noticed first", 1, 139, 139],
    ["one before the others that Hydra ended", 1, 143, 1],
    ["the first of two", 139, 137, 139],
    ["the first of two that failed alike", 1, 2, 1],
  ])("among failed ranks is %s", (_name, first, second, counts) => {
    const board = createRankBoard({ monotonicMs: () => 0 }, () => {});
    for (const status of [first, second]) {
      board.event("job-1", A, { type: "rankFailed", rank: 0, status, lines: [], isOutOfMemory: false });
    }
    expect(board.factsOf("job-1").failed?.status).toBe(counts);
  });

  const MISSES_ANOTHER = [
    "Traceback (most recent call last):",
    "mpi4py.MPI.Exception: Other MPI error, error stack:",
  ];
  test.each<[string, number, readonly string[], number]>([
    ["one that says nothing, before one that only misses it", 7, [], 7],
    ["one with words of its own, before one that only misses it", 3, ["ValueError: boo"], 3],
    ["the one that misses another, before one that Hydra ended", 143, [], 1],
    ["the first of two that miss another", 2, MISSES_ANOTHER, 1],
  ])("among a rank with an error of MPI and a later one is %s", (_name, status, lines, counts) => {
    const board = createRankBoard({ monotonicMs: () => 0 }, () => {});
    const report = { type: "rankFailed", rank: 0, isOutOfMemory: false } as const;
    board.event("job-1", A, { ...report, status: 1, lines: MISSES_ANOTHER });
    board.event("job-1", A, { ...report, status, lines });
    expect(board.factsOf("job-1").failed?.status).toBe(counts);
  });

  test("is told by what follows the frames of a traceback, not by its last line", () => {
    const lines = [
      "Traceback (most recent call last):",
      '  File "x.py", line 1',
      "Exception: Other MPI error",
      "MPID_Isend(63)",
    ];
    const facts = {
      ...NO_FACTS,
      failed: { host: B, rank: 3, status: 1, lines, isOutOfMemory: false, atMs: 0 },
    };
    expect(causeOf(facts, 5_000)?.reason).toBe(
      "rank 3 on 10.0.0.2 exited with code 1: Exception: Other MPI error",
    );
  });
});

describe("what nodes say of ranks", () => {
  test("is kept by job: the first failure, who waits now, which proxies have ended", () => {
    let nowMs = 5;
    let news = 0;
    const board = createRankBoard({ monotonicMs: () => nowMs }, () => {
      news += 1;
    });
    board.event("job-1", A, { type: "ranksWait", alive: [0] });
    board.event("job-1", B, { type: "ranksWait", alive: [2, 3] });
    board.event("job-1", B, { type: "ranksWait", alive: [2], areAll: true });
    expect(board.factsOf("job-1").stuck).toEqual(new Set([B]));
    board.event("job-1", B, { type: "ranksWait", alive: [2], areAll: false });
    board.event("job-1", A, { type: "ranksWait", alive: null });
    board.event("job-1", B, { type: "rankFailed", rank: 3, status: 1, lines: ["x"], isOutOfMemory: false });
    board.event("job-1", A, { type: "rankFailed", rank: 0, status: 9, lines: [], isOutOfMemory: false });
    nowMs = 7;
    board.ended("job-1", B, { exitCode: 137, usage: { peakMemoryBytes: 5, cpuSeconds: 2 } });
    expect(board.factsOf("job-1")).toEqual({
      failed: { host: B, rank: 3, status: 1, lines: ["x"], isOutOfMemory: false, atMs: 5 },
      waiting: new Map(),
      stuck: new Set(),
      ended: new Map([[B, { ...at(7, 137), usage: { peakMemoryBytes: 5, cpuSeconds: 2 } }]]),
    });
    expect(board.factsOf("job-2")).toEqual(NO_FACTS);
    expect(news).toBe(8);
    board.forget("job-1");
    expect(board.factsOf("job-1")).toEqual(NO_FACTS);
  });
});
