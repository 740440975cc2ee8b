import { expect, test } from "@jest/globals";
import { benchSmall, partsIn } from "../../support/bench/run.js";

// The benchmark's `scale` is in agent/scale.test.ts, its `quickstart` in test/e2e/journey, and its `gate` is this.
const PARTS = ["provider", "command", "apply", "synth", "output", "status"];

test("each part of the benchmark that needs no cluster runs, and has figures", async () => {
  expect(partsIn(await benchSmall(PARTS))).toEqual(PARTS.map((part) => `${part}: figures`));
});
