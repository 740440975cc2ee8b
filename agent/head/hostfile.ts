import { compareAddresses } from "../contract/nodes.js";

/** One line of the hostfile. */
export interface HostfileNode {
  readonly address: string;
  readonly cores: number;
}

/**
 * The hostfile's text: a line `address:cores` per node, sorted by address. Null for no nodes: with an empty hostfile,
 * mpiexec would silently run everything on the head, so there must be no file.
 */
export function renderHostfile(nodes: readonly HostfileNode[]): string | null {
  if (nodes.length === 0) return null;
  const lines = [...nodes].sort((a, b) => compareAddresses(a.address, b.address));
  return lines.map(({ address, cores }) => `${address}:${cores}\n`).join("");
}
