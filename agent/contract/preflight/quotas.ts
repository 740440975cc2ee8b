/** A quota of EC2's: its name and code at Service Quotas. */
export interface Quota {
  readonly service: "ec2" | "vpc";
  readonly code: string;
  readonly name: string;
}

/**
 * The quotas on running vCPUs, by the beginning of the instance family's name; null: there are no such spot instances. The longest
 * beginning counts.
 * @see https://docs.aws.amazon.com/ec2/latest/instancetypes/ec2-instance-quotas.html
 */
const VCPU_QUOTAS: Readonly<
  Record<string, { readonly onDemand: string; readonly spot: string | null; name: string }>
> = {
  dl: { onDemand: "L-6E869C2A", spot: "L-85EED4F7", name: "DL" },
  f: { onDemand: "L-74FC7D96", spot: "L-88CF9481", name: "F" },
  g: { onDemand: "L-DB2E81BA", spot: "L-3819A6DF", name: "G and VT" },
  vt: { onDemand: "L-DB2E81BA", spot: "L-3819A6DF", name: "G and VT" },
  hpc: { onDemand: "L-F7808C92", spot: null, name: "HPC" },
  u: { onDemand: "L-43DA4232", spot: null, name: "High Memory" },
  inf: { onDemand: "L-1945791B", spot: "L-B5D1601B", name: "Inf" },
  p: { onDemand: "L-417A185B", spot: "L-7212CCBC", name: "P" },
  trn: { onDemand: "L-2C3B7624", spot: "L-6B0D517C", name: "Trn" },
  x: { onDemand: "L-7295265B", spot: "L-E3A00192", name: "X" },
  ...Object.fromEntries(
    ["a", "c", "d", "h", "i", "m", "r", "t", "z"].map((letter) => [
      letter,
      {
        onDemand: "L-1216C47A",
        spot: "L-34B43A08",
        name: "Standard (A, C, D, H, I, M, R, T, Z)",
      },
    ]),
  ),
};

/** @see https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html */
export const ADDRESS_QUOTA: Quota = { service: "ec2", code: "L-0263D0A3", name: "EC2-VPC Elastic IPs" };
export const VPC_QUOTA: Quota = { service: "vpc", code: "L-F678F1CE", name: "VPCs per Region" };

/** The quota that the running instances of a type count against; null: none is known. Pure. */
export function vcpuQuotaOf(instanceType: string, spot: boolean): Quota | null {
  const [series = ""] = /^[a-z]+/.exec(instanceType) ?? [];
  const beginnings = Array.from(series, (_letter, index) => series.slice(0, series.length - index));
  const found = beginnings.map((start) => VCPU_QUOTAS[start]).find((quotas) => quotas !== undefined);
  if (found === undefined) return null;
  if (!spot) {
    return { service: "ec2", code: found.onDemand, name: `Running On-Demand ${found.name} instances` };
  }
  if (found.spot === null) return null;
  return { service: "ec2", code: found.spot, name: `All ${found.name} Spot Instance Requests` };
}
