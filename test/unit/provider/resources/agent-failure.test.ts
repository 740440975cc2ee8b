import { describe, expect, test } from "@jest/globals";
import type { ErrorCode } from "../../../../agent/errors.js";
import { findAgentFailure } from "../../../../provider/resources/fleet/agent-failure.js";

const line = (second: number, fields: object) =>
  `[   ${second}.123456] muster-agent[301]: ${JSON.stringify({
    level: 60,
    time: new Date(Date.UTC(2026, 0, 1) + second * 1000).toISOString(),
    version: "0.1.0",
    ...fields,
  })}`;
const secret = (cause?: string) => ({
  code: "secret-unavailable",
  hint: "The node role needs ssm:GetParameter.",
  msg: "The cluster's secret can't be read: /muster/acme",
  ...(cause === undefined ? {} : { cause }),
});
const starting = (second: number) => line(second, { level: 30, msg: "starting" });

describe("findAgentFailure", () => {
  test.each([
    ["nothing yet", []],
    ["other programs' lines", ["Debian GNU/Linux 13", "[ 1.0] mount: {not json}", '{"level":60,"msg":"x"}']],
    ["an agent that starts", [starting(1)]],
    ["a warning", [line(1, { level: 40, code: "shared-mount-failed", msg: "no" })]],
    ["a line that was cut", [line(1, secret()).slice(0, 90)]],
    [
      "an agent that has started since",
      [
        line(1, secret("AccessDeniedException")),
        starting(2),
        line(3, { level: 30, probe: "shared", msg: "readiness probe passes" }),
      ],
    ],
  ])("finds none in %s", (_name, lines) => expect(findAgentFailure(lines)).toBeNull());

  test.each<[string, readonly string[], boolean]>([
    ["once", [line(60, secret())], false],
    ["for less than two minutes", [line(60, secret()), starting(61), line(179, secret())], false],
    ["for two minutes", [line(60, secret()), starting(61), line(121, secret()), line(180, secret())], true],
    [
      "again only now",
      [line(1, secret()), line(60, { ...secret(), code: "listen-failed" }), line(200, secret())],
      false,
    ],
    ["a right that is missing", [line(60, secret("AccessDeniedException"))], true],
    ["a parameter that is gone", [line(60, secret("ParameterNotFound"))], true],
    ["a network that is not there yet", [line(60, secret("TimeoutError"))], false],
    ["a configuration", [line(1, { ...secret(), code: "config-invalid" satisfies ErrorCode })], true],
  ])("a cause lasts or not: %s", (_name, lines, isLasting) =>
    expect(findAgentFailure(lines)).toMatchObject({ isLasting }),
  );

  test("tells the agent's words, and nothing that steers a terminal", () => {
    const { msg, ...rest } = secret();
    expect(findAgentFailure([line(1, { ...rest, msg: `${msg}\u001b[2J` })])).toEqual({
      code: "secret-unavailable",
      message: "The cluster's secret can't be read: /muster/acme [2J",
      next: "The node role needs ssm:GetParameter.",
      isLasting: false,
    });
  });
});
