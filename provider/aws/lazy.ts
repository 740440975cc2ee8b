/** Runs `make` at the first call only: every call gets the same promise, even a rejected one. */
export function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

type Port<P> = { readonly [K in keyof P]: (...args: never[]) => Promise<unknown> };

/** A port that the first call of any of its methods opens. If that fails, each call fails with the same error. */
export function lazyPort<P extends Port<P>>(open: () => Promise<P>): P {
  const method =
    (name: keyof P) =>
    async (...args: never[]): Promise<unknown> =>
      (await open())[name](...args);
  return new Proxy({} as P, { get: (_port, name) => method(name as keyof P) });
}
