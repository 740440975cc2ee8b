import { type Command, InvalidArgumentError, Option } from "commander";
import { keyProblem } from "../../../agent/contract/job-admission.js";
import { JOB_LIMITS } from "../../../agent/contract/job-request.js";
import { unusable } from "../core/exit.js";
import type { World } from "../core/world.js";
import { requestFor } from "../jobs/request.js";
import type { Runnable } from "../jobs/submit.js";
import { OPTION_OF, type RequestOptions, readRequest, withRequest } from "./request-options.js";
import { readSource, SOURCE_KINDS, type SourceOptions, withSource } from "./source-options.js";

/** What `run` and `submit` accept besides the place. */
export interface RunnableOptions extends RequestOptions, SourceOptions {
  readonly command?: string;
  readonly definition?: string;
  readonly idempotencyKey?: string;
}

/** FILE and its arguments, --command or --definition. Everything after FILE is the script's, even if it looks like an option. */
export const withRunnable = (command: Command): Command =>
  withRequest(
    withSource(command)
      .argument(
        "[file]",
        "a Python file on this machine, whose text is part of the job; or one in the source",
      )
      .argument("[args...]", "the file's arguments")
      .passThroughOptions()
      .option(
        "--command <command>",
        "instead of a file: what follows python, to run what is in the source, on /shared or in the image; split into words, no shell",
      )
      .option(
        "--definition <name>",
        "instead of a file: a job definition that the cluster keeps, as it is now",
      )
      .addOption(
        new Option(
          "--idempotency-key <key>",
          "a repeated key follows the existing job instead of submitting another; in a pipeline, use the run's id",
        ).argParser((text) => {
          if (text.length < 1 || text.length > JOB_LIMITS.idempotencyKeyCharacters)
            throw new InvalidArgumentError(`Give 1 to ${JOB_LIMITS.idempotencyKeyCharacters} characters.`);
          const problem = keyProblem(text);
          if (problem !== null) throw new InvalidArgumentError(`It ${problem}.`);
          return text;
        }),
      ),
  );

/** What to run. Throws CommandError with every problem. */
export async function readRunnable(
  options: RunnableOptions,
  [file, ...args]: readonly string[],
  world: Pick<World, "readFile" | "env" | "listFolder">,
): Promise<Runnable> {
  const { definition, command } = options;
  const { fields, problems } = readRequest(options, world);
  const all = [...whatProblems(options, file), ...problems];
  if (all.length > 0) throw unusable(all);
  if (definition !== undefined) return { definition };
  const { command: _, ...others } = OPTION_OF;
  const optionOf = file === undefined ? OPTION_OF : others;
  const read = await readSource(options, world);
  const source = read === null ? {} : { source: read.source };
  const request = requestFor(
    { file, args, command, fields: { ...fields, ...source } },
    world.readFile,
    optionOf,
  );
  return read?.upload === undefined ? { request } : { request, upload: read.upload };
}

/** Exactly one of FILE, --command and --definition; a definition has everything else itself. */
function whatProblems(
  { command, definition, idempotencyKey: _, ...rest }: RunnableOptions,
  file: string | undefined,
): readonly string[] {
  const whats = [file, command && "--command", definition && "--definition"].filter(
    (what) => what !== undefined,
  );
  if (whats.length === 0)
    return [
      "what to run is missing: give FILE, a Python file on this machine, --command or --definition NAME",
    ];
  const both =
    whats.length > 1 ? [`${whats.join(" and ")}: give only one of FILE, --command and --definition`] : [];
  return definition === undefined ? both : [...both, ...ofDefinition(rest)];
}

const OF_REQUEST: readonly string[] = [
  ...Object.values(OPTION_OF),
  ...[...SOURCE_KINDS, "reference", "credentials"].map((kind) => `--${kind}`),
];

/** Options of a request, which a definition has its own of. */
function ofDefinition(rest: Omit<RunnableOptions, "command" | "definition" | "idempotencyKey">): string[] {
  const flags = new Set<string>();
  if (rest.mpi === false) flags.add("--no-mpi");
  for (const [name, value] of Object.entries(rest)) {
    const flag = `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    if (value !== undefined && OF_REQUEST.includes(flag)) flags.add(flag);
  }
  const listed = [...flags];
  return listed.length === 0
    ? []
    : [
        `${listed.join(", ")}: give ${listed.length === 1 ? "it" : "them"} with a FILE or --command; a definition has its own`,
      ];
}
