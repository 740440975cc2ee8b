import { unusable } from "../core/exit.js";
import { type Prices, readPrices } from "../core/prices.js";
import type { World } from "../core/world.js";

/** The prices in the file, which must be those of the region. Throws CommandError. */
export function readPricesFile(world: Pick<World, "readFile">, path: string, region: string): Prices {
  let text: string;
  try {
    text = Buffer.from(world.readFile(path)).toString("utf8");
  } catch (error) {
    throw unusable([`--prices ${path} can't be read: ${(error as Error).message}`]);
  }
  const prices = readPrices(text, path);
  if (prices.region === region) return prices;
  throw unusable([`--prices ${path} has the prices of ${prices.region}, and the region is ${region}`]);
}
