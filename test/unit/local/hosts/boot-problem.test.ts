import { describe, expect, test } from "@jest/globals";
import { findBootProblem } from "../../../../scripts/local/hosts/boot-problem.js";

const FINISHED = "[  943.713932] systemd[1]: Startup finished in 26.661s.";
const LISTENS =
  '[  968.112581] muster-agent[108]: {"level":30,"msg":"Server listening at http://10.20.0.37:8470"}';
const restart = (seconds: number, count: number): string =>
  `[  ${seconds.toFixed(6)}] systemd[1]: muster-agent.service: Scheduled restart job, restart counter is at ${count}.`;
const LOOP = [restart(950, 1), restart(952.5, 2), restart(955, 3)];
const USER_DATA = [
  "[ 1431.425689] ec2-user-data[92]: hello",
  "[ 1431.425912] ec2-user-data[71]: The user data of i-85f8d5552ff7e0130 failed with exit code 7.",
  "[ 1431.425970] systemd[1]: ec2-user-data.service: Main process exited, code=exited, status=7/NOTRUNNING",
  "[ 1431.426240] systemd[1]: ec2-user-data.service: Failed with result 'exit-code'.",
];

describe("a node's console", () => {
  test.each<[string, string[], boolean, string | null]>([
    ["nothing yet: it may still come", [], false, null],
    ["a boot without trouble", [FINISHED, LISTENS], false, null],
    [
      "systemd without a limit that it needs",
      ["[ 1430.898529] systemd[1]: Failed to create inotify object: Too many open files", FINISHED],
      false,
      "systemd says: Failed to create inotify object: Too many open files",
    ],
    [
      "systemd that stands still",
      ["systemd[1]: Freezing execution."],
      false,
      "systemd says: Freezing execution",
    ],
    [
      "user data that failed",
      USER_DATA,
      false,
      "its user data failed: The user data of i-85f8d5552ff7e0130 failed with exit code 7.",
    ],
    [
      "an agent that is started again and again",
      [FINISHED, ...LOOP],
      false,
      "its agent keeps failing and restarting: no reason given",
    ],
    [
      "such an agent's last word",
      [
        FINISHED,
        `[  949.1] muster-agent[9]: {"level":60,"code":"config-invalid","msg":"\\"x\\" is no UUID\\u001b[2J"}`,
        ...LOOP,
      ],
      false,
      'its agent keeps failing and restarting: "x" is no UUID?[2J',
    ],
    ["an agent that has failed, and then listened", [FINISHED, ...LOOP, LISTENS], false, null],
    ["an agent that ended now and then", [restart(950, 1), restart(1011, 2), restart(1072, 3)], false, null],
    ["an agent that came back after a kill", [LISTENS, restart(980, 1), LISTENS], false, null],
    [
      "an init that ended before it had booted",
      ["systemd 257 running in system mode"],
      true,
      "its init ended before it had booted",
    ],
    ["a node that was powered off later", [FINISHED, LISTENS], true, null],
    [
      "what steers a terminal is made visible",
      [USER_DATA[0] ?? "", "[ 1.0] ec2-user-data[7]: \u001b[2Jgone", ...USER_DATA.slice(2)],
      false,
      "its user data failed: ?[2Jgone",
    ],
    ["a job's words are no sign", ['muster-agent[1]: {"msg":"systemd[1]: Freezing"}'], false, null],
  ])("%s", (_name, lines, isOff, problem) => {
    expect(findBootProblem(lines.map((line) => `${line}\r`).join("\n"), isOff)).toBe(problem);
  });
});
