import type { ClusterItem } from "../contract/registry.js";
import type { Clock } from "../time/clock.js";
import { resting } from "../time/resting.js";
import type { CleanerDeps } from "./cleaner.js";
import type { HeadDeps } from "./ports.js";

type ClusterStore = HeadDeps["cluster"] & Pick<CleanerDeps, "noteFiles">;

/** The cluster in the registry, as a head sees and changes it. */
export interface RestingCluster {
  /** The store, whose META is read seldom while it stays as it is. */
  readonly store: ClusterStore;
  /** META as the head read it last, some 5 s ago at most; undefined: it has to be read. */
  known(): ClusterItem | null | undefined;
  /** Whether META has stayed as it is for a while. */
  rests(): boolean;
  /** META may have changed: the next look reads it. Cheap. */
  wake(): void;
}

/**
 * A head looks each second, at its nodes above all, and in a cluster at rest META is the same each time: each read of it costs money and
 * a millisecond of the head's time. What the head has concluded from a META of before is not written: `false`, as where META has changed
 * meanwhile, and so it looks anew at once. After each write of its own it reads META too.
 */
export function restingCluster(cluster: ClusterStore, clock: Pick<Clock, "monotonicMs">): RestingCluster {
  const meta = resting(cluster.readCluster, { essence: withoutActivity, clock });
  const thenAnew = <Given extends readonly unknown[], T>(write: (...given: Given) => T) => {
    return (...given: Given): T => {
      meta.wake();
      return write(...given);
    };
  };
  const store: ClusterStore = {
    ...cluster,
    readCluster: meta.read,
    noteReplacements: thenAnew(cluster.noteReplacements),
    noteFiles: thenAnew(cluster.noteFiles),
    async writeObservation(observation) {
      const isOutdated = meta.isOld();
      meta.wake();
      return isOutdated ? false : cluster.writeObservation(observation);
    },
  };
  return { store, known: meta.known, rests: meta.rests, wake: meta.wake };
}

/** What is seen of activity is written each minute, and says nothing to the head. */
function withoutActivity(meta: ClusterItem | null): Omit<ClusterItem, "activity"> | null {
  if (meta === null) return null;
  const { activity: _, ...rest } = meta;
  return rest;
}
