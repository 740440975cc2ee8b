import { Netmask } from "netmask";

/** An IPv4 range, from its first address on. */
export type Ipv4Range = Netmask;

/** Addresses that AWS keeps in every subnet: network, router, DNS, one reserved, broadcast. */
const AWS_RESERVED_ADDRESSES = 5;

/** netmask alone would also take what only C reads as an address: octal and hexadecimal numbers, and fewer than four. */
const FORM = /^(?:0|[1-9]\d{0,2})(?:\.(?:0|[1-9]\d{0,2})){3}\/(?:0|[1-9]\d?)$/;

/**
 * The range that `10.0.0.0/16` names, or null when it is not in that form. Its text is another where bits are set below the
 * prefix: `10.0.0.9/16` is in the range 10.0.0.0/16. Pure.
 */
export function parseCidr(text: string): Ipv4Range | null {
  if (!FORM.test(text)) return null;
  try {
    return new Netmask(text);
  } catch {
    return null; // a number above 255, or a prefix above 32
  }
}

/** The four equal quarters of a range, in order. Pure. */
export function quartersOf({ base, bitmask }: Ipv4Range): [Ipv4Range, Ipv4Range, Ipv4Range, Ipv4Range] {
  const first = new Netmask(base, bitmask + 2);
  return [first, first.next(1), first.next(2), first.next(3)];
}

/** How many addresses of a subnet of this range AWS gives out. Pure. */
export const usableAddresses = ({ size }: Ipv4Range): number => size - AWS_RESERVED_ADDRESSES;

/** What no router of the internet knows. */
export const PRIVATE_RANGES = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"] as const;

/** Whether all of a range is private. Pure. */
export const isPrivateRange = (range: Ipv4Range): boolean =>
  PRIVATE_RANGES.some((outer) => parseCidr(outer)?.contains(range));
