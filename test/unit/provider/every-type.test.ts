import { describe, expect, test } from "@jest/globals";
import type { MusterClient } from "../../../provider/client/ports.js";
import type { AnyProvider } from "../../../provider/core/provider.js";
import { allAttributes } from "../../../provider/core/schema.js";
import type { Schema } from "../../../provider/core/types.js";
import { type ObjectValue, UNKNOWN } from "../../../provider/core/value.js";
import { musterProvider } from "../../../provider/provider.js";
import type { DynamicValue, WireDiagnostic } from "../../../provider/wire/messages.js";
import { dataSourceCalls } from "../../../provider/wire/rpc/data-source.js";
import { ephemeralCalls } from "../../../provider/wire/rpc/ephemeral.js";
import { providerCalls } from "../../../provider/wire/rpc/provider.js";
import { resourceCalls } from "../../../provider/wire/rpc/resource.js";
import { storedStateCalls } from "../../../provider/wire/rpc/stored-state.js";
import { PluginSession } from "../../../provider/wire/session.js";
import { encodeObject } from "../../../provider/wire/value.js";
import { type Random, randomFrom, randomObject, TEXTS } from "../../support/provider/random.js";
import { fakeRuntime } from "../../support/provider/runtime.js";

/** What some attribute takes, so that the rules that span attributes get their turn too. */
const LIKELY = [
  ...TEXTS.filter((text) => text.length < 1000),
  ...["demo", "acme", "us-east-1", "30m", "1h", "0 3 * * *", "python3 x.py", "c5.xlarge", "x86_64", "reader"],
  ...[
    "6f1c2a54-9a57-4b0e-8d0e-3c1f5b7a9d21",
    "arn:aws:iam::123456789012:role/x",
    "https://x.org",
    "FINISHED",
  ],
] as [string, ...string[]];
const SEEDS = Array.from({ length: 100 }, (_, seed) => seed);

const session = new PluginSession(musterProvider({}) as AnyProvider<MusterClient>, fakeRuntime());
const { provider } = session;
const calls = {
  ...providerCalls(session),
  ...resourceCalls(session),
  ...storedStateCalls(session),
  ...dataSourceCalls(session),
  ...ephemeralCalls(session),
};
const wire = (schema: Schema, value: ObjectValue | null): DynamicValue => ({
  ...encodeObject(schema, value),
  json: Buffer.alloc(0),
});
const configOf = (random: Random, schema: Schema): DynamicValue =>
  wire(schema, randomObject(random, allAttributes(schema), LIKELY));

/** Each answer has its problems in words for people: nothing fell through that nobody had thought of. */
async function expectForeseen(ask: (random: Random) => unknown): Promise<void> {
  for (const seed of SEEDS) {
    const { diagnostics } = (await ask(randomFrom(seed))) as { diagnostics: readonly WireDiagnostic[] };
    const unforeseen = diagnostics.filter(({ detail }) => detail.includes("This was not expected"));
    expect({ seed, unforeseen }).toEqual({ seed, unforeseen: [] });
  }
}

const none = Buffer.alloc(0);
const kinds = (of: Readonly<Record<string, { readonly schema: Schema }>>): [string, Schema][] =>
  Object.entries(of).map(([name, { schema }]) => [name, schema]);

test("the provider's own configuration, whatever it is, is validated", async () => {
  await expectForeseen((random) =>
    calls.ValidateProviderConfig({ config: configOf(random, provider.schema) }),
  );
});

describe.each(kinds(provider.resources))("resource %s, given anything", (type_name, schema) => {
  test("is validated", async () => {
    await expectForeseen((random) =>
      calls.ValidateResourceConfig({ type_name, config: configOf(random, schema) }),
    );
  });

  test("is planned: to be created, and to be changed", async () => {
    await expectForeseen((random) => {
      const config = configOf(random, schema);
      const prior_state = random.below(2) === 0 ? null : configOf(random, schema);
      return calls.PlanResourceChange({
        type_name,
        prior_state,
        proposed_new_state: config,
        config,
        prior_private: none,
      });
    });
  });

  test("is read from a stored state", async () => {
    await expectForeseen((random) => {
      const state = randomObject(random, allAttributes(schema), LIKELY);
      const json = Buffer.from(
        JSON.stringify(state, (_key, value: unknown) => (value === UNKNOWN ? 1 : value)),
      );
      const raw_state = { json, flatmap: {} };
      return calls.UpgradeResourceState({ type_name, version: random.below(schema.version + 1), raw_state });
    });
  });

  test("is imported, or says what an id looks like", async () => {
    await expectForeseen((random) => calls.ImportResourceState({ type_name, id: random.pick(LIKELY) }));
  });
});

test.each(kinds(provider.dataSources))(
  "data source %s, given anything, is validated",
  async (type_name, schema) => {
    await expectForeseen((random) =>
      calls.ValidateDataResourceConfig({ type_name, config: configOf(random, schema) }),
    );
  },
);

test.each(kinds(provider.ephemerals))(
  "ephemeral %s, given anything, is validated",
  async (type_name, schema) => {
    await expectForeseen((random) =>
      calls.ValidateEphemeralResourceConfig({ type_name, config: configOf(random, schema) }),
    );
  },
);
