import { LOG_FOLLOW_END, type LogFollowEnd } from "../contract/http.js";
import type { AttemptId } from "../jobs/ports.js";
import type { Clock } from "../time/clock.js";
import { isEnd, type LogViews } from "./views.js";

/** Who follows a log. */
export interface Follower {
  /** Takes the bytes; resolves when they are on their way, and room is for more. Rejects when the follower is gone. */
  send(bytes: Uint8Array): Promise<void>;
  /** Aborts when the follower is gone. */
  readonly gone: AbortSignal;
}

/** How much one follower costs at most, beside what its socket holds. */
const PIECE_BYTES = 65_536;
const SHORTEST_NAP_MS = 20;
const LONGEST_NAP_MS = 250;

/**
 * Sends the attempt's output from `offset` on, as it comes, until the attempt has ended and all was sent; says then how it ended. A follower
 * that does not read is not waited for by anything but this. Null: it is gone.
 */
export async function followLog(
  of: AttemptId,
  offset: number,
  follower: Follower,
  { views, clock }: { readonly views: Pick<LogViews, "look" | "read">; readonly clock: Pick<Clock, "sleep"> },
): Promise<LogFollowEnd | null> {
  let at = offset;
  let napMs = SHORTEST_NAP_MS;
  while (!follower.gone.aborted) {
    // Before the bytes: where it had ended by then, what is read after it is all that there is.
    const record = await views.look(of);
    const slice = await views.read(of, at, PIECE_BYTES, true);
    if (slice !== null && slice.bytes.length > 0) {
      await follower.send(slice.bytes);
      at += slice.bytes.length;
      napMs = SHORTEST_NAP_MS;
    } else if (record !== null && isEnd(record, slice, at)) {
      const { status, exitCode, reasonCode, reason } = record;
      return {
        type: LOG_FOLLOW_END,
        ...{ job: of.jobId, attempt: of.attempt },
        status,
        exitCode,
        reasonCode,
        reason,
        offset: at,
      };
    } else {
      await clock.sleep(napMs, follower.gone);
      napMs = Math.min(LONGEST_NAP_MS, napMs * 1.5);
    }
  }
  return null;
}
