import { clusterStackName } from "../../../agent/contract/names.js";
import { notebookStackName } from "../../../agent/contract/notebook.js";

/** The lock of a state that another run holds, or that a killed one has left: what Terraform says of it, in its own words. */
export interface StateLock {
  readonly id: string;
  /** The state's object: BUCKET/KEY. */
  readonly path: string;
  /** USER@MACHINE. */
  readonly who: string;
  readonly created: string;
}

const REFUSED = "Error acquiring the state lock";
const FIELD = /(?:^|\s)(ID|Path|Who|Created):\s+(\S.*?)\s*$/;
/** Terraform's message has 20 lines at most; cdktf puts those of several stacks between each other. */
const FIELDS_WITHIN_LINES = 400;
/** What is kept of a program's last lines. */
const KEPT_LINES = 2_000;

/** The locks that stopped Terraform, by the lines that it or cdktf printed. An empty list: no lock did. Pure. */
export function findStateLocks(lines: readonly string[]): readonly StateLock[] {
  const start = lines.findIndex((line) => line.includes(REFUSED));
  if (start === -1) return [];
  const locks: Partial<Record<"ID" | "Path" | "Who" | "Created", string>>[] = [];
  for (const line of lines.slice(start, start + FIELDS_WITHIN_LINES)) {
    const [, name, value] = FIELD.exec(line) ?? [];
    if (name === undefined || value === undefined) continue;
    if (name === "ID") locks.push({ ID: value });
    else Object.assign(locks.at(-1) ?? {}, { [name]: value });
  }
  const known = locks.map(({ ID = "", Path = "unknown", Who = "unknown", Created = "unknown" }) => ({
    ...{ id: ID, path: Path, who: Who, created: Created },
  }));
  // cdktf prints an error twice: as it comes, and at the end.
  return known.filter(({ id }, index) => known.findIndex((other) => other.id === id) === index);
}

/** The stack whose state is at the path; null: it is none of the org's. Pure. */
export function stackOfState(path: string, org: string): string | null {
  const [, kind, name] =
    new RegExp(`/${org}/(org|account|images|clusters|notebooks)(?:/([^/]+))?\\.tfstate$`).exec(path) ?? [];
  if (kind === "org") return `muster_${org}`;
  if (name === undefined) return null;
  if (kind === "clusters") return clusterStackName(org, name);
  if (kind === "notebooks") return notebookStackName(org, name);
  return kind === "images" ? `muster_${org}_image_${name}` : null;
}

/** What a person does about a lock, a line each. Pure. */
export function explainStateLock({ id, path, who, created }: StateLock, org: string): readonly string[] {
  const stack = stackOfState(path, org);
  return [
    `The state ${path} is locked: ${who} locked it at ${created} (lock ${id}).`,
    "A lock goes when its run ends. One that was killed leaves it. First see that no run goes: in the pipelines of this project, and on the machine that the lock names.",
    "Only when none does, remove the lock, then run this again: it continues where the killed run stopped.",
    `  terraform -chdir=cdktf.out/stacks/${stack ?? "STACK"} init -input=false`,
    `  terraform -chdir=cdktf.out/stacks/${stack ?? "STACK"} force-unlock -force ${id}`,
  ];
}

/** Hears the lines of a program, and says at its end whether a lock stopped it. */
export interface LockWatch {
  hear(line: string): void;
  /** Lines for a person; none where no lock stopped it. */
  explain(org: string): readonly string[];
}

export function watchForLock(): LockWatch {
  const lines: string[] = [];
  return {
    hear(line) {
      lines.push(line);
      if (lines.length > KEPT_LINES) lines.splice(0, KEPT_LINES / 2);
    },
    explain: (org) => findStateLocks(lines).flatMap((lock) => explainStateLock(lock, org)),
  };
}
