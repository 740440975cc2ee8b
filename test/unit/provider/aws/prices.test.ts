import { describe, expect, test } from "@jest/globals";
import { awsPrices } from "../../../../provider/aws/prices.js";
import type { AwsScope } from "../../../../provider/aws/scope.js";
import type { PricesSdk } from "../../../../provider/aws/sdk/parts.js";
import { InterruptedError } from "../../../../provider/core/diagnostic.js";

interface Asked {
  readonly Filters?: readonly { readonly Field: string; readonly Value: string }[];
}
type Pages = (
  config: object,
  asked: Asked,
  options: { readonly abortSignal: AbortSignal },
) => AsyncIterable<{ readonly PriceList: readonly string[] }>;
type Client = Parameters<typeof awsPrices>[1];

const entry = (usagetype: string, USD: string) =>
  JSON.stringify({
    product: { attributes: { usagetype } },
    terms: { OnDemand: { a: { priceDimensions: { b: { pricePerUnit: { USD } } } } } },
  });

function pricesOf(pages: Pages, signal = new AbortController().signal, patienceSeconds?: number) {
  const scope: AwsScope = { org: "acme", region: "eu-west-1", signal, credentialsRefused: (one) => one };
  const sdk = { paginateGetProducts: pages } as unknown as PricesSdk;
  return awsPrices(sdk, {} as Client, scope, patienceSeconds);
}

/** A list that answers only when it is aborted. */
const silent: Pages = async function* (_config, _asked, { abortSignal }) {
  yield await new Promise<never>((_resolve, reject) => {
    const abort = () => reject(new Error("aborted"));
    if (abortSignal.aborted) abort();
    abortSignal.addEventListener("abort", abort);
  });
};

describe("the price list, as the provider asks it", () => {
  test("gives each type's price in the provider's region, and leaves out what it does not have", async () => {
    const asked: unknown[] = [];
    const pages: Pages = async function* (_config, input) {
      asked.push(input);
      const type = input.Filters?.find(({ Field }) => Field === "instanceType")?.Value ?? "";
      yield { PriceList: [entry("EU-UnusedBox:c5.large", "9")] };
      if (type !== "x9.mega") yield { PriceList: [entry(`EU-BoxUsage:${type}`, "0.0960")] };
    };
    const hours = await pricesOf(pages).nodeHours(["c5.large", "x9.mega"]);
    expect([...hours]).toEqual([["c5.large", 0.096]]);
    expect(asked).toHaveLength(2);
    expect(asked[0]).toMatchObject({
      ServiceCode: "AmazonEC2",
      Filters: expect.arrayContaining([
        { Type: "TERM_MATCH", Field: "regionCode", Value: "eu-west-1" },
        { Type: "TERM_MATCH", Field: "operatingSystem", Value: "Linux" },
      ]),
    });
  });

  test("fails with what AWS says", async () => {
    const refuses: Pages = () => {
      const error = Object.assign(new Error("no"), {
        name: "AccessDeniedException",
        $metadata: { httpStatusCode: 400 },
      });
      throw error;
    };
    await expect(pricesOf(refuses).nodeHours(["c5.large"])).rejects.toMatchObject({
      diagnostics: [{ code: "permission-missing", detail: expect.stringContaining("AccessDenied") }],
    });
  });

  test("gives up after its patience, and says of what", async () => {
    await expect(pricesOf(silent, undefined, 0.01).nodeHours(["c5.large"])).rejects.toMatchObject({
      diagnostics: [
        {
          code: "aws-unreachable",
          summary: "Could not read the list price of c5.large in eu-west-1",
          detail: expect.stringContaining("did not answer in 0.01 s"),
        },
      ],
    });
  });

  test("ends where Terraform is stopped", async () => {
    await expect(pricesOf(silent, AbortSignal.abort()).nodeHours(["c5.large"])).rejects.toThrow(
      InterruptedError,
    );
  });
});
