import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { Ajv } from "ajv";
import { AGENT_CONFIG_PATH, AgentConfig } from "../../../../agent/contract/agent-config.js";
import { renderUserData } from "../../../../stacks/constructs/user-data.js";

const CONFIG: AgentConfig = {
  org: "demo",
  clusterUuid: "8d2ff5b8-8e8c-4d3a-9a57-0d8fd1d5e2a1",
  clusterName: "alpha",
  fileSystemId: "fs-0123456789abcdef0",
  accessPointId: "fsap-0123456789abcdef0",
  agentsAccessPointId: "fsap-0123456789abcdef1",
  orgAccessPointId: "fsap-0123456789abcdef2",
  logBucket: "muster-demo-logs-20261123",
  jobRoleArn: "arn:aws:iam::123456789012:role/jobs",
};

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "user-data-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Runs the script as a node would, with /etc/muster in the folder and a systemctl that writes down its arguments. */
function runScript(script: string): void {
  const systemctl = path.join(folder, "systemctl");
  writeFileSync(systemctl, `#!/bin/sh\necho "$@" >> ${folder}/systemctl.log\n`);
  chmodSync(systemctl, 0o755);
  const file = path.join(folder, "user-data");
  writeFileSync(file, script.replaceAll("/etc/muster", path.join(folder, "etc/muster")));
  execFileSync("sh", [file], { env: { PATH: `${folder}:${process.env["PATH"]}` } });
}
const read = (name: string): string => readFileSync(path.join(folder, name), "utf8");
const written = (): unknown => JSON.parse(read(AGENT_CONFIG_PATH.slice(1)));

describe("user data", () => {
  test("is a script that a POSIX shell accepts", () => {
    const script = renderUserData(CONFIG);
    expect(script.startsWith("#!/bin/sh\n")).toBe(true);
    execFileSync("sh", ["-n"], { input: script });
  });

  test("leaves a valid agent.json and starts the agent", () => {
    runScript(renderUserData(CONFIG));
    expect(written()).toEqual(CONFIG);
    expect(new Ajv().validate(AgentConfig, written())).toBe(true);
    expect(read("systemctl.log")).toBe("enable --now muster-agent\n");
  });

  test("may run again, and then writes the new values", () => {
    runScript(renderUserData(CONFIG));
    runScript(renderUserData({ ...CONFIG, clusterName: "beta" }));
    expect(written()).toEqual({ ...CONFIG, clusterName: "beta" });
  });

  test("has nothing that the shell would expand", () => {
    runScript(renderUserData({ ...CONFIG, logBucket: "$(touch pwned)`id`$HOME'\"" }));
    expect(written()).toMatchObject({ logBucket: "$(touch pwned)`id`$HOME'\"" });
  });

  test("is far below the 16 KB that EC2 allows", () => {
    expect(renderUserData(CONFIG).length).toBeLessThan(2000);
  });
});
