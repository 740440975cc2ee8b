import { compareAddresses } from "../contract/nodes.js";

/** One line of the hostfile. */
export interface HostfileNode {
  readonly address: string;
  readonly cores: number;
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
