import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { runProgram } from "../../../scripts/system/program.js";

const ROOT = resolve(__dirname, "../../..");
const LIMIT_SECONDS = 840;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "muster-accepted-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

interface Report {
  readonly result: string;
  readonly steps: readonly { readonly name: string; readonly result: string; readonly why: string | null }[];
}

test(
  "the acceptance passes in a local cloud of its own, and leaves out what has no place there alone",
  async () => {
    const lines: string[] = [];
    const { exitCode } = await runProgram(
      ["npm", "run", "--silent", "acceptance", "--", "--report", folder],
      {
        cwd: ROOT,
        timeoutSeconds: LIMIT_SECONDS,
        onLine: (line) => void lines.push(line),
      },
    );
    if (exitCode !== 0) process.stderr.write(`${lines.slice(-80).join("\n")}\n`);
    const { result, steps } = JSON.parse(await readFile(join(folder, "report.json"), "utf8")) as Report;
    const others = steps.filter((step) => step.result !== "passed");
    expect({ exitCode, result, others: others.map(({ name, result }) => [name, result]) }).toEqual({
      ...{ exitCode: 0, result: "passed" },
      others: [
        ["image", "left out"],
        ["git", "left out"],
      ],
    });
    expect(steps.length).toBeGreaterThan(15);
  },
  (LIMIT_SECONDS + 60) * 1_000,
);
