import { describe, expect, test } from "@jest/globals";
import { createRankBoard } from "../../../../agent/jobs/rank-board.js";

const [A, B] = ["10.0.0.1", "10.0.0.2"];
const boardOf = () => createRankBoard({ monotonicMs: () => 5 }, () => {});

describe("the nodes all of whose ranks wait", () => {
  test("are each told by their own reports: one that goes on leaves the others stuck", () => {
    const board = boardOf();
    board.event("job-1", A, { type: "ranksWait", alive: [0, 1], areAll: true });
    board.event("job-1", B, { type: "ranksWait", alive: [2, 3], areAll: true });
    expect(board.factsOf("job-1").stuck).toEqual(new Set([A, B]));
    board.event("job-1", B, { type: "ranksWait", alive: [2, 3], areAll: false });
    expect(board.factsOf("job-1").stuck).toEqual(new Set([A]));
    board.event("job-1", A, { type: "ranksWait", alive: null });
    expect(board.factsOf("job-1").stuck).toEqual(new Set());
  });

  test("are kept apart from those where only some wait", () => {
    const board = boardOf();
    board.event("job-1", A, { type: "ranksWait", alive: [0, 1], areAll: true });
    board.event("job-1", B, { type: "ranksWait", alive: [2, 3] });
    const { waiting, stuck } = board.factsOf("job-1");
    expect(waiting).toEqual(
      new Map([
        [A, [0, 1]],
        [B, [2, 3]],
      ]),
    );
    expect(stuck).toEqual(new Set([A]));
  });
});

test("the end of one node's proxy leaves who waits on the others", () => {
  const board = boardOf();
  for (const host of [A, B]) board.event("job-1", host, { type: "ranksWait", alive: [0] });
  board.ended("job-1", A, { exitCode: 0 });
  const { waiting, ended } = board.factsOf("job-1");
  expect(waiting).toEqual(new Map([[B, [0]]]));
  expect(ended).toEqual(new Map([[A, { atMs: 5, exitCode: 0 }]]));
});
