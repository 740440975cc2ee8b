import type { Declared } from "../../api.js";

/** A job as it is typed: every field is a text. */
export interface JobDraft {
  readonly cluster: string;
  readonly when: "now" | "at" | "cron";
  readonly name: string;
  readonly at: string;
  readonly cron: string;
  readonly timeZone: string;
  readonly what: "command" | "script";
  readonly command: string;
  readonly scriptName: string;
  readonly script: string;
  readonly arguments: string;
  readonly source: "git" | "s3" | "shared" | "none";
  readonly git: string;
  readonly reference: string;
  readonly credentials: string;
  readonly s3: string;
  readonly shared: string;
  readonly mpi: boolean;
  readonly processes: string;
  readonly perNode: string;
  readonly timeout: string;
  readonly retries: string;
  readonly requirements: string;
  readonly folder: string;
  readonly ifBusy: "queue" | "refuse";
  readonly variables: string;
}

export const BLANK_JOB: JobDraft = {
  ...{ cluster: "", when: "now", name: "", at: "", cron: "" },
  timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
  ...{ what: "command", command: "", scriptName: "script.py", script: "", arguments: "" },
  ...{ source: "git", git: "", reference: "", credentials: "", s3: "", shared: "" },
  ...{ mpi: true, processes: "", perNode: "", timeout: "", retries: "", requirements: "", folder: "" },
  ...{ ifBusy: "queue", variables: "" },
};

const MINUTE_SECONDS = 60;

/** What is sent to submit it. */
export function bodyOf(draft: JobDraft): Record<string, unknown> {
  const { source, timeoutMinutes, ...rest } = commonOf(draft);
  const seconds =
    typeof timeoutMinutes === "number" ? { timeoutSeconds: timeoutMinutes * MINUTE_SECONDS } : {};
  if (draft.what === "script")
    return {
      script: { name: draft.scriptName, content: draft.script, arguments: draft.arguments },
      fields: { ...rest, ...seconds },
    };
  return {
    command: draft.command,
    fields: { ...(source === undefined ? {} : { source }), ...rest, ...seconds },
  };
}

/** The definition that muster.yaml keeps, with its schedule. */
export function definitionOf(draft: JobDraft): Declared {
  const schedule =
    draft.when === "at"
      ? { at: isoOf(draft.at) }
      : {
          cron: draft.cron.trim(),
          ...(draft.timeZone.trim() === "" ? {} : { timeZone: draft.timeZone.trim() }),
        };
  return {
    name: draft.name.trim(),
    command: draft.command.trim(),
    ...commonOf(draft),
    run: "manual",
    schedule,
  };
}

/** Of what is typed in the person's own time zone; what is no time is left to the check. */
function isoOf(local: string): string {
  const ms = Date.parse(local);
  return Number.isNaN(ms) ? local : new Date(ms).toISOString();
}

function commonOf(draft: JobDraft): Record<string, unknown> {
  const found: Record<string, unknown> = {
    source: sourceOf(draft),
    workingFolder: textOf(draft.folder),
    requirements: textOf(draft.requirements),
    environment: variablesOf(draft.variables),
    processes: numberOf(draft.processes),
    processesPerNode: numberOf(draft.perNode),
    mpi: draft.mpi ? undefined : false,
    ifBusy: draft.ifBusy === "queue" ? undefined : draft.ifBusy,
    retries: Number(draft.retries) > 0 ? { count: Number(draft.retries) } : undefined,
    timeoutMinutes: numberOf(draft.timeout),
  };
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined));
}

function sourceOf({ source, git, reference, credentials, s3, shared }: JobDraft): unknown {
  switch (source) {
    case "git": {
      const more = { reference: textOf(reference), credentials: textOf(credentials) };
      const given = Object.entries(more).filter(([, value]) => value !== undefined);
      return { git: { url: git.trim(), ...Object.fromEntries(given) } };
    }
    case "s3":
      return { s3: { uri: s3.trim() } };
    case "shared":
      return { shared: { path: shared.trim() } };
    case "none":
      return undefined;
  }
}

const textOf = (text: string): string | undefined => (text.trim() === "" ? undefined : text.trim());
const numberOf = (text: string): number | undefined => (text.trim() === "" ? undefined : Number(text));

function variablesOf(text: string): Record<string, string> | undefined {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  if (lines.length === 0) return undefined;
  return Object.fromEntries(
    lines.map((line) => {
      const equals = line.indexOf("=");
      return equals < 0 ? [line.trim(), ""] : [line.slice(0, equals).trim(), line.slice(equals + 1)];
    }),
  );
}
