import { describe, expect, test } from "@jest/globals";
import { imagesSource } from "../../../../provider/data/images/source.js";
import type { ImageContext } from "../../../../provider/resources/image/context.js";
import { fakeRuntime } from "../../../support/provider/runtime.js";

const CONFIG = {
  family: "mpi",
  regions: null,
  owner: null,
  owner_org: null,
  limit: 2,
  id: null,
  images: null,
};

describe("data muster_images", () => {
  test("of another account are the newest available ones, by the org that has baked them", async () => {
    const asked: unknown[] = [];
    const ami = (version: string, state = "available") => ({
      ...{ id: `ami-${version}`, region: "us-east-1", createdAt: "2026-11-27T00:00:00.000Z", state },
      image: `mpi-${version}-1f3a9c2b`,
    });
    const images = {
      listShared: async (...of: unknown[]) => {
        asked.push(of);
        return [ami("1.9"), ami("1.10"), ami("1.11", "pending"), ami("1.2")];
      },
    };
    const client = { org: "beta", region: "us-east-1", images } as unknown as ImageContext["client"];
    const owner = "123456789012";
    const context = { ...fakeRuntime(), client, warn: () => undefined };
    const read = (owner_org: string | null) => imagesSource.read({ ...CONFIG, owner, owner_org }, context);
    const found = await read("acme");
    expect(found.images?.map(({ version }) => version)).toEqual(["1.10", "1.9"]);
    expect(found.id).toBe(`${owner}/acme/mpi`);
    await read(null);
    expect(asked).toEqual([
      ["us-east-1", { owner, ownerOrg: "acme", family: "mpi" }],
      ["us-east-1", { owner, ownerOrg: "beta", family: "mpi" }],
    ]);
  });

  test("refuses an org of no account", () => {
    const problems = imagesSource.validate?.({ ...CONFIG, owner_org: "acme" }) ?? [];
    expect(problems).toMatchObject([{ code: "value-invalid", path: ["owner_org"] }]);
    expect(imagesSource.validate?.({ ...CONFIG, owner: "123456789012", owner_org: "acme" })).toEqual([]);
  });
});
