import { execFileSync } from "node:child_process";
import { chmod, chown, lstat, mkdir, readdir, readFile, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { pino } from "pino";
import type { JobWorkspace } from "../../../../agent/jobs/ports.js";
import { createErrands, type Errands } from "../../../../agent/system/errands.js";
import { openHostfile } from "../../../../agent/system/hostfile-file.js";
import { createJobWorkspace } from "../../../../agent/system/job-workspace.js";
import { waitFor } from "../../../../scripts/system/wait.js";
import { type TestCgroups, testCgroups } from "../../../support/agent/cgroups.js";
import { JOB_USER, temporaryFolder } from "../../../support/agent/job-user.js";

let own: TestCgroups;
let root: Awaited<ReturnType<typeof temporaryFolder>>;
let errands: Errands;
beforeEach(async () => {
  own = await testCgroups();
  root = await temporaryFolder();
  errands = createErrands(own.cgroups, JOB_USER);
});
afterEach(async () => {
  await own.remove();
  await root.remove();
});

/** A file that is root's alone, which no link may bring the agent to. */
async function victim(): Promise<{ path: string; read(): Promise<string> }> {
  const folder = join(root.path, "..", `victim-${root.path.split("-").at(-1)}`);
  await mkdir(folder, { mode: 0o755, recursive: true });
  const path = join(folder, "file");
  await writeFile(path, "root's own", { mode: 0o600 });
  return { path, read: () => readFile(path, "utf8") };
}

describe("an errand", () => {
  const run = (script: string, timeoutMs = 60_000) =>
    errands.run({ script, parameters: ["a b", "$HOME"], timeoutMs });

  test("is the job user, with nothing of the agent's environment, and gets its parameters untouched", async () => {
    process.env["AWS_SECRET_ACCESS_KEY"] ??= "a secret";
    const output = (await run('id -u; printf "%s|" "$@"; env')).toString();
    expect(output).toContain(`${JOB_USER.uid}\na b|$HOME|`);
    expect(output).not.toContain("AWS_");
  });

  test("gets its input, byte for byte", async () => {
    const input = Buffer.from([0, 255, 10, 128]);
    expect(await errands.run({ script: "cat", parameters: [], input, timeoutMs: 60_000 })).toEqual(input);
  });

  test("gets a stream as its input, and need not read all of it", async () => {
    const chunks = () => Readable.from([Buffer.alloc(300_000, "a"), Buffer.alloc(300_000, "b")]);
    const count = { script: "wc -c", parameters: [], timeoutMs: 60_000 };
    expect((await errands.run({ ...count, input: chunks() })).toString().trim()).toBe("600000");
    const first = { script: "head -c 1", parameters: [], timeoutMs: 60_000 };
    expect((await errands.run({ ...first, input: chunks() })).toString()).toBe("a");
  });

  test("whose input fails rejects with that failure", async () => {
    const input = new Readable({ read() {} });
    setTimeout(() => input.destroy(new Error("socket hang up")), 50);
    const waits = { script: "cat", parameters: [], input, timeoutMs: 60_000 };
    await expect(errands.run(waits)).rejects.toThrow("socket hang up");
    const broken = new Readable({ read() {} });
    broken.on("error", () => undefined).destroy(new Error("broken before"));
    await new Promise((resolve) => setImmediate(resolve));
    await expect(errands.run({ ...waits, input: broken })).rejects.toThrow("broken before");
  });

  test("reads a secret from a pipe, and it is in no argument or variable", async () => {
    const script = "cat <&3; cat /proc/$$/cmdline /proc/$$/environ | grep -c 'can[a]ry' || :";
    const errand = { script, parameters: [], secret: "canary\n", timeoutMs: 60_000 };
    expect((await errands.run(errand)).toString()).toBe("canary\n0\n");
  });

  test("is redacted before its error is cut", async () => {
    const script = `cat <&3 >&2; printf '%490s' x >&2; exit 1`;
    const redact = (text: string) => text.replaceAll("canary", "***");
    const errand = { script, parameters: [], secret: "the canary here", redact, timeoutMs: 60_000 };
    const error = await errands.run(errand).catch((reason: Error) => reason.message);
    expect(error).toContain("here");
    expect(error).not.toContain("nary");
  });

  test("that is cut short, before or while it runs, is ended with all that it has started", async () => {
    const waits = { script: "sleep 300 & wait", parameters: [], timeoutMs: 60_000 };
    for (const signal of [AbortSignal.abort(), AbortSignal.timeout(100)])
      await expect(errands.run({ ...waits, signal })).rejects.toThrow("it was cut short");
  });

  test.each([
    ["fails with what it said", "echo no room >&2; exit 3", /no room/],
    ["fails without a word", "exit 3", /exit code 3/],
    ["prints too much", "yes", /it prints more than 1048576 bytes/],
  ])("that %s rejects", async (_name, script, message) => {
    await expect(run(script)).rejects.toThrow(message);
  });

  test.each([
    ["while it runs, with what it has started in the background", "setsid sleep 300 & sleep 300", 200],
    ["before it has begun", "sleep 300", 0],
  ])("is ended by its signal %s, and leaves no process", async (_name, script, afterMs) => {
    const ending = new AbortController();
    const { signal } = ending;
    if (afterMs === 0) ending.abort();
    else setTimeout(() => ending.abort(), afterMs);
    const run = errands.run({ script, parameters: [], timeoutMs: 60_000, signal });
    await expect(run).rejects.toThrow("it was cut short");
    // Its cgroup could not be removed while a process was in it.
    expect(await readdir(join(own.folder, "errand"))).not.toContainEqual(
      expect.stringMatching(/^[\da-f]{8}-/),
    );
  });

  test("is what memory is taken from first", async () => {
    expect((await run("cat /proc/self/oom_score_adj")).toString()).toBe("500\n");
  });

  test("that takes too long is ended with all that it has started", async () => {
    await expect(run("sleep 300 & setsid sleep 300 & wait", 300)).rejects.toThrow(/not done after 300 ms/);
    expect(await readdir(join(own.folder, "errand"), { withFileTypes: true })).toEqual(
      expect.not.arrayContaining([
        expect.objectContaining({ isDirectory: expect.any(Function), name: expect.stringMatching(/-/) }),
      ]),
    );
  });

  test("that leaves something behind which holds its output is over all the same", async () => {
    expect((await run("setsid sleep 300 & echo done")).toString()).toBe("done\n");
  });
});

describe("a job's folder", () => {
  let workspace: JobWorkspace;
  let folder: string;
  beforeEach(() => {
    workspace = createJobWorkspace(errands, pino({ level: "silent" }));
    folder = join(root.path, ".muster", "jobs", "job-1");
  });
  const script = { name: "pi.py", content: "print('é')\n" };

  test("is made with the script, and only the job user may enter it", async () => {
    await workspace.prepare(folder, script);
    const { mode, uid, gid } = await stat(folder);
    expect({ mode: mode & 0o7777, uid, gid }).toEqual({ mode: 0o750, ...JOB_USER });
    expect(await readFile(join(folder, "pi.py"), "utf8")).toBe(script.content);
    expect((await stat(join(folder, "pi.py"))).uid).toBe(JOB_USER.uid);
  });

  test("is made ahead only where nothing is in its place", async () => {
    expect(await workspace.prepareAhead(folder, script)).toBe(true);
    expect(await readFile(join(folder, "pi.py"), "utf8")).toBe(script.content);
    expect(await workspace.prepareAhead(folder, { ...script, content: "another" })).toBe(false);
    expect(await readFile(join(folder, "pi.py"), "utf8")).toBe(script.content);
    await workspace.remove(folder);
    await symlink("/no/such", folder);
    expect(await workspace.prepareAhead(folder, script)).toBe(false);
  });

  test("is empty without a script, and may be removed twice", async () => {
    await workspace.prepare(folder);
    expect(await readdir(folder)).toEqual([]);
    await workspace.remove(folder);
    await workspace.remove(folder);
    await expect(stat(folder)).rejects.toThrow("ENOENT");
  });

  test("is new: it has nothing that an earlier job put there", async () => {
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, "numpy.py"), "evil");
    execFileSync("chown", ["-R", `${JOB_USER.uid}`, root.path]);
    await chmod(folder, 0o000);
    await workspace.prepare(folder, script);
    expect(await readdir(folder)).toEqual(["pi.py"]);
  });

  test.each([
    ["a link to root's folder", 'ln -s /etc "$0"'],
    ["a link to nothing", 'ln -s /no/such "$0"'],
    ["a pipe", 'mkfifo "$0"'],
    ["a file", 'echo >"$0"'],
    ["a folder that is shut", 'mkdir -p "$0/jobs/job-1/in" && chmod 0 "$0/jobs/job-1" "$0"'],
  ])("is new where %s is in its place, or in the place of a folder above", async (_name, spoil) => {
    for (const place of [".muster", ".muster/jobs", ".muster/jobs/job-1"]) {
      const path = join(root.path, place);
      execFileSync("sh", ["-c", `rm -rf "$0"; mkdir -p "$(dirname "$0")"; ${spoil}`, path]);
      execFileSync("chown", ["-Rh", `${JOB_USER.uid}`, root.path]);
      await workspace.prepare(folder, script);
      expect(await readdir(folder)).toEqual(["pi.py"]);
    }
  });

  test("and its removal wait for nothing that is to be removed, which goes beside what follows", async () => {
    const removals: (() => void)[] = [];
    const held: Errands = {
      ...errands,
      // None but a removal lets a launch go before it.
      async run(errand) {
        if (errand.isUrgent !== true && errand.script.includes("rm -rf"))
          await new Promise<void>((resolve) => removals.push(resolve));
        return errands.run(errand);
      },
    };
    workspace = createJobWorkspace(held, pino({ level: "silent" }));
    await workspace.prepare(folder, script);
    expect(removals).toHaveLength(0);
    await workspace.prepare(folder, { ...script, content: "again" });
    expect(await readFile(join(folder, "pi.py"), "utf8")).toBe("again");
    await workspace.remove(folder);
    const jobs = join(root.path, ".muster/jobs");
    expect([removals.length, (await readdir(jobs)).length]).toEqual([1, 2]);
    removals[0]?.();
    await waitFor({
      ...{ what: "the removal of both", timeoutSeconds: 10, everyMs: 10 },
      async look() {
        removals[1]?.();
        return readdir(jobs);
      },
      isDone: (left) => left.length === 0,
      describe: (left) => left.join(", "),
    });
  });

  test("in a shared folder that is shut is made all the same", async () => {
    await chmod(root.path, 0);
    await workspace.prepare(folder, script);
    expect(await readdir(folder)).toEqual(["pi.py"]);
  });

  test.each([
    ["the folder", (path: string) => path],
    ["the folder above", (path: string) => join(path, "..")],
    ["the folder above that", (path: string) => join(path, "../..")],
  ])("a link in the place of %s leads to nothing that the job user may not change", async (_name, at) => {
    const { path, read } = await victim();
    const link = at(folder);
    await mkdir(join(link, ".."), { recursive: true });
    execFileSync("chown", ["-R", `${JOB_USER.uid}`, root.path]);
    await symlink(join(path, ".."), link);
    await workspace.prepare(folder, { name: "file", content: "overwritten" }).catch(() => undefined);
    expect(await read()).toBe("root's own");
    expect((await stat(join(path, ".."))).uid).toBe(0);
  });
});

describe("the hostfile", () => {
  const hostfile = () => openHostfile(join(root.path, ".hostfile"), errands);

  test("is written, replaced and removed, for all to read; removing twice is fine", async () => {
    const file = hostfile();
    expect(await file.read()).toBeNull();
    await file.write("10.0.0.1:2\n");
    await file.write("10.0.0.1:2\n10.0.0.2:2\n");
    expect(await file.read()).toBe("10.0.0.1:2\n10.0.0.2:2\n");
    expect((await stat(file.path)).mode & 0o777).toBe(0o644);
    expect(await readdir(root.path)).toEqual([".hostfile"]);
    await file.write(null);
    await file.write(null);
    expect(await file.read()).toBeNull();
  });

  test("is never seen half-written, however often it is replaced", async () => {
    const file = hostfile();
    const texts = [10_000, 1].map((lines) => "10.0.0.1:2\n".repeat(lines));
    await file.write(texts[0] ?? "");
    let isWriting = true;
    const seen = new Set<string>();
    const reader = (async () => {
      while (isWriting) seen.add(await readFile(file.path, "utf8"));
    })();
    for (let i = 0; i < 20; i += 1) await file.write(texts[i % 2] ?? "");
    isWriting = false;
    await reader;
    expect([...seen].filter((text) => !texts.includes(text))).toEqual([]);
    expect(seen.size).toBeGreaterThan(0);
  });

  test.each([
    ["a pipe", (path: string) => void execFileSync("/usr/bin/mkfifo", [path])],
    [
      "a folder with files",
      (path: string) =>
        void execFileSync("sh", ["-c", 'mkdir -p "$0/a" && touch "$0/a/b" && chmod 0 "$0"', path]),
    ],
    ["a link to nothing", (path: string) => void execFileSync("ln", ["-s", "/no/such", path])],
    ["a link to itself", (path: string) => void execFileSync("ln", ["-s", path, path])],
    [
      "a file that may not be read",
      (path: string) => void execFileSync("/usr/bin/install", ["-m", "0", "/dev/null", path]),
    ],
  ])("is put in the place of %s", async (_name, spoil) => {
    const file = hostfile();
    spoil(file.path);
    await chown(file.path, JOB_USER.uid, JOB_USER.gid).catch(() => undefined);
    execFileSync("chown", ["-Rh", `${JOB_USER.uid}`, root.path]);
    expect(await file.read().catch(() => null)).toBeNull();
    await file.write("10.0.0.1:2\n");
    expect(await file.read()).toBe("10.0.0.1:2\n");
    expect((await lstat(file.path)).isFile()).toBe(true);
  });

  test("a link in its place is replaced, and neither read nor written through", async () => {
    const { path, read } = await victim();
    const file = hostfile();
    await symlink(path, file.path);
    expect(await file.read()).toBeNull();
    await file.write("10.0.0.1:2\n");
    expect(await read()).toBe("root's own");
    expect(await file.read()).toBe("10.0.0.1:2\n");
  });
});

test("errands have what brings them to the outside in their environment, and no other way to run programs", async () => {
  const variables = { HTTPS_PROXY: "http://proxy:3128", PATH: "/opt/mine" };
  const through = createErrands(own.cgroups, JOB_USER, { variables });
  const said = await through.run({ script: 'echo "$HTTPS_PROXY $PATH"', parameters: [], timeoutMs: 5_000 });
  expect(said.toString()).toBe("http://proxy:3128 /usr/bin:/bin\n");
});
