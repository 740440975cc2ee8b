import { appendFile, mkdir, readFile } from "node:fs/promises";
import { dirname } from "node:path";
import type { Change } from "./changes.js";
import type { RelatedTests } from "./related.js";
import type { Verdict } from "./report.js";
import { digestOf } from "./sample.js";

/** One line of the file: what came of a change, and of which texts that is true. */
interface Line {
  readonly key: string;
  readonly texts: string;
  readonly verdict: Verdict;
}

/** Results of earlier runs, so that a run that was interrupted goes on. */
export interface Kept {
  /** Null where none is kept, or the changed file or a test that it rests on has another text now. */
  find(change: Change, textOf: TextOf): Promise<Verdict | null>;
  /** The texts are those of which it is true. */
  add(change: Change, verdict: Verdict, textOf: TextOf): Promise<void>;
}

/** A file's text, named from the project's root; empty where there is no such file. */
type TextOf = (file: string) => Promise<string>;

/**
 * A noticed change rests on the test that noticed it, one that is alive on all tests that have to do with its file. What these import is not
 * looked at.
 */
export async function openKept(path: string, related: RelatedTests): Promise<Kept> {
  await mkdir(dirname(path), { recursive: true });
  const text = await readFile(path, "utf8").catch(() => "");
  const lines = text
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Line);
  const byKey = new Map(lines.map((line) => [line.key, line]));

  async function textsOf({ file }: Change, verdict: Verdict, textOf: TextOf): Promise<string> {
    const files = [file, ...(verdict.isNoticed ? [verdict.by] : related(file).toSorted())];
    return digestOf(...files, ...(await Promise.all(files.map(textOf))));
  }

  return {
    async find(change, textOf) {
      const line = byKey.get(change.key);
      if (line === undefined || line.texts !== (await textsOf(change, line.verdict, textOf))) return null;
      return line.verdict;
    },
    async add(change, verdict, textOf) {
      const line: Line = { key: change.key, texts: await textsOf(change, verdict, textOf), verdict };
      await appendFile(path, `${JSON.stringify(line)}\n`);
    },
  };
}
