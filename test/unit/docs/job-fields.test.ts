import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { JobRequest } from "../../../agent/contract/registry.js";
import { isProviderSupplied } from "../../../provider/core/schema.js";
import type { Attributes } from "../../../provider/core/types.js";
import { jobDefinitionSchema } from "../../../provider/resources/job-definition/schema.js";
import { OPTION_OF } from "../../../scripts/cli/commands/request-options.js";
import { JobDefinitionSettings } from "../../../stacks/config/job-definition.js";
import { FakeWorld } from "../../support/cli/fake-world.js";

const guide = readFileSync(resolve(__dirname, "../../../docs/guides/jobs.md"), "utf8");
const [, section = ""] = /\n## Fields\n([\s\S]*?)\n## /.exec(guide) ?? [];
/** The cells of each row: HTTP, muster.yaml, Terraform, command, and what it means. */
const rows = section
  .split("\n")
  .filter((line) => line.startsWith("| ") && !line.startsWith("| HTTP"))
  .map((line) => line.split(" |").map((cell) => cell.replace(/^\| ?/, "").trim()));
const column = (index: number): string[] =>
  rows.flatMap((cells) => [...(cells[index] ?? "").matchAll(/`([^`]+)`/g)].map(([, name]) => name ?? ""));

interface Node {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Node>>;
}

/** `a.b` for each value of a schema that is no object with known keys. */
const leavesOf = ({ properties = {} }: Node, before = ""): string[] =>
  Object.entries(properties).flatMap(([name, node]) =>
    node.properties === undefined ? [`${before}${name}`] : leavesOf(node, `${before}${name}.`),
  );

const attributesOf = (attributes: Attributes, before = ""): string[] =>
  Object.entries(attributes).flatMap(([name, attribute]) => {
    if (isProviderSupplied(attribute, null)) return [];
    const { type } = attribute;
    return type.kind === "object" ? attributesOf(type.attributes, `${before}${name}.`) : [`${before}${name}`];
  });

describe("the table of a job's fields", () => {
  test("has each field of a request, and no other", () => {
    expect(column(0).sort()).toEqual(leavesOf(JobRequest as Node).sort());
  });

  test("has each key of muster.yaml's jobDefinitions, and no other", () => {
    expect([...new Set(column(1))].sort()).toEqual(leavesOf(JobDefinitionSettings as Node).sort());
  });

  test("has each argument of muster_job_definition, and no other", () => {
    expect(column(2).sort()).toEqual(attributesOf(jobDefinitionSchema.attributes).sort());
  });

  test.each(["run", "submit"])("has each option of muster job %s, and no other", async (name) => {
    const world = new FakeWorld();
    await world.run("job", name, "--help");
    const common = "org region profile cluster json timeout wait no-wait help"
      .split(" ")
      .map((name) => `--${name}`);
    const options = [...world.out.matchAll(/^ {2}(?:-\w, )?(--[\w-]+)/gm)].map(([, option]) => option ?? "");
    const own = options.filter((option) => !common.includes(option));
    expect(own.length).toBeGreaterThan(15);
    expect(
      column(3)
        .filter((option) => option.startsWith("--"))
        .sort(),
    ).toEqual(own.sort());
  });

  test("says of each row what it means", () => {
    expect(rows.length).toBeGreaterThan(30);
    for (const cells of rows) expect(cells[4]).toMatch(/\w.*\.$/);
  });

  test("names the options that messages name", () => {
    for (const [field, option] of Object.entries(OPTION_OF)) {
      if (field === "command") continue;
      const row = rows.find((cells) => cells[0] === `\`${field}\``);
      expect([field, row?.[3]]).toEqual([field, `\`${option}\``]);
    }
  });
});
