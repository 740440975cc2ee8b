/**
 * How many nodes have failed one after the other, each started for the one before, since all wanted nodes were usable for long. Nodes
 * that fail beside each other, however many, count as one.
 */
export interface Succession {
  /** How many of them have been ended so far. */
  readonly ended: number;
  /** By id: how many had been ended when the node came. */
  readonly before: ReadonlyMap<string, number>;
}

/** As it begins, and again where nothing has been missing for long. */
export const NO_SUCCESSION: Succession = { ended: 0, before: new Map() };

/** After one more look at the nodes. Pure. */
export const withNodes = ({ ended, before }: Succession, ids: readonly string[]): Succession => ({
  ended,
  before: new Map(ids.map((id) => [id, before.get(id) ?? ended])),
});

/** After the end of a node that has failed. Pure. */
export const withEnd = ({ ended, before }: Succession, id: string): Succession => ({
  ended: Math.max(ended, (before.get(id) ?? 0) + 1),
  before,
});
