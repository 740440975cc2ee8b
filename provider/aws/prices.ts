import type { PricingClient } from "@aws-sdk/client-pricing";
import { firstPrice, nodeHourQuestion, priceQuery } from "../../agent/contract/price-list.js";
import type { Prices } from "../client/ports.js";
import { failure } from "../core/diagnostic.js";
import { callAws } from "./errors.js";
import type { AwsScope } from "./scope.js";
import type { PricesSdk } from "./sdk/parts.js";

/** A price is asked for at each plan, and mostly not needed any more: a plan must not wait long for it. */
export const PRICE_ATTEMPTS = 2;
const PATIENCE_SECONDS = 10;

/** AWS's price list, asked within PATIENCE_SECONDS. */
export function awsPrices(
  sdk: PricesSdk,
  client: PricingClient,
  scope: AwsScope,
  patienceSeconds = PATIENCE_SECONDS,
): Prices {
  return {
    async nodeHours(types) {
      const patience = AbortSignal.timeout(1000 * patienceSeconds);
      const abortSignal = AbortSignal.any([scope.signal, patience]);
      const doing = `read the list price of ${types.join(", ")} in ${scope.region}`;
      const priceOf = async (type: string) => {
        const question = nodeHourQuestion(type);
        const pages = sdk.paginateGetProducts({ client }, priceQuery(scope.region, question), {
          abortSignal,
        });
        return [type, await firstPrice(pages, question)] as const;
      };
      const asking = () =>
        Promise.all(types.map(priceOf)).catch((error: unknown) => {
          if (!patience.aborted) throw error;
          const detail = `AWS's price list did not answer in ${patienceSeconds} s.`;
          throw failure("aws-unreachable", `Could not ${doing}`, detail);
        });
      const found = await callAws({ ...scope, doing }, asking);
      return new Map(found.flatMap(([type, usd]) => (usd === null ? [] : [[type, usd] as const])));
    },
  };
}
