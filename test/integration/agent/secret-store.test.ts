import { DeleteParameterCommand, PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { createSecretStore, type SecretStore } from "../../../agent/aws/secret.js";
import { clusterSecretName } from "../../../agent/contract/names.js";
import { CLUSTER_UUID } from "../../support/agent/cluster-item.js";
import type { TestEmulator } from "../../support/emulator.js";
import { EMULATORS } from "../../support/emulators.js";

describe.each(EMULATORS)("the cluster's secret, on $name", ({ start }) => {
  const Name = clusterSecretName("acme", CLUSTER_UUID);
  const before = { ...process.env };
  let emulator: TestEmulator;
  let ssm: SSMClient;
  let store: SecretStore;
  beforeAll(async () => {
    emulator = await start();
    Object.assign(process.env, emulator.env);
    ssm = new SSMClient(emulator.client);
    store = createSecretStore({ org: "acme", clusterUuid: CLUSTER_UUID }, "us-east-1");
  });
  afterAll(async () => {
    process.env = before;
    await emulator?.stop();
  });
  const put = (Value: string) =>
    ssm.send(new PutParameterCommand({ Name, Type: "SecureString", Value, Overwrite: true }));

  test("is missed by its name where it is not there", async () => {
    await expect(store.read()).rejects.toMatchObject({
      code: "secret-unavailable",
      message: expect.stringContaining(Name),
    });
  });

  test("is read with the version before it, and again only where it has changed", async () => {
    await put("one");
    const first = await store.read();
    expect(first).toMatchObject({ value: "one", version: 1, previous: null });
    expect(Math.abs(Date.now() - first.since.getTime())).toBeLessThan(60_000);
    expect(await store.readNewer(first)).toBeNull();

    await put("two");
    const second = await store.readNewer(first);
    expect(second).toMatchObject({ value: "two", version: 2, previous: "one" });
    expect(second === null ? "none" : await store.readNewer(second)).toBeNull();
    expect(await store.read()).toEqual(second);
  });

  test("that is made anew is another, whatever its version's number", async () => {
    const old = await store.read();
    await ssm.send(new DeleteParameterCommand({ Name }));
    await expect(store.readNewer(old)).rejects.toMatchObject({ code: "secret-unavailable" });
    await put("anew");
    expect(await store.readNewer({ ...old, version: 1 })).toMatchObject({
      ...{ value: "anew", version: 1, previous: null },
    });
  });
});
