import type { Logger } from "pino";
import { reasonOf } from "../errors.js";
import type { Clock } from "../time/clock.js";
import { createLoop } from "../time/loop.js";
import {
  isLeftoverOver,
  NO_WAIT,
  NOTHING_SEEN,
  type RankSnapshot,
  type RanksWait,
  sightAfter,
  waitOf,
} from "./rank-events.js";

/** The processes of a launch, as the watch needs them. */
export interface RankProcesses {
  look(launchId: string): Promise<RankSnapshot>;
  /** SIGKILL to every process of the launch but the proxy. */
  endLeftovers(launchId: string): Promise<void>;
}

export interface RankWatchDeps {
  readonly processes: RankProcesses;
  readonly clock: Clock;
  readonly log: Logger;
}

const LOOK_MS = 2_000;

/**
 * Looks at a launch's ranks until `ended` aborts; resolves after the first look. `onChange` hears which ranks run when some
 * have waited for others for long, at each change of them, and null when none waits any more. What outlives the ranks is
 * ended after a grace.
 */
export async function watchRanks(
  launchId: string,
  onChange: (event: RanksWait) => void,
  ended: AbortSignal,
  { processes, clock, log }: RankWatchDeps,
): Promise<void> {
  let sight = NOTHING_SEEN;
  let said = JSON.stringify(NO_WAIT);
  const step = async (): Promise<number> => {
    const snapshot = await processes.look(launchId);
    const nowMs = clock.monotonicMs();
    sight = sightAfter(sight, snapshot, nowMs);
    const wait = waitOf(sight, snapshot, nowMs);
    if (JSON.stringify(wait) !== said) onChange(wait);
    said = JSON.stringify(wait);
    if (isLeftoverOver(sight, nowMs)) {
      log.warn(
        { launchId, processes: snapshot.others },
        "the ranks have ended: ending what they left behind",
      );
      await processes.endLeftovers(launchId);
    }
    return LOOK_MS;
  };
  const onOutage = (error: unknown) =>
    log.warn({ launchId, reason: reasonOf(error) }, "the ranks can't be looked at; trying again");
  await clock.sleep(LOOK_MS, ended);
  if (ended.aborted) return;
  const loop = createLoop({ step, retryMs: LOOK_MS, onOutage, clock });
  ended.addEventListener("abort", () => void loop.stop(), { once: true });
  await loop.start();
}
