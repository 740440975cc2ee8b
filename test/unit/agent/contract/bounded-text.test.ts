import { Readable } from "node:stream";
import { expect, test } from "@jest/globals";
import { boundedText } from "../../../../agent/contract/bounded-text.js";

const streamOf = (...chunks: readonly string[]) => Readable.from(chunks.map((chunk) => Buffer.from(chunk)));

test.each([
  ["nothing", [], ""],
  ["less than the bound", ["ab", "c"], "abc"],
  ["as much as the bound", ["a", "bcd"], "abcd"],
])("a stream of %s is read whole", async (_name, chunks, text) => {
  expect(await boundedText(streamOf(...chunks), 4)).toBe(text);
});

test("a character whose bytes come apart is one", async () => {
  const bytes = Buffer.from("ö");
  expect(await boundedText(Readable.from([bytes.subarray(0, 1), bytes.subarray(1)]), 2)).toBe("ö");
});

test("a stream of more fails at its bound, and is read no further", async () => {
  const stream = streamOf("abc", "de", "f");
  await expect(boundedText(stream, 4)).rejects.toThrow("the answer has more than 4 bytes");
  expect(stream.destroyed).toBe(true);
});
