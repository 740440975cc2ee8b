/** Keeps the first of many items by an order, however many come. */
interface First<T> {
  /** In any order; of items that are alike the one that came first is the first. */
  add(items: readonly T[]): void;
  /** Those that are kept, in order. */
  all(): readonly T[];
}

/** Holds twice `count` items and those of one `add` at most. */
export function createFirst<T>(count: number, compare: (a: T, b: T) => number): First<T> {
  let kept: T[] = [];
  const cut = (): void => {
    kept.sort(compare);
    if (kept.length > count) kept = kept.slice(0, count);
  };
  return {
    add(items) {
      kept.push(...items);
      if (kept.length > 2 * count) cut();
    },
    all() {
      cut();
      return kept;
    },
  };
}
