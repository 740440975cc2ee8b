import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { schemaFiles } from "../../../scripts/build/cli.js";
import { type AnsweredCommand, startAnsweredCommand } from "../../support/cli/answered-command.js";
import { loadedParts } from "../../support/cli/loaded-parts.js";

// How long a start takes is measured by `npm run bench -- --only command`. Here is what makes it so: what is loaded, and what is not.

let command: AnsweredCommand;
let folder: string;
beforeAll(async () => {
  command = await startAnsweredCommand();
});
afterAll(() => command?.remove());
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "muster-start-"));
});
afterEach(() => rm(folder, { recursive: true }));

/** A tenth more than was measured: a new version of the SDK may load a little more. */
const STARTS: readonly (readonly [words: string, mostChars: number])[] = [
  ["--help", 71_000],
  ["job list --help", 81_000],
  ["job list", 475_000],
  ["cluster list", 540_000],
];

describe.each(STARTS)("muster %s", (words, mostChars) => {
  const run = (env: Readonly<Record<string, string>>) => {
    const { bundle, registry } = command;
    const isCall = !words.endsWith("--help");
    const place = words.startsWith("job") ? registry.place : registry.place.slice(0, 2);
    return bundle.run([...words.split(" "), ...(isCall ? place : [])], { env: { ...registry.env, ...env } });
  };

  test("loads no schema, and no more than it needs", async () => {
    const { exitCode } = await run({ NODE_V8_COVERAGE: folder });
    expect(exitCode).toBe(0);
    const parts = await loadedParts(folder);
    const schemas = new Set(Object.keys(await schemaFiles(".")));
    expect(parts.map(({ name }) => name)).toContain("main");
    expect(parts.filter(({ name }) => schemas.has(name))).toEqual([]);
    expect(parts.reduce((sum, { chars }) => sum + chars, 0)).toBeLessThan(mostChars);
  });

  test("asks for no language's order, whose rules take 6 ms to load", async () => {
    const loader = join(folder, "no-languages.cjs");
    await writeFile(loader, `String.prototype.localeCompare = () => { throw new Error("localeCompare"); };`);
    const { exitCode, stderr } = await run({ NODE_OPTIONS: `--require ${loader}` });
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  });
});

test("a list of jobs makes three calls of AWS", async () => {
  const { bundle, registry } = command;
  registry.calls();
  const { exitCode, stdout } = await bundle.run(["job", "list", ...registry.place], { env: registry.env });
  expect({ exitCode, lines: stdout.toString().trim().split("\n").length }).toEqual({ exitCode: 0, lines: 4 });
  expect(registry.calls()).toEqual(["GetItem", "GetItem", "Query"]);
});

test("each file of schemas is a part of that name", async () => {
  const text = await readFile(join(command.bundle.folder, "muster.cjs"), "latin1");
  const schemas = Object.keys(await schemaFiles("."));
  expect(schemas).toEqual(expect.arrayContaining(["registry", "job-items", "image-report"]));
  expect(schemas.filter((name) => !text.includes(`"${name}.js":[`))).toEqual([]);
});
