import type { Logger } from "pino";
import { because, type JobReasonCode } from "../contract/reasons.js";
import { reasonOf } from "../errors.js";
import { createAhead } from "./ahead.js";
import type { AttemptEvent, AttemptPhase } from "./attempt.js";
import type { LaunchPlan } from "./launch-plan.js";
import { jobTimeOut, phaseSeconds } from "./limits.js";
import { beginStep, type LongStep } from "./long-step.js";
import { isQuick } from "./planned-launch.js";
import type { Progress } from "./progress.js";
import { fetchSource, launch, preflight, type StepDeps, type StepOutcome } from "./steps.js";

/** The steps of an attempt before it runs. Each goes on by itself; a cancel, a time limit and another head interrupt it. */
export interface Preparation {
  /**
   * Goes on with the phase's step for a moment. Gives what happened: nothing while it goes on. "pause": it has failed, and is to be
   * tried again. "lost": the job is not ours any more. Throws when the registry does not answer.
   */
  look(phase: AttemptPhase): Promise<readonly StepOutcome[] | "pause" | "lost">;
  /** Interrupts the step under way, and waits for a moment until it has ended. */
  abandon(): Promise<void>;
  /** Whether nothing goes on any more that was begun here. */
  isQuiet(): boolean;
}

export interface PreparationDeps extends StepDeps {
  readonly log: Logger;
}

/** How many attempts a step gets before the job fails with its reason. */
const STEP_TRIES = 3;
const LOOK_MS = 500;
/** How long an interrupted step has to end; what takes longer is left to itself. */
const END_MS = 1_500;

/** What a step on the way to the launch has failed in. */
function stepCode(phase: AttemptPhase): JobReasonCode {
  if (phase === "source") return "source-failed";
  return phase === "preflight" ? "preflight-failed" : "mpiexec-not-started";
}

/** `folderAhead`: the making of the first attempt's folder, begun beside the claim. It never rejects. */
export function createPreparation(
  progress: Progress,
  deps: PreparationDeps,
  folderAhead: Promise<boolean> | null = null,
): Preparation {
  const { clock, log } = deps;
  const { id: jobId } = progress.item();
  let step: LongStep<StepOutcome> | null = null;
  /** One that did not end when it was interrupted. */
  let leftover: LongStep<StepOutcome> | null = null;
  const ahead = createAhead<StepOutcome>(clock);
  let plan: LaunchPlan | null = null;
  /** Of which attempt it is the step, and of which phase. */
  let current: string | null = null;
  let sinceMs = 0;
  let failures = 0;
  let folder = folderAhead;

  /** It counts once: a step that is tried again makes a new one. */
  async function isFolderMade(): Promise<boolean> {
    const made = folder;
    folder = null;
    return (await made) ?? false;
  }

  async function run(phase: AttemptPhase, signal: AbortSignal): Promise<StepOutcome> {
    if (phase === "source") {
      // Neither needs what the other does.
      if (isQuick(progress.item().request)) ahead.begin(() => preflight(progress.item(), deps, { signal }));
      return fetchSource(progress.item(), deps, { signal, isFolderMade: await isFolderMade() });
    }
    if (phase === "preflight") return ahead.take(() => preflight(progress.item(), deps, { signal }));
    if (plan === null) throw new Error("nothing was planned to launch");
    return launch(progress.item(), plan, deps);
  }

  /**
   * The claim has said whether a cancel had come; one that comes later is read when it is due. While a step goes on, a registry that
   * does not answer keeps nothing from its end.
   */
  async function isOurs(): Promise<boolean> {
    if (!progress.isReadDue()) return true;
    if (step === null) return progress.read();
    return progress.read().catch((error: unknown) => {
      log.warn({ jobId, reason: reasonOf(error) }, "the registry does not answer; going on");
      return true;
    });
  }

  function reasonToStop(phase: AttemptPhase): AttemptEvent | null {
    const item = progress.item();
    if (item.cancelRequested) return { type: "cancelRequested" };
    const seconds = phaseSeconds(phase, item.request);
    if (clock.monotonicMs() - sinceMs < seconds * 1_000) return jobTimeOut(item, clock.now());
    return { type: "failed", why: because(stepCode(phase), `${phase} was not done after ${seconds} s`) };
  }

  /** Ends the step under way; what it has come to meanwhile, or null. */
  async function interrupt(): Promise<StepOutcome | null> {
    const ending = step;
    step = null;
    if (ending === null) return null;
    ending.abort();
    const late = await ending.within(END_MS).catch(() => null);
    if (ending.hasSettled()) return late;
    leftover = ending;
    log.error({ jobId, step: current }, "a job's step does not end although it was stopped");
    return null;
  }

  async function failed(phase: AttemptPhase, error: unknown): Promise<readonly StepOutcome[] | "pause"> {
    step = null;
    failures += 1;
    log.warn({ jobId, phase, failures, reason: reasonOf(error) }, "a job's step failed");
    if (failures < STEP_TRIES) return "pause";
    const why = because(stepCode(phase), `${phase} failed: ${reasonOf(error)}`);
    return [{ event: { type: "failed", why } }];
  }

  async function look(phase: AttemptPhase): Promise<readonly StepOutcome[] | "pause" | "lost"> {
    const place = `${progress.item().attempt} ${phase}`;
    if (place !== current) [current, sinceMs, failures] = [place, clock.monotonicMs(), 0];
    if (!(await isOurs())) {
      await interrupt();
      return "lost";
    }
    const event = reasonToStop(phase);
    if (event !== null) {
      const late = await interrupt();
      // mpiexec has been started meanwhile: it runs, and has to be ended.
      return late?.event.type === "launched" ? [late, { event }] : [{ event }];
    }
    step ??= beginStep((signal) => run(phase, signal), clock);
    try {
      const outcome = await step.within(LOOK_MS);
      if (outcome === null) return [];
      step = null;
      plan = outcome.plan ?? null;
      return [outcome];
    } catch (error) {
      return failed(phase, error);
    }
  }

  return {
    look,
    abandon: async () => void (await interrupt()),
    isQuiet: () => step === null && (leftover === null || leftover.hasSettled()),
  };
}
