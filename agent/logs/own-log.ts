import type { Clock } from "../time/clock.js";
import { createLoop, type Loop } from "../time/loop.js";

/** Takes the lines of the agent's own log, and holds them until they are in the bucket. */
export interface LogBuffer {
  /** A line with its end. Never blocks, never throws. */
  write(line: string): void;
  /** What is held, at most LIMIT_BYTES of it, and how many lines were dropped since the last take. Empties it. */
  take(): { readonly text: string; readonly dropped: number };
  /** Puts back what could not be delivered, before what came since; what is too much is dropped. */
  giveBack(taken: { readonly text: string; readonly dropped: number }): void;
  bytes(): number;
}

/** More than this is dropped, the oldest first, while the bucket does not answer: systemd's journal on the node has it all. */
const LIMIT_BYTES = 262_144;
/** From this size on the log is brought away at the next look. */
const FULL_BYTES = 131_072;
const LOOK_EVERY_MS = 10_000;
/** The longest that lines wait, but for their node's share of SPREAD_MS. */
const LONGEST_WAIT_MS = 300_000;
/** The nodes of a cluster don't all write at the same moment. */
const SPREAD_MS = 30_000;

export function createLogBuffer(limitBytes = LIMIT_BYTES): LogBuffer {
  let lines: string[] = [];
  let size = 0;
  let dropped = 0;

  function trim(): void {
    while (size > limitBytes) {
      size -= Buffer.byteLength(lines.shift() ?? "");
      dropped += 1;
    }
  }

  return {
    write(line) {
      lines.push(line);
      size += Buffer.byteLength(line);
      trim();
    },
    take() {
      const taken = { text: lines.join(""), dropped };
      lines = [];
      size = 0;
      dropped = 0;
      return taken;
    },
    giveBack(taken) {
      const before = taken.text.split(/(?<=\n)/).filter((line) => line !== "");
      lines = [...before, ...lines];
      size += Buffer.byteLength(taken.text);
      dropped += taken.dropped;
      trim();
    },
    bytes: () => size,
  };
}

/** Puts a piece of the agent's log into the bucket; `piece` counts from the agent's start. Throws the client's errors. */
export type PutOwnLog = (piece: number, text: string, signal: AbortSignal) => Promise<void>;

/** Brings the agent's own log to the bucket, in pieces, whenever much of it or a long time has come together. */
export interface OwnLog {
  start(): void;
  /** Brings away what is left, within `timeoutMs`. Never throws. */
  close(timeoutMs: number): Promise<void>;
}

export interface OwnLogDeps {
  readonly buffer: LogBuffer;
  readonly put: PutOwnLog;
  readonly clock: Clock;
  /** From 0 to 1: this node's place in SPREAD_MS. */
  readonly share: number;
}

const PUT_TIMEOUT_MS = 30_000;

export function createOwnLog({ buffer, put, clock, share }: OwnLogDeps): OwnLog {
  let piece = 0;
  let sinceMs = clock.monotonicMs();

  async function bringAway(signal: AbortSignal): Promise<void> {
    const taken = buffer.take();
    sinceMs = clock.monotonicMs();
    if (taken.text === "") return;
    const note =
      taken.dropped === 0 ? "" : `${JSON.stringify({ msg: "lines were dropped", count: taken.dropped })}\n`;
    try {
      await put(piece, note + taken.text, signal);
      piece += 1;
    } catch (error) {
      buffer.giveBack(taken);
      throw error;
    }
  }

  const isDue = () => {
    if (buffer.bytes() === 0) return false;
    return (
      buffer.bytes() >= FULL_BYTES || clock.monotonicMs() - sinceMs >= LONGEST_WAIT_MS + share * SPREAD_MS
    );
  };
  const loop: Loop = createLoop({
    async step() {
      if (isDue()) await bringAway(AbortSignal.timeout(PUT_TIMEOUT_MS));
      return LOOK_EVERY_MS;
    },
    retryMs: LONGEST_WAIT_MS / 5,
    // Its own failure is not worth a line in the log that can't be brought away.
    onOutage: () => undefined,
    clock,
  });

  return {
    start: () => void loop.start(),
    async close(timeoutMs) {
      await loop.stop();
      await bringAway(AbortSignal.timeout(timeoutMs)).catch(() => undefined);
    },
  };
}
