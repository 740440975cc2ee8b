/*
 * AWS's price list: what is asked of it, and what its answers mean. The commands and the provider ask it; the agent never does.
 */

/**
 * What AWS's price list says, which is JSON of its own in each entry of an answer.
 * @see https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/using-price-list-query-api.html
 */
interface Listed {
  readonly product?: { readonly attributes?: Readonly<Record<string, string>> };
  readonly terms?: { readonly OnDemand?: Readonly<Record<string, Offer>> };
}
interface Offer {
  readonly priceDimensions?: Readonly<Record<string, Dimension>>;
}
interface Dimension {
  readonly beginRange?: string;
  readonly pricePerUnit?: { readonly USD?: string };
}

/** A product's attributes, and its price on demand, in USD for each unit; where the price falls with use, the first one. */
interface ListPrice {
  readonly attributes: Readonly<Record<string, string>>;
  readonly usd: number;
}

/** The product of an entry; null: it has no price on demand in USD. Pure. */
function listPriceOf(entry: string): ListPrice | null {
  const { product, terms } = JSON.parse(entry) as Listed;
  const dimensions = Object.values(terms?.OnDemand ?? {}).flatMap(({ priceDimensions = {} }) =>
    Object.values(priceDimensions),
  );
  const first = dimensions.find(({ beginRange = "0" }) => Number(beginRange) === 0);
  const usd = Number(first?.pricePerUnit?.USD ?? Number.NaN);
  return Number.isNaN(usd) ? null : { attributes: product?.attributes ?? {}, usd };
}

/** What is asked for of a service: its products with all of these attributes, and of them the first whose usage type fits. */
export interface PriceQuestion {
  readonly service: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly usageType: RegExp;
}

/**
 * The region whose endpoint is asked about a region. It has prices of every region of the partition. Pure.
 * @see https://docs.aws.amazon.com/general/latest/gr/billing.html
 */
export const pricingRegionOf = (region: string): string =>
  region.startsWith("cn-") ? "cn-northwest-1" : "us-east-1";

/** The question as GetProducts takes it. Pure. */
export const priceQuery = (region: string, { service, attributes }: PriceQuestion) => ({
  ServiceCode: service,
  Filters: Object.entries({ regionCode: region, ...attributes }).map(([Field, Value]) => ({
    ...{ Type: "TERM_MATCH" as const, Field, Value },
  })),
});

/** The first price, in USD, among the pages of an answer; null: the list has no such product in the region. */
export async function firstPrice(
  pages: AsyncIterable<{ readonly PriceList?: readonly unknown[] | undefined }>,
  { usageType }: PriceQuestion,
): Promise<number | null> {
  for await (const { PriceList = [] } of pages) {
    for (const entry of PriceList) {
      const price = listPriceOf(String(entry));
      if (price !== null && price.usd > 0 && usageType.test(price.attributes["usagetype"] ?? ""))
        return price.usd;
    }
  }
  return null;
}

/** The prices beside the nodes'. Usage types begin with the region's code name, but in us-east-1. */
export const FIXED_PRICES = {
  natGatewayHour: {
    service: "AmazonEC2",
    attributes: { productFamily: "NAT Gateway" },
    usageType: /(^|-)NatGateway-Hours$/,
  },
  natGatewayGb: {
    service: "AmazonEC2",
    attributes: { productFamily: "NAT Gateway" },
    usageType: /(^|-)NatGateway-Bytes$/,
  },
  publicAddressHour: {
    service: "AmazonVPC",
    attributes: { group: "VPCPublicIPv4Address" },
    usageType: /(^|-)PublicIPv4:InUseAddress$/,
  },
  kmsKeyMonth: {
    service: "awskms",
    attributes: { productFamily: "Encryption Key" },
    usageType: /(^|-)KMS-Keys$/,
  },
  efsGbMonth: {
    service: "AmazonEFS",
    attributes: { storageClass: "General Purpose" },
    usageType: /(^|-)TimedStorage-ByteHrs$/,
  },
  volumeGbMonth: {
    service: "AmazonEC2",
    attributes: { productFamily: "Storage", volumeApiName: "gp3" },
    usageType: /(^|-)EBS:VolumeUsage\.gp3$/,
  },
} as const satisfies Readonly<Record<string, PriceQuestion>>;

/** An instance type's hour on demand, with Linux and nothing installed, on a machine that is shared with others. */
export const nodeHourQuestion = (instanceType: string): PriceQuestion => ({
  service: "AmazonEC2",
  attributes: {
    instanceType,
    operatingSystem: "Linux",
    preInstalledSw: "NA",
    tenancy: "Shared",
    capacitystatus: "Used",
  },
  usageType: /(^|-)BoxUsage:/,
});
