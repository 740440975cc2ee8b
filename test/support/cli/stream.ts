/** The items as a list that comes as it is read; a promise that is rejected fails it at the first. */
export async function* streamOf<T>(items: () => Iterable<T> | Promise<Iterable<T>>): AsyncGenerator<T> {
  yield* await items();
}
