import { execFileSync, spawnSync } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { type KnownReport, parseReport } from "../../../agent/contract/image/report.js";

const OWN = "agent/image/builder";
const IMAGE = "mpi-1.4.0-0123abcd";
const ok = "exit 0";

/** What the steps of a bake do. */
interface Steps {
  readonly recipe?: string;
  readonly extra?: string;
  readonly check?: string;
  readonly clean?: string;
}

describe("the runner on a builder", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "builder-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  /** Whether the bucket takes the report in the file $2. */
  let takesReport = ok;
  const script = (path: string, text: string): void =>
    writeFileSync(join(folder, path), `#!/bin/sh\n${text}\n`, { mode: 0o755 });

  /** Runs it with steps that change nothing of this machine; its exit status and its reports, in order. */
  function run({ recipe = ok, extra = ok, check = ok, clean = ok }: Steps): {
    status: number | null;
    reports: readonly KnownReport[];
  } {
    const builder = "recipe/agent/image/builder";
    for (const path of [builder, "recipe/dist", "steps"]) mkdirSync(join(folder, path), { recursive: true });
    for (const name of ["run.sh", "report.sh"]) copyFileSync(join(OWN, name), join(folder, builder, name));
    script(`${builder}/quiet.sh`, ok);
    script(`${builder}/compile-agent.sh`, ok);
    script(`${builder}/check.sh`, check);
    script(`${builder}/clean.sh`, clean);
    script("recipe/agent/image/recipe.sh", recipe);
    writeFileSync(join(folder, "steps/01-mark"), extra);
    script("takes", takesReport);
    script("s3", `${folder}/takes "$2" && [ "$1" = put ] && [ "$3" = key ] && cat "$2" >>${folder}/reports`);
    execFileSync("tar", ["-cf", join(folder, "recipe/dist/agent-layer.tar"), "-T", "/dev/null"]);
    const { status } = spawnSync(join(folder, builder, "run.sh"), {
      env: {
        PATH: process.env["PATH"],
        MUSTER_BUILD_IMAGE: IMAGE,
        MUSTER_BUILD_FOLDER: folder,
        MUSTER_BUILD_REPORT_KEY: "key",
      },
    });
    const lines = readFileSync(join(folder, "reports"), "utf8").trimEnd().split("\n");
    return { status, reports: lines.map((line) => parseReport(line, IMAGE) as KnownReport) };
  }

  test("reports each step in order, and at last that all is done", () => {
    const recipe = "echo step begins: users\necho step: users: 0 s\necho step begins: Python packages";
    const { status, reports } = run({ recipe, extra: "[ -z '' ]" });
    expect(status).toBe(0);
    const last = reports.at(-1);
    expect(last).toMatchObject({ image: IMAGE, phase: "done", ok: true });
    expect(last?.steps.map(({ name }) => name)).toEqual([
      ...["other package managers", "preparing", "users", "Python packages", "agent", "compilation", "mark"],
      ...["packages", "mpi", "notebook", "agent", "file-system", "session-manager", "efa", "cleaning"],
    ]);
    expect(new Set(last?.steps.map(({ exitCode }) => exitCode))).toEqual(new Set([0]));
    const phases = reports.map(({ phase }) => phase);
    expect([...new Set(phases)]).toEqual(["preparing", "recipe", "steps", "checks", "cleaning", "done"]);
    expect(reports.slice(0, -1).every(({ ok: isDone }) => isDone === null)).toBe(true);
  });

  test.each<[string, Steps, { phase: string; step: string; exitCode: number }]>([
    [
      "the recipe's, by its second step",
      { recipe: "echo step begins: one\necho fine\necho step begins: two\necho broken\nexit 9" },
      { phase: "recipe", step: "two", exitCode: 9 },
    ],
    [
      "one of the user's",
      { extra: "echo broken\nfalse\necho on" },
      { phase: "steps", step: "mark", exitCode: 1 },
    ],
    [
      "a check",
      { check: '[ "$1" != mpi ] || { echo broken; exit 4; }' },
      { phase: "checks", step: "mpi", exitCode: 4 },
    ],
    ["the cleaning", { clean: "echo broken; exit 5" }, { phase: "cleaning", step: "cleaning", exitCode: 5 }],
  ])("a step that fails ends it, with its last lines: %s", (_name, steps, { phase, step, exitCode }) => {
    const { status, reports } = run(steps);
    expect(status).toBe(1);
    const last = reports.at(-1);
    expect(last).toMatchObject({ phase, step, ok: false, lastLines: "broken" });
    expect(last?.steps.at(-1)).toMatchObject({ name: step, exitCode });
  });

  test("a report that can't be put does not end the bake", () => {
    takesReport = 'grep -q one "$1" || { touch "$0.refused"; exit 1; }';
    const { status, reports } = run({ recipe: "echo step begins: one" });
    expect(status).toBe(0);
    expect(existsSync(join(folder, "takes.refused"))).toBe(true);
    expect(reports.at(-1)).toMatchObject({ phase: "done", ok: true });
  });
});
