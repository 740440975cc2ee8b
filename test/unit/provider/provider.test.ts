import { describe, expect, test } from "@jest/globals";
import type { providerSchema } from "../../../provider/client/schema.js";
import type { Config } from "../../../provider/core/types.js";
import { UNKNOWN } from "../../../provider/core/value.js";
import { musterProvider } from "../../../provider/provider.js";
import { fakeRuntime } from "../../support/provider/runtime.js";

const KEYS = { AWS_ACCESS_KEY_ID: "a", AWS_SECRET_ACCESS_KEY: "b" };
const configured = (values: Partial<Config<typeof providerSchema>>) =>
  musterProvider(KEYS).configure(
    {
      org: "acme",
      region: "eu-west-1",
      profile: null,
      sts_region: null,
      max_retries: null,
      assume_role: null,
      default_tags: null,
      endpoints: null,
      allowed_account_ids: null,
      forbidden_account_ids: null,
      ...values,
    },
    fakeRuntime(),
  );

describe("a configured provider", () => {
  test.each<[Partial<Config<typeof providerSchema>>, unknown]>([
    [{}, null],
    [{ default_tags: { tags: null } }, null],
    [{ default_tags: { tags: { a: "1" } } }, { a: "1" }],
    [{ default_tags: { tags: { a: UNKNOWN } } }, { a: UNKNOWN }],
    [{ default_tags: UNKNOWN }, UNKNOWN],
  ])(
    "knows the default tags, known or not, and reaches AWS all the same (%#)",
    async (values, defaultTags) => {
      const client = await configured(values);
      expect(client.settings).toEqual({ defaultTags });
      expect(client).toMatchObject({ org: "acme", region: "eu-west-1" });
    },
  );

  test("that can't reach AWS yet still has its settings: plans need no more", async () => {
    const client = await configured({ org: UNKNOWN, default_tags: { tags: { a: "1" } } });
    expect(client.settings).toEqual({ defaultTags: { a: "1" } });
    expect(() => client.registry).toThrow(/org of provider "muster" depends on what is not made yet/);
  });
});
