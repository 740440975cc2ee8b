import { readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import type { Change } from "../../../../../scripts/cli/console/api.js";
import { diffOf } from "../../../../../scripts/cli/console/declared/diff.js";
import { editConfig } from "../../../../../scripts/cli/console/declared/edit.js";
import { viewDeclared } from "../../../../../scripts/cli/console/declared/view.js";

const FILE = `# Ours.
org:
  name: acme
  region: us-east-1 # the cheap one

x-tags: &tags { team: "genomes" }

clusters:
  # The first one.
  - name: alpha # a
    nodes: 4 # four
    tags: *tags

  # For nights.
  - name: nightly
    nodes: 16
    notebooks:
      - name: explore
`;

function edited(change: Change, text = FILE): string {
  const result = editConfig(text, change);
  if ("problem" in result) throw new Error(result.problem);
  return result.text;
}
/** The lines that a change adds and removes. */
const changes = (after: string, before = FILE): readonly string[] =>
  diffOf(before, after)
    .split("\n")
    .filter((line) => /^[+-]/.test(line));

describe("a change keeps comments, order, anchors and blank lines", () => {
  test("a cluster is added at the end", () => {
    const cluster = { name: "beta", nodes: 2, instanceType: "c5.xlarge", efa: null };
    expect(changes(edited({ kind: "add-cluster", cluster }))).toEqual([
      "+  - name: beta",
      "+    nodes: 2",
      "+    instanceType: c5.xlarge",
    ]);
  });

  test("a value is changed in its place, and its comment stays", () => {
    expect(changes(edited({ kind: "set-cluster", name: "alpha", values: { nodes: 8 } }))).toEqual([
      "-    nodes: 4 # four",
      "+    nodes: 8 # four",
    ]);
  });

  test("a value is set, and removed", () => {
    const set = edited({ kind: "set-cluster", name: "nightly", values: { idleTimeoutMinutes: 30 } });
    expect(changes(set)).toEqual(["+    idleTimeoutMinutes: 30"]);
    expect(edited({ kind: "set-cluster", name: "nightly", values: { idleTimeoutMinutes: null } }, set)).toBe(
      FILE,
    );
  });

  test("a cluster is removed with its own comment, and no other", () => {
    const after = edited({ kind: "remove-cluster", name: "nightly" });
    expect(changes(after).every((line) => line.startsWith("-"))).toBe(true);
    expect(after).toContain("# The first one.");
    expect(after).not.toContain("nightly");
  });

  test("the last notebook takes its list with it", () => {
    const after = edited({ kind: "remove-notebook", cluster: "nightly", name: "explore" });
    expect(changes(after)).toEqual(["-    notebooks:", "-      - name: explore"]);
  });

  test("a definition with its schedule is added where there was none", () => {
    const definition = { name: "n", command: "n.py", schedule: { cron: "30 6 * * 1-5" }, run: "manual" };
    const after = edited({ kind: "add-definition", cluster: "alpha", definition });
    expect(changes(after)).toEqual([
      "+    jobDefinitions:",
      "+      - name: n",
      "+        command: n.py",
      "+        schedule:",
      "+          cron: 30 6 * * 1-5",
      "+        run: manual",
    ]);
    expect(viewDeclared(after)[0]?.jobDefinitions).toEqual([
      { name: "n", schedule: { cron: "30 6 * * 1-5" } },
    ]);
  });

  test("the example of the docs keeps every line of its", () => {
    const text = readFileSync("examples/muster.yaml", "utf8");
    const after = edited({ kind: "add-notebook", cluster: "alpha", notebook: { name: "explore" } }, text);
    expect(changes(after, text).filter((line) => line.startsWith("-"))).toEqual([]);
    expect(viewDeclared(after)[0]?.notebooks).toEqual(["explore"]);
  });

  test("lists that are not indented stay so", () => {
    const text = "org:\n  name: acme\nclusters:\n- name: alpha\n  nodes: 1\n";
    expect(edited({ kind: "add-cluster", cluster: { name: "beta", nodes: 1 } }, text)).toBe(
      `${text}- name: beta\n  nodes: 1\n`,
    );
  });

  test("the first cluster of a file is written as a list", () => {
    const text = "org:\n  name: acme\nclusters: []\n";
    expect(edited({ kind: "add-cluster", cluster: { name: "beta", nodes: 1 } }, text)).toBe(
      "org:\n  name: acme\nclusters:\n  - name: beta\n    nodes: 1\n",
    );
  });
});

test.each<[string, Change, string]>([
  ["a name that is there", { kind: "add-cluster", cluster: { name: "alpha" } }, "there is a alpha already"],
  ["no name", { kind: "add-cluster", cluster: { nodes: 1 } }, "a name is missing"],
  [
    "a cluster that is not there",
    { kind: "set-cluster", name: "gamma", values: {} },
    "muster.yaml declares no cluster gamma",
  ],
  [
    "a notebook that is not there",
    { kind: "remove-notebook", cluster: "alpha", name: "x" },
    "muster.yaml declares no x there",
  ],
])("%s fails, and says why", (_what, change, problem) => {
  expect(editConfig(FILE, change)).toEqual({ problem });
});

test("a file that is no YAML fails", () => {
  expect(editConfig("a: [", { kind: "remove-cluster", name: "a" })).toMatchObject({
    problem: expect.stringContaining("is not YAML"),
  });
});
