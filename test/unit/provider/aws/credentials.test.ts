import { Readable } from "node:stream";
import { afterEach, describe, expect, jest, test } from "@jest/globals";
import { findCredentials } from "../../../../provider/aws/credentials.js";

const MINUTE_MS = 60_000;
const START = Date.parse("2026-11-27T00:00:00Z");
let now = START;

/** STS: each session is of an hour, as where the caller's own credentials are a role's. */
function fakeSts() {
  const asked: string[] = [];
  const handle = async (request: { readonly body?: string }) => {
    asked.push(request.body ?? "");
    const expiration = new Date(now + 60 * MINUTE_MS).toISOString();
    const body = `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult>
      <Credentials><AccessKeyId>ASIA${asked.length}</AccessKeyId><SecretAccessKey>s</SecretAccessKey>
      <SessionToken>t</SessionToken><Expiration>${expiration}</Expiration></Credentials>
      </AssumeRoleResult></AssumeRoleResponse>`;
    return {
      response: { statusCode: 200, headers: { "content-type": "text/xml" }, body: Readable.from([body]) },
    };
  };
  return { asked, requestHandler: { handle } };
}

afterEach(() => {
  jest.restoreAllMocks();
});

describe("the role's credentials", () => {
  test("are renewed before they expire, while an apply of 90 minutes goes on", async () => {
    jest.spyOn(Date, "now").mockImplementation(() => now);
    const { asked, requestHandler } = fakeSts();
    const own = async () => ({ accessKeyId: "AKIA", secretAccessKey: "s" });
    const settings = { region: "us-east-1", requestHandler: requestHandler as never, credentials: own };
    const role = {
      roleArn: "arn:aws:iam::123456789012:role/r",
      externalId: "x-1",
      sessionName: "muster-demo",
    };
    const credentials = await findCredentials(
      settings,
      { profileInWords: null, assumeRole: { ...role, durationSeconds: 3600 } },
      {
        org: "demo",
        region: "us-east-1",
        signal: new AbortController().signal,
        credentialsRefused: (refusal) => refusal,
        log: { info: () => undefined } as never,
      },
    );
    const used = new Set<string>();
    for (let minute = 0; minute <= 90; minute += 1) {
      now = START + minute * MINUTE_MS;
      const { accessKeyId, expiration } = await credentials();
      used.add(accessKeyId);
      expect(expiration?.getTime()).toBeGreaterThan(now);
    }
    expect([...used]).toEqual(["ASIA1", "ASIA2"]);
    expect(asked).toHaveLength(2);
    for (const body of asked) expect(body).toMatch(/ExternalId=x-1/);
    for (const body of asked) expect(body).toMatch(/DurationSeconds=3600/);
  });
});
