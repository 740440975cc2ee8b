import { execFileSync } from "node:child_process";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { createErrands, type Errands } from "../../../../agent/system/errands.js";
import { createRemovals } from "../../../../agent/system/removals.js";
import { waitFor } from "../../../../scripts/system/wait.js";
import { type TestCgroups, testCgroups } from "../../../support/agent/cgroups.js";
import { JOB_USER, temporaryFolder } from "../../../support/agent/job-user.js";

type Run = Errands["run"];
const noOutput = Buffer.alloc(0);
const settle = () => new Promise((resolve) => setTimeout(resolve, 30));

describe("what is to be removed", () => {
  /** Each errand takes what its turn says; its number is counted. */
  function over(
    turns: readonly (() => Promise<unknown>)[],
    options: Parameters<typeof createRemovals>[2] = {},
  ) {
    const seen = { begun: 0, left: [] as unknown[] };
    const run: Run = async () => {
      await turns[seen.begun++]?.();
      return noOutput;
    };
    return { seen, removals: createRemovals({ run }, (error) => seen.left.push(error), options) };
  }
  const late = () => settle().then(() => Promise.reject(new Error("not done")));
  const done = () => Promise.resolve();

  test("goes on where there was no time for all of it, up to a limit", async () => {
    const two = over([late, late, done], { timeoutMs: 20 });
    two.removals.begin("/jobs");
    await waitFor({
      what: "3 rounds",
      timeoutSeconds: 5,
      everyMs: 10,
      look: () => two.seen.begun,
      isDone: (n) => n === 3,
      describe: String,
    });
    const endless = over([late, late, late, late], { timeoutMs: 20, rounds: 2 });
    endless.removals.begin("/jobs");
    await waitFor({
      what: "its end",
      timeoutSeconds: 5,
      everyMs: 10,
      look: () => endless.seen.left.length,
      isDone: (n) => n === 1,
      describe: String,
    });
    expect([two.seen.left, endless.seen.begun]).toEqual([[], 2]);
  });

  test("is said where it can't be removed, and is not tried again for that", async () => {
    const { seen, removals } = over([() => Promise.reject(new Error("no permission"))]);
    removals.begin("/jobs");
    await settle();
    expect(seen).toEqual({ begun: 1, left: [new Error("no permission")] });
  });

  test("is removed by one errand at a time, and what came meanwhile by another", async () => {
    let end: () => void = () => undefined;
    const held = () => new Promise<void>((resolve) => (end = resolve));
    const { seen, removals } = over([held, done]);
    for (const _ of [1, 2, 3]) removals.begin("/jobs");
    await settle();
    expect(seen.begun).toBe(1);
    end();
    await settle();
    expect(seen.begun).toBe(2);
  });

  test("by an earlier agent is looked for once, after the first launch", async () => {
    const { seen, removals } = over([done, done], { laterMs: 5 });
    removals.beginLater("/jobs");
    removals.beginLater("/jobs");
    expect(seen.begun).toBe(0);
    await settle();
    removals.beginLater("/jobs");
    await settle();
    expect(seen.begun).toBe(1);
  });
});

describe("the errand that removes", () => {
  let own: TestCgroups;
  let root: Awaited<ReturnType<typeof temporaryFolder>>;
  beforeEach(async () => {
    own = await testCgroups();
    root = await temporaryFolder();
  });
  afterEach(async () => {
    await own.remove();
    await root.remove();
  });

  test("takes all that was moved away, whatever a job has made of it, and nothing else", async () => {
    const at = (...parts: string[]) => join(root.path, ...parts);
    await mkdir(at("job-1"));
    await mkdir(at(".old.a/shut/deep/deeper"), { recursive: true });
    await writeFile(at(".old.a/shut/deep/file"), "");
    await mkdir(at(".old.b"));
    execFileSync(
      "sh",
      ["-c", "ln -s /etc .old.c; ln -s ../job-1 .old.b/link; mkfifo .old.d; touch -- '.old.e f' .old.a/-rf"],
      { cwd: root.path },
    );
    execFileSync("chown", ["-Rh", `${JOB_USER.uid}:${JOB_USER.gid}`, root.path]);
    execFileSync("chmod", [
      "0",
      at(".old.a/shut/deep/deeper"),
      at(".old.a/shut/deep"),
      at(".old.a/shut"),
      at(".old.a"),
    ]);
    const left: unknown[] = [];
    createRemovals(createErrands(own.cgroups, JOB_USER), (error) => left.push(error)).begin(root.path);
    await waitFor({
      ...{ what: "the job's folder alone", timeoutSeconds: 20, everyMs: 20 },
      look: () => readdir(root.path),
      isDone: (names) => names.join() === "job-1" || left.length > 0,
      describe: (names) => names.join(),
    });
    expect(left).toEqual([]);
  });
});
