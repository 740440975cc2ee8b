import { describe, expect, test } from "@jest/globals";
import { shellBlocks } from "../../support/docs/blocks.js";

const found = (...lines: string[]) =>
  shellBlocks("page.md", lines.join("\n")).map(({ line, text, name }) => ({ line, text, name }));

describe("the shell blocks of a page", () => {
  test("are the fenced ones that say so, with their indents taken off", () => {
    expect(
      found("# Title", "", "```shell", "a \\", "  b", "```", "- Item", "", "  ```sh", "  c", "  ```"),
    ).toEqual([
      { line: 4, text: "a \\\n  b", name: "page.md: a \\" },
      { line: 10, text: "c", name: "page.md: c" },
    ]);
  });

  test.each(["terraform", "yaml", "json", "ts", ""])(
    "are not fenced ones of another language: %s",
    (language) => {
      expect(found(`\`\`\`${language}`, "a", "```")).toEqual([]);
    },
  );

  test("are what is indented by four, blank lines and all", () => {
    expect(found("Text:", "", "    a", "", "    b", "", "More text.")).toEqual([
      { line: 3, text: "a\n\nb", name: "page.md: a" },
    ]);
  });

  test("in a list are what is indented by four more than its text", () => {
    expect(found("1. Text", "", "   more text", "", "       a", "", "Text")).toEqual([
      { line: 5, text: "a", name: "page.md: a" },
    ]);
  });

  test("are not a paragraph's indented lines", () => {
    expect(found("Text", "    goes on")).toEqual([]);
  });
});
