import { expect, test } from "@jest/globals";
import { type BakeLook, judgeBake } from "../../../../../provider/resources/image/progress.js";
import { report } from "../../../../support/provider/image-story.js";

const ID = "mpi-1.0.0-0123abcd";
const running = { id: "i-1", state: "running", stateReason: null };
const said = (change: Parameters<typeof report>[1] = {}) => report(ID, change);
const look = (change: Partial<BakeLook>): BakeLook => ({
  builder: running,
  report: null,
  elapsedMs: 100_000,
  silentMs: 0,
  ...change,
});
const MINUTE = 60_000;

test.each<[string, Partial<BakeLook>, object]>([
  ["EC2 does not know it yet", { builder: null, elapsedMs: 10_000 }, { kind: "waiting" }],
  ["EC2 does not know it any more", { builder: null }, { kind: "failed", reasonCode: "image-builder-lost" }],
  ["it boots", {}, { kind: "waiting", summary: "builder i-1 is running" }],
  ["it works", { report: said() }, { kind: "waiting", summary: "recipe: packages (0 steps done)" }],
  [
    "it is done, and powers off",
    { report: said({ phase: "done", ok: true }) },
    { kind: "waiting", summary: "all steps are done" },
  ],
  [
    "it is stopping",
    { builder: { ...running, state: "stopping" }, report: said({ ok: true }) },
    { kind: "waiting" },
  ],
  [
    "it is done and stopped",
    { builder: { ...running, state: "stopped" }, report: said({ phase: "done", ok: true }) },
    { kind: "finished" },
  ],
  [
    "it is stopped in the middle",
    { builder: { ...running, state: "stopped", stateReason: "User initiated" }, report: said() },
    {
      kind: "failed",
      reasonCode: "image-builder-lost",
      reason:
        "builder i-1 is stopped (User initiated), and its last report was: recipe: packages (0 steps done)",
    },
  ],
  [
    "it never reported",
    { builder: { ...running, state: "stopped" } },
    { kind: "failed", reasonCode: "image-builder-lost" },
  ],
  [
    "it was terminated",
    { builder: { ...running, state: "terminated" }, report: said({ ok: true }) },
    { kind: "failed", reasonCode: "image-builder-lost" },
  ],
  ["no report for 14 minutes at first", { silentMs: 14 * MINUTE }, { kind: "waiting" }],
  [
    "no report for 15 minutes",
    { silentMs: 15 * MINUTE },
    { kind: "failed", reasonCode: "image-builder-silent" },
  ],
  ["the same report for 4 minutes", { report: said(), silentMs: 4 * MINUTE }, { kind: "waiting" }],
  [
    "the same report for 5 minutes",
    { report: said(), silentMs: 5 * MINUTE },
    {
      kind: "failed",
      reasonCode: "image-builder-silent",
      reason:
        "builder i-1 is running, but has not changed its report (recipe: packages (0 steps done)) for 5m",
    },
  ],
  [
    "a report that can't be read",
    { report: "is no report" },
    { kind: "waiting", summary: "a report that is no report" },
  ],
  [
    "a step failed",
    { report: said({ ok: false, steps: [{ name: "packages", seconds: 3, exitCode: 100 }] }) },
    {
      kind: "failed",
      reasonCode: "image-step-failed",
      reason: 'the step "packages" has failed with exit code 100',
    },
  ],
  [
    "a step of the user's failed",
    { report: said({ ok: false, phase: "steps", step: "02-motd" }) },
    { kind: "failed", reasonCode: "image-step-failed" },
  ],
  [
    "a check failed",
    { report: said({ ok: false, phase: "checks", step: "MPI" }) },
    { kind: "failed", reasonCode: "image-check-failed" },
  ],
  [
    "cleaning failed",
    { report: said({ ok: false, phase: "cleaning" }) },
    { kind: "failed", reasonCode: "image-step-failed" },
  ],
  [
    "there is no recipe, and it has gone",
    { builder: null, report: said({ ok: false, phase: "preparing", step: "recipe archive" }) },
    { kind: "failed", reasonCode: "image-recipe-unavailable" },
  ],
])("%s", (_, change, expected) => {
  expect(judgeBake(look(change))).toMatchObject(expected);
});
