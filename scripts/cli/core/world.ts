import type { Writable } from "node:stream";
import type { Browser, Forwarding } from "./forwarding.js";
import type { Access, Opening } from "./ports.js";
import type { Programs } from "./programs.js";

/** An entry of a folder. */
export interface FolderEntry {
  readonly name: string;
  readonly kind: "file" | "folder" | "link" | "other";
  /** Whether its owner may execute it. */
  readonly isProgram: boolean;
  readonly bytes: number;
}

/** Everything that the commands read and do outside of themselves. */
export interface World {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** From now on calls of AWS are made with this profile, and those of the programs that are run too: keys in the environment count no more. */
  useProfile(name: string): void;
  /** The folder that has the command's own file. */
  readonly ownFolder: string;
  /**
   * Bytes of a file, by default 1 MiB at most; a relative path starts where the command was typed. A named pipe or a device is none. Throws
   * as node:fs does, with the code ERR_FS_FILE_TOO_LARGE where it has more.
   */
  readFile(path: string, maxBytes?: number): Uint8Array;
  /** Replaces the text of a file that is there, at once. Throws as node:fs does. */
  writeFile(path: string, text: string): Promise<void>;
  /**
   * Writes new files into a folder, which is made where it is not there. If one of them exists, nothing is written, and their paths
   * come back; else none. After an error nothing of it is left. Throws as node:fs does.
   */
  makeFiles(
    folder: string,
    files: readonly { readonly path: string; readonly text: string | Uint8Array }[],
  ): Promise<readonly string[]>;
  readonly programs: Programs;
  readonly forwarding: Forwarding;
  readonly browser: Browser;
  /** What a web service answers to a GET, 1 KB at most, in 10 s. Throws a CommandError. */
  askService(url: string, signal: AbortSignal): Promise<string>;
  /** What a folder holds, by name; links are not followed. Throws as node:fs does. */
  listFolder(path: string): readonly FolderEntry[];
  /**
   * A secret of the person's, one text: asked for without showing what is typed, or all of stdin where that is no terminal (64 KB at
   * most). Without the last line's end.
   */
  readSecret(question: string): Promise<string>;
  /** For results: a log, a table, a document. If the reader has left, writes fail with EPIPE. */
  readonly stdout: Writable;
  /** A line for the person, on stderr. */
  say(line: string): void;
  /** Where stderr is a terminal: shows what is waited for, below all else, until something is said or written. Undefined: it is none. */
  readonly waits?: ((line: string) => void) | undefined;
  /** Whether each may have colours: it is a terminal that has some, and NO_COLOR is not set. */
  readonly coloured: { readonly stdout: boolean; readonly stderr: boolean };
  /** Whether stdin is a terminal, so that a person can answer. */
  readonly canAsk: boolean;
  /** The person's answer, one line; "" if they give none, or press Ctrl-C. */
  ask(question: string): Promise<string>;
  /** Until the returned function is called, a Ctrl-C or a SIGTERM only calls `heard`. */
  onInterrupt(heard: (signal: "SIGINT" | "SIGTERM") => void): () => void;
  now(): Date;
  /** Resolves after `ms`, or at once when `signal` aborts. Never rejects. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  /** The org in AWS. Makes no call, and is loaded at its first use. */
  open(opening: Opening): Promise<Access>;
  /** The cluster of a notebook, through the socket of its agent. Makes no call. */
  openTerminal(socketPath: string, signal: AbortSignal): Promise<Access>;
}
