import { expect, test } from "@jest/globals";
import { partsIn, rowsIn } from "../../support/bench/run.js";

const row = (what: string, ours: number | null, peer?: number | null) => ({
  ...{ part: "launch", what, ours },
  beside: peer === undefined ? null : { name: "srun", value: peer },
});

test("what the gate asks of a small run: a row without a figure, ours or the peer's, is none, and its part says so", () => {
  const rows = [row("a", 1, 2), row("b", 1), row("c", null, 2), row("d", 1, null)];
  const run = { rows, parts: [{ part: "launch", leftOut: null }] };
  expect(rowsIn(run)).toEqual(["launch: a, srun", "launch: b"]);
  expect(partsIn(run)).toEqual(["launch: no figure of c"]);
  expect(partsIn({ rows: [], parts: run.parts })).toEqual(["launch: no figure of "]);
  expect(partsIn({ rows: [], parts: [{ part: "launch", leftOut: "no root" }] })).toEqual(["launch: no root"]);
});
