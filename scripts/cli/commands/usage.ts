import { type Command, InvalidArgumentError, Option } from "commander";
import {
  monthAt,
  monthProblem,
  USAGE_GROUPS,
  type UsageGroup,
} from "../../../agent/contract/usage-report.js";
import { CommandError, EXIT, unusable } from "../core/exit.js";
import type { Prices } from "../core/prices.js";
import { summarizeUsage } from "../core/usage.js";
import { readParts } from "../core/usage-parts.js";
import { renderUsage, usageCsv } from "../render/usage.js";
import { type OrgContext, onOrg, orgCommand, type Session } from "./context.js";
import { readPricesFile } from "./prices-file.js";

interface Options {
  readonly month?: string;
  readonly by: UsageGroup;
  readonly csv?: boolean;
  readonly prices?: string | false;
}

/** `muster usage` */
export function addUsage(parent: Command, session: Session): void {
  const command = orgCommand(parent, "usage", {
    summary: "shows what the org's clusters, or their jobs, have used in a month",
    more: [
      "A cluster uses its nodes from when all of them were ready until they are no longer wanted, so a create that failed has used nothing,",
      "nor has a parked cluster. A notebook's own node counts while the notebook is ready: with its cluster, and by user as notebook:<name>.",
      "A job uses its nodes from when a head takes it to its end. Minutes are node minutes, rounded once a row to the",
      "nearest one. Costs are list prices on demand of the nodes alone: AWS's bill is what counts. Without a reachable price list or --prices",
      "they are left out.",
    ].join("\n"),
    example: "muster usage --month 2026-11 --by user",
  })
    .addOption(
      new Option("--month <month>", "a month of UTC, like 2026-11; default: this one").argParser((text) => {
        if (monthProblem(text) === null) return text;
        throw new InvalidArgumentError("Give a month, like 2026-11.");
      }),
    )
    .addOption(
      new Option(
        "--by <what>",
        "what is summed up; user and job are of jobs that have ended, user of notebooks too",
      )
        .choices(USAGE_GROUPS)
        .default("cluster"),
    )
    .option("--csv", "print the rows as CSV on stdout")
    .option("--prices <file>", "a file with prices instead of AWS's price list (see docs/guides/usage.md)")
    .option("--no-prices", "leave costs out");
  onOrg<Options>(command, session, async (context, options) => {
    const { access, out, world, place } = context;
    if (options.csv === true && out.json) throw unusable(["--csv and --json: give one of them"]);
    const now = world.now();
    const wanted = { month: options.month ?? monthAt(now), by: options.by, now };
    const parts = await readParts(access, wanted);
    const types = [...new Set(parts.map(({ instanceType }) => instanceType))];
    const prices = await pricesFor(types, options, context);
    const priceOf = prices === null ? null : (type: string) => prices.nodeHour[type] ?? null;
    const summary = summarizeUsage(parts, wanted, priceOf);
    if (options.csv === true) world.stdout.write(usageCsv(summary));
    else await out.print(renderUsage(summary));
    await out.document({ org: place.org, region: place.region, ...summary });
    if (summary.unpriced.length > 0) out.say(unpricedNote(summary.unpriced));
    if (parts.length === 0) out.say(`Org ${place.org} has used nothing in ${wanted.month}.`);
    return EXIT.done;
  });
}

/** What is not in the sum, so that it is not taken for the whole. Pure. */
const unpricedNote = (types: readonly string[]): string =>
  `The sum in USD leaves out the rows with ${types.join(", ")}: no price of that is known. Give it by --prices FILE.`;

/** Null: none are wanted, or the price list does not answer. Usage is shown without them. */
async function pricesFor(
  types: readonly string[],
  { prices }: Options,
  { access, world, place, out, signal }: OrgContext,
): Promise<Prices | null> {
  if (prices === false || types.length === 0) return null;
  if (prices !== undefined) return readPricesFile(world, prices, place.region);
  try {
    return await access.prices.listPrices(place.region, types);
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof CommandError)) throw error;
    out.say(`Costs are left out: ${error.message} Give prices by --prices FILE, or --no-prices.`);
    return null;
  }
}
