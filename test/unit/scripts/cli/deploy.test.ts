import { beforeEach, describe, expect, test } from "@jest/globals";
import { DEPLOY } from "../../../../scripts/cli/core/cdktf.js";
import { FakeWorld } from "../../../support/cli/fake-world.js";

let world: FakeWorld;
beforeEach(() => {
  world = new FakeWorld();
  world.files.set("muster.yaml", Buffer.from("org: {name: demo, region: us-east-1}\n"));
  world.files.set("cdktf.json", Buffer.from("{}"));
});

describe("muster deploy", () => {
  test("runs cdktf, and says how it ended", async () => {
    expect(await world.run("deploy", "--yes", "--json")).toBe(0);
    expect(world.ran).toEqual([DEPLOY]);
    expect(JSON.parse(world.out)).toEqual({ org: "demo", region: "us-east-1", exitCode: 0 });
  });

  test("with closed stdin and without --yes fails, names the option, and runs nothing", async () => {
    expect(await world.run("deploy")).toBe(2);
    expect(world.said).toEqual(["there is no terminal to ask at: give --yes"]);
    expect(world.ran).toEqual([]);
  });

  test.each([
    ["demo", 0, 1],
    ["no", 3, 0],
    ["", 3, 0],
  ])("at a terminal, the answer %p ends with %i", async (answer, exitCode, runs) => {
    world.canAsk = true;
    world.answer = answer;
    expect(await world.run("deploy")).toBe(exitCode);
    expect(world.ran).toHaveLength(runs);
  });

  test("explains the lock that stopped it", async () => {
    world.follows = (_argv, onLine) => {
      for (const line of [
        "│ Error: Error acquiring the state lock",
        "│   ID:        0f1e",
        "│   Path:      b/muster/demo/org.tfstate",
      ])
        onLine(line);
      return 1;
    };
    expect(await world.run("deploy", "--yes")).toBe(1);
    expect(world.said.at(-1)).toContain("-chdir=cdktf.out/stacks/muster_demo force-unlock -force 0f1e");
  });

  test("says nothing of a lock after another error", async () => {
    world.follows = () => 1;
    expect(await world.run("deploy", "--yes")).toBe(1);
    expect(world.said.join("\n")).not.toContain("force-unlock");
  });

  test.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)("on %s asks cdktf to stop once, waits for it, and ends with %i", async (signal, exitCode) => {
    let asked = 0;
    world.follows = (_argv, _onLine, stop) =>
      new Promise((resolve) => {
        stop.addEventListener("abort", () => {
          asked += 1;
          resolve(1);
        });
        setImmediate(() => world.interrupt(signal));
      });
    expect(await world.run("deploy", "--yes")).toBe(exitCode);
    expect(asked).toBe(1);
    expect(world.listens).toBe(false);
  });
});
