import { beforeAll, describe, expect, test } from "@jest/globals";
import { Ajv } from "ajv";
import type { CompletedCommand } from "../../../../scripts/cli/core/completion.js";
import { COMMAND_DOCUMENTS, SHAPES, type Shape } from "../../../../scripts/docs/command-documents.js";
import { COMMAND_CASES, type CommandCase } from "../../../support/cli/every-command.js";
import { FakeWorld } from "../../../support/cli/fake-world.js";
import { shownOrg } from "../../../support/cli/shown-org.js";

const CASES = Object.entries(COMMAND_CASES);
/** They are about the machine. */
const OF_NO_ORG = new Set(["my-ip", "tfrc", "completion"]);

/** A JSON Schema of a shape. */
const schemaOf = ({ keys, isOpen = false }: Shape): object => ({
  type: "object",
  required: Object.keys(keys),
  additionalProperties: isOpen,
  properties: Object.fromEntries(Object.entries(keys).map(([key, kind]) => [key, typeOf(kind)])),
});

function typeOf(kind: string): object {
  const [, of] = /^\[(\w+)\]$/.exec(kind) ?? [];
  if (of !== undefined)
    return { type: "array", items: of in SHAPES ? { $ref: `#/$defs/${of}` } : { type: of } };
  if (kind === "list") return { type: "array" };
  return { type: kind.endsWith("?") ? [kind.slice(0, -1), "null"] : kind };
}

const $defs = Object.fromEntries(
  Object.entries<Shape>(SHAPES).map(([name, shape]) => [name, schemaOf(shape)]),
);

/** Runs the command's case: with `more` before its arguments. */
async function tried(words: string, { args = [], prepare }: CommandCase, ...more: string[]) {
  const { world, job } = shownOrg();
  prepare?.(world, job);
  const given = args.map((arg) => (arg === "JOB" ? job.id : arg));
  const status = await world.run(...words.split(" "), ...more, ...given);
  return { status, out: world.out, said: world.said.join("\n") };
}

describe("the table of commands", () => {
  let root: CompletedCommand;
  beforeAll(async () => {
    const world = new FakeWorld();
    await world.run("completion", "bash", "--json");
    root = JSON.parse(world.out) as CompletedCommand;
  });

  test("has every command that does something, and no other", () => {
    const found = (command: CompletedCommand, path: readonly string[]): readonly string[] => [
      ...(command.commands.length === 0 || command.options.includes("--json") ? [path.join(" ")] : []),
      ...command.commands.flatMap((one) => found(one, [...path, one.name])),
    ];
    // The completion does not complete itself.
    const all = [...root.commands.flatMap((one) => found(one, [one.name])), "completion"];
    expect(Object.keys(COMMAND_CASES).sort()).toEqual([...all].sort());
    const documented = Object.entries(COMMAND_CASES).filter(([, { noDocument }]) => noDocument === undefined);
    expect(Object.keys(COMMAND_DOCUMENTS).sort()).toEqual(documented.map(([words]) => words).sort());
  });
});

describe.each(CASES)("muster %s", (words, one) => {
  test("has a help with an example, --json and the exit statuses, and asks AWS for nothing", async () => {
    const world = new FakeWorld();
    expect(await world.run(...words.split(" "), "--help")).toBe(0);
    for (const part of [
      ...[`$ muster ${words}`, "--json", "Exit status", "4 timed out"],
      ...(OF_NO_ORG.has(words) ? [] : ["--org", "--region", "--profile", "--timeout"]),
    ])
      expect(world.out).toContain(part);
    expect([world.said, world.openings]).toEqual([[], []]);
  });

  test("says to a person what has come of it", async () => {
    const { status, out, said } = await tried(words, one);
    expect(status).toBe(one.exits ?? 0);
    expect(`${out}${said}`).toMatch(one.says);
  });

  test("with --json prints one document by its schema on stdout, or none and says why", async () => {
    const { status, out, said } = await tried(words, one, "--json");
    const shape = COMMAND_DOCUMENTS[words];
    if (shape === undefined) {
      expect([status, out]).toEqual([one.noDocument?.exits, ""]);
      expect(said).toMatch(one.noDocument?.says ?? /^$/);
      return;
    }
    expect(status).toBe(one.exits ?? 0);
    expect(out.trimEnd().split("\n")).toHaveLength(1);
    const ajv = new Ajv({ allErrors: true, allowUnionTypes: true });
    const isValid = ajv.compile({ ...schemaOf(shape), $defs });
    isValid(JSON.parse(out));
    expect(isValid.errors ?? []).toEqual([]);
  });

  test("ends 2 for an option that it does not have, and does nothing", async () => {
    const { status, out, said } = await tried(
      words,
      { ...one, prepare: () => undefined },
      "--no-such-option",
    );
    expect([status, out]).toEqual([2, ""]);
    expect(said).toContain("unknown option '--no-such-option'");
  });
});
