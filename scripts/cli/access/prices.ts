import pMap from "p-map";
import {
  FIXED_PRICES,
  firstPrice,
  nodeHourQuestion,
  type PriceQuestion,
  priceQuery,
  pricingRegionOf,
} from "../../../agent/contract/price-list.js";
import type { Opening } from "../core/ports.js";
import type { PriceSource, Prices } from "../core/prices.js";
import { callsOf, clientSettings } from "./connection.js";

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
      const place = { ...opening, region: pricingRegionOf(region) };
      const client = new sdk.PricingClient(clientSettings(place, version));
      const call = callsOf(client, "PRICING", place, env);
      const ask = (question: PriceQuestion) =>
        call(`read the list price of ${Object.values(question.attributes)[0]} in ${region}`, () =>
          firstPrice(
            sdk.paginateGetProducts({ client }, priceQuery(region, question), {
              abortSignal: opening.signal,
            }),
            question,
          ),
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
