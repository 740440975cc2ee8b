import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { requestProblems } from "../../../agent/contract/job-problems.js";
import { EXAMPLES } from "../../support/examples/read.js";

/** A line of a requirements file: a pinned version, or a comment. */
const PINNED = /^(?:[\w.-]+==[\w.]+|\s*#.*)?$/;

describe.each(EXAMPLES)("the example $name", ({ name, folder, request, expected }) => {
  test("is a valid request, with a source", () => {
    expect(requestProblems({ ...request, source: { shared: { path: "/shared" } } })).toEqual([]);
    expect(expected).toMatch(/\n$/);
  });

  test("has a main.py that says what it shows, and is its command's file", () => {
    expect(request.command).toContain("main.py");
    expect(readFileSync(join(folder, "main.py"), "utf8")).toMatch(/^"""\S/);
  });

  test("pins each package, and leaves mpi4py to the image", () => {
    expect(existsSync(join(folder, "requirements.txt"))).toBe(request.requirements !== undefined);
    if (request.requirements === undefined) return;
    const lines = readFileSync(join(folder, request.requirements), "utf8").split("\n");
    expect(lines.filter((line) => !PINNED.test(line))).toEqual([]);
    expect(lines.filter((line) => /^mpi4py/.test(line))).toEqual([]);
  });

  test.each(["examples/README.md", "docs/guides/examples.md"])("has a sentence in %s", (page) => {
    expect(readFileSync(page, "utf8")).toMatch(new RegExp(`^\\| \`(examples/)?jobs/${name}\` \\| .+`, "m"));
  });
});
