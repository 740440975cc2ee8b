import type { Output } from "../core/output.js";
import { renderTableAhead } from "../render/table.js";

/** How a list is shown: its name in the document of --json, and the lines that a person reads, as the items come. */
export interface ListView<T> {
  readonly key: string;
  lines(items: AsyncIterable<T>): AsyncIterable<readonly string[]>;
}

/** A list as a table: its headings, and the rows of an item. */
export const tableView = <T>(
  key: string,
  headings: readonly string[],
  rowsOf: (item: T) => readonly (readonly string[])[],
): ListView<T> => ({
  key,
  async *lines(items) {
    async function* rows(): AsyncGenerator<readonly string[]> {
      for await (const item of items) yield* rowsOf(item);
    }
    yield* renderTableAhead(headings, rows());
  },
});

/** Shows a list as it is read: of a long one a part is held. Gives the number of its items. Throws what the list throws. */
export async function showList<T>(
  out: Output,
  items: AsyncIterable<T>,
  { key, lines }: ListView<T>,
): Promise<number> {
  let count = 0;
  async function* counted(): AsyncGenerator<T> {
    for await (const item of items) {
      count += 1;
      yield item;
    }
  }
  if (out.json) await out.document({ [key]: counted() });
  else for await (const some of lines(counted())) await out.print(some);
  return count;
}

/** What is to be said below a list. */
interface Notes {
  add(lines: readonly string[]): void;
  /** The lines; where there were too many to keep, the first of them and what `more` says of the number of the others. */
  all(more: (count: number) => string): readonly string[];
}

export function createNotes(most: number): Notes {
  const kept: string[] = [];
  let count = 0;
  return {
    add(lines) {
      count += lines.length;
      kept.push(...lines.slice(0, most - kept.length));
    },
    all: (more) => (count > kept.length ? [...kept, more(count - kept.length)] : kept),
  };
}
