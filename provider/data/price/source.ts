import type { Prices } from "../../client/ports.js";
import { DiagnosticError } from "../../core/diagnostic.js";
import { musterDataSource } from "../source.js";
import { priceDataSchema } from "./schema.js";

/** `data "muster_price"`. */
export const priceSource = musterDataSource({
  schema: priceDataSchema,

  async read({ instance_types: types }, { client }) {
    const { region, prices } = client;
    return { id: region, ...(await dearest(prices, new Set(types), region)) };
  },
});

interface Dearest {
  readonly price_per_hour: number | null;
  readonly problems: readonly string[];
}

/** An hour of the dearest type: a budget that counts by it is never too low. */
async function dearest(prices: Prices, types: ReadonlySet<string>, region: string): Promise<Dearest> {
  let known: ReadonlyMap<string, number>;
  try {
    known = await prices.nodeHours([...types]);
  } catch (error) {
    if (!(error instanceof DiagnosticError)) throw error;
    const problems = error.diagnostics.map(({ summary, detail }) => `${summary}. ${detail}`);
    return { price_per_hour: null, problems };
  }
  const problems = [...types]
    .filter((type) => !known.has(type))
    .map((type) => `AWS's price list has no price on demand in USD of ${type} in ${region}.`);
  return { price_per_hour: problems.length === 0 ? Math.max(...known.values()) : null, problems };
}
