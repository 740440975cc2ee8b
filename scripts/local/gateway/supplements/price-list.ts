import { jsonReply } from "../reply.js";
import type { Supplements } from "./supplement.js";

interface Asked {
  readonly ServiceCode?: string;
  readonly Filters?: readonly { readonly Field: string; readonly Value: string }[];
}
type Attributes = Readonly<Record<string, string>>;
interface Product {
  readonly service: string;
  readonly attributes: Attributes;
  readonly usd: number;
}

/** Of us-east-1, as they were once: they stand for prices, and are none that a bill could be checked with. */
const FIXED: readonly Product[] = [
  {
    service: "AmazonEC2",
    attributes: { productFamily: "NAT Gateway", usagetype: "NatGateway-Hours" },
    usd: 0.045,
  },
  {
    service: "AmazonEC2",
    attributes: { productFamily: "NAT Gateway", usagetype: "NatGateway-Bytes" },
    usd: 0.045,
  },
  {
    service: "AmazonVPC",
    attributes: { group: "VPCPublicIPv4Address", usagetype: "PublicIPv4:InUseAddress" },
    usd: 0.005,
  },
  { service: "awskms", attributes: { productFamily: "Encryption Key", usagetype: "KMS-Keys" }, usd: 1 },
  {
    service: "AmazonEFS",
    attributes: { storageClass: "General Purpose", usagetype: "TimedStorage-ByteHrs" },
    usd: 0.3,
  },
  {
    service: "AmazonEC2",
    attributes: { productFamily: "Storage", volumeApiName: "gp3", usagetype: "EBS:VolumeUsage.gp3" },
    usd: 0.08,
  },
];
const NODE_HOURS: Readonly<Record<string, number>> = {
  "c5.large": 0.085,
  "c5.xlarge": 0.17,
  "m6i.xlarge": 0.192,
};
const LINUX = { operatingSystem: "Linux", preInstalledSw: "NA", tenancy: "Shared", capacitystatus: "Used" };

const PRODUCTS: readonly Product[] = [
  ...FIXED,
  ...Object.entries(NODE_HOURS).map(([instanceType, usd]) => ({
    service: "AmazonEC2",
    attributes: { instanceType, ...LINUX, usagetype: `BoxUsage:${instanceType}` },
    usd,
  })),
];

/**
 * The price list, in the shape that AWS documents: each product is JSON in a text, its price below terms.OnDemand by two codes.
 * @see https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_pricing_GetProducts.html
 */
export const priceList: Supplements = {
  "pricing.GetProducts": async ({ body }) => {
    const { ServiceCode, Filters = [] } = JSON.parse(body.toString("utf8")) as Asked;
    const wanted = Filters.filter(({ Field }) => Field !== "regionCode");
    const found = PRODUCTS.filter(
      ({ service, attributes }) =>
        service === ServiceCode && wanted.every(({ Field, Value }) => attributes[Field] === Value),
    );
    return jsonReply(200, { FormatVersion: "aws_v1", PriceList: found.map(render) });
  },
};

const render = ({ service, attributes, usd }: Product): string =>
  JSON.stringify({
    product: { attributes, sku: "SKU" },
    serviceCode: service,
    terms: {
      OnDemand: {
        "SKU.JRTCKXETXF": {
          priceDimensions: {
            "SKU.JRTCKXETXF.6YS6EN2CT7": {
              beginRange: "0",
              endRange: "Inf",
              unit: "Hrs",
              pricePerUnit: { USD: usd.toFixed(10) },
            },
          },
        },
      },
    },
  });
