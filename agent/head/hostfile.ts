/** One line of the hostfile. */
export interface HostfileNode {
  readonly address: string;
  readonly cores: number;
}

/** Orders IPv4 addresses by number: 10.0.0.9 before 10.0.0.10. */
export function compareAddresses(a: string, b: string): number {
  return numberOf(a) - numberOf(b);
}

/**
 * The hostfile's text: a line `address:cores` per node, sorted by address. Null for no node: an empty hostfile would
 * make mpiexec run everything on the head, silently, so there must be none at all.
 */
export function renderHostfile(nodes: readonly HostfileNode[]): string | null {
  if (nodes.length === 0) return null;
  const lines = [...nodes].sort((a, b) => compareAddresses(a.address, b.address));
  return lines.map(({ address, cores }) => `${address}:${cores}\n`).join("");
}

function numberOf(address: string): number {
  return address.split(".").reduce((sum, octet) => sum * 256 + Number(octet), 0);
}
