import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "@jest/globals";
import { trackedFiles } from "../../support/docs/import-graph.js";
import { anchorOf } from "../../support/docs/tables.js";

const pages = trackedFiles("README.md", "CONTRIBUTING.md", "docs").filter((file) => file.endsWith(".md"));
const textOf = (page: string): string => readFileSync(page, "utf8").replaceAll(/^ *```[\s\S]*?^ *```$/gm, "");

/** Where a page can be linked to: its headings, with a number after those that come again, and anchors in the text. */
function anchorsOf(page: string): ReadonlySet<string> {
  const text = textOf(page);
  const headings = [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) => anchorOf(heading));
  const numbered = headings.map((anchor, index) => {
    const before = headings.slice(0, index).filter((one) => one === anchor).length;
    return before === 0 ? anchor : `${anchor}-${before}`;
  });
  const own = [...text.matchAll(/<a id="([^"]+)">/g)].map(([, anchor = ""]) => anchor);
  return new Set([...numbered, ...own]);
}

test.each(pages)("%s links to parts of pages that there are", (page) => {
  const links = [...textOf(page).matchAll(/\]\((?!https?:)([^)#]*)#([^)]+)\)/g)].map(
    ([, path = "", anchor = ""]) => [path === "" ? page : join(dirname(page), path), anchor] as const,
  );
  expect(links.filter(([target, anchor]) => !anchorsOf(target).has(anchor))).toEqual([]);
});
