import { describe, expect, test } from "@jest/globals";
import {
  FIXED_PRICES,
  firstPrice,
  nodeHourQuestion,
  priceQuery,
  pricingRegionOf,
} from "../../../../agent/contract/price-list.js";

test.each([
  ["eu-west-1", "us-east-1"],
  ["us-east-1", "us-east-1"],
  ["us-gov-west-1", "us-east-1"],
  ["cn-north-1", "cn-northwest-1"],
])("prices of %s are asked for in %s", (region, asked) => {
  expect(pricingRegionOf(region)).toBe(asked);
});

test("a product is asked for by its region and its attributes", () => {
  expect(priceQuery("eu-west-1", FIXED_PRICES.kmsKeyMonth)).toEqual({
    ServiceCode: "awskms",
    Filters: [
      { Type: "TERM_MATCH", Field: "regionCode", Value: "eu-west-1" },
      { Type: "TERM_MATCH", Field: "productFamily", Value: "Encryption Key" },
    ],
  });
});

describe("the price of a node's hour", () => {
  const USAGE = "EU-BoxUsage:c5.xlarge";
  const dimension = (USD: string, beginRange?: string) => ({
    ...(beginRange === undefined ? {} : { beginRange }),
    pricePerUnit: { USD },
  });
  /** An entry of the list, as GetProducts has it: JSON in a text. */
  const entry = (usagetype: string, ...dimensions: readonly object[]) =>
    JSON.stringify({
      product: { attributes: { usagetype } },
      terms: { OnDemand: { term: { priceDimensions: { ...dimensions } } } },
    });
  async function priceIn(...pages: readonly (readonly string[])[]): Promise<number | null> {
    async function* list() {
      for (const PriceList of pages) yield { PriceList };
    }
    return firstPrice(list(), nodeHourQuestion("c5.xlarge"));
  }

  test.each<[string, readonly (readonly string[])[], number | null]>([
    ["is that of the product", [[entry(USAGE, dimension("0.192"))]], 0.192],
    [
      "of us-east-1, too, where usage types have no prefix",
      [[entry("BoxUsage:c5.xlarge", dimension("0.17"))]],
      0.17,
    ],
    ["is the first of several", [[entry(USAGE, dimension("0.2"))], [entry(USAGE, dimension("0.3"))]], 0.2],
    ["may be on a later page", [[], [entry(USAGE, dimension("0.2"))]], 0.2],
    [
      "where it falls with use, is that of the first hour",
      [[entry(USAGE, dimension("0.1", "100"), dimension("0.2", "0"))]],
      0.2,
    ],
    [
      "is no reservation's, which costs nothing on demand",
      [[entry(USAGE, dimension("0")), entry(USAGE, dimension("0.2"))]],
      0.2,
    ],
    ["is no other usage's", [[entry("EU-UnusedBox:c5.xlarge", dimension("0.2"))]], null],
    [
      "is none of a product without a usage type",
      [[JSON.stringify({ terms: { OnDemand: { term: { priceDimensions: { a: dimension("0.2") } } } } })]],
      null,
    ],
    ["is none in another currency", [[entry(USAGE, { pricePerUnit: { CNY: "1.2" } })]], null],
    [
      "is none where nothing is sold on demand",
      [[JSON.stringify({ product: { attributes: { usagetype: USAGE } } }), entry(USAGE)]],
      null,
    ],
    ["is none in an empty list", [], null],
  ])("%s", async (_name, pages, expected) => {
    expect(await priceIn(...pages)).toBe(expected);
  });
});
