import type { Clock } from "../time/clock.js";

/** An mpiexec that runs, and whose launchers are held up: nothing of it is on any node, this one included. */
export interface HeldLaunch {
  /** Kills it and removes what it has left. May run twice. */
  drop(): Promise<void>;
}

/**
 * The launches that have begun, and are not certain yet: one may be got ready beside its job's claim. What it is of is said by a key: every
 * word that it was begun with. Its launchers wait here until it is opened.
 */
export interface ReadyLaunches<T extends HeldLaunch> {
  /**
   * Begins it, in the place of one that was begun before and not taken; where that is the same, it stays. Its failure is known to who takes it.
   * Never throws.
   */
  begin(jobId: string, key: string, work: () => Promise<T>): void;
  /**
   * What was begun for that job, if it is of that key; otherwise what `work` begins now. The caller opens or drops it. Throws what that has failed
   * with.
   */
  take(jobId: string, key: string, work: () => Promise<T>): Promise<T & { open(): void }>;
  /** Whether a launcher of the job may go on: once its launch is opened, or at once where none of it is held. */
  mayLaunch(jobId: string): Promise<boolean>;
  /** Drops what was begun and not taken. */
  drop(): Promise<void>;
}

/**
 * A claim and the checks of 64 nodes take less as a rule; who comes later launches anew. A job that is cancelled while it waits leaves no process
 * after 5 s, wherever the cancel is written.
 */
const KEPT_MS = 4_000;

interface Held<T> {
  readonly jobId: string;
  readonly key: string;
  readonly launch: Promise<T>;
  readonly isOpen: Promise<boolean>;
  decide(isOpen: boolean): void;
}

export function createReadyLaunches<T extends HeldLaunch>(clock: Pick<Clock, "sleep">): ReadyLaunches<T> {
  let held: Held<T> | null = null;
  /** The end of the one before: what it removes must not be of the next. */
  let ending: Promise<unknown> = Promise.resolve();
  /** By job: what is not decided, the held one and one that was taken. */
  const undecided = new Map<string, Held<T>>();
  let keeping = new AbortController();

  function decide(one: Held<T>, isOpen: boolean): void {
    one.decide(isOpen);
    if (undecided.get(one.jobId) === one) undecided.delete(one.jobId);
  }

  /** First its processes end: no launcher of it may find that nothing of its job is held any more. */
  async function end(one: Held<T>): Promise<void> {
    const launch = await one.launch.catch(() => null);
    await launch?.drop();
    decide(one, false);
  }

  function letGo(): Held<T> | null {
    const before = held;
    held = null;
    keeping.abort();
    return before;
  }

  async function drop(): Promise<void> {
    const before = letGo();
    if (before === null) return;
    const ended = end(before);
    ending = ended.catch(() => undefined);
    await ended;
  }

  function begin(jobId: string, key: string, work: () => Promise<T>): Held<T> {
    void drop().catch(() => undefined);
    let decide: (isOpen: boolean) => void = () => undefined;
    const isOpen = new Promise<boolean>((resolve) => {
      decide = resolve;
    });
    const launch = ending.then(work);
    launch.catch(() => undefined);
    const one = { jobId, key, launch, isOpen, decide };
    held = one;
    undecided.set(jobId, one);
    keeping = new AbortController();
    void clock
      .sleep(KEPT_MS, keeping.signal)
      .then(() => (held === one ? drop().catch(() => undefined) : undefined));
    return one;
  }

  return {
    begin(jobId, key, work) {
      if (held?.jobId !== jobId || held.key !== key) begin(jobId, key, work);
    },
    async take(jobId, key, work) {
      await ending;
      const isReady =
        held?.jobId === jobId &&
        held.key === key &&
        (await held.launch.then(
          () => true,
          () => false,
        ));
      const one = isReady && held !== null ? held : begin(jobId, key, work);
      letGo();
      try {
        const launch = await one.launch;
        return { ...launch, open: () => decide(one, true), drop: () => end(one) };
      } catch (error) {
        decide(one, false);
        throw error;
      }
    },
    mayLaunch: async (jobId) => (await undecided.get(jobId)?.isOpen) ?? true,
    drop,
  };
}
