import type { WaitClock } from "../contract/wait.js";
import { createAhead } from "./ahead.js";

/** A file on /shared that says whether another node sees the same folder. The job user writes it. */
export interface SharedToken {
  write(nonce: string, token: string): Promise<void>;
  remove(nonce: string): Promise<void>;
  /** Removes the files of heads that were lost before they could: those that no look needs any more. */
  sweep(): Promise<void>;
}

export interface LookFilesDeps {
  readonly shared: SharedToken;
  /** 128 random bits in hex. */
  random(): string;
  readonly clock: WaitClock;
  /** Hears that a token could not be removed. */
  onLeftBehind(error: unknown): void;
}

/** The file of one look at nodes: what its name and its content are made of. */
export interface LookFile {
  readonly nonce: string;
  readonly token: string;
}

/** The files of looks at nodes. Each costs a process to write and one to remove: a job's launch should wait for neither. */
export interface LookFiles {
  /** Begins to write one, for a look that soon follows, unless one is kept. Where no look follows, the file goes by itself. Never throws. */
  getReady(): void;
  /** The one that is kept since an earlier look; null: there is none. It may be gone meanwhile: a look that misses it says nothing. */
  takeKept(): LookFile | null;
  /** The one that was begun, if that is a moment ago; otherwise, or where it could not be written, a new one. */
  take(): Promise<LookFile>;
  /**
   * It has been looked at: it goes a moment later, so that its removal takes no time from the launch, and another is written then, and kept
   * for the next look. With the first, and then once an hour, what other heads have left goes too.
   */
  done(file: LookFile): void;
}

/** Longer than what was begun stays good, and than a launch takes. */
const LATER_MS = 3_000;
/** How long a file is kept: jobs that follow one another have one, and a cluster that rests writes none. Shorter than what a sweep spares. */
const KEPT_MS = 5 * 60_000;
/** What a lost head leaves is small and does no harm. */
const SWEEP_MS = 3_600_000;

export function createLookFiles({ shared, random, clock, onLeftBehind }: LookFilesDeps): LookFiles {
  const ahead = createAhead<LookFile>(clock);
  const taken = new WeakSet<LookFile>();
  let sweepAtMs = Number.NEGATIVE_INFINITY;
  let kept: LookFile | null = null;
  let isKeeping = false;
  const later = (work: () => Promise<void>) => void clock.sleep(LATER_MS).then(work).catch(onLeftBehind);

  async function write(): Promise<LookFile> {
    const file = { nonce: random(), token: random() };
    await shared.write(file.nonce, file.token);
    return file;
  }

  async function writeAhead(): Promise<LookFile> {
    const file = await write();
    later(async () => {
      if (!taken.has(file)) await shared.remove(file.nonce);
    });
    return file;
  }

  /** Nothing waits for it: a look writes its own where there is none, and says why it can't. */
  async function keep(): Promise<void> {
    if (kept !== null || isKeeping) return;
    isKeeping = true;
    const file = await write().catch(() => null);
    isKeeping = false;
    if (file === null) return;
    kept = file;
    await clock.sleep(KEPT_MS);
    if (kept !== file) return;
    kept = null;
    await shared.remove(file.nonce);
  }

  return {
    getReady() {
      if (kept === null) ahead.begin(writeAhead);
    },
    takeKept() {
      const file = kept;
      kept = null;
      return file;
    },
    async take() {
      const file = await ahead.take(write);
      taken.add(file);
      return file;
    },
    done({ nonce }) {
      later(() => shared.remove(nonce));
      later(keep);
      const nowMs = clock.monotonicMs();
      if (nowMs < sweepAtMs) return;
      sweepAtMs = nowMs + SWEEP_MS;
      later(() => shared.sweep());
    },
  };
}
