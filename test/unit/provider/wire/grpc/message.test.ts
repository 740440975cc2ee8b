import { describe, expect, test } from "@jest/globals";
import { encodedText, messageHead, onlyMessage, STATUS } from "../../../../../provider/wire/grpc/message.js";

const framed = (bytes: Buffer): Buffer => Buffer.concat([messageHead(bytes.length), bytes]);

describe("the message of a body", () => {
  test.each([0, 1, 255, 256, 70_000])("comes back as it was framed (%d bytes)", (length) => {
    const bytes = Buffer.alloc(length, 7);
    expect(onlyMessage(framed(bytes)).equals(bytes)).toBe(true);
  });

  test.each([
    ["nothing", Buffer.alloc(0), STATUS.internal, /no message/],
    ["half a head", Buffer.alloc(4), STATUS.internal, /no message/],
    ["fewer bytes than it says", framed(Buffer.alloc(9)).subarray(0, 12), STATUS.internal, /7 bytes.*of 9/],
    [
      "two messages",
      Buffer.concat([framed(Buffer.alloc(1)), framed(Buffer.alloc(2))]),
      STATUS.internal,
      /8 bytes.*of 1/,
    ],
    ["a compressed one", Buffer.from([1, 0, 0, 0, 0]), STATUS.unimplemented, /compressed/],
    ["a length of 4 GB", Buffer.from([0, 255, 255, 255, 255, 1]), STATUS.internal, /1 bytes.*4294967295/],
  ])("fails: %s", (_what, body, status, message) => {
    expect(() => onlyMessage(body)).toThrow(
      expect.objectContaining({ status, message: expect.stringMatching(message) }),
    );
  });
});

test.each([
  ["", ""],
  ["plain text, with ~ and #", "plain text, with ~ and #"],
  ["100 %", "100 %25"],
  ["two\nlines", "two%0Alines"],
  ["größe", "gr%C3%B6%C3%9Fe"],
  ["🦉", "%F0%9F%A6%89"],
  ["\u007f\ud800", "%7F%EF%BF%BD"],
])("a status's text is visible ASCII: %j", (text, encoded) => {
  expect(encodedText(text)).toBe(encoded);
});
