import { join } from "node:path";
import { runCommand } from "../../../scripts/system/command.js";

/** What the benchmark's JSON has, as far as tests look at it. */
interface SmallRun {
  readonly rows: readonly {
    readonly part: string;
    readonly what: string;
    readonly ours: number | null;
    readonly beside: { readonly name: string; readonly value: number | null } | null;
  }[];
  readonly parts: readonly { readonly part: string; readonly leftOut: string | null }[];
}

const PROJECT = join(__dirname, "../../..");
const LIMIT_SECONDS = 300;

/** Runs these parts of the benchmark in their small sizes. */
export async function benchSmall(
  parts: readonly string[],
  timeoutSeconds = LIMIT_SECONDS,
): Promise<SmallRun> {
  const argv = ["--import", "tsx", "test/bench/main.ts", "--small", "--json", "--only", parts.join(",")];
  const output = await runCommand([process.execPath, ...argv], {
    ...{ cwd: PROJECT, timeoutSeconds },
  });
  return JSON.parse(output) as SmallRun;
}

/** "part: what, peer" of each row that has all its figures. */
export const rowsIn = ({ rows }: SmallRun): readonly string[] =>
  rows
    .filter(({ ours, beside }) => ours !== null && beside?.value !== null)
    .map(({ part, what, beside }) => `${part}: ${what}${beside === null ? "" : `, ${beside.name}`}`);

/** Each part's name, with why it is left out or how many figures it has. Every figure is a number. */
export const partsIn = ({ rows, parts }: SmallRun): readonly string[] =>
  parts.map(({ part, leftOut }) => {
    const own = rows.filter((row) => row.part === part);
    const missing = own.filter(({ ours }) => ours === null).map(({ what }) => what);
    return `${part}: ${leftOut ?? (own.length === 0 || missing.length > 0 ? `no figure of ${missing.join(", ")}` : "figures")}`;
  });
