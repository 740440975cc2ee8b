import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { followProgram } from "../../../scripts/cli/system/follow-program.js";

const GRACE_MS = 60_000;
const PROGRAM = "terraform";
/** The second resource comes after the first, whose program does not end by itself. */
const STACK = `
resource "terraform_data" "first" {}
resource "terraform_data" "slow" {
  depends_on = [terraform_data.first]
  provisioner "local-exec" {
    command = "echo it has begun; sleep 600"
  }
}
`;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "muster-interrupt-"));
  writeFileSync(join(folder, "main.tf"), STACK);
  execFileSync(PROGRAM, [`-chdir=${folder}`, "init", "-input=false"], { stdio: "ignore" });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Whatever has the folder in its command line. */
const running = (): string => spawnSync("pgrep", ["-f", folder], { encoding: "utf8" }).stdout;

// As `muster deploy` follows cdktf, which has Terraform in a session of its own.
test("one SIGINT to a real Terraform: it ends by itself, its state is written, its lock is free, and no child outlives it", async () => {
  const stop = new AbortController();
  const lines: string[] = [];
  const apply = `${PROGRAM} -chdir=${folder} apply -auto-approve -input=false -no-color`;
  const exitCode = await followProgram(["/bin/sh", "-c", `setsid --wait ${apply}; exit $?`], {
    env: {},
    onLine: (line) => {
      lines.push(line);
      if (line.includes("it has begun") && !line.includes("Executing")) stop.abort(new Error("Ctrl-C"));
    },
    stop: stop.signal,
    graceMs: GRACE_MS,
  });
  const said = lines.join("\n");
  expect(said).toContain("Interrupt received.");
  expect(said).not.toContain("Two interrupts received.");
  // By itself: a kill would be 137.
  expect(exitCode).toBe(1);
  const state = JSON.parse(readFileSync(join(folder, "terraform.tfstate"), "utf8")) as {
    readonly resources: readonly {
      readonly name: string;
      readonly instances: readonly { status?: string }[];
    }[];
  };
  expect(state.resources.map(({ name }) => name)).toContain("first");
  expect(existsSync(join(folder, ".terraform.tfstate.lock.info"))).toBe(false);
  expect(running()).toBe("");
  // The lock is free: what was begun can be taken back.
  execFileSync(PROGRAM, [`-chdir=${folder}`, "destroy", "-auto-approve", "-lock-timeout=0s"], {
    stdio: "ignore",
  });
});
