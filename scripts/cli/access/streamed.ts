/** The items as they are asked for, each of them by `run`, which words the errors of calls. */
export async function* streamed<T>(
  run: <R>(ask: () => Promise<R>) => Promise<R>,
  items: AsyncIterable<T>,
): AsyncGenerator<T> {
  const its = items[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await run(() => its.next());
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    // Who does not ask for all ends what reads ahead.
    await its.return?.();
  }
}
