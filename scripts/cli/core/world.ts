import type { Writable } from "node:stream";
import type { Access, Opening } from "./ports.js";

/** What the process lends to the commands: everything that they see and do outside of themselves. */
export interface World {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Bytes of a file; a relative path starts where the command was typed. Throws as node:fs does. */
  readFile(path: string): Uint8Array;
  /** For what was asked for: a log, a table, a document. A reader that has left is an EPIPE of its writes. */
  readonly stdout: Writable;
  /** A line for the person, on stderr. */
  say(line: string): void;
  /** Whether a person sits at stdin, who can be asked. */
  readonly canAsk: boolean;
  /** One line of the person's answer; "" where they give none, or press Ctrl-C. */
  ask(question: string): Promise<string>;
  /** From now until the function that it returns is called, a Ctrl-C or a SIGTERM is `heard`, and does nothing else. */
  onInterrupt(heard: (signal: "SIGINT" | "SIGTERM") => void): () => void;
  now(): Date;
  /** Resolves after `ms`, or at once when `signal` aborts. Never rejects. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  /** The org in AWS. Makes no call. */
  open(opening: Opening): Access;
}
