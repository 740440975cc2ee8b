import { expect, test } from "@jest/globals";
import { pricingRegionOf } from "../../../../agent/contract/price-list.js";

test.each([
  ["eu-west-1", "us-east-1"],
  ["us-east-1", "us-east-1"],
  ["us-gov-west-1", "us-east-1"],
  ["cn-north-1", "cn-northwest-1"],
])("prices of %s are asked for in %s", (region, asked) => {
  expect(pricingRegionOf(region)).toBe(asked);
});
