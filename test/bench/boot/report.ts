/** Seconds from the first instance of as many machines to the last one. */
export interface Boot {
  readonly nodes: number;
  /** Of bare machines: sshd's banner. */
  readonly bannerSeconds: number;
  /** Of a cluster: the hostfile lists all nodes. */
  readonly hostfileSeconds: number;
}

/** How much longer than the banners a whole cluster may take. */
export const BOOT_GOAL_RATIO = 2;

/** The sizes that miss the goal, by name. */
export const missedBoots = (boots: readonly Boot[]): readonly string[] =>
  boots
    .filter(({ bannerSeconds, hostfileSeconds }) => !(hostfileSeconds <= BOOT_GOAL_RATIO * bannerSeconds))
    .map(({ nodes }) => `boot: ${nodes} nodes`);

/** A line for each size. */
export const renderBoots = (boots: readonly Boot[]): string =>
  [
    `${"boot, from the first instance".padEnd(32)}    banners, s  hostfile, s   of banners        goal`,
    ...boots.map(({ nodes, bannerSeconds, hostfileSeconds }) =>
      [
        `${nodes} nodes`.padEnd(32),
        bannerSeconds.toFixed(1).padStart(14),
        hostfileSeconds.toFixed(1).padStart(13),
        `${(hostfileSeconds / bannerSeconds).toFixed(2)}x`.padStart(13),
        `<= ${BOOT_GOAL_RATIO}x`.padStart(12),
      ].join(""),
    ),
  ].join("\n");
