import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { Report } from "../../../scripts/journey/report.js";
import { cloudPlaces } from "../../../scripts/local/hosts/cloud.js";
import { leftoversOf } from "../../../scripts/local/hosts/sweep.js";
import { holdAlone } from "../../../scripts/system/only-run.js";

const QUICKSTART = join(__dirname, "../../../scripts/quickstart");

/** Runs the command a person types; gives the report in its last line of stdout. */
function quickstart(...args: string[]): { status: number | null; report: Report; stderr: string } {
  const { status, stdout, stderr } = spawnSync(QUICKSTART, ["--json", ...args], {
    encoding: "utf8",
    timeout: 600_000,
  });
  const lastLine = stdout.trimEnd().split("\n").at(-1) ?? "";
  if (!lastLine.startsWith("{")) throw new Error(`no report on stdout:\n${stdout}\n${stderr}`);
  return { status, report: JSON.parse(lastLine) as Report, stderr };
}

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "muster-quickstart-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe("./scripts/quickstart", () => {
  test("takes four nodes from deploy to MPI output and back to nothing", () => {
    const { status, report, stderr } = quickstart("--nodes", "4");
    expect(report.faults).toEqual([]);
    expect(status).toBe(0);
    expect(report.cluster?.status).toBe("FINISHED");
    expect(report.nodes.map(({ cores, ready }) => ({ cores, ready }))).toEqual(
      Array(4).fill({ cores: 2, ready: true }),
    );
    expect(report.job).toMatchObject({ status: "FINISHED", ranks: 8, exitCode: 0 });
    expect(report.hostnames).toEqual(report.nodes.map((node) => node.hostname).sort());
    expect(stderr.match(/rank \d of 8 on ip-10-20-\S+: pi = 3\.14159265/g)).toHaveLength(8);
    expect(report.log?.uri).toMatch(/^s3:\/\/muster-demo-logs-.+\/1\/manifest\.json$/);
    expect(report.log?.sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(report.leftovers).toEqual([]);
    expect(leftoversOf(cloudPlaces("quickstart"))).toEqual([]);
    const { total, ...steps } = report.seconds;
    expect(Object.keys(steps)).toEqual(["setup", "up", "deploy", "ready", "job", "destroy"]);
    expect(total).toBeGreaterThan(steps.deploy);
  }, 600_000);

  test("a job that exits 3 is shown as FAILED with its last lines, and still all of it goes", () => {
    const job = join(folder, "exits-3.py");
    writeFileSync(job, 'import sys\nprint("the last thing it said", flush=True)\nsys.exit(3)\n');
    const { status, report, stderr } = quickstart("--nodes", "1", "--job", job);
    expect(status).toBe(1);
    expect(report.job).toMatchObject({ status: "FAILED", exitCode: 3 });
    expect(report.faults).toEqual([
      expect.stringMatching(/^the job is FAILED: rank [01] on \S+ exited with code 3$/),
    ]);
    expect(stderr).toContain("| the last thing it said");
    expect(stderr).toContain("FAILED with exit code 3");
    expect(report.leftovers).toEqual([]);
    expect(leftoversOf(cloudPlaces("quickstart"))).toEqual([]);
    expect(existsSync(cloudPlaces("quickstart").folder)).toBe(false);
  }, 600_000);

  test.each([
    ["./scripts/quickstart", [QUICKSTART]],
    ["npm run faults", ["npm", "run", "--silent", "faults", "--", "--only", "kill-proxy"]],
  ])("fails before anything is made where another %s runs: %j", async (name, [program = "", ...args]) => {
    const release = await holdAlone(name);
    try {
      const { status, stderr } = spawnSync(program, args, { encoding: "utf8" });
      expect([status, stderr]).toEqual([1, expect.stringContaining(`${name} can't begin: another run`)]);
    } finally {
      await release();
    }
  });

  test("a job file that is not there fails before anything is made", () => {
    const { status, stderr } = spawnSync(QUICKSTART, ["--job", "/no/such.py"], {
      encoding: "utf8",
    });
    expect(status).toBe(2);
    expect(stderr).toContain(
      "option '--job <file>' argument '/no/such.py' is invalid. There is no such file.",
    );
    expect(leftoversOf(cloudPlaces("quickstart"))).toEqual([]);
  });
});
