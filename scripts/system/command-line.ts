import { parseArgs } from "node:util";

/** A command's options by their long names. */
type OptionSpec = Readonly<Record<string, { readonly type: "string" | "boolean"; readonly short?: string }>>;
type OptionValues<S extends OptionSpec> = {
  readonly [K in keyof S]: S[K]["type"] extends "boolean" ? boolean : string | undefined;
};

/** A command line, read leniently: what is wrong with its options is in `problems`, all at once. */
export interface CommandLine<S extends OptionSpec> {
  readonly values: OptionValues<S>;
  readonly positionals: readonly string[];
  /** Where the first positional stands; the number of arguments where there is none. */
  readonly firstPositional: number;
  readonly problems: readonly string[];
}

/** Options may stand anywhere. An option that is given twice has its last value. */
export function readCommandLine<S extends OptionSpec>(argv: readonly string[], spec: S): CommandLine<S> {
  const { values, positionals, tokens } = parseArgs({
    args: [...argv],
    options: spec,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const problems = tokens.flatMap((token) => {
    if (token.kind !== "option") return [];
    const type = spec[token.name]?.type;
    if (type === undefined) return [`unknown option ${token.rawName}`];
    if (type === "string") return token.value ? [] : [`${token.rawName} needs a value`];
    return token.value === undefined ? [] : [`${token.rawName} takes no value`];
  });
  const typed = Object.entries(spec).map(([name, { type }]) => {
    const value: unknown = values[name];
    if (type === "boolean") return [name, value === true];
    return [name, typeof value === "string" ? value : undefined];
  });
  return {
    values: Object.fromEntries(typed),
    positionals,
    firstPositional: tokens.find(({ kind }) => kind === "positional")?.index ?? argv.length,
    problems,
  };
}

/** Tells what can't be used, and the help. Gives the exit status for that. */
export function refuse(problems: readonly string[], help: string): number {
  console.error(`${problems.join("\n")}\n\n${help}`);
  return 2;
}

/** This process's end: with the exit status that `main` gives, or with 1 and the error's message on stderr. */
export function endWith(main: () => Promise<number> | number): void {
  Promise.resolve()
    .then(main)
    .then(
      (status) => {
        process.exitCode = status;
      },
      (error: Error) => {
        console.error(error.message);
        process.exitCode = 1;
      },
    );
}
