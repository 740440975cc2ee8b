import path from "node:path";
import { wordsOf } from "../../agent/contract/command-words.js";
import { scriptRequest } from "../../agent/contract/job.js";
import type { JobRequest } from "../../agent/contract/registry.js";
import { scriptText } from "../../agent/contract/script-text.js";
import type { Draft } from "./draft.js";
import type { JobDefinitionSettings } from "./job-definition.js";
import type { Problem } from "./problem.js";

type Setup = NonNullable<JobDefinitionSettings["setup"]>;

/** A job definition as it is declared: its settings, and what it runs: with the file's text in it, and each command as a list. */
export type JobDefinitionDeclaration = Readonly<
  Omit<JobDefinitionSettings, "file" | "arguments" | "command" | "setup">
> &
  Pick<JobRequest, "command" | "script"> & {
    readonly setup?: Omit<Setup, "command"> & { readonly command: readonly string[] };
    /** Whether its cluster is made for its job. */
    readonly dedicated?: boolean;
  };

/** The bytes of a file by its absolute path. Throws as node:fs does. */
export type ReadFile = (file: string) => Uint8Array;

/** The texts of the job definitions' files, by the path as it is written. */
export type ScriptFiles = ReadonlyMap<string, string>;

/** Reads every file that a job definition names; relative paths start at `baseFolder`. */
export function readScriptFiles(
  { clusters = [] }: Draft,
  baseFolder: string,
  readFile: ReadFile,
): { readonly files: ScriptFiles; readonly problems: Problem[] } {
  const files = new Map<string, string>();
  const problems = clusters.flatMap((cluster, clusterIndex) =>
    (cluster?.jobDefinitions ?? []).flatMap((definition, index): Problem[] => {
      const { file } = definition ?? {};
      if (file === undefined) return [];
      const read = readScript(path.resolve(baseFolder, file), readFile);
      if ("text" in read) files.set(file, read.text);
      const at = ["clusters", clusterIndex, "jobDefinitions", index, "file"];
      return "text" in read ? [] : [{ path: at, message: `got "${file}"; ${read.problem}` }];
    }),
  );
  return { files, problems };
}

function readScript(file: string, readFile: ReadFile): { text: string } | { problem: string } {
  try {
    const read = scriptText(readFile(file));
    return "text" in read ? read : { problem: `it ${read.problem}` };
  } catch (error) {
    return { problem: `it can't be read (${(error as Error).message}); allowed: a Python file` };
  }
}

/** The words of a command that was checked. */
function checkedWords(command: string | readonly string[]): string[] {
  const split = wordsOf(command);
  if ("words" in split) return split.words;
  throw new Error(`The command ${split.problem}; the check should have refused it.`);
}

/** The definition of checked settings. Pure. */
export function declareDefinition(
  settings: JobDefinitionSettings,
  files: ScriptFiles,
): JobDefinitionDeclaration {
  const { file, arguments: args = [], command = [], setup, ...rest } = settings;
  return {
    ...rest,
    ...(setup === undefined ? {} : { setup: { ...setup, command: checkedWords(setup.command) } }),
    ...(file === undefined
      ? { command: checkedWords(command) }
      : scriptRequest(file, files.get(file) ?? "", args)),
  };
}
