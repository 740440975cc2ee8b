import { expect, test } from "@jest/globals";
import { pino } from "pino";
import { createLastWords, type LastWordsDeps } from "../../../../agent/head/last-words.js";

const node = { id: "i-b", address: "10.0.0.2" };
const silent: Pick<LastWordsDeps, "askNode"> = {
  askNode: async () => {
    throw new Error("timed out");
  },
};

function words(change: Partial<LastWordsDeps>) {
  const stored: string[] = [];
  const { keep } = createLastWords({
    askNode: async (address) => `s3://logs/${address}/journal.log`,
    readConsole: async () => "kernel panic",
    async store(id, name, text) {
      stored.push(`${id} ${name} ${text}`);
      return `s3://logs/${id}/${name}`;
    },
    log: pino({ level: "silent" }),
    ...change,
  });
  return { keep, stored };
}

test("a node that answers stores its journal itself", async () => {
  const { keep, stored } = words({});
  expect(await keep(node)).toBe("its journal is s3://logs/10.0.0.2/journal.log");
  expect(stored).toEqual([]);
});

test("of one that does not, its console is stored", async () => {
  const { keep, stored } = words(silent);
  expect(await keep(node)).toBe("its console is s3://logs/i-b/console.log");
  expect(stored).toEqual(["i-b console.log kernel panic"]);
});

test("one that was never heard, and so has no address, is not asked: its console is stored", async () => {
  const { keep } = words({});
  expect(await keep({ id: "i-c", address: "" })).toBe("its console is s3://logs/i-c/console.log");
});

test.each<[string, Partial<LastWordsDeps>, string]>([
  ["there is no console", { readConsole: async () => null }, "EC2 has no console of it"],
  [
    "the right to read it is missing",
    {
      readConsole: async () => {
        throw new Error("UnauthorizedOperation");
      },
    },
    "its console could not be kept: UnauthorizedOperation",
  ],
])("where %s, that is said, and keeps nothing from going on", async (_name, change, said) => {
  expect(await words({ ...silent, ...change }).keep(node)).toBe(said);
});
