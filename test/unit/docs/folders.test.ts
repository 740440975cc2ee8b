import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { trackedFiles } from "../../support/docs/import-graph.js";

/** The folders of the two top levels, `agent/` and `agent/head/`, as git knows them. */
const folders = [
  ...new Set(
    trackedFiles().flatMap((file) => {
      const [top = "", inner = "", ...rest] = file.split("/");
      if (inner === "") return [];
      return rest.length === 0 ? [`${top}/`] : [`${top}/`, `${top}/${inner}/`];
    }),
  ),
].sort();

/** The sentences of a page's tables whose first column names folders; `base` comes before each of these. */
function sentences(page: string, base: string): readonly (readonly [folder: string, sentence: string])[] {
  if (!existsSync(page)) return [];
  return [...readFileSync(page, "utf8").matchAll(/^\| (`[^|]*\/`) \| ([^|]+) \|$/gm)].flatMap(
    ([, names = "", sentence = ""]) =>
      [...names.matchAll(/`([^`]+\/)`/g)].map(([, name = ""]) => [`${base}${name}`, sentence] as const),
  );
}

const tops = folders.filter((folder) => folder.split("/").length === 2);
const written = [...sentences("README.md", ""), ...tops.flatMap((top) => sentences(`${top}README.md`, top))];

describe("each folder of the two top levels has a sentence", () => {
  const bySentence = new Map(written);
  test.each(folders)("%s: in README.md, or in that of the folder above it", (folder) => {
    expect(bySentence.get(folder) ?? "").toMatch(/\w+ \w+/);
  });

  test("and no folder that is not there", () => {
    expect([...bySentence.keys()].filter((folder) => !folders.includes(folder))).toEqual([]);
  });
});
