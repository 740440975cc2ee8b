import { beforeEach, describe, expect, test } from "@jest/globals";
import { type FoundThing, keepProblems, planRemoval } from "../../../../scripts/cli/core/cleanup.js";
import { type Removal, removeAll } from "../../../../scripts/cli/core/remove-all.js";
import { judged } from "../../../../scripts/cli/leftovers/removal/removal.js";
import { observedCluster } from "../../../support/agent/cluster-item.js";
import { FakeWorld } from "../../../support/cli/fake-world.js";
import { notebookItem } from "../../../support/notebook-item.js";

const OWN = { "muster:org": "acme" };
const thing = (kind: string, change: Partial<FoundThing> = {}): FoundThing => ({
  ...{ kind, id: `${kind}-1`, tags: OWN, status: "live" },
  ...change,
});
const { tags: _, ...UNTAGGED } = thing("x");
const untagged = (kind: string, change: Partial<FoundThing> = {}): FoundThing => ({
  ...UNTAGGED,
  ...{ kind, id: `${kind}-1` },
  ...change,
});
const ordered = (things: readonly FoundThing[], keep: readonly string[] = []) =>
  planRemoval(things, "acme", keep)
    .stages.flat()
    .map(({ id }) => id);

describe("what is removed", () => {
  test.each([
    ["an image", "before its snapshot, which it uses", "image", "snapshot"],
    ["a group", "before its instances, which it would replace", "Auto Scaling group", "instance"],
    ["an instance", "before what it uses", "instance", "security group"],
    ["an instance", "before its placement group", "instance", "placement group"],
    ["an instance", "before its volume", "instance", "volume"],
    ["an instance", "before its profile", "instance", "instance profile"],
    ["a flow log", "before what it writes to", "flow log", "log group"],
    ["a flow log", "before its bucket", "flow log", "bucket"],
    ["a NAT gateway", "before its address", "NAT gateway", "elastic IP"],
    ["an address", "before the gateway that it goes through", "elastic IP", "internet gateway"],
    ["a mount target", "before its file system", "mount target", "file system"],
    ["a mount target", "before its interface, which goes with it", "mount target", "network interface"],
    ["an access point", "before its file system", "file system access point", "file system"],
    ["an endpoint", "before its interfaces", "VPC endpoint", "network interface"],
    ["an interface", "before its security group", "network interface", "security group"],
    ["an interface", "before its subnet", "network interface", "subnet"],
    ["a route table", "before its subnet", "route table", "subnet"],
    ["a subnet", "before its VPC", "subnet", "VPC"],
    ["a profile", "before its role", "instance profile", "role"],
    ["a role", "before its policy", "role", "policy"],
    ["an alias", "before its key", "key alias", "key"],
    ["what a key encrypts", "before the key", "bucket", "key"],
    ["the VPC", "before the registry, which says what the org has", "VPC", "table"],
  ])("is %s %s", (_name, _why, first, second) => {
    const plan = planRemoval([thing(second), thing(first)], "acme", []);
    expect(plan.stages.map((stage) => stage.map(({ kind }) => kind))).toEqual([[first], [second]]);
    expect(plan.kept).toEqual([]);
  });

  test.each<[string, FoundThing, string]>([
    [
      "has another org's tag",
      thing("bucket", { tags: { "muster:org": "other" } }),
      "its tag muster:org is other",
    ],
    ["is only named for the org", thing("role", { tags: {} }), "it has no tag muster:org"],
    ["can't have a tag, and is part of nothing", untagged("dashboard"), "it has no tag muster:org"],
    ["is in the org's VPC, and could have the tag", untagged("instance", { within: ["VPC-1"] }), "no tag"],
    [
      "has the tag of another org in the VPC",
      thing("network interface", { tags: { "muster:org": "b" }, within: ["VPC-1"] }),
      "is b",
    ],
    ["is of a kind that is not known", thing("robot"), "no things of its kind"],
  ])("is nothing that %s", (_name, given, why) => {
    const { stages, kept } = planRemoval([thing("VPC"), given], "acme", []);
    expect(stages.flat().map(({ kind }) => kind)).toEqual(["VPC"]);
    expect(kept).toEqual([
      { kind: given.kind, id: given.id, isChosen: false, why: expect.stringContaining(why) },
    ]);
  });

  test("is also what AWS makes by itself in what is the org's", () => {
    const parts = [
      untagged("network interface", { within: ["VPC-1"] }),
      untagged("mount target", { within: ["file system-1"] }),
      untagged("key alias", { within: ["key-1"] }),
    ];
    expect(ordered([thing("VPC"), thing("file system"), thing("key"), ...parts])).toHaveLength(6);
  });

  test("is nothing that is gone, or waits for its deletion", () => {
    expect(ordered([thing("key", { status: "pending deletion" }), thing("VPC", { status: "gone" })])).toEqual(
      [],
    );
  });

  test("leaves what --keep names, by kind or id, and says what it goes on costing", () => {
    const things = [thing("file system"), thing("bucket"), thing("VPC")];
    const { stages, kept } = planRemoval(things, "acme", ["file system", "bucket-1"]);
    expect(stages.flat().map(({ id }) => id)).toEqual(["VPC-1"]);
    expect(kept).toEqual([
      {
        kind: "file system",
        id: "file system-1",
        isChosen: true,
        why: expect.stringMatching(/--keep; .*0\.30 USD/),
      },
      { kind: "bucket", id: "bucket-1", isChosen: true, why: expect.stringMatching(/--keep; .*0\.023 USD/) },
    ]);
  });

  test("has a problem with each word of --keep that names nothing", () => {
    const things = [thing("bucket")];
    expect(keepProblems(things, ["bucket", "bucket-1", "role"])).toEqual([]);
    expect(keepProblems(things, ["Bucket", "bucket-2"])).toEqual([
      expect.stringMatching(/^--keep Bucket: .*Kinds: Auto Scaling group, .*Nothing was removed$/),
      expect.stringContaining("--keep bucket-2"),
    ]);
  });
});

describe("removing", () => {
  const GONE: Removal = { is: "gone" };
  let nowMs: number;
  let said: string[];
  let calls: string[];
  beforeEach(() => {
    nowMs = 0;
    said = [];
    calls = [];
  });
  const run = (
    stages: readonly (readonly FoundThing[])[],
    remove: (id: string, tries: number) => Removal,
    signal = new AbortController().signal,
  ) =>
    removeAll(stages, {
      remove: async ({ id }) => {
        calls.push(id);
        return remove(id, calls.filter((called) => called === id).length);
      },
      say: (line) => said.push(line),
      sleep: async (ms) => {
        nowMs += ms;
      },
      now: () => new Date(nowMs),
      signal,
    });
  const SUBNET = [thing("subnet")];
  const VPC = [thing("VPC")];

  test("begins a stage when the one before is gone, and says once what it waits for", async () => {
    const removed = await run([SUBNET, VPC], (id, tries) =>
      id === "subnet-1" && tries < 4 ? { is: "waiting", why: "DependencyViolation: in use" } : GONE,
    );
    expect(calls).toEqual(["subnet-1", "subnet-1", "subnet-1", "subnet-1", "VPC-1"]);
    expect(said).toEqual([
      "waiting for 1 of 1: subnet subnet-1: DependencyViolation: in use",
      "removed subnet subnet-1",
      "removed VPC VPC-1",
    ]);
    expect(nowMs).toBe(15_000);
    expect(removed.map(({ result, why }) => [result, why])).toEqual([
      ["removed", null],
      ["removed", null],
    ]);
  });

  test("fails what stays with its cause, after ten minutes; what needs it waits half a minute more", async () => {
    const removed = await run([SUBNET, VPC], (id) => ({ is: "waiting", why: `${id} is in use` }));
    expect(nowMs).toBe(630_000);
    expect(removed).toEqual([
      {
        kind: "subnet",
        id: "subnet-1",
        result: "failed",
        why: "it is still there after 10m: subnet-1 is in use",
      },
      { kind: "VPC", id: "VPC-1", result: "failed", why: "it is still there after 30s: VPC-1 is in use" },
    ]);
  });

  test("does not repeat what waiting does not help, and goes on with the rest", async () => {
    const removed = await run([[thing("role"), thing("role", { id: "role-2" })], [thing("policy")]], (id) => {
      if (id === "role-1") throw new Error("AccessDenied: not you");
      return GONE;
    });
    expect(calls).toEqual(["role-1", "role-2", "policy-1"]);
    expect(removed.map(({ id, result, why }) => [id, result, why])).toEqual([
      ["role-1", "failed", "AccessDenied: not you"],
      ["role-2", "removed", null],
      ["policy-1", "removed", null],
    ]);
  });

  test("begins nothing more once it is stopped", async () => {
    const stop = new AbortController();
    const removed = await run(
      [SUBNET, VPC],
      () => {
        stop.abort();
        return GONE;
      },
      stop.signal,
    );
    expect(calls).toEqual(["subnet-1"]);
    expect(removed.map(({ result }) => result)).toEqual(["removed", "not-begun"]);
  });
});

describe("what AWS answers to a removal", () => {
  const answer = (name: string, message = "m") =>
    judged(async () => {
      throw Object.assign(new Error(message), { name });
    });

  test.each([
    ...[
      "InvalidVpcID.NotFound",
      "NoSuchEntityException",
      "NoSuchBucket",
      "FileSystemNotFound",
      "ParameterNotFound",
    ],
    ...["InvalidAMIID.Unavailable", "ResourceNotFoundException"],
  ])("%s means that it is gone", async (name) => {
    expect(await answer(name)).toEqual({ is: "gone" });
  });

  test.each([
    ["DependencyViolation", "m"],
    ["InvalidSnapshot.InUse", "m"],
    ["VolumeInUse", "m"],
    ["FileSystemInUse", "m"],
    ["DeleteConflictException", "m"],
    ["ResourceInUseException", "m"],
    ["IncorrectMountTargetState", "m"],
    ["InvalidParameterValue", "Network interface 'eni-1' is currently in use."],
    ["ThrottlingException", "m"],
    ["InvalidPermission.NotFound", "a rule went between two calls"],
  ])("%s means that it may go later", async (name, message) => {
    expect(await answer(name, message)).toEqual({ is: "waiting", why: `${name}: ${message}` });
  });

  test.each(["AccessDenied", "UnauthorizedOperation", "InvalidParameterValue"])(
    "%s fails at once, with its words",
    async (name) => {
      await expect(answer(name)).rejects.toThrow(`${name}: m`);
    },
  );
});

describe("muster cleanup", () => {
  let world: FakeWorld;
  const cleanup = (...options: string[]) => world.run("cleanup", "--region", "us-east-1", ...options);
  const said = () => world.said.join("\n");
  beforeEach(() => {
    world = new FakeWorld();
    world.files.set("muster.yaml", Buffer.from("org: {name: acme, region: us-east-1}\nclusters: []\n"));
    world.files.set("cdktf.json", Buffer.from("{}"));
  });
  const sure = (...options: string[]) => cleanup("--confirm", "acme", ...options);
  const FAILED = { clusterStatus: "FAILED", phase: "waiting-for-nodes" } as const;

  test("destroys the org's stack by cdktf, and proves that nothing is left", async () => {
    world.leftovers = { leftovers: [], pendingDeletion: [{ kind: "key", id: "k" }] };
    world.follows = (_argv, onLine) => {
      onLine("Destroying");
      return 0;
    };
    expect(await sure()).toBe(0);
    expect(world.ran.map((argv) => argv.join(" "))).toEqual([
      "npx --no-install cdktf destroy muster_acme --auto-approve --skip-provider-lock --ignore-missing-stack-dependencies",
    ]);
    expect(said()).toContain("cdktf | Destroying");
    expect(world.out).toBe("pending deletion: key k\nNothing of org acme is left in us-east-1.\n");
    expect(world.listens).toBe(false);
  });

  test("asks for the org's name first; without a terminal it names the option, and removes nothing", async () => {
    expect(await cleanup()).toBe(2);
    expect(said()).toContain("give --confirm acme. Nothing was removed.");
    expect(await cleanup("--confirm", "acne")).toBe(3);
    world.canAsk = true;
    world.answer = "";
    expect(await cleanup()).toBe(3);
    expect(world.questions).toEqual([
      "The network, the files, the logs and the registry of org acme in us-east-1 will be removed, with all data in them, and can't be restored. Type the org's name: ",
    ]);
    expect(world.ran).toEqual([]);
    world.answer = "acme";
    expect(await cleanup()).toBe(0);
    expect(world.ran).toHaveLength(1);
  });

  test.each([[[]], [["--dry-run"]], [["--without-state", "--confirm", "acme"]]])(
    "is refused with the list while a cluster, FAILED too, or a notebook is there: %p",
    async (options) => {
      world.clusters.push(observedCluster({ uuid: "u-1", name: "alpha", ...FAILED }));
      world.notebooks.set("lab", notebookItem({ name: "lab" }));
      world.things = () => [thing("VPC")];
      expect(await cleanup(...options)).toBe(3);
      expect(said()).toContain(
        "Org acme still has 1 cluster and 1 notebook in us-east-1:\n  alpha u-1 FAILED\n  notebooks: lab",
      );
      expect(world.ran).toEqual([]);
      expect(world.out).toBe("");
    },
  );

  test("looks again for two minutes while something is listed, and fails with what is left", async () => {
    world.timePasses = true;
    world.leftovers = { leftovers: [{ kind: "log group", id: "g" }], pendingDeletion: [] };
    expect(await sure("--json")).toBe(1);
    expect(JSON.parse(world.out)).toEqual({ isDryRun: false, exitCode: 0, ...world.leftovers });
    expect(world.now().toISOString()).toBe("2026-01-01T00:12:00.000Z");
    expect(said()).toContain("Still listed: 1, such as log group g.");
    expect(said()).toContain("muster cleanup --without-state --dry-run");
  });

  test("is done where what is listed goes meanwhile", async () => {
    world.leftovers = { leftovers: [{ kind: "log group", id: "g" }], pendingDeletion: [] };
    world.meanwhile = () => {
      world.leftovers = { leftovers: [], pendingDeletion: [] };
    };
    expect(await sure()).toBe(0);
  });

  test("fails where cdktf does, and says what is left", async () => {
    world.follows = () => 1;
    world.leftovers = { leftovers: [{ kind: "VPC", id: "vpc-1" }], pendingDeletion: [] };
    expect(await sure()).toBe(1);
    expect(world.out).toBe("left: VPC vpc-1\n");
    expect(said()).toContain("cdktf ended with exit status 1");
  });

  test("asks cdktf to stop at a Ctrl-C", async () => {
    world.follows = (_argv, _onLine, stop) => {
      world.interrupt();
      expect(stop.aborted).toBe(true);
      return 1;
    };
    expect(await sure()).toBe(130);
    expect(world.listens).toBe(false);
  });

  test("only says what it would do with --dry-run", async () => {
    world.leftovers = { leftovers: [{ kind: "VPC", id: "vpc-1" }], pendingDeletion: [] };
    expect(await cleanup("--dry-run")).toBe(0);
    expect(world.out).toMatch(/^would run: npx .* muster_acme .*\nthere: VPC vpc-1\n$/);
    expect(world.ran).toEqual([]);
  });

  test.each([
    ["no project", () => world.files.delete("cdktf.json"), [], "there is no cdktf.json here"],
    ["another org's project", () => undefined, ["--org", "other"], "muster.yaml declares acme"],
    ["another region's project", () => undefined, ["--region", "eu-west-1"], "declares us-east-1"],
    [
      "an exclusion that Terraform would not heed",
      () => undefined,
      ["--keep", "bucket"],
      "--keep: give it with --without-state",
    ],
    ["an option that there is not", () => undefined, ["--exclude", "bucket"], "unknown option '--exclude'"],
  ])("refuses to begin with %s", async (_name, change, options, message) => {
    change();
    expect(await cleanup(...options)).toBe(2);
    expect(said()).toContain(message);
    expect(world.ran).toEqual([]);
  });

  describe("without state", () => {
    const removed: string[] = [];
    const clean = (...options: string[]) => cleanup("--without-state", "--org", "acme", ...options);
    beforeEach(() => {
      world.files.clear();
      removed.length = 0;
      const things = [thing("VPC"), thing("subnet"), thing("role", { tags: {} })];
      world.things = () => things.filter(({ id }) => !removed.includes(id));
      world.removes = async ({ id }) => {
        removed.push(id);
        return { is: "gone" };
      };
    });

    test("finds what has the tag from an empty folder, and removes it in order after the name was typed", async () => {
      world.canAsk = true;
      world.answer = "acme";
      world.things = () => [thing("VPC"), thing("subnet")].filter(({ id }) => !removed.includes(id));
      expect(await clean()).toBe(0);
      expect(removed).toEqual(["subnet-1", "VPC-1"]);
      expect(world.said.slice(0, 2)).toEqual(["to remove: subnet subnet-1", "to remove: VPC VPC-1"]);
      expect(world.questions).toEqual([
        expect.stringMatching(/^2 things of org acme in us-east-1 .*Type the org's name: $/),
      ]);
      expect(world.out).toBe("Nothing of org acme is left in us-east-1.\n");
    });

    test.each(["", "ACME", "yes", "acm"])('removes nothing where "%s" was typed', async (answer) => {
      world.canAsk = true;
      world.answer = answer;
      expect(await clean()).toBe(3);
      expect(removed).toEqual([]);
    });

    test("removes nothing without a terminal, and names the option", async () => {
      expect(await clean()).toBe(2);
      expect(said()).toContain("give --confirm acme. Nothing was removed.");
      expect(await clean("--confirm", "other")).toBe(3);
      expect(removed).toEqual([]);
    });

    test("lists with --dry-run what would go, in order, and what stays", async () => {
      expect(await clean("--dry-run")).toBe(0);
      expect(world.out).toMatch(
        /^to remove: subnet subnet-1\nto remove: VPC VPC-1\nstays: role role-1: it has no tag/,
      );
      expect(removed).toEqual([]);
    });

    test("aborts at an exclusion that names nothing, before anything is removed", async () => {
      expect(await clean("--confirm", "acme", "--keep", "buckets")).toBe(2);
      expect(said()).toContain("--keep buckets: there is nothing of this id, and it is no kind.");
      expect(removed).toEqual([]);
    });

    test("is done where only what was chosen to stay is left", async () => {
      world.things = () => [thing("VPC"), thing("bucket")].filter(({ id }) => !removed.includes(id));
      world.leftovers = { leftovers: [{ kind: "bucket", id: "bucket-1" }], pendingDeletion: [] };
      expect(await clean("--confirm", "acme", "--keep", "bucket")).toBe(0);
      expect(removed).toEqual(["VPC-1"]);
      expect(world.out).toContain("stays: bucket bucket-1: --keep; it goes on costing");
    });

    test("does not say at the end that something stays which went with what it was part of", async () => {
      expect(await clean("--confirm", "acme")).toBe(0);
      expect(world.out).toBe("Nothing of org acme is left in us-east-1.\n");
    });

    test("lists at the end what stays because it is only named for the org, and does not wait for it", async () => {
      world.timePasses = true;
      world.leftovers = { leftovers: [{ kind: "role", id: "role-1" }], pendingDeletion: [] };
      const before = world.now();
      expect(await clean("--confirm", "acme")).toBe(1);
      expect(world.now()).toEqual(before);
      expect(world.out).toBe(
        "stays: role role-1: it has no tag muster:org: it goes with what it is part of, or you delete it by hand\nleft: role role-1\n",
      );
    });

    test("lists each failure at the end with its cause", async () => {
      world.removes = async ({ kind }) => {
        if (kind === "subnet") throw new Error("UnauthorizedOperation: ec2:DeleteSubnet");
        removed.push("VPC-1");
        return { is: "gone" };
      };
      world.leftovers = { leftovers: [{ kind: "subnet", id: "subnet-1" }], pendingDeletion: [] };
      expect(await clean("--confirm", "acme")).toBe(1);
      expect(world.out).toContain("FAILED: subnet subnet-1: UnauthorizedOperation: ec2:DeleteSubnet\n");
      expect(world.out).toContain("left: subnet subnet-1\n");
    });

    test("removes again what a service made again meanwhile", async () => {
      let made = 0;
      world.things = () => [thing("log group")].filter(() => made < 2);
      world.removes = async ({ id }) => {
        made += 1;
        removed.push(id);
        return { is: "gone" };
      };
      expect(await clean("--confirm", "acme", "--json")).toBe(0);
      expect(removed).toEqual(["log group-1", "log group-1"]);
      expect(JSON.parse(world.out)).toMatchObject({ removed: [{ id: "log group-1", result: "removed" }] });
    });

    test("goes on with clusters whose state is lost too only where that is said", async () => {
      world.clusters.push(observedCluster({ uuid: "u-1", name: "alpha", ...FAILED }));
      expect(await clean("--confirm", "acme")).toBe(3);
      expect(said()).toContain("add --with-clusters");
      expect(await clean("--confirm", "acme", "--with-clusters")).toBe(0);
      expect(removed).toEqual(["subnet-1", "VPC-1"]);
    });

    test("begins nothing more after a Ctrl-C, and says what was not begun", async () => {
      world.removes = async ({ id }) => {
        removed.push(id);
        world.interrupt();
        return { is: "gone" };
      };
      expect(await clean("--confirm", "acme")).toBe(130);
      expect(removed).toEqual(["subnet-1"]);
      expect(world.out).toContain("not begun: VPC VPC-1");
    });
  });
});
