import { execFileSync, spawnSync } from "node:child_process";
import { beforeEach, describe, expect, test } from "@jest/globals";
import { FakeWorld } from "../../../support/cli/fake-world.js";

let world: FakeWorld;
beforeEach(() => {
  world = new FakeWorld();
});
const scriptOf = async (shell: string): Promise<string> => {
  expect(await world.run("completion", shell)).toBe(0);
  return world.out;
};

describe("muster completion", () => {
  test.each([
    ["a group", ["muster", "jo"], ["job"]],
    ["a command of a group", ["muster", "cluster", "re"], ["resize", "resume", "repair"]],
    ["an option", ["muster", "job", "run", "--idem"], ["--idempotency-key"]],
    ["an option after an argument", ["muster", "job", "logs", "job-1", "--fol"], ["--follow"]],
    ["a command after a group's option", ["muster", "git-credentials", "s"], ["set"]],
    ["nothing that fits", ["muster", "job", "run", "pi.p"], []],
  ])("bash completes %s", async (_what, words, offered) => {
    const script = await scriptOf("bash");
    const typed = words.map((word) => `'${word}'`).join(" ");
    const run = `${script}\nCOMP_WORDS=(${typed}); COMP_CWORD=${words.length - 1}; _muster; echo "\${COMPREPLY[@]}"`;
    const said = execFileSync("bash", ["-c", run], { encoding: "utf8" }).trim();
    expect(said.split(" ").filter(Boolean).sort()).toEqual([...offered].sort());
  });

  test("starts no program, says nothing else, and leaves what it completes alone", async () => {
    const run = `${await scriptOf("bash")}\nCOMP_WORDS=(muster job run --idem); COMP_CWORD=3; _muster; echo "$COMPREPLY"`;
    const bash = execFileSync("which", ["bash"], { encoding: "utf8" }).trim();
    // Nothing is on PATH: what were to be started would not be found, and say so.
    const { stdout, stderr, status } = spawnSync(bash, ["--norc", "-c", run], {
      ...{ encoding: "utf8", env: { PATH: "/nonexistent" } },
    });
    expect([stdout, stderr, status]).toEqual(["--idempotency-key\n", "", 0]);
  });

  test("zsh runs bash's, and names the command it completes", async () => {
    const script = await scriptOf("zsh");
    expect(script.split("\n")[0]).toBe("#compdef muster");
    expect(script).toContain("bashcompinit");
    expect(script).toContain("complete -o default -F _muster muster");
  });

  test("fish has each command below its group, and each option", async () => {
    const script = await scriptOf("fish");
    expect(script).toMatch(
      /^complete -c muster -n 'not __fish_seen_subcommand_from init .*' -f -a 'init doctor job /m,
    );
    expect(script).toContain(
      "complete -c muster -n '__fish_seen_subcommand_from job; and __fish_seen_subcommand_from logs' -l follow\n",
    );
  });

  test("--json has the words as one document", async () => {
    expect(await world.run("completion", "bash", "--json")).toBe(0);
    const { name, commands } = JSON.parse(world.out) as { name: string; commands: { name: string }[] };
    expect(name).toBe("muster");
    expect(commands.map((command) => command.name)).toContain("job");
  });

  test("another shell can't be used", async () => {
    expect(await world.run("completion", "tcsh")).toBe(2);
    expect(world.said.join()).toContain("Allowed choices are bash, zsh, fish.");
  });
});
