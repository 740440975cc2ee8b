import { beforeEach, describe, expect, test } from "@jest/globals";
import { readStacks } from "../../../../scripts/cli/core/cdktf.js";
import { readPlan, type StackPlan } from "../../../../scripts/cli/core/terraform-plan.js";
import { COMMENT_CHARACTERS, PLAN_MARK, renderPlanMarkdown } from "../../../../scripts/cli/render/plan.js";
import { FakeWorld } from "../../../support/cli/fake-world.js";

const MANIFEST = JSON.stringify({
  stacks: {
    muster_demo_alpha: { workingDirectory: "stacks/muster_demo_alpha", dependencies: ["muster_demo"] },
    muster_demo: { workingDirectory: "stacks/muster_demo", dependencies: [] },
  },
});
const DEPLOYED = { values: { root_module: { resources: [{ mode: "managed" }] } } };
const EMPTY = { resource_changes: [], prior_state: DEPLOYED };
const CREATES = { resource_changes: [{ address: "aws_vpc.a", change: { actions: ["create"] } }] };

describe("a stack's plan", () => {
  const planOf = (shown: object) => readPlan("s", JSON.stringify(shown)).plan;
  const change = (change: object) => planOf({ resource_changes: [{ address: "a.b", change }] }).changes[0];

  test.each([
    [["no-op"], undefined],
    [["create"], "create"],
    [["update"], "update"],
    [["delete", "create"], "replace"],
    [["create", "delete"], "replace"],
    [["delete"], "delete"],
    [["read"], "read"],
  ])("has the actions %p as %s", (actions, action) => {
    expect(change({ actions })?.action).toBe(action);
  });

  test("shows what differs, and no sensitive value, however deep the mask", () => {
    const values = {
      before: { size: 2, password: "hunter2", nested: { token: "t0ken" }, same: 1, id: "i-1" },
      after: { size: 3, password: "hunter3", nested: { token: "t1ken" }, same: 1 },
      after_unknown: { id: true },
      before_sensitive: { password: true },
      after_sensitive: { password: true, nested: { token: true } },
    };
    expect(change({ actions: ["update"], ...values })?.attributes).toEqual([
      'id: "i-1" -> (known after apply)',
      "nested: (sensitive)",
      "password: (sensitive)",
      "size: 2 -> 3",
    ]);
    const whole = change({ actions: ["update"], ...values, after_sensitive: true })?.attributes;
    expect(whole?.join("\n")).not.toMatch(/hunter|ken"/);
  });

  test("is unchanged where it only reads, and changed where an output is", () => {
    const read = { resource_changes: [{ address: "data.a.b", change: { actions: ["read"] } }] };
    expect(planOf(read).result).toBe("unchanged");
    expect(planOf({ output_changes: { uuid: { actions: ["update"] } } })).toMatchObject({
      result: "changed",
      outputs: ["uuid"],
    });
  });
});

describe("the comment", () => {
  const plan = (values: Partial<StackPlan> = {}): StackPlan => ({
    ...{ stack: "muster_demo", result: "changed", why: null, changes: [], outputs: [], drifted: [] },
    ...values,
  });
  const changes = (count: number, address = "aws_vpc.some_name") =>
    Array.from({ length: count }, (_, at) => ({
      ...({ address: `${address}_${at}`, action: "create", attributes: [] } as const),
    }));

  test("begins with its mark, so that the next run finds it", () => {
    const text = renderPlanMarkdown([plan({ changes: changes(1), drifted: ["aws_vpc.moved"] })]);
    expect(text.startsWith(PLAN_MARK)).toBe(true);
    expect(text).toContain("`muster_demo: 1 to create`");
    expect(text).toContain("+ aws_vpc.some_name_0\n");
    expect(text).toContain("! changed outside of Terraform: aws_vpc.moved\n");
  });

  test.each([1_000, 10_000])(
    "of %i changes in two stacks is not longer than a comment may be, and says so",
    (count) => {
      const text = renderPlanMarkdown([plan({ changes: changes(count) }), plan({ changes: changes(count) })]);
      expect(text.length).toBeLessThanOrEqual(COMMENT_CHARACTERS);
      expect(text.includes("More changes than a comment can hold")).toBe(count > 1_000);
      expect(text.split("```").length % 2).toBe(1);
    },
  );

  test("of more stacks than it can name is not longer either", () => {
    const text = renderPlanMarkdown(Array.from({ length: 5_000 }, () => plan()));
    expect(text.length).toBeLessThanOrEqual(COMMENT_CHARACTERS);
  });

  test("has foreign text in a block that it can't end, without control characters", () => {
    const text = renderPlanMarkdown([
      plan({ changes: [{ address: "a", action: "update", attributes: ["x: ```\n# @everyone \u001b[2J"] }] }),
    ]);
    expect(text).toContain("\n````diff\n");
    expect(text).not.toContain("\n# @everyone");
    expect(text).not.toContain("\u001b");
  });
});

describe("muster plan", () => {
  let world: FakeWorld;
  let shown: Record<string, object>;
  beforeEach(() => {
    world = new FakeWorld();
    world.files.set("muster.yaml", Buffer.from("org: {name: demo, region: us-east-1}\n"));
    world.files.set("cdktf.json", Buffer.from("{}"));
    world.files.set("cdktf.out/manifest.json", Buffer.from(MANIFEST));
    shown = { muster_demo: EMPTY, muster_demo_alpha: EMPTY };
    world.follows = (argv, onLine) => {
      const stack = argv[1]?.replace("-chdir=cdktf.out/stacks/", "") ?? "";
      if (argv[2] === "show") onLine(JSON.stringify(shown[stack]));
      return 0;
    };
  });
  const results = () =>
    (JSON.parse(world.out) as { stacks: StackPlan[] }).stacks.map(({ stack, result }) => [stack, result]);

  test("plans each stack after those that it reads from, without a lock", async () => {
    expect(await world.run("plan", "--expect-none", "--json")).toBe(0);
    expect(results()).toEqual([
      ["muster_demo", "unchanged"],
      ["muster_demo_alpha", "unchanged"],
    ]);
    const plans = world.ran.filter((argv) => argv[2] === "plan");
    expect(plans).toHaveLength(2);
    for (const argv of plans) expect(argv).toContain("-lock=false");
  });

  test("says that a cluster waits for an org that is not deployed", async () => {
    shown["muster_demo"] = CREATES;
    expect(await world.run("plan", "--json")).toBe(0);
    expect(results()).toEqual([
      ["muster_demo", "changed"],
      ["muster_demo_alpha", "waiting"],
    ]);
  });

  test("leaves out the checks that its role can't ask, beside those that the environment names", async () => {
    world.env["MUSTER_PREFLIGHT_SKIP"] = "vcpus";
    expect(await world.run("plan", "--skip", "rights", "--skip", "dry-run")).toBe(0);
    expect(world.followedWith[0]).toMatchObject({ MUSTER_PREFLIGHT_SKIP: "rights,dry-run,vcpus" });
    expect(await world.run("plan", "--skip", "nothing")).toBe(2);
  });

  test("--expect-none fails on a difference, and prints the report all the same", async () => {
    shown["muster_demo_alpha"] = { ...CREATES, prior_state: DEPLOYED };
    expect(await world.run("plan", "--markdown", "--expect-none")).toBe(1);
    expect(world.out.startsWith(PLAN_MARK)).toBe(true);
    expect(world.said.join("\n")).toContain("muster_demo_alpha: 1 to create");
  });

  test("fails where a plan fails, names the stack, and plans the others", async () => {
    world.follows = (argv, onLine) => {
      if (argv[2] === "show") onLine(JSON.stringify(EMPTY));
      return argv[2] === "plan" && argv[1]?.endsWith("_demo") ? 1 : 0;
    };
    expect(await world.run("plan", "--json")).toBe(1);
    expect(results()).toEqual([
      ["muster_demo", "failed"],
      ["muster_demo_alpha", "unchanged"],
    ]);
  });

  test("fails where cdktf can't make the stacks", async () => {
    world.follows = () => 1;
    expect(await world.run("plan")).toBe(1);
    expect(world.said.at(-1)).toContain("cdktf ended with exit status 1");
  });

  test("is refused outside of a project", async () => {
    world.files.delete("cdktf.json");
    expect(await world.run("plan")).toBe(2);
  });
});

test("stacks that depend on each other's dependencies keep an order", () => {
  expect(readStacks(MANIFEST).map(({ name, folder }) => [name, folder])).toEqual([
    ["muster_demo", "cdktf.out/stacks/muster_demo"],
    ["muster_demo_alpha", "cdktf.out/stacks/muster_demo_alpha"],
  ]);
});
