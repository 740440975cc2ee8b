import type { PlayedStep, Step } from "./step.js";

/** What playing needs of the machine. */
export interface PlayPorts {
  readonly say: (line: string) => void;
  readonly monotonicMs: () => number;
}

interface PlayOptions {
  /** Ends what runs, and lets no further step begin. */
  readonly signal: AbortSignal;
  /** Whether a step that fails keeps the later ones from running. */
  readonly endsAtFailure: boolean;
}

/** Plays the steps, one after the other. Fails never: each step's failure is in its result. */
export async function playSteps(
  steps: readonly Step[],
  { signal, endsAtFailure }: PlayOptions,
  ports: PlayPorts,
): Promise<readonly PlayedStep[]> {
  const played: PlayedStep[] = [];
  for (const step of steps) {
    const hasFailed = played.some(({ result }) => result === "failed");
    if (signal.aborted || (endsAtFailure && hasFailed)) played.push(notReached(step, signal));
    else played.push(await playStep(step, signal, ports));
  }
  return played;
}

/** Steps that were never begun. Pure. */
export const notReached = ({ name, title }: Step, signal?: AbortSignal): PlayedStep => ({
  ...{ name, title, result: "not reached", seconds: 0 },
  why: signal?.aborted ? messageOf(signal.reason) : null,
});

async function playStep(
  step: Step,
  signal: AbortSignal,
  { say, monotonicMs }: PlayPorts,
): Promise<PlayedStep> {
  const { name, title, leftOut = null } = step;
  if (leftOut !== null) {
    say(`-- ${title}: left out: ${leftOut}`);
    return { name, title, result: "left out", seconds: 0, why: leftOut };
  }
  say(`== ${title}`);
  const startedAtMs = monotonicMs();
  const ended = await step.run(signal).then(
    (why) => ({ result: "passed" as const, why: why === "" ? null : why }),
    (error: unknown) => ({
      result: "failed" as const,
      why: messageOf(signal.aborted ? signal.reason : error),
    }),
  );
  const seconds = Math.round((monotonicMs() - startedAtMs) / 100) / 10;
  say(`   ${ended.result} after ${seconds.toFixed(1)} s${ended.why === null ? "" : `: ${ended.why}`}`);
  return { name, title, seconds, ...ended };
}

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
