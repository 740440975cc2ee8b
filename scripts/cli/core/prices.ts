import { type Static, Type } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import { unusable } from "./exit.js";

const Usd = (description: string) => Type.Number({ minimum: 0, description });

/** List prices of a region, without tax and discounts, in USD. */
export const Prices = Type.Object(
  {
    region: Type.String(),
    /** By instance type: an hour of a node on demand, with Linux. */
    nodeHour: Type.Record(Type.String(), Usd("an hour of a node of the type")),
    natGatewayHour: Type.Optional(Usd("an hour of a NAT gateway")),
    natGatewayGb: Type.Optional(Usd("a GB through it")),
    publicAddressHour: Type.Optional(Usd("an hour of a public IPv4 address")),
    kmsKeyMonth: Type.Optional(Usd("a month of a customer's key")),
    efsGbMonth: Type.Optional(Usd("a GB of EFS Standard in a month")),
    volumeGbMonth: Type.Optional(Usd("a GB of a gp3 volume in a month")),
  },
  { additionalProperties: false },
);
export type Prices = Static<typeof Prices>;

/** Where prices come from. */
export interface PriceSource {
  /** AWS's list prices of the region. `types`: the instance types that are asked for; those that it does not list are left out. */
  listPrices(region: string, types: readonly string[]): Promise<Prices>;
}

/** The prices in a file's text. Throws CommandError with every problem. Pure. */
export function readPrices(text: string, path: string): Prices {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw unusable([`${path} is no JSON: ${(error as Error).message}`]);
  }
  const problems = [...Value.Errors(Prices, value)].map(
    ({ path: at, message }) => `${path}: ${at || "the whole"} ${lowered(message)}`,
  );
  if (problems.length > 0) throw unusable(problems);
  return value as Prices;
}

const lowered = (text: string): string => text.slice(0, 1).toLowerCase() + text.slice(1);
