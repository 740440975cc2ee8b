import { beforeEach, describe, expect, test } from "@jest/globals";
import { IMAGE_TAG } from "../../../../../agent/contract/image/names.js";
import { TAG } from "../../../../../agent/contract/names.js";
import { ImageStory } from "../../../../support/provider/image-story.js";

let story: ImageStory;
beforeEach(() => {
  story = new ImageStory();
});
const WIDE = { regions: ["us-west-2", "us-east-2", "us-west-1"], accounts: ["222222222222", "111111111111"] };
const row = (region: string, account: string, status = "SHARED", reason: string | null = null) => ({
  region,
  account,
  status,
  reason,
});

describe("an image in regions and accounts", () => {
  test("is copied, and shared with each account in each region", async () => {
    const state = await story.applied(WIDE);
    expect(state["images"]).toEqual({
      "us-east-1": expect.any(String),
      "us-east-2": expect.any(String),
      "us-west-1": expect.any(String),
      "us-west-2": expect.any(String),
    });
    expect(state["shares"]).toEqual(
      ["us-east-1", "us-east-2", "us-west-1", "us-west-2"].flatMap((region) =>
        ["111111111111", "222222222222"].map((account) => row(region, account)),
      ),
    );
    expect(story.memory.amis.every(({ tags }) => tags[TAG.IMAGE] === "mpi")).toBe(true);
    const again = story.plan(await story.refreshed(state), WIDE);
    expect(again.planned).toEqual(state);
  });

  test("regions and accounts change in place", async () => {
    const first = await story.applied(WIDE);
    const change = { regions: ["us-east-2", "eu-west-1"], accounts: ["333333333333"] };
    expect(story.plan(first, change).requiresReplace).toEqual([]);
    const { state, diagnostics } = await story.apply(change, first);
    expect(diagnostics).toEqual([]);
    expect(state?.["id"]).toBe(first["id"]);
    expect(story.memory.builders.size).toBe(1);
    expect(story.memory.whole()).toEqual(["1.0.0 eu-west-1", "1.0.0 us-east-1", "1.0.0 us-east-2"]);
    expect(story.memory.amis.map(({ launchableBy }) => [...launchableBy])).toEqual([
      ["333333333333"],
      ["333333333333"],
      ["333333333333"],
    ]);
  });

  test("a region whose AMI is in use is not taken away", async () => {
    const first = await story.applied({ regions: ["us-east-2"] });
    const copy = story.memory.amis.find(({ region }) => region === "us-east-2");
    story.memory.users.set(copy?.id ?? "", ["i-77"]);
    const { diagnostics } = await story.apply({}, first);
    expect(diagnostics).toMatchObject([
      { code: "image-in-use", detail: expect.stringContaining("i-77 in us-east-2") },
    ]);
    expect(story.memory.whole()).toHaveLength(2);
  });

  test.each([
    ["a copy that is refused", "copyAmi us-west-2", "image-copy-failed", "us-west-2 222222222222"],
    [
      "an account that is refused",
      "changeAccount us-west-2 222222222222",
      "image-share-failed",
      "us-west-2 222222222222",
    ],
  ])(
    "%s is a warning and FAILED with its reason; the next plan shows it, and the apply does only that",
    async (_, call, code, where) => {
      story.memory.failing.set(call, "OptInRequired");
      const { state, diagnostics } = await story.apply(WIDE);
      expect(diagnostics).toMatchObject([
        { severity: "warning", code: "image-not-everywhere", reasonCode: code },
      ]);
      const shares = state?.["shares"] as readonly ReturnType<typeof row>[];
      expect(shares).toHaveLength(8);
      const failed = shares.filter(({ status }) => status === "FAILED");
      expect(failed.map(({ region, account }) => `${region} ${account}`)).toContain(where);
      expect(failed[0]?.reason).toContain("OptInRequired");
      const before = await story.refreshed(state ?? {});
      expect((before["shares"] as typeof shares).filter(({ status }) => status === "FAILED")).toEqual(failed);
      expect(story.plan(before, WIDE).planned).not.toEqual(before);
      const made = story.memory.amis.length;
      const again = await story.apply(WIDE, before);
      expect(again.diagnostics).toEqual([]);
      expect(
        ((again.state?.["shares"] as typeof shares | undefined) ?? []).every(
          ({ status }) => status === "SHARED",
        ),
      ).toBe(true);
      expect(story.memory.amis).toHaveLength(call.startsWith("copy") ? made + 1 : made);
      expect(story.memory.builders.size).toBe(1);
    },
  );

  test("a copy that stays pending is PENDING with a warning, and is shared by the next apply", async () => {
    const wide = { regions: ["us-west-2"], accounts: ["222222222222"] };
    const list = story.memory.port.list;
    let isHeld = true;
    Object.assign(story.memory.port, {
      list: async (...args: Parameters<typeof list>) => {
        const amis = await list(...args);
        return isHeld
          ? amis.map((ami) => (ami.region === "us-west-2" ? { ...ami, state: "pending" } : ami))
          : amis;
      },
    });
    const { state, diagnostics } = await story.apply(wide);
    expect(diagnostics).toMatchObject([
      { code: "image-not-everywhere", reasonCode: "image-not-ready-in-time" },
    ]);
    expect(state?.["shares"]).toEqual([
      row("us-east-1", "222222222222"),
      row("us-west-2", "222222222222", "PENDING"),
    ]);
    isHeld = false;
    const again = await story.apply(wide, state);
    expect(again.state?.["shares"]).toEqual([
      row("us-east-1", "222222222222"),
      row("us-west-2", "222222222222"),
    ]);
  });

  test.each([
    ["a new image", null],
    ["one that there is already", {}],
  ])("a copy of %s that takes ten minutes is waited for", async (_name, change) => {
    const before = change === null ? null : await story.applied(change);
    const wide = { regions: ["us-west-2"], accounts: ["222222222222"] };
    const { list } = story.memory.port;
    const { clock } = story.target.runtime;
    let sinceMs: number | null = null;
    Object.assign(story.memory.port, {
      list: async (...args: Parameters<typeof list>) => {
        const amis = await list(...args);
        if (args[0] !== "us-west-2" || amis.length === 0) return amis;
        sinceMs ??= clock.monotonicMs();
        const state = clock.monotonicMs() - sinceMs < 600_000 ? "pending" : "available";
        return amis.map((ami) => ({ ...ami, state }));
      },
    });
    const { state, diagnostics } = await story.apply(wide, before);
    expect(diagnostics).toEqual([]);
    expect(state?.["shares"]).toEqual([row("us-east-1", "222222222222"), row("us-west-2", "222222222222")]);
  });

  test("a copy that only the state knows of is seen", async () => {
    const state = await story.applied({ regions: ["us-west-2"] });
    const home = story.memory.amis.find(({ region }) => region === "us-east-1");
    delete home?.tags[IMAGE_TAG.REGIONS];
    expect((await story.refreshed({ ...state, regions: null }))["regions"]).toEqual(["us-west-2"]);
  });

  test.each([["launchableBy"], ["readableBy"]] as const)(
    "an account that has lost one of its two rights by hand gets it again: %s",
    async (right) => {
      const wide = { accounts: ["111111111111", "222222222222"] };
      const state = await story.applied(wide);
      story.memory.amis[0]?.[right].delete("222222222222");
      const drifted = await story.refreshed(state);
      expect(drifted["accounts"]).toEqual(["111111111111"]);
      await story.apply(wide, state);
      expect([...(story.memory.amis[0]?.[right] ?? [])].sort()).toEqual(wide.accounts);
    },
  );

  test.each([
    ["gives no reason", null, "The copy in us-west-2 is failed: EC2 gives no reason."],
    ["says why", "Client.InvalidKey", "The copy in us-west-2 is failed: Client.InvalidKey."],
  ])("a copy that fails in EC2, which %s, is a warning", async (_name, stateReason, line) => {
    const { list } = story.memory.port;
    const failed = { state: "failed", stateReason };
    Object.assign(story.memory.port, {
      list: async (...args: Parameters<typeof list>) =>
        (await list(...args)).map((ami) => (ami.region === "us-west-2" ? { ...ami, ...failed } : ami)),
    });
    const { diagnostics } = await story.apply({ regions: ["us-west-2"] });
    expect(diagnostics).toMatchObject([{ code: "image-not-everywhere", reasonCode: "image-copy-failed" }]);
    expect(diagnostics[0]?.detail).toContain(line);
  });

  test("what somebody changed by hand shows in the plan", async () => {
    const state = await story.applied({ regions: ["us-west-2"], accounts: ["222222222222"] });
    for (const ami of story.memory.amis.filter(({ region }) => region === "us-west-2")) {
      ami.launchableBy.clear();
      ami.launchableBy.add("999999999999");
    }
    const drifted = await story.refreshed(state);
    expect(drifted["accounts"]).toEqual(["999999999999"]);
    story.memory.amis = story.memory.amis.filter(({ region }) => region !== "us-west-2");
    expect((await story.refreshed(state))["regions"]).toEqual([]);
    story.memory.amis = [];
    expect(await story.refreshed(state)).toEqual({});
  });

  test("release is a tag that changes in place", async () => {
    const state = await story.applied();
    await story.apply({ release: true }, state);
    expect(story.memory.amis[0]?.tags[IMAGE_TAG.RELEASE]).toBe("true");
    await story.apply({ release: false }, state);
    expect(story.memory.amis[0]?.tags[IMAGE_TAG.RELEASE]).toBeUndefined();
  });

  test.each(["base_ami", "packages", "steps", "encrypted"])("another %s bakes anew", async (name) => {
    const values: Record<string, unknown> = {
      base_ami: "ami-0123456789abcdef0",
      packages: ["gdb"],
      steps: [{ name: "a", script: "b" }],
      encrypted: true,
    };
    const state = await story.applied();
    expect(story.plan(state, { [name]: values[name] as never }).requiresReplace).toEqual([["content"]]);
  });

  test.each(["instance_type", "subnet_id", "bucket"])("another %s bakes nothing", async (name) => {
    const state = await story.applied();
    expect(story.plan(state, { [name]: "m6i.xlarge" }).requiresReplace).toEqual([]);
  });
});
