import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import {
  chmod,
  copyFile,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { installFailure } from "../../../agent/environments/failures.js";
import { ENVIRONMENT_LIMITS } from "../../../agent/environments/limits.js";
import type { EnvironmentFiles } from "../../../agent/environments/ports.js";
import {
  createEnvironmentFiles,
  type EnvironmentPlaces,
  readImageFacts,
} from "../../../agent/system/environment-files.js";
import { createErrands, endLeftErrands } from "../../../agent/system/errands.js";
import { waitFor } from "../../../scripts/system/wait.js";
import { type TestCgroups, testCgroups } from "../../support/agent/cgroups.js";
import { JOB_USER, temporaryFolder } from "../../support/agent/job-user.js";
import { makeWheel, provideUv } from "../../support/uv.js";

const KEY = "0123456789abcdef0123456789abcdef";
const NEVER = new AbortController().signal;
/** One that the job user may run, as on a node. */
const python = "/usr/bin/python3";

/** uv and the image's wheels, where the job user can read them. */
let tools: string;
beforeAll(async () => {
  const uv = await provideUv();
  tools = await mkdtemp(join(tmpdir(), "muster-uv-"));
  await chmod(tools, 0o755);
  await copyFile(uv, join(tools, "uv"));
  await mkdir(join(tools, "wheels"));
  makeWheel(join(tools, "wheels"), { name: "mpi4py", version: "4.1.2" });
  await writeFile(join(tools, "wheels/constraints.txt"), "mpi4py==4.1.2\n");
}, 120_000);
afterAll(() => rm(tools, { recursive: true, force: true }));

let own: TestCgroups;
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let source: string;
beforeEach(async () => {
  own = await testCgroups();
  folder = await temporaryFolder();
  source = join(folder.path, "source");
  await mkdir(join(source, "wheels"), { recursive: true });
  makeWheel(join(source, "wheels"), {
    name: "greeting",
    version: "1.0",
    text: "WORD = 'hello'\n",
    requires: ["mpi4py>=4"],
  });
  await requirements("greeting");
});
afterEach(async () => {
  await own.remove();
  await folder.remove();
});

const places = (changes: Partial<EnvironmentPlaces> = {}): EnvironmentPlaces => ({
  root: join(folder.path, "node/environments"),
  stored: join(folder.path, "shared/environments"),
  uv: join(tools, "uv"),
  python,
  wheels: join(tools, "wheels"),
  etc: join(folder.path, "etc"),
  ...changes,
});
const environments = (
  changes: Partial<EnvironmentPlaces> = {},
  limits: Partial<Record<keyof typeof ENVIRONMENT_LIMITS, number>> = {},
): EnvironmentFiles =>
  createEnvironmentFiles(createErrands(own.cgroups, JOB_USER), places(changes), {
    ...ENVIRONMENT_LIMITS,
    ...limits,
  });

/** Writes the job's requirements.txt: what is in the folder `wheels`, and nothing from any index. */
const requirements = (...lines: string[]) =>
  writeFile(
    join(source, "requirements.txt"),
    ["--no-index", "--find-links ./wheels", ...lines, ""].join("\n"),
  );
const place = () => ({ folder: source, file: "requirements.txt" });
const list = async (path: string) => (await readdir(path).catch(() => [])).sort();
const says = (root: string, code: string) =>
  execFileSync(join(root, KEY, "bin/python"), ["-c", code], { encoding: "utf8" }).trim();

/** A package whose build takes for ever, and takes the disk that it is given. */
async function endlessPackage(): Promise<void> {
  await mkdir(join(source, "endless"));
  await writeFile(
    join(source, "endless/pyproject.toml"),
    '[project]\nname = "endless"\nversion = "1"\n[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n',
  );
  await writeFile(
    join(source, "endless/backend.py"),
    "import os, time\nwith open(os.path.join(os.environ['HOME'], 'large'), 'wb') as f: f.write(b'x' * 20_000_000)\ntime.sleep(600)\n",
  );
  await requirements("./endless");
}

describe("an environment", () => {
  test("is installed on this node, stored as one file, and brought to another node", async () => {
    expect(await environments().install(KEY, place(), NEVER)).toBeNull();
    const { root, stored } = places();
    expect(await list(stored)).toEqual([`${KEY}.tar.zst`]);
    expect(await list(root)).toEqual([KEY]);
    for (const path of [join(root, KEY), join(stored, `${KEY}.tar.zst`)])
      expect((await stat(path)).uid).toBe(JOB_USER.uid);
    expect(says(root, "import greeting; print(greeting.WORD, greeting.__file__)")).toMatch(
      new RegExp(`^hello ${root}/${KEY}/lib/`),
    );
    const other = join(folder.path, "other/environments");
    await environments({ root: other }).bring(KEY, NEVER);
    await environments({ root: other }).bring(KEY, NEVER);
    expect(says(other, "import greeting; print(greeting.__file__)")).toMatch(
      new RegExp(`^${other}/${KEY}/lib/`),
    );
    expect(await list(other)).toEqual([KEY]);
  });

  test("is installed once: afterwards it is there, without uv", async () => {
    await environments().install(KEY, place(), NEVER);
    const again = environments({ uv: "/bin/false", root: join(folder.path, "other/environments") });
    expect(await again.install(KEY, place(), NEVER)).toBeNull();
    await again.bring(KEY, NEVER);
    await again.discard(KEY);
    expect(await again.install(KEY, place(), NEVER)).toEqual({ status: 1, text: "" });
  });

  test("leaves mpi4py to the image, and sees the image's packages", async () => {
    await environments().install(KEY, place(), NEVER);
    const { root } = places();
    const inside = await list(
      join(
        root,
        KEY,
        "lib",
        `python${says(root, "import sys; print('%d.%d' % sys.version_info[:2])")}`,
        "site-packages",
      ),
    );
    expect(inside.filter((name) => name.startsWith("greeting"))).toHaveLength(2);
    expect(inside.filter((name) => name.startsWith("mpi4py"))).toEqual([]);
    expect(await readFile(join(root, KEY, "pyvenv.cfg"), "utf8")).toContain(
      "include-system-site-packages = true",
    );
  });

  test("that wants another mpi4py is refused, in uv's words, and leaves nothing", async () => {
    await requirements("mpi4py==3.1.6");
    const failure = await environments().install(KEY, place(), NEVER);
    expect(failure).toMatchObject({ status: 1 });
    expect(installFailure("requirements.txt", failure ?? { status: 0, text: "" })).toMatchObject({
      reasonCode: "requirements-failed",
      reason: expect.stringMatching(/mpi4py==3\.1\.6 and mpi4py==4\.1\.2/),
    });
    expect([await list(places().root), await list(places().stored)]).toEqual([[], []]);
  });

  test("of a package that nothing has fails with the last lines of uv", async () => {
    await requirements("no-such-package");
    const failure = await environments().install(KEY, place(), NEVER);
    const { lines, reason } = installFailure("requirements.txt", failure ?? { status: 0, text: "" });
    expect(reason).toMatch(
      /^requirements\.txt can't be installed: error: No solution found .*no-such-package was not found/,
    );
    expect(lines.join("\n")).toContain("no-such-package");
  });

  test("comes from the index that the node's pip.conf names, unless the node has settings of uv's own", async () => {
    const { etc } = places();
    await mkdir(join(etc, "uv"), { recursive: true });
    const index = "http://127.0.0.1:9/of-pip/simple";
    await writeFile(
      join(etc, "pip.conf"),
      `[global]\nindex-url =\n  ${index}\n[install]\nindex-url = http://no\n`,
    );
    await writeFile(join(source, "requirements.txt"), "six\n");
    const failure = await environments().install(KEY, place(), NEVER);
    expect(installFailure("requirements.txt", failure ?? { status: 0, text: "" })).toMatchObject({
      reasonCode: "packages-unreachable",
      reason: expect.stringContaining(`Failed to fetch: ${index}/six/`),
    });
    await requirements("greeting");
    await writeFile(join(etc, "uv/uv.toml"), "");
    expect(await environments().install(KEY, place(), NEVER)).toBeNull();
  }, 60_000);

  test("is installed from a pyproject.toml, without the project itself", async () => {
    await writeFile(
      join(source, "pyproject.toml"),
      '[project]\nname = "mine"\nversion = "1"\ndependencies = ["greeting"]\n[tool.uv]\nno-index = true\nfind-links = ["wheels"]\n',
    );
    expect(await environments().install(KEY, { folder: source, file: "pyproject.toml" }, NEVER)).toBeNull();
    const code = "import greeting, importlib.util as u; print(greeting.WORD, u.find_spec('mine'))";
    expect(says(places().root, code)).toBe("hello None");
  });

  test("takes an editable package as it is now, not as a way to the job's folder", async () => {
    await mkdir(join(source, "endless"));
    makeWheel(join(source, "endless"), { name: "editable", version: "1", text: "WORD = 'kept'\n" });
    await requirements("-e ./local");
    await mkdir(join(source, "local"));
    await writeFile(
      join(source, "local/pyproject.toml"),
      '[project]\nname = "editable"\nversion = "1"\n[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n',
    );
    await writeFile(
      join(source, "local/backend.py"),
      "import shutil\ndef build_wheel(folder, *_):\n    name = 'editable-1-py3-none-any.whl'\n    shutil.copy('../endless/' + name, folder)\n    return name\n",
    );
    expect(await environments().install(KEY, place(), NEVER)).toBeNull();
    await rm(source, { recursive: true });
    expect(says(places().root, "import editable; print(editable.WORD)")).toBe("kept");
  });
});

test("an environment that was stored anew comes anew to every node, as one that was spoilt does", async () => {
  const other = environments({ root: join(folder.path, "other/environments") });
  const spoilt = join(folder.path, "other/environments", KEY, "spoilt");
  await environments().install(KEY, place(), NEVER);
  await other.bring(KEY, NEVER);
  await writeFile(spoilt, "");
  await other.bring(KEY, NEVER);
  expect(existsSync(spoilt)).toBe(true);
  await environments().discard(KEY);
  await environments().install(KEY, place(), NEVER);
  await other.bring(KEY, NEVER);
  expect(existsSync(spoilt)).toBe(false);
});

test("two heads that install the same at once both have it, and there is one", async () => {
  const roots = ["a", "b"].map((node) => join(folder.path, node, "environments"));
  const nodes = roots.map((root) => environments({ root }));
  expect(await Promise.all(nodes.map((node) => node.install(KEY, place(), NEVER)))).toEqual([null, null]);
  await Promise.all(nodes.map((node) => node.bring(KEY, NEVER)));
  expect(await list(places().stored)).toEqual([`${KEY}.tar.zst`]);
  for (const root of roots) {
    expect(await list(root)).toEqual([KEY]);
    expect(says(root, "import greeting; print(greeting.WORD)")).toBe("hello");
  }
});

describe("an installation that is ended", () => {
  test("on request leaves no process and no file", async () => {
    await endlessPackage();
    const ending = new AbortController();
    const running = environments().install(KEY, place(), ending.signal);
    const { root, stored } = places();
    await waitFor({
      what: "the build",
      timeoutSeconds: 60,
      look: () =>
        execFileSync("sh", ["-c", `ls -d ${root}/.work.*/home/large 2>/dev/null || :`], { encoding: "utf8" }),
      isDone: (found) => found !== "",
      describe: String,
    });
    ending.abort();
    await expect(running).rejects.toThrow("cut short");
    expect(await own.cgroups.ids("errand")).toEqual([]);
    expect([await list(root), await list(stored)]).toEqual([[], []]);
  }, 90_000);

  test("by its limit of disk says so, and leaves nothing", async () => {
    await endlessPackage();
    const failure = await environments({}, { installKib: 15_000 }).install(KEY, place(), NEVER);
    expect(installFailure("requirements.txt", failure ?? { status: 0, text: "" }).reason).toMatch(
      /it takes more than 15000 KiB of disk/,
    );
    expect([await list(places().root), await list(places().stored)]).toEqual([[], []]);
  }, 90_000);

  test("by its time leaves nothing", async () => {
    await endlessPackage();
    const late = environments({}, { installTimeoutMs: 3_000 }).install(KEY, place(), NEVER);
    await expect(late).rejects.toThrow("not done after 3000 ms");
    expect([await list(places().root), await list(places().stored)]).toEqual([[], []]);
  }, 90_000);

  test("with its agent is ended and removed by the next agent", async () => {
    await endlessPackage();
    const lost = environments()
      .install(KEY, place(), NEVER)
      .catch((error: Error) => error);
    const { root } = places();
    await waitFor({
      what: "the work folder",
      timeoutSeconds: 60,
      look: () => list(root),
      isDone: (names) => names.length > 0,
      describe: String,
    });
    expect(await endLeftErrands(own.cgroups)).toEqual([]);
    expect(await lost).toBeInstanceOf(Error);
    await mkdir(join(root, ".work.old/in"), { recursive: true });
    execFileSync("chown", ["-R", `${JOB_USER.uid}:${JOB_USER.gid}`, root]);
    await chmod(join(root, ".work.old"), 0);
    await environments().clean();
    expect(await list(root)).toEqual([]);
  }, 90_000);
});

describe("what is kept", () => {
  const keys = ["a", "b", "c", "d"].map((digit) => digit.repeat(32));

  test("on a node is the most recently used, within the limits", async () => {
    await environments().install(KEY, place(), NEVER);
    const { root, stored } = places();
    const [a = "", b = "", c = "", d = ""] = keys;
    for (const key of keys) await copyFile(join(stored, `${KEY}.tar.zst`), join(stored, `${key}.tar.zst`));
    const node = environments({}, { onNode: 3 });
    for (const [hour, key] of [KEY, a, b].entries()) {
      await node.bring(key, NEVER);
      await utimes(join(root, key), 3_600 * hour, 3_600 * hour);
    }
    await node.bring(KEY, NEVER);
    await node.bring(c, NEVER);
    expect(await list(root)).toEqual([KEY, b, c].sort());
    await environments({}, { onNodeKib: 0 }).bring(d, NEVER);
    expect(await list(root)).toEqual([d]);
  });

  test("on /shared is the most recently used, and what was never finished goes", async () => {
    await environments().install(KEY, place(), NEVER);
    const { stored } = places();
    const [a = "", b = "", c = ""] = keys;
    for (const [hour, key] of [a, b].entries()) {
      await copyFile(join(stored, `${KEY}.tar.zst`), join(stored, `${key}.tar.zst`));
      await utimes(join(stored, `${key}.tar.zst`), 3_600 * hour, 3_600 * hour);
    }
    await writeFile(join(stored, ".part.old"), "half");
    await utimes(join(stored, ".part.old"), 0, 0);
    await writeFile(join(stored, "a job's own"), "");
    await environments({}, { stored: 3 }).install(c, place(), NEVER);
    expect(await list(stored)).toEqual(
      ["a job's own", ...[KEY, b, c].map((key) => `${key}.tar.zst`).sort()].sort(),
    );
  });
});

describe("in folders where jobs write", () => {
  test.each([
    ["no archive", async () => {}, /No such file/],
    ["a spoilt archive", (path: string) => writeFile(path, "spoilt"), /.+/],
  ])("%s can't be brought, and leaves nothing", async (_name, spoil, message) => {
    const { root, stored } = places();
    await mkdir(stored, { recursive: true });
    await spoil(join(stored, `${KEY}.tar.zst`));
    await expect(environments().bring(KEY, NEVER)).rejects.toThrow(message);
    expect(await list(root)).toEqual([]);
  });

  test("a folder above that is shut is opened", async () => {
    execFileSync("sh", [
      "-c",
      'mkdir -p "$0/node/environments" "$0/shared/environments" && chown -R "$1" "$0" && chmod 0 "$0/node/environments" "$0/node" "$0/shared"',
      folder.path,
      `${JOB_USER.uid}`,
    ]);
    expect(await environments().install(KEY, place(), NEVER)).toBeNull();
    await environments().bring(KEY, NEVER);
    expect(await list(places().root)).toEqual([KEY]);
  });

  test("a link in the place of a folder is replaced, and leads nowhere", async () => {
    const { root, stored } = places();
    const victim = await mkdtemp(join(tmpdir(), "muster-victim-"));
    for (const path of [root, stored]) {
      await mkdir(join(path, ".."), { recursive: true });
      await symlink(victim, path);
    }
    execFileSync("chown", ["-Rh", `${JOB_USER.uid}:${JOB_USER.gid}`, folder.path]);
    await environments().install(KEY, place(), NEVER);
    expect(await list(victim)).toEqual([]);
    expect(existsSync(join(root, KEY, "bin/python"))).toBe(true);
    await rm(victim, { recursive: true });
  });

  test("only files are read, and large ones are not", async () => {
    const files = environments({}, { fileBytes: 100 });
    execFileSync("/usr/bin/mkfifo", [join(source, "pipe.txt")]);
    await writeFile(join(source, "large.txt"), "x".repeat(101));
    expect(await files.read(join(source, "none.txt"))).toBeNull();
    expect(await files.read(join(source, "pipe.txt"))).toBeNull();
    await expect(files.read(join(source, "large.txt"))).rejects.toThrow("more than 100 bytes");
    expect(await files.read(join(source, "requirements.txt"))).toMatch(/^--no-index\n/);
  });

  test("a digest follows from names, contents and links, and not from what is missing", async () => {
    const files = environments();
    const digest = () => files.digest(source, ["wheels", "nothing"], NEVER);
    const seen = [await digest()];
    await writeFile(join(source, "wheels/more"), "1");
    seen.push(await digest());
    await writeFile(join(source, "wheels/more"), "2");
    seen.push(await digest());
    await symlink("more", join(source, "wheels/link"));
    seen.push(await digest());
    expect(new Set(seen).size).toBe(4);
    expect(await digest()).toBe(seen[3]);
    expect(seen.every((each) => /^[0-9a-f]{64}$/.test(each))).toBe(true);
  });
});

test("the image's facts have Python's version and the files that there are", async () => {
  const path = join(folder.path, randomUUID());
  await writeFile(path, "numpy==2\n");
  const facts = await readImageFacts(python, [path, `${path}.none`]);
  expect(JSON.parse(facts)).toEqual([
    expect.stringMatching(/^3\.\d+/),
    "linux",
    process.arch,
    ["numpy==2\n", null],
  ]);
});
