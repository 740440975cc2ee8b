import { isDeepStrictEqual } from "node:util";
import {
  clusterPk,
  PARTITION_KEY,
  partitionKeyed,
  QUEUE_INDEX,
  SORT_KEY,
} from "../../agent/contract/keys.js";
import type { AttributePath, Condition, Key, Write } from "../../agent/contract/writes/write.js";
import { CLUSTER_UUID } from "./agent/cluster-item.js";

type Item = Readonly<Record<string, unknown>>;

/**
 * A registry table in memory: it makes the contract's legal writes on the same conditions as DynamoDB does. What a test puts
 * or deletes behind their back, it puts and deletes in `items`, by `itemPlace`.
 */
export interface MemoryTable {
  /** With their keys. */
  readonly items: Map<string, Item>;
  get(key: Key): Item | null;
  /** Those of the partition whose sort key begins so, in the order of their sort keys. */
  query(partition: string, sortKeyPrefix?: string): readonly Item[];
  /** False, and nothing changed, where the condition does not hold. */
  perform(write: Write): boolean;
  /** All or none. */
  transact(writes: readonly Write[]): boolean;
}

const itemPlace = (key: Item): string => `${key[PARTITION_KEY]} ${key[SORT_KEY]}`;

export function memoryTable(): MemoryTable {
  const items = new Map<string, Item>();
  const mayWrite = ({ key, condition }: Write) =>
    condition === null || holds(condition, items.get(itemPlace(key)) ?? {});

  function apply(write: Write): void {
    const place = itemPlace(write.key);
    const item = changed(items.get(place), write);
    if (item === null) items.delete(place);
    else items.set(place, item);
  }

  const table: MemoryTable = {
    items,
    get: (key) => items.get(itemPlace(key)) ?? null,
    query: (partition, prefix = "") =>
      [...items.values()]
        .filter((item) => item[PARTITION_KEY] === partition && String(item[SORT_KEY]).startsWith(prefix))
        .sort((a, b) => (String(a[SORT_KEY]) < String(b[SORT_KEY]) ? -1 : 1)),
    perform: (write) => table.transact([write]),
    transact(writes) {
      if (!writes.every(mayWrite)) return false;
      writes.forEach(apply);
      return true;
    },
  };
  return table;
}

/** The item after the write, its condition aside; null: it is gone. Pure. */
function changed(item: Item | undefined, write: Write): Item | null {
  switch (write.write) {
    case "put":
      return { ...write.item, ...write.key };
    case "update": {
      const inside = Object.entries(write.within).map(([name, inner]) => {
        if (typeof item?.[name] !== "object")
          throw new Error(`${name} is not there: DynamoDB would refuse this`);
        return [name, { ...item[name], ...inner }] as const;
      });
      const changes = { ...write.set, ...Object.fromEntries(inside) };
      const kept = Object.entries({ ...item, ...changes, ...write.key });
      return Object.fromEntries(kept.filter(([name]) => !write.remove.includes(name)));
    }
    case "delete":
      return null;
  }
}

/** Whether the condition holds of an item; one that is not there has no attributes. As DynamoDB compares. Pure. */
function holds(condition: Condition, item: Item): boolean {
  switch (condition.is) {
    case "present":
      return at(item, condition.path) !== undefined;
    case "absent":
      return at(item, condition.path) === undefined;
    case "number":
      return typeof at(item, condition.path) === "number";
    case "equal":
      return isDeepStrictEqual(at(item, condition.path), condition.value);
    case "at-most": {
      const value = at(item, condition.path);
      return typeof value === "number" && value <= condition.value;
    }
    case "one-of": {
      const value = at(item, condition.path);
      return typeof value === "string" && condition.values.includes(value);
    }
    case "all":
      return condition.of.every((part) => holds(part, item));
    case "any":
      return condition.of.some((part) => holds(part, item));
    case "not":
      return !holds(condition.of, item);
  }
}

const at = (item: Item, path: AttributePath): unknown =>
  [path].flat().reduce<unknown>((inner, name) => (inner as Item | undefined)?.[name], item);

/** The items of one kind in the tests' cluster, by their names: to look at, and to change behind the writes' back. */
export interface MemoryItems<T> {
  readonly size: number;
  has(name: string): boolean;
  get(name: string): T | undefined;
  set(name: string, item: T): void;
  delete(name: string): void;
  clear(): void;
  /** In the order in which they were first put. */
  values(): readonly T[];
}

/** `record` adds what an item has in the table beside what the contract says of it; null: nothing. */
export function memoryItems<T extends object>(
  table: MemoryTable,
  sortKeyOf: (name: string) => string,
  record: ((item: T) => Item) | null = null,
): MemoryItems<T> {
  const keyOf = (name: string): Key => partitionKeyed(CLUSTER_UUID, sortKeyOf(name));
  const isOne = (item: Item): boolean =>
    item[PARTITION_KEY] === clusterPk(CLUSTER_UUID) && String(item[SORT_KEY]).startsWith(sortKeyOf(""));
  const all = () => [...table.items.values()].filter(isOne);
  return {
    get size() {
      return all().length;
    },
    has: (name) => table.get(keyOf(name)) !== null,
    get(name) {
      const item = table.get(keyOf(name));
      return item === null ? undefined : withoutKeys<T>(item);
    },
    set(name, item) {
      const key = keyOf(name);
      table.items.set(itemPlace(key), { ...item, ...record?.(item), ...key });
    },
    delete: (name) => void table.items.delete(itemPlace(keyOf(name))),
    clear() {
      for (const item of all()) table.items.delete(itemPlace(item));
    },
    values: () => all().map((item) => withoutKeys<T>(item)),
  };
}

/** The item as the contract has it. */
export function withoutKeys<T>(item: Item): T {
  const { [PARTITION_KEY]: _pk, [SORT_KEY]: _sk, [QUEUE_INDEX.hashKey]: _queue, ...rest } = item;
  return rest as T;
}
