import { describe, expect, test } from "@jest/globals";
import { failure } from "../../../../provider/core/diagnostic.js";
import {
  type AnyEphemeral,
  closeEphemeral,
  type EphemeralTarget,
  ephemeralFor,
  openEphemeral,
  renewEphemeral,
} from "../../../../provider/core/ephemeral.js";
import type { Runtime } from "../../../../provider/core/runtime.js";
import { computed, required, string } from "../../../../provider/core/schema.js";
import type { Schema } from "../../../../provider/core/types.js";
import { UNKNOWN } from "../../../../provider/core/value.js";
import { fakeRuntime } from "../../../support/provider/runtime.js";

const schema = {
  version: 0,
  description: "",
  attributes: {
    role: required(string, { description: "" }),
    token: computed(string, { description: "", sensitive: true }),
  },
} as const satisfies Schema;
const open = async ({ role }: { role: string }) => ({ result: { token: `secret-${role}` } });
const kind = ephemeralFor<null>()({ schema, open });
const target = (
  actions: Partial<typeof kind>,
): EphemeralTarget<null> & { readonly context: { readonly logged: readonly string[] } } => ({
  typeName: "test_token",
  ephemeral: { ...kind, ...actions } as AnyEphemeral<null>,
  context: { ...fakeRuntime(), client: null },
});
const asked = { role: "reader", token: null };

describe("an ephemeral resource", () => {
  test("opens: the user's part and the provider's, and nothing of it is logged", async () => {
    const it = target({});
    expect(await openEphemeral(it, asked)).toEqual({
      value: { role: "reader", token: "secret-reader" },
      diagnostics: [],
    });
    expect(it.context.logged).toEqual([]);
  });

  test("may ask to be renewed, and gets its handle back at renew and at close", async () => {
    const renewAt = new Date("2026-01-01T00:00:00.250Z");
    const seen: string[] = [];
    const it = target({
      open: async () => ({ result: { token: "t" }, handle: "h1", renewAt }),
      renew: async (handle) => {
        seen.push(`renew ${handle}`);
        return { handle: "h2" };
      },
      close: async (handle) => {
        seen.push(`close ${handle}`);
      },
    });
    expect(await openEphemeral(it, asked)).toMatchObject({ handle: "h1", renewAt });
    expect(await renewEphemeral(it, "h1")).toEqual({ handle: "h2", diagnostics: [] });
    expect(await closeEphemeral(it, "h2")).toEqual([]);
    expect(seen).toEqual(["renew h1", "close h2"]);
  });

  test("without renew and close, both succeed and keep the handle", async () => {
    expect(await renewEphemeral(target({}), "h")).toEqual({ handle: "h", diagnostics: [] });
    expect(await closeEphemeral(target({}), "h")).toEqual([]);
  });

  test("each failure is a diagnostic that names what was tried", async () => {
    const fails = () => Promise.reject(new Error("boom"));
    const it = target({ open: fails, renew: fails, close: fails });
    expect(await openEphemeral(it, asked)).toMatchObject({
      value: null,
      diagnostics: [{ summary: "Could not open test_token" }],
    });
    expect(await renewEphemeral(it, "h")).toMatchObject({
      handle: "h",
      diagnostics: [{ summary: "Could not renew test_token" }],
    });
    expect(await closeEphemeral(it, "h")).toMatchObject([{ summary: "Could not close test_token" }]);
    const worded = target({ open: () => Promise.reject(failure("unexpected", "No", "way")) });
    expect((await openEphemeral(worded, asked)).diagnostics).toMatchObject([{ summary: "No" }]);
  });

  test("tells nobody its handle, which may be what opens a door", async () => {
    const fails = (handle: string, { log }: Runtime) => {
      log.info(`with ${handle}`);
      return Promise.reject(new Error(`${handle} is no lease`));
    };
    const it = target({ renew: fails, close: fails });
    const told = [
      ...(await renewEphemeral(it, "lease-4711")).diagnostics,
      ...(await closeEphemeral(it, "lease-4711")),
    ];
    expect(told).toHaveLength(2);
    expect(JSON.stringify([told, it.context.logged])).not.toContain("4711");
  });

  test("fails where the configuration is not known yet", async () => {
    expect((await openEphemeral(target({}), { ...asked, role: UNKNOWN })).diagnostics).toMatchObject([
      { summary: "The configuration is not known yet" },
    ]);
  });
});
