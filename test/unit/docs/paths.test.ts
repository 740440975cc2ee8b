import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test } from "@jest/globals";

const ROOT = resolve(__dirname, "../../..");
const FOLDERS = readdirSync(ROOT, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);
/** Not in a fresh checkout: they are built or installed. */
const MADE = ["dist", "node_modules"];
const PAGES = [
  "CONTRIBUTING.md",
  ...readdirSync(join(ROOT, "docs/guides"))
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/guides/${name}`),
];

/** The paths that a page's text names in backticks: they have a slash, and begin with a top folder. Not those in blocks. */
function namedPaths(markdown: string): readonly string[] {
  const text = markdown.replace(/^```[\s\S]*?^```$/gm, "");
  return [...text.matchAll(/`(\.\/)?([\w.-]+)\/([^`\s]*)`/g)].flatMap(([, , folder = "", rest = ""]) =>
    FOLDERS.includes(folder) && !MADE.includes(folder) ? [`${folder}/${rest}`] : [],
  );
}

/** A name that stands for any: of a path with one, what comes before it is looked for. */
const fixedPart = (path: string): string => path.replace(/[^/]*<.*$/, "");

describe.each(PAGES)("%s", (page) => {
  const markdown = readFileSync(join(ROOT, page), "utf8");

  test("names files and folders that exist", () => {
    const missing = namedPaths(markdown).filter((path) => !existsSync(join(ROOT, fixedPart(path))));
    expect(missing).toEqual([]);
  });

  test("links to pages that exist", () => {
    const links = [...markdown.matchAll(/\]\((?!https?:|#)([^)#]+)[^)]*\)/g)].map(
      ([, target = ""]) => target,
    );
    expect(links.filter((target) => !existsSync(resolve(ROOT, page, "..", target)))).toEqual([]);
  });
});

test("a path is found in backticks, and no other text is taken for one", () => {
  const text =
    "`agent/time/loop.ts`, `./scripts/test`, `docs/` and `provider/resources/<name>/schema.ts`; not agent/x, `and/or`, `dist/cli`\n```shell\n`test/no`\n```\n";
  expect(namedPaths(text)).toEqual([
    "agent/time/loop.ts",
    "scripts/test",
    "docs/",
    "provider/resources/<name>/schema.ts",
  ]);
  expect(fixedPart("provider/resources/<name>/schema.ts")).toBe("provider/resources/");
  expect(fixedPart("examples/provider/resources/muster_<name>.tf")).toBe("examples/provider/resources/");
});
