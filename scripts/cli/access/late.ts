/** A port whose calls all answer later. */
type Answering<T> = {
  readonly [K in keyof T]: T[K] extends (...args: never[]) => Promise<unknown> ? T[K] : never;
};

/**
 * An adapter that is loaded, and made, at its first call: a client of the SDK takes as long to load as Node.js takes to start, and a command
 * needs one or two of them.
 */
export function late<T extends Answering<T>>(load: () => Promise<T>): T {
  let loading: Promise<T> | undefined;
  const loaded = (): Promise<T> => {
    loading ??= load();
    return loading;
  };
  return new Proxy({} as T, {
    get:
      (_, name) =>
      async (...args: never[]) => {
        const adapter = await loaded();
        return (adapter[name as keyof T] as (...given: never[]) => Promise<unknown>)(...args);
      },
  });
}
