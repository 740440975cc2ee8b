import { expect, test } from "@jest/globals";
import { createTurns } from "../../../scripts/system/turns.js";

/** Works that are ended by hand, in the order in which they have begun. */
function works() {
  const begun: string[] = [];
  const ends = new Map<string, (outcome: string | Error) => void>();
  const work = (name: string) => () => {
    begun.push(name);
    return new Promise<string>((resolve, reject) =>
      ends.set(name, (outcome) => (outcome instanceof Error ? reject(outcome) : resolve(outcome))),
    );
  };
  return { begun, work, end: (name: string, outcome: string | Error) => ends.get(name)?.(outcome) };
}
const soon = () => new Promise((resolve) => setImmediate(resolve));

test("what has the same key comes one after the other, whatever has come of the one before; another key's does not wait", async () => {
  const { begun, work, end } = works();
  const turns = createTurns();
  const first = turns("a", work("first"));
  const second = turns("a", work("second"));
  const other = turns("b", work("other"));
  await soon();
  expect(begun).toEqual(["first", "other"]);
  end("first", new Error("it is busy"));
  await expect(first).rejects.toThrow("it is busy");
  await soon();
  expect(begun).toEqual(["first", "other", "second"]);
  end("second", "done");
  end("other", "done too");
  expect(await Promise.all([second, other])).toEqual(["done", "done too"]);
});
