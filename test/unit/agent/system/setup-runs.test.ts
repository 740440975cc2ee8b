import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { SetupRun } from "../../../../agent/environments/ports.js";
import { createSetupRuns } from "../../../../agent/system/setup-runs.js";
import { type TestCgroups, testCgroups } from "../../../support/agent/cgroups.js";
import { JOB_USER, temporaryFolder } from "../../../support/agent/job-user.js";

const NEVER = new AbortController().signal;
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

const setups = (maxBytes = 1_000_000) =>
  createSetupRuns({
    cgroups: own.cgroups,
    user: JOB_USER,
    done: join(root.path, "done"),
    outputs: join(root.path, "outputs"),
    maxBytes,
  });
const setup = (script: string, changes: Partial<SetupRun> = {}): SetupRun => ({
  jobId: "job-1",
  attempt: 1,
  command: ["/bin/sh", "-c", script],
  timeoutSeconds: 60,
  folder: root.path,
  variables: { PATH: "/usr/bin:/bin", COLOUR: "green 'a' $b\nc", EMPTY: "" },
  ...changes,
});

describe("a set-up", () => {
  test("runs as the job user, in its folder, with its variables and no other", async () => {
    process.env["AWS_SECRET_ACCESS_KEY"] ??= "a secret";
    const end = await setups().run(
      setup('id -u; pwd; printf "%s|%s\\n" "$COLOUR" "$EMPTY"; env | grep -c AWS_'),
      NEVER,
    );
    expect(end).toEqual({
      end: "exited",
      exitCode: 1,
      text: `${JOB_USER.uid}\n${root.path}\ngreen 'a' $b\nc|\n0\n`,
    });
  });

  test.each<[string, Partial<SetupRun>, number, RegExp]>([
    ["a program that is missing", { command: ["no-such-program"] }, 127, /no-such-program: not found/],
    ["a folder that is missing", { folder: "/no/such" }, 2, /can't cd to \/no\/such/],
    ["a name with an equals sign", { command: ["A=B"] }, 127, /A=B: not found/],
    [
      "words that a shell would change",
      { command: ["printf", "%s;", "$HOME", "a b", "*"] },
      0,
      /^\$HOME;a b;\*;$/,
    ],
  ])("of %s", async (_name, changes, exitCode, text) => {
    const end = await setups().run(setup("", changes), NEVER);
    expect(end).toEqual({ end: "exited", exitCode, text: expect.stringMatching(text) });
  });

  test("ends with all that it has left running", async () => {
    expect(await setups().run(setup("setsid sleep 300 & echo done"), NEVER)).toMatchObject({
      exitCode: 0,
      text: "done\n",
    });
    expect(await own.cgroups.ids("errand")).toEqual([]);
  });

  test.each<[string, string, Partial<SetupRun>, string]>([
    ["takes too long", "echo begun; setsid sleep 300 & sleep 300", { timeoutSeconds: 1 }, "timed-out"],
    ["prints without an end", "yes", {}, "too-much-output"],
  ])("that %s is ended whole", async (_name, script, changes, end) => {
    expect(await setups().run(setup(script, changes), NEVER)).toMatchObject({ end, exitCode: 137 });
    expect(await own.cgroups.ids("errand")).toEqual([]);
  });

  test("that a signal cuts short rejects, and leaves no process and its output", async () => {
    const ending = new AbortController();
    const running = setups().run(setup("echo begun; sleep 300"), ending.signal);
    setTimeout(() => ending.abort(new Error("gone")), 300);
    await expect(running).rejects.toThrow("gone");
    expect(await own.cgroups.ids("errand")).toEqual([]);
    expect(await setups().list()).toHaveLength(1);
    await expect(setups().run(setup("exit 0"), AbortSignal.abort(new Error("gone")))).rejects.toThrow("gone");
  });

  test("keeps its output, root's alone, for the delivery", async () => {
    await setups().run(setup("echo out; echo err >&2; echo >/proc/self/fd/1 reopened || :"), NEVER);
    const [log] = await setups().list();
    expect(log).toEqual({ jobId: "job-1", attempt: 1, path: join(root.path, "outputs/job-1-1.log") });
    expect(await readFile(log?.path ?? "", "utf8")).toMatch(/^out\nerr\n/);
    expect((await stat(log?.path ?? "")).mode & 0o777).toBe(0o600);
    await setups().remove(log?.path ?? "");
    await setups().remove(log?.path ?? "");
    expect(await setups().list()).toEqual([]);
  });

  test("that its agent did not survive is one to deliver", async () => {
    const ending = new AbortController();
    const running = setups()
      .run(setup("echo begun; sleep 300"), ending.signal)
      .catch(() => null);
    setTimeout(() => ending.abort(), 300);
    while ((await readdir(join(root.path, "outputs")).catch(() => [])).length === 0)
      await new Promise(setImmediate);
    expect(await setups().list()).toEqual([]);
    await setups().takeUp();
    expect(await setups().list()).toHaveLength(1);
    await running;
  });

  test("that has ended well is remembered by the node, also by another agent", async () => {
    expect(await setups().isDone("job-1")).toBe(false);
    await setups().note("job-1");
    expect([await setups().isDone("job-1"), await setups().isDone("job-2")]).toEqual([true, false]);
  });
});
