import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "@jest/globals";
import { Ajv } from "ajv";
import { parse } from "yaml";
import { parseMusterConfig } from "../../../../stacks/config/load.js";
import { publishedSchema } from "../../../../stacks/config/schema.js";

const ROOT = path.join(__dirname, "../../../..");
const EXAMPLE = path.join(ROOT, "examples/muster.yaml");

describe("the published JSON Schema", () => {
  const schema = publishedSchema() as Record<string, unknown>;

  test("is up to date: run `npm run schema` when it isn't", () => {
    const file = readFileSync(path.join(ROOT, "stacks/muster.schema.json"), "utf8");
    expect(JSON.parse(file)).toEqual(schema);
  });

  test("asks only for what has no default", () => {
    const validate = new Ajv({ allowUnionTypes: true }).compile(schema);
    expect(validate({ org: { name: "demo", region: "us-east-1" } })).toBe(true);
    expect(validate({ org: { name: "demo" } })).toBe(false);
    expect(validate({ org: { name: "demo", region: "us-east-1" }, clusters: [{ name: "alpha" }] })).toBe(
      false,
    );
  });

  test("describes every key", () => {
    const undescribed = keysOf(schema, "").filter(({ described }) => !described);
    expect(undescribed).toEqual([]);
  });
});

test("examples/muster.yaml is valid, for the schema and for the stacks", () => {
  const text = readFileSync(EXAMPLE, "utf8");
  const validate = new Ajv({ allowUnionTypes: true }).compile(publishedSchema() as object);
  expect(validate(parse(text))).toBe(true);
  expect(parseMusterConfig(text, EXAMPLE).clusters.map(({ cluster }) => cluster.name)).toEqual([
    "alpha",
    "simulation",
  ]);
});

test("what examples/muster.yaml shows as defaults are the defaults", () => {
  // GIVEN the lines that are commented out for the first cluster, taken in, but for the second of two alternatives
  const lines = readFileSync(EXAMPLE, "utf8").split("\n");
  const first = lines.findIndex((line) => line.startsWith("  - name: alpha"));
  const next = lines.findIndex((line) => line.startsWith("  - name: simulation"));
  const shown = lines
    .slice(first, next)
    .filter((line) => !line.includes("id: ami-"))
    .map((line) => line.replace(/^( +)# /, "$1"));
  const org = "org: {name: demo, region: us-east-1}\nclusters:\n";
  // WHEN
  const withAll = parseMusterConfig(org + shown.join("\n"), EXAMPLE).clusters[0];
  const withNone = parseMusterConfig(`${org}  - {name: alpha, nodes: 4}`, EXAMPLE).clusters[0];
  // THEN
  expect(shown.length).toBeGreaterThan(12);
  expect(withAll).toEqual(withNone);
});

interface Node {
  readonly description?: string;
  readonly properties?: Record<string, Node>;
  readonly items?: Node;
}

function keysOf(node: Node, at: string): { key: string; described: boolean }[] {
  const below = Object.entries(node.properties ?? {}).map(([name, child]) => ({
    name: `${at}.${name}`,
    child,
  }));
  if (node.items !== undefined) below.push({ name: `${at}[]`, child: node.items });
  return below.flatMap(({ name, child }) => [
    { key: name, described: (child.description ?? "").length > 0 },
    ...keysOf(child, name),
  ]);
}
