/** Keys and list positions from the file's top to a value. */
export type Path = readonly (string | number)[];

/** One problem of muster.yaml. */
export interface Problem {
  readonly path: Path;
  /** What is wrong, with the value got and what is allowed. One line. */
  readonly message: string;
  /** Its line in the file, from 1. Absent when it is not in the file. */
  readonly line?: number;
}

/** A muster.yaml that can't be used. `message` is for people: one line for each problem, in the file's order. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly file: string;
  readonly problems: readonly Problem[];

  constructor(file: string, problems: readonly Problem[]) {
    super(renderProblems(file, problems));
    this.file = file;
    this.problems = problems;
  }
}

/** What stands before the host in a URL: a user, and perhaps a password. */
const URL_USER = /\/\/[^/@\s"]+@/g;

/** A value as an error shows it: JSON, without a URL's password, cut at 60 characters. Pure. */
export function renderValue(value: unknown): string {
  const text = (JSON.stringify(value) ?? "nothing").replace(URL_USER, "//...@");
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

/** `clusters[0].name`. Pure. */
export function renderYamlPath(path: Path): string {
  const text = path.map((part) => (typeof part === "number" ? `[${part}]` : `.${part}`)).join("");
  return text.replace(/^\./, "") || "(the whole file)";
}

function renderProblems(file: string, problems: readonly Problem[]): string {
  const sorted = [...problems].sort((a, b) => (a.line ?? 0) - (b.line ?? 0));
  const lines = sorted.map(({ path, message, line }) => {
    const where = line === undefined ? "" : `line ${line}: `;
    return `  ${where}${renderYamlPath(path)}: ${message}`;
  });
  const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
  return [`${count} in ${file}:`, ...lines].join("\n");
}
