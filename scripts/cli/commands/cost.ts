import { type Command, InvalidArgumentError, Option } from "commander";
import { estimateCost, MONTH_HOURS, typesIn } from "../core/cost.js";
import { EXIT, unusable } from "../core/exit.js";
import { renderCost } from "../render/cost.js";
import { onOrg, orgCommand, type Session } from "./context.js";
import { readPricesFile } from "./prices-file.js";
import { readConfig } from "./read-config.js";

interface Options {
  readonly hours: number;
  readonly efsGb: number;
  readonly prices?: string;
}

/** `muster cost` */
export function addCost(parent: Command, session: Session): void {
  const command = orgCommand(parent, "cost", {
    summary: "says what muster.yaml's clusters cost an hour, and a month, before they are deployed",
    more: [
      "Prices are AWS's list prices on demand in the org's region, from its price list, or from --prices. --hours is for how many hours of the",
      "month the nodes run: with idleTimeoutMinutes far fewer than 730. What the org has beside the nodes costs all the time.",
    ].join("\n"),
    example: "muster cost --hours 160",
  })
    .addOption(
      numberOption("--hours <hours>", "hours a month in which the nodes run", MONTH_HOURS).default(
        MONTH_HOURS,
      ),
    )
    .addOption(numberOption("--efs-gb <gb>", "GB on the file system", 1e9).default(10))
    .option("--prices <file>", "a file with prices instead of AWS's price list (see docs/guides/usage.md)");
  onOrg<Options>(command, session, async ({ world, access, place, out }, { hours, efsGb, prices }) => {
    const config = await readConfig(world);
    if (config.org.name !== place.org)
      throw unusable([`--org is ${place.org}, and muster.yaml declares ${config.org.name}`]);
    const { region } = config.org;
    const found =
      prices === undefined
        ? await access.prices.listPrices(region, typesIn(config))
        : readPricesFile(world, prices, region);
    const use = { hours, efsGb };
    const estimate = estimateCost(config, found, use);
    await out.print(renderCost(estimate));
    await out.document({ org: place.org, region, ...use, ...estimate });
    for (const note of estimate.notes) out.say(note);
    if (estimate.usdPerHour !== null) return EXIT.done;
    out.say(`Prices are missing: the price list of ${region} does not have each of these.`);
    return EXIT.failed;
  });
}

const numberOption = (flags: string, description: string, most: number): Option =>
  new Option(flags, description).argParser((text) => {
    const value = Number(text);
    if (text.trim() !== "" && value >= 0 && value <= most) return value;
    throw new InvalidArgumentError(`Give a number from 0 to ${most}.`);
  });
