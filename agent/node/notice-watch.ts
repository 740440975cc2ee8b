import { isDeepStrictEqual } from "node:util";
import type { Logger } from "pino";
import type { NodeNotice } from "../contract/node-notice.js";
import { reasonOf } from "../errors.js";
import type { Clock } from "../time/clock.js";
import { createLoop } from "../time/loop.js";
import { type NoticeTexts, readNotices } from "./notices.js";

/** What EC2 announces about this node. */
export interface NoticeWatch {
  /** As last read. */
  now(): readonly NodeNotice[];
  start(): void;
  stop(): Promise<void>;
}

export interface NoticeWatchDeps {
  /** Reads the three places; rejects where the metadata service does not answer. Bounded. */
  read(): Promise<NoticeTexts>;
  /** Called when the notices have changed. */
  onChange(): void;
  readonly clock: Pick<Clock, "sleep">;
  readonly log: Logger;
}

/** EC2's advice; a spot interruption comes two minutes before. */
const LOOK_MS = 5_000;

/** Reads the notices again and again. What can't be read changes nothing: a notice is not withdrawn by silence. */
export function createNoticeWatch({ read, onChange, clock, log }: NoticeWatchDeps): NoticeWatch {
  let notices: readonly NodeNotice[] = [];
  const loop = createLoop({
    async step() {
      const found = readNotices(await read());
      if (isDeepStrictEqual(found, notices)) return LOOK_MS;
      notices = found;
      log.warn({ notices }, "EC2's notices about this node have changed");
      onChange();
      return LOOK_MS;
    },
    retryMs: LOOK_MS,
    onOutage: (error) => log.warn({ reason: reasonOf(error) }, "EC2's notices can't be read; trying again"),
    clock,
  });
  return { now: () => notices, start: () => void loop.start(), stop: loop.stop };
}
