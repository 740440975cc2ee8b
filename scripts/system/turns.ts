/** One after the other, of those with the same key; each has its own outcome. */
export type Turns = <T>(key: string, work: () => Promise<T>) => Promise<T>;

/** Makes turns of its own. */
export function createTurns(): Turns {
  const last = new Map<string, Promise<unknown>>();
  return (key, work) => {
    const turn = (last.get(key) ?? Promise.resolve()).then(work, work);
    last.set(key, turn);
    return turn;
  };
}
