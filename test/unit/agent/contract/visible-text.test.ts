import { describe, expect, test } from "@jest/globals";
import { visibleLine, visibleText } from "../../../../agent/contract/visible-text.js";

describe("visibleText", () => {
  test.each([
    ["a sequence that clears the screen", "\x1b[2J\x1b[HApply complete!", "\\x1b[2J\\x1b[HApply complete!"],
    ["a title set by OSC", "\x1b]0;owned\x07", "\\x1b]0;owned\\x07"],
    ["C1's own CSI", "\x9b2J", "\\x9b2J"],
    ["a carriage return over the line", "failed\rfinished", "failed\\x0dfinished"],
    ["backspaces and DEL", "a\b\x7f", "a\\x08\\x7f"],
    ["NUL", "a\0b", "a\\x00b"],
    [
      "text that runs from right to left by force",
      "a\u202eb\u2066c\u200f\u061c",
      "a\\u202eb\\u2066c\\u200f\\u061c",
    ],
    ["separators that some take for line ends", "a\u2028b\u2029\x85", "a\\u2028b\\u2029\\x85"],
    ["what has no width", "a\u200bb\ufeffc\u2060", "a\\u200bb\\ufeffc\\u2060"],
    ["text that only machines read", "a\u{e0041}", "a\\u{e0041}"],
    ["half an emoji", "a\ud83d", "a\\ud83d"],
  ])("shows %s by its code", (_name, text, shown) => {
    expect(visibleText(text)).toBe(shown);
    expect(visibleLine(text)).toBe(shown);
  });

  test("leaves what can be seen: any script, emoji with joiners, tabs and line ends", () => {
    const text = "größe\tπ\n\u05e9\u05dc\u05d5\u05dd 日本 👩\u200d💻\n\\x1b typed";
    expect(visibleText(text)).toBe(text);
    expect(visibleText("a\r\nb")).toBe("a\nb");
  });

  test("bounds each line and the whole", () => {
    expect(visibleText(`${"x".repeat(30)}\ny`, { line: 10, text: 100 })).toBe(
      "xxxxxxxxxx... (30 characters)\ny",
    );
    expect(visibleText("ab\ncd\nef", { line: 40, text: 4 })).toBe("ab\nc... (8 characters)");
    expect(visibleText("\x1b".repeat(1_000_000)).length).toBeLessThan(100_000);
  });
});

describe("visibleLine", () => {
  test("is one line for any text", () => {
    expect(visibleLine("a\nb\r\nc")).toBe("a\\nb\\nc");
    expect(visibleLine("abcdef", 3)).toBe("abc... (6 characters)");
    expect(visibleLine("abc", 3)).toBe("abc");
  });
});
