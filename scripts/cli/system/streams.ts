import { Writable } from "node:stream";
import { createStatusLine, type StatusLine } from "./status-line.js";

/** Where the command's words go. Each is opened at its first use: that takes a millisecond or two, and most commands say nothing on stderr. */
export interface Streams {
  /** Writes each chunk when the one before it was accepted, so that a pipe waits for its reader and nothing piles up. */
  readonly stdout: Writable;
  say(line: string): void;
  /** The line of what is waited for; null: stderr is no terminal, or one that can't go back to a line's begin. */
  readonly status: StatusLine | null;
  /** Takes that line away, if it is there. */
  clear(): void;
  readonly coloured: { readonly stdout: boolean; readonly stderr: boolean };
}

type Target = NodeJS.WriteStream;
const used = new Set<Target>();

/** A failed write reports to its callback; without a listener, the event would end the process with a stack trace. */
function opened(stream: Target): Target {
  if (!used.has(stream)) stream.on("error", () => undefined);
  used.add(stream);
  return stream;
}

/** Resolves when everything that was written has been read, or its readers have left. */
export const flushed = async (): Promise<void> => {
  for (const stream of used) await new Promise<void>((resolve) => void stream.write("", () => resolve()));
};

export function ownStreams(): Streams {
  let status: StatusLine | null | undefined;
  const clear = (): void => status?.clear();
  const stdout = new Writable({
    highWaterMark: 65_536,
    autoDestroy: false,
    write: (chunk: Buffer, _encoding, done) => {
      const target = opened(process.stdout);
      if (target.isTTY) clear();
      if (target.isTTY) status?.wrote(chunk);
      target.write(chunk, (error) => done(error ?? null));
    },
  }).on("error", () => undefined);
  return {
    stdout,
    clear,
    say: (line) => {
      clear();
      opened(process.stderr).write(`${line}\n`);
    },
    get status() {
      status ??= statusLineOf(opened(process.stderr));
      return status;
    },
    coloured: {
      get stdout() {
        return hasColours(opened(process.stdout));
      },
      get stderr() {
        return hasColours(opened(process.stderr));
      },
    },
  };
}

function statusLineOf(stream: Target): StatusLine | null {
  if (!stream.isTTY || process.env["TERM"] === "dumb") return null;
  const status = createStatusLine(stream, () => performance.now());
  process.once("exit", status.clear);
  return status;
}

/** Node.js asks NO_COLOR, FORCE_COLOR and TERM. */
const hasColours = (stream: Target): boolean => stream.isTTY && stream.hasColors();
