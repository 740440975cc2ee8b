import { LOG_FOLLOW_END, type LogFollowEnd } from "../contract/http.js";
import type { AttemptId } from "../jobs/ports.js";
import type { Clock } from "../time/clock.js";
import type { Growth } from "./growth.js";
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
/** Lines that are printed within this time go in one message. */
const GATHER_MS = 10;
/** How often the attempt's record is looked at while nothing comes. */
const LOOK_MS = 250;

/**
 * Sends the attempt's output from `offset` on, as it comes, until the attempt has ended and all was sent; says then how it ended. A follower
 * that does not read is not waited for by anything but this. Null: it is gone.
 */
export async function followLog(
  of: AttemptId,
  offset: number,
  follower: Follower,
  { views, clock }: FollowDeps,
): Promise<LogFollowEnd | null> {
  const growth = views.growth(of);
  try {
    return await sendAll(of, offset, follower, { views, clock, growth });
  } finally {
    growth.stop();
  }
}

interface FollowDeps {
  readonly views: Pick<LogViews, "look" | "read" | "growth">;
  readonly clock: Pick<Clock, "sleep">;
}

async function sendAll(
  of: AttemptId,
  offset: number,
  { send, gone }: Follower,
  { views, clock, growth }: FollowDeps & { readonly growth: Growth },
): Promise<LogFollowEnd | null> {
  let at = offset;
  while (!gone.aborted) {
    const seen = growth.seen();
    // Before the bytes: where it had ended by then, what is read after it is all that there is.
    const record = await views.look(of);
    const slice = await views.read(of, at, PIECE_BYTES, true);
    if (slice !== null && slice.bytes.length > 0) {
      await send(slice.bytes);
      at += slice.bytes.length;
      if (at < slice.total) continue;
      await clock.sleep(GATHER_MS, gone);
    } else if (record !== null && isEnd(record, slice, at)) {
      const { status, exitCode, reasonCode, reason } = record;
      const ended = { job: of.jobId, attempt: of.attempt, status, exitCode, reasonCode, reason };
      return { type: LOG_FOLLOW_END, ...ended, offset: at };
    }
    await growth.after(seen, LOOK_MS, gone);
  }
  return null;
}
