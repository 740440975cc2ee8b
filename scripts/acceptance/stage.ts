import type { DeclarationSettings } from "./declaration.js";
import type { Place, Project } from "./place.js";

/** How a program that was typed has ended. */
export interface Typed {
  readonly exitCode: number | null;
  /** Its lines: of stdout, and of both streams. */
  readonly stdout: string;
  readonly lines: string;
}

export type Argv = readonly [string, ...string[]];

interface TypeOptions {
  /** Sends it a Ctrl-C. */
  readonly signal: AbortSignal;
  /** A Ctrl-C at the first line that matches. */
  readonly ctrlCAt?: RegExp;
  /** Default: the project's. */
  readonly folder?: string;
}

/** What of AWS is done beside the product: a person's own calls. */
export interface AccountCalls {
  /** The account's id. */
  caller(): Promise<string>;
  /** Makes the bucket, and puts the files below the prefix. */
  putFiles(bucket: string, prefix: string, files: Readonly<Record<string, string>>): Promise<void>;
  /** With all that is in it. May run twice, and where there is none. */
  removeBucket(bucket: string): Promise<void>;
  terminate(instanceId: string): Promise<void>;
}

/** What the steps act on. */
export interface Stage {
  readonly place: Place;
  readonly project: Project;
  readonly declaration: DeclarationSettings;
  readonly checkout: string;
  readonly aws: AccountCalls;
  readonly say: (line: string) => void;
  /** Opens the place: what is typed after it has its environment. */
  open(): Promise<void>;
  /** Types a command, as a person does. */
  type(argv: Argv, options: TypeOptions): Promise<Typed>;
  readFile(path: string): Promise<string>;
  writeFile(path: string, text: string): Promise<void>;
  /** Found by the opening. */
  usdPerHour: number | null;
  account: string | null;
}

const SHOWN_LINES = 25;

/** As `type`; fails with the command's last lines unless it is done. */
export async function done(stage: Stage, argv: Argv, signal: AbortSignal, folder?: string): Promise<Typed> {
  const typed = await stage.type(argv, { signal, ...(folder === undefined ? {} : { folder }) });
  if (typed.exitCode === 0) return typed;
  const last = typed.lines.split("\n").slice(-SHOWN_LINES).join("\n");
  throw new Error(`${argv.join(" ")} ended with exit status ${typed.exitCode}:\n${last}`);
}

/** What `npx muster ... --json` prints. */
export async function askJson(stage: Stage, words: readonly string[], signal: AbortSignal): Promise<unknown> {
  const { stdout } = await done(stage, ["npx", "--no-install", "muster", ...words, "--json"], signal);
  return JSON.parse(stdout) as unknown;
}
