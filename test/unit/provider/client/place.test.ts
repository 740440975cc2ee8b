import { describe, expect, test } from "@jest/globals";
import { boundToPlace } from "../../../../provider/client/place.js";
import type { MusterClient } from "../../../../provider/client/ports.js";
import { applyChange, readState } from "../../../../provider/core/apply.js";
import { openPrivateState } from "../../../../provider/core/private-state.js";
import type { AnyResource } from "../../../../provider/core/resource.js";
import { computed, string } from "../../../../provider/core/schema.js";
import { musterResource } from "../../../../provider/resources/resource.js";
import { fakeRuntime } from "../../../support/provider/runtime.js";

const did: string[] = [];
const resource = boundToPlace(
  musterResource({
    schema: {
      version: 0,
      description: "A thing.",
      attributes: { id: computed(string, { description: "Its id." }) },
    },
    create: async () => ({ id: "thing-1" }),
    read: async () => {
      did.push("read");
      return null;
    },
    update: async () => {
      did.push("update");
      return { id: "thing-1" };
    },
    delete: async () => {
      did.push("delete");
    },
  }),
);

const target = (org: string, region: string, stored: string) => ({
  typeName: "muster_thing",
  resource: resource as unknown as AnyResource<MusterClient>,
  client: { org, region } as MusterClient,
  privateState: openPrivateState(stored),
  runtime: fakeRuntime(),
});

/** What Terraform keeps of a thing that was made in acme, us-east-1. */
async function made() {
  const at = target("acme", "us-east-1", "");
  const { state } = await applyChange(at, { prior: null, planned: { id: null }, config: {} });
  did.length = 0;
  return { state: state ?? {}, stored: at.privateState.stored() };
}

describe("what is bound to its place", () => {
  test.each([
    ["org", "other", "us-east-1"],
    ["region", "acme", "eu-central-1"],
  ])(
    "is not looked for, changed or deleted in another %s, and stays in the state",
    async (_what, org, region) => {
      const { state, stored } = await made();
      const outcomes = [
        await readState(target(org, region, stored), state),
        await applyChange(target(org, region, stored), { prior: state, planned: { id: null }, config: {} }),
        await applyChange(target(org, region, stored), { prior: state, planned: null, config: null }),
      ];
      for (const { state: left, diagnostics } of outcomes) {
        expect(left).toEqual(state);
        expect(diagnostics).toMatchObject([
          { severity: "error", summary: "thing-1 is in org acme in us-east-1" },
        ]);
        expect(diagnostics[0]?.detail).toContain(`org ${org} in ${region}`);
      }
      expect(did).toEqual([]);
    },
  );

  test("is at home where it was made: what is gone there is gone", async () => {
    const { state, stored } = await made();
    expect((await readState(target("acme", "us-east-1", stored), state)).state).toBeNull();
    expect(did).toEqual(["read"]);
  });

  test("that was imported is at home where it was found first", async () => {
    const at = target("acme", "us-east-1", "");
    await readState(at, { id: "thing-1" });
    const { diagnostics } = await readState(target("other", "us-east-1", at.privateState.stored()), {
      id: "thing-1",
    });
    expect(diagnostics).toHaveLength(1);
  });
});
