import { execFileSync } from "node:child_process";
import {
  chmod,
  chown,
  link,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { LENGTH_DIGITS, listBytes, parseList, renderStore } from "../../../scripts/cli/core/code-store.js";
import { type AnsweredCommand, startAnsweredCommand } from "../../support/cli/answered-command.js";

const NOBODY = 65_534;

let command: AnsweredCommand;
let home: string;
beforeAll(async () => {
  command = await startAnsweredCommand();
});
afterAll(() => command?.remove());
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "muster-home-"));
});
afterEach(() => rm(home, { recursive: true }));

const kept = (): string => join(home, ".cache/muster");
async function keptFile(): Promise<string> {
  const [name = "none"] = await readdir(kept());
  return join(kept(), name);
}
/** Another number where it has been written anew. */
const numberOf = async (path: string): Promise<number> => (await stat(path)).ino;

/** XDG_CACHE_HOME is the test bundle's own, and unset here. */
const run = (words: string, env: Readonly<Record<string, string>> = {}) =>
  command.bundle.run(words.split(" "), {
    env: { HOME: home, XDG_CACHE_HOME: "", ...command.registry.env, ...env },
  });
async function help(env: Readonly<Record<string, string>> = {}): Promise<string> {
  const { exitCode, stdout, stderr } = await run("--help", env);
  expect(exitCode).toBe(0);
  expect(stdout.toString()).toContain("Usage: muster ");
  return stderr;
}

test("the first start keeps what was compiled, for its user alone, and the second has all that it needs", async () => {
  await help();
  expect([(await stat(kept())).mode & 0o777, (await stat(await keptFile())).mode & 0o777]).toEqual([
    0o700, 0o600,
  ]);
  const first = await numberOf(await keptFile());
  await help();
  expect(await readdir(kept())).toHaveLength(1);
  expect(await numberOf(await keptFile())).toBe(first);
});

test("another command adds to it, and takes nothing away", async () => {
  const list = `job list ${command.registry.place.join(" ")}`;
  await help();
  const before = (await stat(await keptFile())).size;
  const { stdout } = await run(list);
  expect((await stat(await keptFile())).size).toBeGreaterThan(5 * before);
  const both = await numberOf(await keptFile());
  await help();
  expect((await run(list)).stdout).toEqual(stdout);
  expect(await numberOf(await keptFile())).toBe(both);
});

test("with other flags of Node.js, which compile otherwise, there is another file", async () => {
  await help();
  await help({ NODE_OPTIONS: "--jitless" });
  await help();
  expect(await readdir(kept())).toHaveLength(2);
});

describe("what is not whole is compiled and written anew:", () => {
  const DAMAGES: readonly (readonly [string, (whole: Buffer) => Buffer])[] = [
    ["nothing", () => Buffer.alloc(0)],
    ["a half", (whole) => whole.subarray(0, whole.length / 2)],
    ["zeros", (whole) => Buffer.alloc(whole.length)],
    ["zeros behind the list", (whole) => whole.fill(0, LENGTH_DIGITS + listLength(whole))],
    ["one byte in the midst of each part, which V8 does not see", oneByteOfEach],
    ["another text", () => Buffer.from("00000004null")],
    [
      "a list that is longer than the file",
      (whole) => Buffer.concat([Buffer.from("99999999"), whole.subarray(8)]),
    ],
  ];

  test.each(DAMAGES)("%s", async (_what, damage) => {
    await help();
    const path = await keptFile();
    const whole = await readFile(path);
    await writeFile(path, damage(Buffer.from(whole)));
    const damaged = await numberOf(path);
    expect(await help()).toBe("");
    expect(await numberOf(path)).not.toBe(damaged);
    expect((await readFile(path)).length).toBeGreaterThan(whole.length / 2);
  });
});

function oneByteOfEach(whole: Buffer): Buffer {
  for (const { at, bytes } of partsOf(whole)) {
    const midst = at + Math.floor(bytes / 2);
    whole[midst] = (whole[midst] ?? 0) ^ 1;
  }
  return whole;
}

/** V8 takes compiled code for that of any text of its length: who can write the file says what runs. */
describe("code that another may have written does not run:", () => {
  const HOSTILE = "hostile code ran";
  beforeEach(async () => {
    await help();
    const path = await keptFile();
    await writeFile(path, await hostileStore(await readFile(path)));
  });

  test("but it would, where it were the user's own", async () => expect(await help()).toContain(HOSTILE));

  const FOREIGN: readonly (readonly [string, (path: string) => Promise<void>])[] = [
    ["a file that its group can write", (path) => chmod(path, 0o660)],
    ["a file of another user", (path) => chown(path, NOBODY, NOBODY)],
    ["a folder that all can write", () => chmod(kept(), 0o777)],
    ["a folder of another user", () => chown(kept(), NOBODY, NOBODY)],
    ["a home of another user", () => chown(home, NOBODY, NOBODY)],
    [
      "a link to a file",
      async (path) => {
        await rename(path, join(home, "elsewhere"));
        await symlink(join(home, "elsewhere"), path);
      },
    ],
    [
      "a link to a folder",
      async () => {
        await rename(kept(), join(home, "elsewhere"));
        await symlink(join(home, "elsewhere"), kept());
      },
    ],
  ];
  test.each(FOREIGN)("%s", async (_what, make) => {
    await make(await keptFile());
    expect(await help()).toBe("");
  });

  test("a file of another name", async () => {
    const path = await keptFile();
    await help({ NODE_OPTIONS: "--jitless" });
    const [other = ""] = (await readdir(kept())).filter((name) => !path.endsWith(name));
    await rm(join(kept(), other));
    await link(path, join(kept(), other));
    expect(await help({ NODE_OPTIONS: "--jitless" })).toBe("");
  });

  /** The file, with code in place of the program's first part that writes to stderr and ends. */
  async function hostileStore(file: Buffer): Promise<Buffer> {
    const parts = partsOf(file).map(({ name, at, bytes }) => ({ name, code: file.subarray(at, at + bytes) }));
    const hostile = await compileHostile(HOSTILE);
    return renderStore(
      keyOf(file),
      parts.map((part) => (part.name === "main.js" ? { ...part, code: hostile } : part)),
    );
  }
});

/** Code of as many characters as the program's first part has; in a Node.js of its own, whose flags are the command's. */
async function compileHostile(says: string): Promise<Buffer> {
  const [, main = '""'] =
    /"main\.js":("(?:[^"\\]|\\.)*")/.exec(
      await readFile(join(command.bundle.folder, "muster.cjs"), "utf8"),
    ) ?? [];
  const begin = "(function(exports,require,module,__filename,__dirname){";
  const end = "\n})";
  const code = `process.stdout.write("Usage: muster ");process.stderr.write(${JSON.stringify(says)});//`;
  const text = `${begin}${code.padEnd((JSON.parse(main) as string).length, "x")}${end}`;
  const compile = `process.stdout.write(new (require("node:vm").Script)(${JSON.stringify(text)}).createCachedData())`;
  return execFileSync(process.execPath, ["-e", compile], { env: {} });
}

const listOf = (file: Buffer): string =>
  file.toString("utf8", LENGTH_DIGITS, LENGTH_DIGITS + listLength(file));
const keyOf = (file: Buffer): string => (JSON.parse(listOf(file)) as { key: string }).key;
const partsOf = (file: Buffer) => [...parseList(listOf(file), keyOf(file)).values()];
const listLength = (file: Buffer): number => listBytes(file.toString("latin1", 0, LENGTH_DIGITS)) ?? 0;

describe("nothing is kept", () => {
  test.each([
    ["for a person who wants none", { NODE_DISABLE_COMPILE_CACHE: "1" }],
    ["where there is no home", { HOME: "" }],
    ["where the home is not there", { HOME: "/nonexistent" }],
    ["where caches can't be kept", { XDG_CACHE_HOME: "/proc" }],
  ])("%s", async (_what, env) => {
    expect(await help(env)).toBe("");
    expect(await readdir(home)).toEqual([]);
  });

  test("in another's home: a root that works there leaves nothing of its own", async () => {
    await chown(home, NOBODY, NOBODY);
    expect(await help()).toBe("");
    expect(await readdir(home)).toEqual([]);
  });

  test("where the folder's place is taken", async () => {
    await mkdir(join(home, ".cache"));
    await writeFile(kept(), "a file");
    expect(await help()).toBe("");
    expect(await readFile(kept(), "utf8")).toBe("a file");
  });
});
