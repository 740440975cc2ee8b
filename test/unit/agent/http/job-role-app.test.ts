import { describe, expect, test } from "@jest/globals";
import { pino } from "pino";
import { AgentError } from "../../../../agent/errors.js";
import { buildJobRoleApp } from "../../../../agent/http/job-role-app.js";
import type { RoleCredentials } from "../../../../agent/jobs/job-role.js";

const TOKEN = "ab".repeat(32);
const CREDENTIALS: RoleCredentials = {
  accessKeyId: "ASIA1",
  secretAccessKey: "the-key",
  sessionToken: "the-session",
  expiration: new Date("2026-01-01T01:00:00Z"),
};

/** The endpoint, and all that it has logged. */
function endpoint(credentials: () => RoleCredentials = () => CREDENTIALS) {
  const lines: string[] = [];
  const log = pino({ level: "trace" }, { write: (line: string) => void lines.push(line) });
  return { app: buildJobRoleApp({ token: TOKEN, role: { credentials }, log }), lines };
}
const METHODS = ["GET", "HEAD", "POST", "PUT", "DELETE"] as const;

describe("the job role's endpoint", () => {
  test("answers as SDKs expect, and logs nothing of it", async () => {
    const { app, lines } = endpoint();
    const reply = await app.inject({ url: "/v1/credentials", headers: { authorization: TOKEN } });
    expect(reply.json()).toEqual({
      AccessKeyId: "ASIA1",
      SecretAccessKey: "the-key",
      Token: "the-session",
      Expiration: "2026-01-01T01:00:00.000Z",
    });
    expect(reply.headers["cache-control"]).toBe("no-store");
    expect(lines).toEqual([]);
  });

  test.each(
    METHODS.flatMap((method) =>
      ["/v1/credentials", "/v1/status", "/", "//x%"].map((url) => [method, url] as const),
    ),
  )("%s %s gives no credentials without the token, or with another", async (method, url) => {
    const { app } = endpoint(() => {
      throw new Error("no credentials may be read");
    });
    for (const authorization of [
      undefined,
      "",
      `Bearer ${TOKEN}`,
      TOKEN.slice(1),
      `${TOKEN}a`,
      "ba".repeat(32),
    ]) {
      const headers = authorization === undefined ? {} : { authorization };
      const { statusCode } = await app.inject({ method, url, headers });
      expect(statusCode).toBe(url === "//x%" ? 400 : 401);
    }
  });

  test.each([
    ["GET", "/v1/other"],
    ["POST", "/v1/credentials"],
    ["HEAD", "/v1/credentials"],
  ] as const)("with the token %s %s is not there", async (method, url) => {
    const { app } = endpoint();
    const reply = await app.inject({ method, url, headers: { authorization: TOKEN } });
    expect(reply.statusCode).toBe(404);
    expect(reply.body).not.toContain("the-key");
  });

  test("without credentials fails with the code and the next step, in the SDKs' form", async () => {
    const { app } = endpoint(() => {
      throw new AgentError("job-role-unavailable", "arn:role (AccessDenied)");
    });
    const reply = await app.inject({ url: "/v1/credentials", headers: { authorization: TOKEN } });
    expect(reply.statusCode).toBe(503);
    expect(reply.json()).toEqual({
      code: "job-role-unavailable",
      message: expect.stringMatching(/arn:role \(AccessDenied\).* trust policy/),
    });
  });

  test("is bounded: connections, headers and time", async () => {
    const { app } = endpoint();
    expect(app.server).toMatchObject({
      maxConnections: 1_024,
      requestTimeout: 5_000,
      keepAliveTimeout: 5_000,
    });
    const address = await app.listen({ host: "127.0.0.1", port: 0 });
    try {
      const headers = { authorization: TOKEN, "x-long": "x".repeat(8_192) };
      expect((await fetch(`${address}/v1/credentials`, { headers })).status).toBe(431);
    } finally {
      await app.close();
    }
  });
});
