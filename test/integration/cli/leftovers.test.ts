import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { findLeftovers } from "../../../scripts/cli/leftovers/find.js";
import type { TestEmulator } from "../../support/emulator.js";
import { EMULATORS } from "../../support/emulators.js";
import { type MadeThings, makeOneOfEach } from "../../support/one-of-each.js";

const ORG = "acme";

describe.each(EMULATORS)("the leftover check, on $name", ({ start }) => {
  let emulator: TestEmulator;
  let made: MadeThings;
  beforeAll(async () => {
    emulator = await start();
    await makeOneOfEach(emulator.client, "other");
    made = await makeOneOfEach(emulator.client, ORG);
  });
  afterAll(() => emulator?.stop());

  test("lists one of each kind, tagged or only named, and nothing of another org", async () => {
    const { leftovers, pendingDeletion } = await findLeftovers(ORG, emulator.client);
    const ids = leftovers.map(({ id }) => id);
    for (const [kind, id] of made.ids) {
      expect(leftovers).toContainEqual({ kind, id });
    }
    // The emulator makes some parts by itself: a main route table, a default security group, interfaces, volumes.
    const kinds = new Set(made.ids.map(([kind]) => kind));
    expect(leftovers.filter(({ kind }) => !kinds.has(kind))).toEqual([]);
    expect(new Set(ids).size).toBe(ids.length);
    expect(pendingDeletion).toEqual([]);
  });

  test("fails, naming the service, where it can't look", async () => {
    const response = { code: "AccessDenied", message: "not you", status: 403 };
    await emulator.injectFault({ service: "ec2", action: "DescribeVpcs", response });
    await expect(findLeftovers(ORG, emulator.client)).rejects.toThrow(/could not list VPCs: not you/);
    await emulator.clearFaults();
  });

  test("is empty once everything is deleted, and lists the key that waits for its deletion", async () => {
    await made.deleteAll();
    expect(await findLeftovers(ORG, emulator.client)).toEqual({
      leftovers: [],
      pendingDeletion: [{ kind: "key", id: made.keyId }],
    });
  });
});
