import { beforeEach, describe, expect, test } from "@jest/globals";
import { IMAGE_TAG } from "../../../../../agent/contract/image/names.js";
import type { ObjectValue } from "../../../../../provider/core/value.js";
import { imageResource } from "../../../../../provider/resources/image/resource.js";
import { ImageStory } from "../../../../support/provider/image-story.js";

let story: ImageStory;
beforeEach(() => {
  story = new ImageStory();
});

/** Versions that replace each other, in this order. Returns the state of the last one. */
async function replacing(
  versions: readonly string[],
  change: Readonly<Record<string, ObjectValue>> = {},
): Promise<ObjectValue> {
  const [first = "", ...rest] = versions;
  let state = await story.applied({ version: first, ...change[first] });
  for (const version of rest) state = await story.replaced(state, { version, ...change[version] });
  return state;
}
const amiOf = (version: string) => story.memory.amis.find(({ tags }) => tags[IMAGE_TAG.VERSION] === version);

describe("a version that is replaced", () => {
  test("stays while it is one of the three newest", async () => {
    await replacing(["1", "2", "3", "4", "5"]);
    expect(story.memory.whole()).toEqual(["3 us-east-1", "4 us-east-1", "5 us-east-1"]);
  });

  test("goes from all its regions, with the accounts that had it", async () => {
    await replacing(["1", "2"], { "1": { regions: ["us-west-2"], keep: 1 } });
    expect(story.memory.whole()).toEqual(["2 us-east-1"]);
  });

  test("stays as a release, and while it is in use", async () => {
    const first = await story.applied({ version: "1", release: true });
    const second = await story.replaced(first, { version: "2" });
    story.memory.users.set(amiOf("2")?.id ?? "", ["launch template muster-acme-sim"]);
    let state = second;
    for (const version of ["3", "4", "5", "6"]) state = await story.replaced(state, { version });
    expect(story.memory.whole()).toEqual([
      "1 us-east-1",
      "2 us-east-1",
      "4 us-east-1",
      "5 us-east-1",
      "6 us-east-1",
    ]);
    // As soon as nothing uses it any more, the next change of the family takes it away.
    story.memory.users.clear();
    await story.replaced(state, { version: "7" });
    expect(story.memory.whole()).toEqual(["1 us-east-1", "5 us-east-1", "6 us-east-1", "7 us-east-1"]);
  });

  test("an older version may take the place of a newer one, which then stays", async () => {
    const state = await replacing(["2", "1"]);
    expect(story.memory.whole()).toEqual(["1 us-east-1", "2 us-east-1"]);
    expect(amiOf("2")?.tags[IMAGE_TAG.REPLACED]).toBe("true");
    expect((await story.refreshed(state))["version"]).toBe("1");
  });

  test("is kept for its version, and not for when it was made", async () => {
    await replacing(["9", "10", "2"], { "10": { keep: 2 } as never });
    expect(story.memory.whole()).toEqual(["10 us-east-1", "2 us-east-1", "9 us-east-1"]);
  });

  test("goes when keep gets smaller", async () => {
    const state = await replacing(["1", "2", "3"]);
    await story.apply({ version: "3", keep: 1 }, state);
    expect(story.memory.whole()).toEqual(["3 us-east-1"]);
  });
});

describe("a destruction", () => {
  test("takes the image and those that it has replaced", async () => {
    const state = await replacing(["1", "2", "3"], { "1": { release: true, regions: ["us-west-2"] } });
    expect((await story.destroy(state)).diagnostics).toEqual([]);
    expect(story.memory.amis).toEqual([]);
  });

  test("is refused while it is in use, in the plan and in the apply, and changes nothing", async () => {
    const state = await replacing(["1", "2"], { "2": { regions: ["us-west-2"] } });
    const copy = story.memory.amis.find(({ region }) => region === "us-west-2");
    story.memory.users.set(copy?.id ?? "", ["i-7", "launch template muster-acme-sim"]);
    const refused = {
      code: "image-in-use",
      detail: expect.stringContaining("i-7 in us-west-2, launch template muster-acme-sim in us-west-2"),
    };
    expect(await story.planDestroy(state)).toMatchObject([refused]);
    const { state: left, diagnostics } = await story.destroy(state);
    expect(diagnostics).toMatchObject([refused]);
    expect(left).not.toBeNull();
    expect(story.memory.amis).toHaveLength(3);
    story.memory.users.clear();
    expect(await story.planDestroy(state)).toEqual([]);
    expect((await story.destroy(state)).state).toBeNull();
  });

  test("leaves another resource's version of the family alone, and what that has replaced", async () => {
    const other = await replacing(["1", "2"]);
    const beside = await story.applied({ version: "3" });
    await story.destroy(beside);
    expect(story.memory.whole()).toEqual(["1 us-east-1", "2 us-east-1"]);
    await story.destroy(other);
    expect(story.memory.amis).toEqual([]);
  });

  test("of what is gone succeeds", async () => {
    const state = await story.applied();
    story.memory.amis = [];
    expect((await story.destroy(state)).diagnostics).toEqual([]);
  });

  test("goes on after a failure", async () => {
    const state = await story.applied({ regions: ["us-west-2"] });
    story.memory.failing.set("deregister", "Throttled");
    const { state: left } = await story.destroy(state);
    expect(left).not.toBeNull();
    expect((await story.destroy(left ?? {})).state).toBeNull();
    expect(story.memory.amis).toEqual([]);
  });
});

describe("an import", () => {
  test("knows family and version from the id, and the rest from EC2", async () => {
    const made = await story.applied({
      packages: ["gdb"],
      regions: ["us-west-2"],
      accounts: ["222222222222"],
    });
    const id = String(made["id"]);
    const first = imageResource.import?.(id, story.target.privateState) as ObjectValue;
    const empty = Object.fromEntries(
      Object.keys(imageResource.schema.attributes).map((name) => [name, null]),
    );
    const state = await story.refreshed({ ...empty, timeouts: null, ...first });
    expect(state).toMatchObject({
      id,
      family: "mpi",
      version: "1.0.0",
      image_id: made["image_id"],
      regions: ["us-west-2"],
      accounts: ["222222222222"],
      content: made["content"],
      recipe_sha256: made["recipe_sha256"],
    });
    expect(story.plan(state, { packages: ["gdb"] }).requiresReplace).toEqual([]);
  });

  test.each(["mpi", "mpi-1.0.0", "ami-0123456789abcdef0"])("refuses %s", (id) => {
    expect(() => imageResource.import?.(id, story.target.privateState)).toThrow(/must be an image's id/);
  });
});
