import type { ClusterAsk, PreflightAsk } from "../../agent/contract/preflight/ask.js";
import type { Known, PreflightFacts, TypeFacts } from "../../agent/contract/preflight/facts.js";

/** Two nodes of c5.xlarge in the org's first zone. */
export const clusterAsk = (values: Partial<ClusterAsk> = {}): ClusterAsk => ({
  ...{ name: "alpha", nodes: 2, instanceTypes: ["c5.xlarge"], spot: false, efa: false },
  ...{ image: { id: "ami-1" }, rootVolumeGiB: 30, placementGroup: true },
  place: { tier: "private", zones: [1] },
  ...values,
});

/** One cluster of an org whose network is there. */
export const preflightAsk = (values: Partial<PreflightAsk> = {}): PreflightAsk => ({
  ...{ org: "demo", region: "us-east-1", network: null, clusters: [clusterAsk()], builders: [], skip: [] },
  ...values,
});

const type = (name: string, vcpus: number, more: Partial<TypeFacts> = {}): TypeFacts => ({
  ...{ name, vcpus, efa: false, architectures: ["x86_64"], placements: ["cluster", "partition", "spread"] },
  ...more,
});
const value = <T>(of: T): Known<T> => ({ value: of });

/** An account that has all that preflightAsk asks. */
export const preflightFacts = (values: Partial<PreflightFacts> = {}): PreflightFacts => ({
  at: "2026-11-27T00:00:00.000Z",
  types: value([
    type("c5.xlarge", 4),
    type("c5n.18xlarge", 72, { efa: true }),
    type("t3.large", 2, { placements: ["partition", "spread"] }),
    type("c6g.large", 2, { architectures: ["arm64"] }),
    type("p4d.24xlarge", 96, { efa: true }),
  ]),
  offerings: value(
    ["c5.xlarge", "c5n.18xlarge", "t3.large"].map((name) => ({ type: name, zone: "us-east-1a" })),
  ),
  running: value([]),
  quotas: new Map(["L-1216C47A", "L-34B43A08"].map((code) => [code, value(640)])),
  addresses: value({ count: 0, ofOrg: 0 }),
  vpcs: value({ count: 1, ofOrg: 0 }),
  subnets: value([{ id: "subnet-1", name: "muster-demo-private-1", zone: "us-east-1a", free: 250 }]),
  zones: value(["us-east-1a", "us-east-1b"]),
  images: value([
    {
      ...{ id: "ami-1", family: "mpi", state: "available", architecture: "x86_64", rootGiB: 8 },
      ...{ createdAt: "2026-01-01T00:00:00.000Z", snapshotId: "snap-1", isEncrypted: false },
      ...{ deprecatedAt: null, isReplaced: false },
    },
  ]),
  keys: new Map(),
  rights: value([]),
  dryRuns: new Map(
    ["c5.xlarge", "c5.large", "t3.large", "x1.large"].map((name) => [
      `${name}/subnet-1/ami-1`,
      value({ code: "DryRunOperation", message: "" }),
    ]),
  ),
  ...values,
});
