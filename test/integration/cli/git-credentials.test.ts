import { Readable } from "node:stream";
import { CreateAliasCommand, CreateKeyCommand, KMSClient } from "@aws-sdk/client-kms";
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { GetParameterCommand, ListTagsForResourceCommand, SSMClient } from "@aws-sdk/client-ssm";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { createCredentialStore } from "../../../agent/aws/git-credentials.js";
import type { GitCredentials } from "../../../agent/contract/git-credentials.js";
import { gitCredentialsParameter, kmsAliasName, TAG } from "../../../agent/contract/names.js";
import { openOrg } from "../../../scripts/cli/access/open.js";
import { startEmulator, type TestEmulator } from "../../support/emulator.js";

const ORG = "acme";
const CREDENTIALS: GitCredentials = {
  kind: "password",
  host: "github.com",
  username: "ada",
  password: "canary",
};

let emulator: TestEmulator;
let before: NodeJS.ProcessEnv;
beforeAll(async () => {
  emulator = await startEmulator();
  before = { ...process.env };
  Object.assign(process.env, emulator.env);
  const kms = new KMSClient(emulator.client);
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({}));
  await kms.send(new CreateAliasCommand({ AliasName: kmsAliasName(ORG), TargetKeyId: KeyMetadata?.KeyId }));
  kms.destroy();
});
afterAll(async () => {
  process.env = before;
  await emulator.stop();
});
const access = () =>
  openOrg({ org: ORG, region: "us-east-1", signal: new AbortController().signal }, process.env, "test");

describe("Git credentials in SSM", () => {
  test("are written by the command and read by the agent, encrypted, tagged, and changed in place", async () => {
    await access().gitCredentials.set("github", CREDENTIALS);
    const store = createCredentialStore(ORG, "us-east-1");
    expect(await store.read("github")).toEqual(CREDENTIALS);
    const changed = { ...CREDENTIALS, password: "another" };
    await access().gitCredentials.set("github", changed);
    expect(await store.read("github")).toEqual(changed);
    const ssm = new SSMClient(emulator.client);
    const Name = gitCredentialsParameter(ORG, "github");
    const { Parameter } = await ssm.send(new GetParameterCommand({ Name }));
    expect(Parameter?.Type).toBe("SecureString");
    const { TagList } = await ssm.send(
      new ListTagsForResourceCommand({ ResourceType: "Parameter", ResourceId: Name }),
    );
    expect(TagList).toEqual([{ Key: TAG.ORG, Value: ORG }]);
    ssm.destroy();
  });

  test("are listed without what is secret in them, and deleted once", async () => {
    await access().gitCredentials.set("alpha", CREDENTIALS);
    const found = await access().gitCredentials.list();
    expect(found.map(({ name, description }) => [name, description])).toEqual([
      ["alpha", "password for github.com"],
      ["github", "password for github.com"],
    ]);
    expect(JSON.stringify(found)).not.toContain("canary");
    expect(await access().gitCredentials.delete("alpha")).toBe(true);
    expect(await access().gitCredentials.delete("alpha")).toBe(false);
  });

  test("that there are not fail the source, with the command that makes them", async () => {
    await expect(createCredentialStore(ORG, "us-east-1").read("none")).rejects.toMatchObject({
      code: "source-refused",
      message: "the org has no Git credentials none: make them with `muster git-credentials set none`",
    });
  });
});

describe("packed folders in the log bucket", () => {
  test("are there once they were put, and not where the body has failed", async () => {
    const s3 = new S3Client({ ...emulator.client, forcePathStyle: true });
    await s3.send(new CreateBucketCommand({ Bucket: "logs" }));
    s3.destroy();
    const { bundles } = access();
    const place = { bucket: "logs", key: "sources/x/y.tar.gz" };
    expect(await bundles.has(place)).toBe(false);
    async function* breaks(): AsyncGenerator<Buffer> {
      yield Buffer.alloc(10_000_000);
      throw new Error("the folder has changed");
    }
    await expect(bundles.put(place, Readable.from(breaks(), { objectMode: false }))).rejects.toThrow(
      "the folder has changed",
    );
    expect(await bundles.has(place)).toBe(false);
    await bundles.put(place, Readable.from([Buffer.from("x")]));
    expect(await bundles.has(place)).toBe(true);
  });
});
