/** An IPv4 range. `base` is the first address as an unsigned 32-bit number. */
export interface Ipv4Range {
  readonly base: number;
  readonly prefixLength: number;
}

/** What AWS keeps of every subnet: network, router, DNS, one reserved, broadcast. */
const AWS_RESERVED_ADDRESSES = 5;

/** `10.0.0.0/16` as a range, or null when it is not in that form. Host bits are kept: see isAligned. Pure. */
export function parseCidr(text: string): Ipv4Range | null {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(text);
  if (match === null) return null;
  const [a = 0, b = 0, c = 0, d = 0, prefixLength = 0] = match.slice(1).map(Number);
  if ([a, b, c, d].some((octet) => octet > 255) || prefixLength > 32) return null;
  return { base: ((a << 24) | (b << 16) | (c << 8) | d) >>> 0, prefixLength };
}

/** The text form. Pure. */
export function renderCidr({ base, prefixLength }: Ipv4Range): string {
  const octets = [24, 16, 8, 0].map((shift) => (base >>> shift) & 255);
  return `${octets.join(".")}/${prefixLength}`;
}

/** The range that `range` lies in when its host bits are cleared. Pure. */
export function alignedRange({ base, prefixLength }: Ipv4Range): Ipv4Range {
  const mask = prefixLength === 0 ? 0 : (0xffffffff << (32 - prefixLength)) >>> 0;
  return { base: (base & mask) >>> 0, prefixLength };
}

/** Whether all of `inner` is in `outer`. Pure. */
export function containsRange(outer: Ipv4Range, inner: Ipv4Range): boolean {
  const { base } = alignedRange({ base: inner.base, prefixLength: outer.prefixLength });
  return inner.prefixLength >= outer.prefixLength && base === outer.base;
}

/** The four equal quarters of a range, in order. Pure. */
export function quartersOf({ base, prefixLength }: Ipv4Range): [Ipv4Range, Ipv4Range, Ipv4Range, Ipv4Range] {
  const quarter = (index: number): Ipv4Range => ({
    base: base + index * 2 ** (30 - prefixLength),
    prefixLength: prefixLength + 2,
  });
  return [quarter(0), quarter(1), quarter(2), quarter(3)];
}

/** How many addresses of a subnet of this range AWS gives out. Pure. */
export function usableAddresses({ prefixLength }: Ipv4Range): number {
  return 2 ** (32 - prefixLength) - AWS_RESERVED_ADDRESSES;
}
