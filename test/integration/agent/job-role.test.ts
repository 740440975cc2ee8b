import { execFile } from "node:child_process";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { STSClient } from "@aws-sdk/client-sts";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import { pino } from "pino";
import { createAssumeRole } from "../../../agent/aws/job-role.js";
import { buildJobRoleApp } from "../../../agent/http/job-role-app.js";
import { createJobRole } from "../../../agent/jobs/job-role.js";
import { keepRoleToken } from "../../../agent/system/job-role-token.js";
import { systemClock as clock } from "../../../agent/time/clock.js";
import { discoverEmulator } from "../../../scripts/setup/discover.js";
import { JOB_USER, temporaryFolder } from "../../support/agent/job-user.js";
import { startEmulator, type TestEmulator } from "../../support/emulator.js";

const log = pino({ level: "silent" });
const ROLE = {
  roleArn: "arn:aws:iam::123456789012:role/research/jobs",
  clusterName: "alpha",
  instanceId: "i-a",
};
/** A job's program: the SDK that most of them use. It asks again while the endpoint has no credentials yet. */
const PROGRAM = `
import json, botocore.session
session = botocore.session.get_session()
found = session.get_credentials()
arn = session.create_client("sts").get_caller_identity()["Arn"]
print(json.dumps({"method": found.method, "arn": arn, "region": session.get_config_variable("region")}))
`;

let emulator: TestEmulator;
let client: STSClient;
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
beforeAll(async () => {
  emulator = await startEmulator();
  client = new STSClient(emulator.client);
  folder = await temporaryFolder();
});
afterAll(async () => {
  client.destroy();
  await folder.remove();
  await emulator.stop();
});
afterEach(() => emulator.clearFaults());

describe("a job's credentials", () => {
  test("come from STS through the endpoint to boto, which signs as the job role", async () => {
    const tokenFile = join(folder.path, "run/job-role.token");
    const token = await keepRoleToken(tokenFile, JOB_USER.gid);
    const role = createJobRole({ assume: createAssumeRole({ client, ...ROLE }), clock, log });
    const app = buildJobRoleApp({ token, role, log });
    const address = await app.listen({ host: "127.0.0.1", port: 0 });
    try {
      role.start();
      const { stdout } = await promisify(execFile)("python3", ["-c", PROGRAM], {
        cwd: folder.path,
        env: {
          // The emulator's Python has boto.
          PATH: `${dirname(discoverEmulator().argv[0])}:${process.env["PATH"]}`,
          HOME: folder.path,
          AWS_ENDPOINT_URL: emulator.url,
          AWS_CONTAINER_CREDENTIALS_FULL_URI: `${address}/v1/credentials`,
          AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: tokenFile,
          AWS_REGION: "us-east-1",
          AWS_DEFAULT_REGION: "us-east-1",
        },
      });
      expect(JSON.parse(stdout)).toEqual({
        method: "container-role",
        arn: "arn:aws:sts::123456789012:assumed-role/jobs/muster-alpha-i-a",
        region: "us-east-1",
      });
    } finally {
      await app.close();
      await role.stop();
    }
  });

  test("last an hour", async () => {
    const { expiration } = await createAssumeRole({ client, ...ROLE })();
    expect(Math.round((expiration.getTime() - Date.now()) / 3_600_000)).toBe(1);
  });

  test("have a session's name that STS takes, however long the cluster's is", async () => {
    const long = { ...ROLE, clusterName: "a".repeat(32), instanceId: `i-${"0".repeat(40)}` };
    await expect(createAssumeRole({ client, ...long })()).resolves.toHaveProperty("sessionToken");
  });

  test("that STS refuses fail with a code, the role and the reason", async () => {
    await emulator.injectFault({
      ...{ service: "sts", action: "AssumeRole" },
      response: { code: "AccessDenied", message: "not authorized to assume it", status: 403 },
    });
    await expect(createAssumeRole({ client, ...ROLE })()).rejects.toMatchObject({
      code: "job-role-unavailable",
      message: expect.stringContaining(`${ROLE.roleArn} (not authorized to assume it)`),
    });
  });
});
