/** Reads that are shared: those who ask at the same time, or shortly after, get one answer. */
export interface SharedReads {
  read<T>(key: string, run: () => Promise<T>): Promise<T>;
  /** What was read is not good any more: something was changed. */
  forget(): void;
}

const MOST_KEYS = 64;

/** `freshMs`: how long an answer is good. An error is not kept. */
export function createSharedReads(now: () => Date, freshMs: number): SharedReads {
  const answers = new Map<string, { readonly answer: Promise<unknown>; readonly untilMs: number }>();
  return {
    async read<T>(key: string, run: () => Promise<T>): Promise<T> {
      const nowMs = now().getTime();
      const known = answers.get(key);
      if (known !== undefined && nowMs < known.untilMs) return known.answer as Promise<T>;
      const answer = run();
      answers.delete(key);
      answers.set(key, { answer, untilMs: nowMs + freshMs });
      answer.catch(() => {
        if (answers.get(key)?.answer === answer) answers.delete(key);
      });
      const [oldest] = answers.keys();
      if (answers.size > MOST_KEYS && oldest !== undefined) answers.delete(oldest);
      return answer;
    },
    forget: () => answers.clear(),
  };
}
