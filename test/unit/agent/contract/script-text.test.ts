import { describe, expect, test } from "@jest/globals";
import { scriptText } from "../../../../agent/contract/script-text.js";

const latin1 = (text: string): Uint8Array => Buffer.from(text, "latin1");

describe("scriptText", () => {
  test.each([
    ["one byte each", "\u007f", 1],
    ["two bytes each", "\u0080\u07ff", 4],
    ["three bytes each", "\u0800\uffff", 6],
    ["four bytes each", "\u{10000}\u{10ffff}", 8],
  ])("finds the first wrong byte after characters of %s", (_name, text, offset) => {
    const read = scriptText(Buffer.concat([Buffer.from(text), Uint8Array.of(0xff)]));
    expect(read).toEqual({ problem: expect.stringContaining(`byte 0xff at offset ${offset} `) });
  });

  test.each([
    ["begins with another's first byte", Uint8Array.of(0xef, 0xff)],
    ["begins with its first two bytes", Uint8Array.of(0xef, 0xbf, 0x20)],
    ["has its first byte and its last", Uint8Array.of(0xef, 0x41, 0xbd)],
  ])("takes no byte for a replacement character that only %s", (_name, bytes) => {
    expect(scriptText(bytes)).toEqual({ problem: expect.stringContaining("at offset 0 ") });
  });

  test("takes 200,000 characters, and not one more", () => {
    expect(scriptText(Buffer.from("x".repeat(200_000)))).toHaveProperty("text");
    expect(scriptText(Buffer.from("x".repeat(200_001)))).toEqual({
      problem: expect.stringContaining("has 200001 characters; allowed: at most 200000"),
    });
  });

  test("refuses a NUL at the begin as anywhere", () => {
    expect(scriptText(Uint8Array.of(0, 0x61))).toEqual({
      problem: expect.stringContaining("byte 0x00 at offset 0 (line 1)"),
    });
  });

  test.each([
    ["plain", "print('größe 🚀')\n"],
    ["with a byte-order mark", "\ufeffprint(1)\n"],
    ["with a replacement character of its own", "print('\ufffd')\n"],
    ["with DOS line ends", "print(1)\r\nprint(2)\r\n"],
    ["with a coding line that its bytes do not break", "# coding: latin-1\nprint(1)\n"],
    ["empty", ""],
  ])("keeps every byte of UTF-8, %s", (_name, text) => {
    const bytes = Buffer.from(text);
    const read = scriptText(bytes);
    expect("text" in read && Buffer.from(read.text).equals(bytes)).toBe(true);
  });

  test("refuses latin-1 with the encoding, the offset and the next step", () => {
    const read = scriptText(latin1("# -*- coding: latin-1 -*-\nprint('gr\xf6\xdfe')\n"));
    expect(read).toEqual({
      problem:
        "is not UTF-8: byte 0xf6 at offset 35 (line 2), and line 1 declares latin-1. A job carries its script as text: save it as UTF-8, or put it on /shared or into the image and run it from there with a job's command",
    });
  });

  test.each([
    ["no coding line", latin1("x = '\xe9'\n"), /^is not UTF-8: byte 0xe9 at offset 5 \(line 1\)\. A job/],
    [
      "one in line 2",
      latin1("#!/usr/bin/python\n# vim: set fileencoding=cp1252 :\n\x80"),
      /line 2 declares cp1252/,
    ],
    ["none in line 3", latin1("\n\n# coding: latin-1\n\xe9"), /offset 20 \(line 4\)\. A/],
    ["a sequence that is cut", Uint8Array.of(0x61, 0xe2, 0x82), /byte 0xe2 at offset 1/],
    ["a good character before the bad byte", Uint8Array.of(0xef, 0xbf, 0xbd, 0xff), /byte 0xff at offset 3/],
    ["an overlong form", Uint8Array.of(0xc0, 0xaf), /byte 0xc0 at offset 0/],
    [
      "UTF-16",
      Buffer.from("\ufeffprint(1)", "utf16le"),
      /^is UTF-16 or UTF-32, by the byte-order mark at offset 0\. A/,
    ],
    [
      "UTF-16 of the other byte order",
      Uint8Array.of(0xfe, 0xff, 0, 0x61),
      /^is UTF-16 or UTF-32, by the byte-order mark at offset 0\. A/,
    ],
    ["half of a byte-order mark", Uint8Array.of(0xfe, 0xfe), /^is not UTF-8: byte 0xfe at offset 0/],
    [
      "a program",
      Buffer.from("\x7fELF\x02\x01\x01\0\0"),
      /^is no text: byte 0x00 at offset 7 \(line 1\)\. A/,
    ],
  ])("refuses %s", (_name, bytes, problem) => {
    const read = scriptText(bytes);
    expect("problem" in read ? read.problem : "it took it").toMatch(problem);
  });

  test("refuses what is too long to travel", () => {
    expect(scriptText(Buffer.from("#".repeat(200_001)))).toEqual({
      problem:
        "has 200001 characters; allowed: at most 200000; put it on /shared or into the image and use command",
    });
  });
});
