import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { Ajv } from "ajv";
import { AGENT_CONFIG_PATH, AgentConfig } from "../../../../agent/contract/agent-config.js";
import { BOOT_SCRIPT_FOLDER } from "../../../../agent/contract/boot-script.js";
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
function runScript(script: string): string {
  const systemctl = path.join(folder, "systemctl");
  writeFileSync(systemctl, `#!/bin/sh\necho "$@" >> ${folder}/systemctl.log\n`);
  chmodSync(systemctl, 0o755);
  const file = path.join(folder, "user-data");
  const here = script.replaceAll("/etc/muster", path.join(folder, "etc/muster"));
  writeFileSync(file, here.replaceAll(BOOT_SCRIPT_FOLDER, path.join(folder, BOOT_SCRIPT_FOLDER)));
  return execFileSync("sh", [file], { env: { PATH: `${folder}:${process.env["PATH"]}` } }).toString();
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
    expect(read("systemctl.log")).toBe("enable --no-reload --now muster-agent\n");
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

  describe("with a boot script", () => {
    const bootScript = (text: string, timeoutMinutes = 1) =>
      runScript(renderUserData(CONFIG, { text: `#!/bin/sh\n${text}\n`, timeoutMinutes }));
    const left = (name: string) => read(path.join(BOOT_SCRIPT_FOLDER, name).slice(1));

    test("runs it as it is, before the agent starts, and leaves its end", () => {
      const odd = `$HOME \${x} %{y} \\n é "`;
      const said = bootScript(`printf '%s\\n' '${odd}'; test ! -e ${folder}/systemctl.log`);
      expect(said).toBe(`${odd}\n`);
      expect(left("status")).toBe("0\n");
      expect(left("output")).toBe(said);
      expect(read("systemctl.log")).toBe("enable --no-reload --now muster-agent\n");
    });

    test("starts the agent also where it fails: it is the agent that says so", () => {
      bootScript("echo no such package >&2; exit 3");
      expect(left("status")).toBe("3\n");
      expect(left("output")).toBe("no such package\n");
      expect(read("systemctl.log")).toBe("enable --no-reload --now muster-agent\n");
    });

    test("ends one that does not end", () => {
      const script = renderUserData(CONFIG, { text: "#!/bin/sh\nexec sleep 300\n", timeoutMinutes: 1 });
      runScript(script.replace("kill-after=10 60 ", "kill-after=10 0.1 "));
      expect(left("status")).toBe("124\n");
    });

    test("runs it once, however often user data runs", () => {
      bootScript("echo first");
      expect(bootScript("echo second")).toBe("");
      expect(left("output")).toBe("first\n");
    });

    test("the largest one fits into what EC2 allows", () => {
      const text = `#!/bin/sh\n${"#".repeat(8_192 - 10)}`;
      const proxy = { noProxy: Array(20).fill("x".repeat(50)), jobs: true };
      expect(renderUserData({ ...CONFIG, proxy }, { text, timeoutMinutes: 60 }).length).toBeLessThan(16_384);
    });
  });

  test("is far below the 16 KB that EC2 allows", () => {
    expect(renderUserData(CONFIG).length).toBeLessThan(2000);
  });
});
