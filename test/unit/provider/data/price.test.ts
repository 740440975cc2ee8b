import { describe, expect, test } from "@jest/globals";
import type { MusterClient } from "../../../../provider/client/ports.js";
import { failure, InterruptedError } from "../../../../provider/core/diagnostic.js";
import { validateConfig } from "../../../../provider/core/validate.js";
import { UNKNOWN } from "../../../../provider/core/value.js";
import { priceSource } from "../../../../provider/data/price/source.js";

const LIST: Readonly<Record<string, number>> = { "c5.large": 0.085, "c5.xlarge": 0.17 };
const known = async (types: readonly string[]) =>
  new Map(
    types.flatMap((type) => (LIST[type] === undefined ? [] : [[type, LIST[type]] as [string, number]])),
  );

function read(types: string[], nodeHours: MusterClient["prices"]["nodeHours"] = known) {
  const client = { region: "us-east-1", prices: { nodeHours } } as unknown as MusterClient;
  const asked = { instance_types: types, id: null, price_per_hour: null, problems: null };
  return priceSource.read(asked, { client } as unknown as Parameters<typeof priceSource.read>[1]);
}

describe("muster_price", () => {
  test.each([
    ["the type", ["c5.large"], 0.085],
    ["the dearest of several", ["c5.large", "c5.xlarge", "c5.large"], 0.17],
  ])("is the price of %s", async (_of, types, price_per_hour) => {
    expect(await read(types)).toEqual({ id: "us-east-1", price_per_hour, problems: [] });
  });

  test("is null where one type has none, and says of each", async () => {
    expect(await read(["c5.large", "x9.mega", "y9.mega"])).toEqual({
      ...{ id: "us-east-1", price_per_hour: null },
      problems: [
        "AWS's price list has no price on demand in USD of x9.mega in us-east-1.",
        "AWS's price list has no price on demand in USD of y9.mega in us-east-1.",
      ],
    });
  });

  test("does not fail where the list does not answer: a destroy reads it too", async () => {
    const unreached = async () => {
      throw failure("aws-unreachable", "Could not read the list price", "ECONNREFUSED.");
    };
    expect(await read(["c5.large"], unreached)).toMatchObject({
      price_per_hour: null,
      problems: ["Could not read the list price. ECONNREFUSED."],
    });
  });

  test("ends where Terraform is stopped", async () => {
    const stopped = async () => {
      throw new InterruptedError("Stopped.");
    };
    await expect(read(["c5.large"], stopped)).rejects.toThrow(InterruptedError);
  });

  test.each([
    ["no types", [], /must have 1-50 instance types/],
    ["too many", Array.from({ length: 51 }, () => "c5.large"), /must have 1-50 instance types/],
    ["a text that is no type", ["c5.large", "c5 large"], /like c5\.xlarge \(not so: c5 large\)/],
  ])("refuses %s", (_what, instance_types, problem) => {
    const [diagnostic, ...more] = validateConfig(priceSource, { instance_types });
    expect(diagnostic?.detail).toMatch(problem);
    expect(more).toEqual([]);
  });

  test("takes types that are not known yet", () => {
    expect(validateConfig(priceSource, { instance_types: [UNKNOWN, "c5.large"] })).toEqual([]);
  });
});
