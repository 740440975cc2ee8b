import { describe, expect, test } from "@jest/globals";
import { pino } from "pino";
import { createJobRole, roleVariables } from "../../../../agent/jobs/job-role.js";

const BEGIN_MS = Date.parse("2026-01-01T00:00:00Z");
const HOUR_MS = 3_600_000;

/** A role whose sleeps end when the test says so. `outcomes` are the next answers of STS: null fails. */
function played(outcomes: readonly (string | null)[]) {
  const lines: string[] = [];
  const log = pino({}, { write: (line: string) => void lines.push(line) });
  let nowMs = BEGIN_MS;
  let calls = 0;
  let wake = () => {};
  const pauses: number[] = [];
  const role = createJobRole({
    async assume() {
      const secretAccessKey = outcomes[calls++] ?? null;
      if (secretAccessKey === null) throw new Error(`refused ${calls}`);
      const expiration = new Date(nowMs + HOUR_MS);
      return { accessKeyId: "ASIA", secretAccessKey, sessionToken: "session", expiration };
    },
    clock: {
      now: () => new Date(nowMs),
      sleep: (ms, signal) =>
        new Promise((resolve) => {
          pauses.push(ms);
          wake = resolve;
          signal?.addEventListener("abort", () => resolve());
        }),
    },
    log,
  });
  const settled = () => new Promise((resolve) => setImmediate(resolve));
  return {
    role,
    lines,
    pauses,
    calls: () => calls,
    later(ms: number) {
      nowMs += ms;
    },
    async begin() {
      role.start();
      await settled();
    },
    async sleepOver() {
      nowMs += pauses.at(-1) ?? 0;
      wake();
      await settled();
    },
  };
}

describe("the job role's credentials", () => {
  test("are asked for once, and given to every request until they are renewed, 20 minutes before their end", async () => {
    const { role, begin, sleepOver, calls, pauses } = played(["first", "second"]);
    await begin();
    for (let n = 0; n < 100; n += 1) expect(role.credentials().secretAccessKey).toBe("first");
    expect([calls(), pauses]).toEqual([1, [40 * 60_000]]);
    await sleepOver();
    expect(role.credentials().secretAccessKey).toBe("second");
    expect(calls()).toBe(2);
    await role.stop();
  });

  test("stay the old ones while a renewal fails, every 5 s, and fail with its reason after their end", async () => {
    const { role, begin, sleepOver, later, pauses, lines } = played(["first", null, null, "second"]);
    await begin();
    await sleepOver();
    expect(role.credentials().secretAccessKey).toBe("first");
    expect(pauses.at(-1)).toBe(5_000);
    later(20 * 60_000);
    expect(() => role.credentials()).toThrow("refused 2");
    await sleepOver();
    expect(() => role.credentials()).toThrow("refused 3");
    await sleepOver();
    expect(role.credentials().secretAccessKey).toBe("second");
    expect(lines.join("")).not.toMatch(/first|second|ASIA|session/);
    await role.stop();
  });

  test("that were never there fail with the code of that", () => {
    expect(() => played([]).role.credentials()).toThrow(
      expect.objectContaining({ code: "job-role-unavailable", status: 503 }),
    );
  });

  test("are not asked for again after the end", async () => {
    const { role, begin, calls } = played(["first", "second"]);
    await begin();
    await role.stop();
    expect(calls()).toBe(1);
  });
});

test("AWS SDKs find the endpoint where there is a role, and no variable holds a secret", () => {
  expect(roleVariables({}, "eu-west-1")).toEqual({});
  expect(roleVariables({ jobRoleArn: "arn:aws:iam::123456789012:role/jobs" }, "eu-west-1")).toEqual({
    AWS_CONTAINER_CREDENTIALS_FULL_URI: "http://127.0.0.1:299/v1/credentials",
    AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: "/run/muster/job-role.token",
    AWS_REGION: "eu-west-1",
    AWS_DEFAULT_REGION: "eu-west-1",
  });
});
