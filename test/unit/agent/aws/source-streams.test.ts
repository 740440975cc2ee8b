import { Readable } from "node:stream";
import { describe, expect, test } from "@jest/globals";
import { packed } from "../../../../agent/aws/source-streams.js";

type Entry = Parameters<typeof packed>[0][number];

const entryOf = (name: string, bytes: number, pieces: () => AsyncIterable<Buffer>): Entry => ({
  name,
  open: async () => ({ body: Readable.from(pieces()), bytes }),
});

async function read(archive: Readable): Promise<number> {
  let bytes = 0;
  for await (const chunk of archive) bytes += (chunk as Buffer).length;
  // An error that nothing has listened to ends the process, a moment later.
  return new Promise((resolve) => setImmediate(() => resolve(bytes)));
}

describe("objects that are packed while they are read", () => {
  test("leave nothing behind at the archive, however many they are", async () => {
    const bodies: Readable[] = [];
    const entries = Array.from({ length: 30 }, (_, index) => ({
      name: `file-${index}`,
      async open() {
        const body = Readable.from([Buffer.from("abc")]);
        bodies.push(body);
        return { body, bytes: 3 };
      },
    }));
    expect(await read(packed(entries))).toBe(30 * 1_024 + 1_024);
    expect(bodies.map(({ destroyed }) => destroyed)).toEqual(Array(30).fill(true));
  });

  test.each<[string, Entry, RegExp]>([
    [
      "breaks off",
      entryOf("a", 3, async function* () {
        yield Buffer.from("ab");
        throw new Error("socket hang up");
      }),
      /socket hang up/,
    ],
    [
      "is shorter than it was said to be",
      entryOf("a", 3, async function* () {
        yield Buffer.from("ab");
      }),
      /Size mismatch/,
    ],
  ])("fail, and the agent lives, where one %s", async (_name, entry, problem) => {
    await expect(read(packed([entry]))).rejects.toThrow(problem);
    await new Promise((resolve) => setImmediate(resolve));
  });
});
