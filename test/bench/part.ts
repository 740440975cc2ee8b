import type { SetUp } from "../../scripts/setup/set-up.js";
import type { BenchCluster } from "./launch/cluster.js";
import type { Measured } from "./row.js";
import type { Sizes } from "./sizes.js";

/** What a part is measured with. */
export interface BenchSetting {
  readonly projectRoot: string;
  readonly ready: SetUp;
  /** A folder of this run's own; it is removed at the end. */
  readonly work: string;
  readonly sizes: Sizes;
  /** Progress, on stderr. */
  say(line: string): void;
  /**
   * A cluster of so many nodes in a local cloud, which is the AWS of this process from then on. The one before it is removed where it
   * has another number of them.
   */
  clusterOf(nodes: number): Promise<BenchCluster>;
}

/** One part of the benchmark. A new one is a file in parts/, and a line in parts.ts. */
export interface BenchPart {
  readonly name: string;
  /** What it needs of the machine. Root: it is for local nodes. */
  readonly needs: "anything" | "linux" | "root";
  measure(setting: BenchSetting): Promise<readonly Measured[]>;
}
