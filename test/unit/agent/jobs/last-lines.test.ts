import { describe, expect, test } from "@jest/globals";
import { lastLines } from "../../../../agent/jobs/last-lines.js";

const of = (text: string, isWhole = true, bounds?: { lines: number; bytes: number }) =>
  lastLines(Buffer.from(text), isWhole, bounds);

describe("the last lines", () => {
  test.each<[string, string, boolean, string[]]>([
    ["of nothing are none", "", true, []],
    ["of a short output are all", "a\nb\n", true, ["a", "b"]],
    ["keep an unfinished last line", "a\nb", true, ["a", "b"]],
    ["keep empty lines between", "a\n\nb\n", true, ["a", "", "b"]],
    ["lose the part of a line that was cut at the start", "rt of a\nb\n", false, ["b"]],
    ["keep a part where there is nothing else", "one endless line", false, ["one endless line"]],
    ["drop carriage returns", "a\r\nb\r\n", true, ["a", "b"]],
  ])("%s", (_name, text, isWhole, lines) => {
    expect(of(text, isWhole)).toEqual(lines);
  });

  test("are at most 20", () => {
    const lines = of(Array.from({ length: 50 }, (_, i) => `line ${i}`).join("\n"));
    expect(lines).toHaveLength(20);
    expect(lines.at(-1)).toBe("line 49");
  });

  test("are bounded in bytes: older lines are left out whole", () => {
    expect(of("aaaa\nbbbb\ncccc\n", true, { lines: 20, bytes: 9 })).toEqual(["bbbb", "cccc"]);
  });

  test("keep the end of one line that is too long, never half a character", () => {
    expect(of("xéééé\n", true, { lines: 20, bytes: 5 })).toEqual(["éé"]);
  });

  test("turn what is no UTF-8 into U+FFFD", () => {
    expect(lastLines(Uint8Array.from([0x61, 0xff, 0x0a]), true)).toEqual(["a\ufffd"]);
  });
});
