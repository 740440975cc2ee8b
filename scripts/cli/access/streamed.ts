import type { OrgTable } from "./table.js";

/** The items as they are asked for, each of them by `call`, which words its errors by what is `doing`. */
export async function* streamed<T>(
  call: OrgTable["call"],
  doing: string,
  items: AsyncIterable<T>,
): AsyncGenerator<T> {
  const its = items[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await call(doing, () => its.next());
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    // Who does not ask for all ends what reads ahead.
    await its.return?.();
  }
}
