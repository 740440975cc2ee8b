import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { JobRequest } from "../../../agent/contract/registry.js";

const FOLDER = join(__dirname, "../../fixtures/jobs/hostile");
const read = (name: string): string => readFileSync(join(FOLDER, `${name}.py`), "utf8");

/** One attempt, as the job itself tells it. */
export interface Report {
  readonly name: string;
  /** The node's host name. */
  readonly node: string;
  readonly outcome: string;
}

/** Python's variables of these names and values, JSON being Python enough for texts and lists. */
const assignments = (variables: Readonly<Record<string, unknown>>): string =>
  Object.entries(variables)
    .map(([name, value]) => `${name} = ${JSON.stringify(value)}\n`)
    .join("");

/** A job that makes the attempts of these files of test/fixtures/jobs/hostile/, on every node. */
export function attempts(files: readonly string[], variables: Readonly<Record<string, unknown>>): JobRequest {
  const content = `${assignments(variables)}${["prelude", ...files].map(read).join("")}report()\n`;
  return { command: ["hostile.py"], script: { name: "hostile.py", content }, timeoutSeconds: 300 };
}

/** A program of that folder that stands alone, with what follows on its command line. */
export function program(
  file: string,
  args: readonly string[] = [],
  environment: Readonly<Record<string, string>> = {},
): JobRequest {
  const name = `${file}.py`;
  return {
    command: [name, ...args],
    script: { name, content: read(file) },
    environment: { ...environment },
    timeoutSeconds: 300,
  };
}

/** The text of a program with its variables, to be run by hand. */
export const programText = (file: string, variables: Readonly<Record<string, unknown>>): string =>
  `${assignments(variables)}${read(file)}`;

/** The reports in a job's log. */
export const reportsIn = (log: string): Report[] =>
  log
    .split("\n")
    .flatMap((line) => (line.startsWith("ATTEMPT ") ? [JSON.parse(line.slice(8)) as Report] : []));
