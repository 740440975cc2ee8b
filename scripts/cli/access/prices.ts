import type { PricingClient, paginateGetProducts } from "@aws-sdk/client-pricing";
import pMap from "p-map";
import type { Opening } from "../core/ports.js";
import type { PriceSource, Prices } from "../core/prices.js";
import { callsOf, clientSettings } from "./connection.js";
import { FIXED_PRICES, listPriceOf, nodeHourQuestion, type PriceQuestion } from "./price-list.js";

/**
 * Where the price list is asked, by the partition. It has prices of every region of the partition.
 * @see https://docs.aws.amazon.com/general/latest/gr/billing.html
 */
const PRICING_REGION = { aws: "us-east-1", china: "cn-northwest-1" } as const;
const ASKED_AT_ONCE = { concurrency: 8 } as const;

/** AWS's price list. Makes no call, and loads nothing, until it is asked. */
export function awsPrices(
  opening: Opening,
  env: Readonly<Record<string, string | undefined>>,
  version: string,
): PriceSource {
  return {
    async listPrices(region, types) {
      const sdk = await import("@aws-sdk/client-pricing");
      const pricingRegion = region.startsWith("cn-") ? PRICING_REGION.china : PRICING_REGION.aws;
      const place = { ...opening, region: pricingRegion };
      const client = new sdk.PricingClient(clientSettings(place, version));
      const call = callsOf(client, "PRICING", place, env);
      const ask = (question: PriceQuestion) =>
        call(`read the list price of ${Object.values(question.attributes)[0]} in ${region}`, () =>
          firstPrice({ client, paginate: sdk.paginateGetProducts, signal: opening.signal }, region, question),
        );
      const [nodeHours, fixed] = await Promise.all([
        pMap(
          new Set(types),
          async (type) => [type, await ask(nodeHourQuestion(type))] as const,
          ASKED_AT_ONCE,
        ),
        pMap(
          Object.entries(FIXED_PRICES),
          async ([name, of]) => [name, await ask(of)] as const,
          ASKED_AT_ONCE,
        ),
      ]);
      return { region, nodeHour: known(nodeHours), ...known(fixed) } as Prices;
    },
  };
}

const known = (prices: readonly (readonly [string, number | null])[]): Record<string, number> =>
  Object.fromEntries(prices.flatMap(([name, usd]) => (usd === null ? [] : [[name, usd]])));

interface Asking {
  readonly client: PricingClient;
  readonly paginate: typeof paginateGetProducts;
  readonly signal: AbortSignal;
}

/** Null: the list has no such product in the region. */
async function firstPrice(
  { client, paginate, signal }: Asking,
  region: string,
  { service, attributes, usageType }: PriceQuestion,
): Promise<number | null> {
  const filters = Object.entries({ regionCode: region, ...attributes }).map(([Field, Value]) => ({
    ...{ Type: "TERM_MATCH" as const, Field, Value },
  }));
  const pages = paginate({ client }, { ServiceCode: service, Filters: filters }, { abortSignal: signal });
  for await (const { PriceList = [] } of pages) {
    for (const entry of PriceList) {
      const price = listPriceOf(String(entry));
      if (price !== null && price.usd > 0 && usageType.test(price.attributes["usagetype"] ?? ""))
        return price.usd;
    }
  }
  return null;
}
