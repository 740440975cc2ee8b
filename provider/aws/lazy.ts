/** `make`, but run at the first call only: everybody gets the same promise, also one that is rejected. */
export function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

type Port<P> = { readonly [K in keyof P]: (...args: never[]) => Promise<unknown> };

/** A port that is opened by the first call of any of its methods. Where that fails, each call fails with the same error. */
export function lazyPort<P extends Port<P>>(open: () => Promise<P>): P {
  const method =
    (name: keyof P) =>
    async (...args: never[]): Promise<unknown> =>
      (await open())[name](...args);
  return new Proxy({} as P, { get: (_port, name) => method(name as keyof P) });
}
