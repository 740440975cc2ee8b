/** The journey's progress for a person. With --json it goes to stderr, so that stdout is for machines. */
export interface Progress {
  /** Prints one line. */
  say(line: string): void;
  /** Runs a step, prints its start and how long it took; keeps the seconds under `key`. */
  step<T>(key: StepKey, title: string, work: () => Promise<T>): Promise<T>;
  /** Seconds of each step that ran, with one decimal; `total` since the program began. */
  seconds(): Record<StepKey | "total", number>;
}

type StepKey = "setup" | "up" | "deploy" | "ready" | "job" | "destroy";

/** `startedAtMs` is when the person started the command, in Unix milliseconds: set-up ran before this program. */
export function createProgress(out: NodeJS.WritableStream, startedAtMs: number): Progress {
  const seconds: Record<StepKey, number> = { setup: 0, up: 0, deploy: 0, ready: 0, job: 0, destroy: 0 };
  const since = (fromMs: number): number => Math.round((Date.now() - fromMs) / 100) / 10;
  const say = (line: string): void =>
    void out.write(`${since(startedAtMs).toFixed(1).padStart(6)} s  ${line}\n`);
  return {
    say,
    async step(key, title, work) {
      const stepStartedAtMs = key === "setup" ? startedAtMs : Date.now();
      say(`== ${title}`);
      try {
        return await work();
      } finally {
        seconds[key] = since(stepStartedAtMs);
        say(`   ${title}: ${seconds[key].toFixed(1)} s`);
      }
    },
    seconds: () => ({ ...seconds, total: since(startedAtMs) }),
  };
}
