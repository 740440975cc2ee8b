import { describe, expect, test } from "@jest/globals";
import type { Place } from "../../../scripts/acceptance/place.js";
import { acceptancePlan } from "../../../scripts/acceptance/plan.js";
import type { Stage, Typed } from "../../../scripts/acceptance/stage.js";
import type { Step } from "../../../scripts/acceptance/step.js";

type Answer = string | Partial<Typed>;

const PLACE: Place = {
  ...{ name: "a place", prices: "/prices.json", sessions: null },
  git: { url: "https://example.com/tools", file: "ring.py" },
  howToRemove: () => [],
  open: async () => ({}),
  close: async () => "",
};

/** A stage whose commands answer by the first key that is part of what is typed; a list answers one after the other. */
function world(answers: Readonly<Record<string, Answer | readonly Answer[]>>, over: Partial<Stage> = {}) {
  const [typed, calls]: [string[], string[]] = [[], []];
  const asked = new Map<string, number>();
  const note =
    (what: string) =>
    async (...args: readonly unknown[]) => {
      calls.push(`${what} ${JSON.stringify(args)}`);
    };
  const stage: Stage = {
    ...{ place: PLACE, checkout: "/checkout", usdPerHour: null, account: null, say: () => undefined },
    project: { folder: "/project", org: "demo", region: "us-east-1", bucket: "bucket" },
    declaration: { image: { kind: "family", family: "mpi" }, bucket: "bucket" },
    aws: {
      caller: async () => "123456789012",
      ...{ putFiles: note("put"), removeBucket: note("remove"), terminate: note("terminate") },
    },
    open: async () => undefined,
    readFile: async () => "clusters: []\n",
    writeFile: note("write"),
    async type(argv) {
      const line = argv.join(" ");
      typed.push(line);
      const key = Object.keys(answers).find((part) => line.includes(part));
      if (key === undefined) return { exitCode: 0, stdout: "", lines: "" };
      const [turn, found] = [asked.get(key) ?? 0, answers[key]];
      asked.set(key, turn + 1);
      const all = Array.isArray(found) ? (found as readonly Answer[]) : [found as Answer];
      const answer = all[Math.min(turn, all.length - 1)] ?? "";
      const {
        exitCode = 0,
        stdout = "",
        lines = stdout,
      } = typeof answer === "string" ? { stdout: answer } : answer;
      return { exitCode, stdout, lines };
    },
    ...over,
  };
  const plan = acceptancePlan(stage);
  const all = [...plan.opening, ...plan.steps, ...plan.teardown, ...plan.closing];
  const step = (name: string): Step => {
    const found = all.find((one) => one.name === name);
    if (found === undefined) throw new Error(`no step ${name}`);
    return found;
  };
  return {
    stage,
    typed,
    calls,
    all,
    step,
    run: (name: string) => step(name).run(new AbortController().signal),
  };
}

const PI = (ranks: readonly number[], of: number): string =>
  ranks.map((rank) => `rank ${rank} of ${of} on ip-10-0-0-${rank % 2}: pi = 3.14159265`).join("\n");
const node = (id: string, state = "ready") => ({ id, kind: "worker", state });
const shown = (nodes: readonly object[], more: object = {}): string =>
  JSON.stringify({ clusterStatus: "FINISHED", phase: "ready", headInstanceId: "i-1", nodes, ...more });

test("the steps are those that the guide lists, each name once", () => {
  const names = world({}).all.map(({ name }) => name);
  expect(names.join(" ")).toBe(
    "place package init check cost deploy image clusters job s3 git schedule notebook fault idle wake usage destroy bucket leftovers close",
  );
});

describe("a step without a place here is left out, with the reason", () => {
  test.each([
    ["image", {}, "--image bake"],
    ["git", { place: { ...PLACE, git: { leftOut: "no repository" } } }, "no repository"],
    ["notebook", { place: { ...PLACE, sessions: { leftOut: "no plugin" } } }, "no plugin"],
  ] as const)("%s", (name, over, why) => {
    expect(world({}, over).step(name).leftOut).toContain(why);
  });

  test("and not where it has one", () => {
    const { all } = world({}, { declaration: { image: { kind: "bake" }, bucket: "bucket" } });
    expect(all.filter(({ leftOut = null }) => leftOut !== null)).toEqual([]);
  });
});

describe("a job", () => {
  test("has to say something on every core", async () => {
    await expect(world({ "job run": PI([0, 1, 2, 3], 4) }).run("job")).resolves.toBe("4 ranks on 2 nodes");
    await expect(world({ "job run": PI([0, 1, 3], 4) }).run("job")).rejects.toThrow("3 of 4 ranks");
    await expect(world({ "job run": "" }).run("job")).rejects.toThrow("0 of 0 ranks");
  });

  test("that fails shows the command with its last lines", async () => {
    const { run } = world({ "job run": { exitCode: 3, lines: "the last thing it said" } });
    await expect(run("job")).rejects.toThrow(/pi\.py ended with exit status 3:\nthe last thing it said/);
  });

  test("of a bucket runs what was put there", async () => {
    const { run, calls, typed } = world({ "--s3": "from the bucket\nfrom the bucket" });
    await expect(run("s3")).resolves.toBe("2 ranks");
    expect(calls).toEqual([expect.stringMatching(/^put \["bucket","sources\/hello\/",\{"hello\.py"/)]);
    expect(typed).toEqual([expect.stringContaining("--s3 s3://bucket/sources/hello/ hello.py")]);
    await expect(world({ "--s3": "" }).run("s3")).rejects.toThrow("no rank has run");
  });

  test("of a schedule counts once it has finished", async () => {
    const jobs = [
      { id: "j-1", status: "FINISHED", definition: null },
      { id: "j-2", status: "FINISHED", definition: { name: "tick" } },
    ];
    await expect(world({ "job list": JSON.stringify({ jobs }) }).run("schedule")).resolves.toBe("job j-2");
  });
});

describe("a fault", () => {
  test("ends a worker that is not the head, and waits for another, whatever is said of the dead one", async () => {
    const before = shown([node("i-1"), node("i-2"), { ...node("i-9"), kind: "notebook" }]);
    const after = shown([node("i-1"), node("i-2"), node("i-3", "busy")]);
    const { run, calls } = world({ "cluster show": [before, after] });
    await expect(run("fault")).resolves.toBe("i-2 gone, i-3 there");
    expect(calls).toEqual(['terminate ["i-2"]']);
  });
});

describe("what becomes of clusters", () => {
  test.each([
    ["parked-idle", "parked-idle"],
    ["parked-on-request", null],
  ])("parked with %s", async (reasonCode, passes) => {
    const ended = world({ "cluster show": shown([], { phase: "parked", reasonCode }) }).run("idle");
    if (passes !== null) await expect(ended).resolves.toBe(passes);
    else await expect(ended).rejects.toThrow("another reason: parked-on-request");
  });

  test("both are in the usage, by the place's prices", async () => {
    const rows = [{ key: "alpha (u-1)" }, { key: "beta (u-2)" }];
    const { run, typed } = world({ usage: JSON.stringify({ rows, minutes: 9 }) });
    await expect(run("usage")).resolves.toBe("9 node minutes");
    expect(typed).toEqual([expect.stringContaining("usage --prices /prices.json --json")]);
    const lacking = world({ usage: JSON.stringify({ rows: rows.slice(1), minutes: 9 }) });
    await expect(lacking.run("usage")).rejects.toThrow("no row of alpha");
  });
});

describe("a notebook", () => {
  test("is open where its address is shown", async () => {
    const { run } = world({ "notebook open": { exitCode: 130, lines: "open http://127.0.0.1:4321/" } });
    await expect(run("notebook")).resolves.toBe("http://127.0.0.1:4321");
    await expect(
      world({ "notebook open": { exitCode: 1, lines: "no node" } }).run("notebook"),
    ).rejects.toThrow("no node");
  });
});

describe("the teardown", () => {
  test("destroys once more where it failed, and no oftener", async () => {
    const once = world({ destroy: [{ exitCode: 1 }, { exitCode: 0 }] });
    await expect(once.run("destroy")).resolves.toBe("at the second try");
    const twice = world({ destroy: { exitCode: 1, lines: "a lock" } });
    await expect(twice.run("destroy")).rejects.toThrow("a lock");
    expect(twice.typed).toHaveLength(2);
  });

  test("removes the bucket, and fails where something of the org is left", async () => {
    const { run, calls } = world({ leftovers: { exitCode: 1, lines: "left: vpc vpc-1" } });
    await run("bucket");
    expect(calls).toEqual(['remove ["bucket"]']);
    await expect(run("leftovers")).rejects.toThrow("left: vpc vpc-1");
  });
});

test("the opening finds the account and the cost of an hour, and declares what is played", async () => {
  const cost = {
    items: [{ cluster: "alpha", what: "c5.xlarge nodes", count: 2, usdPerHour: 0.34 }],
    usdPerHour: 0.5,
  };
  const { stage, run, calls, typed } = world({ cost: JSON.stringify(cost), check: "no problems" });
  for (const name of ["place", "init", "check", "cost"]) await run(name);
  expect(stage.account).toBe("123456789012");
  expect(stage.usdPerHour).toBeCloseTo(0.67);
  expect(calls[0]).toMatch(/^write \["\/project\/muster\.yaml","clusters:/);
  expect(typed[0]).toContain("/checkout/dist/cli/muster.cjs init --org demo --region us-east-1");
});
