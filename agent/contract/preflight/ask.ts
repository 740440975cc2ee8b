import type { PreflightCheck } from "../preflight-checks.js";

/** What a deploy will ask of the account: the facts of a declaration that checks need. */
export interface PreflightAsk {
  readonly org: string;
  readonly region: string;
  /** The network that the org gets; null: it has one, or that is not asked about. */
  readonly network: NetworkAsk | null;
  readonly clusters: readonly ClusterAsk[];
  /** The images that are to be baked, each by a builder of its own. */
  readonly builders: readonly BuilderAsk[];
  readonly skip: readonly PreflightCheck[];
}

/** A VPC with one NAT gateway. */
interface NetworkAsk {
  /** The two availability zones; null: the first two that the account sees. */
  readonly zones: readonly string[] | null;
}

/** A cluster and its identical nodes. */
export interface ClusterAsk {
  readonly name: string;
  readonly nodes: number;
  /** The preferred one first: it counts against quotas. At least one. */
  readonly instanceTypes: readonly string[];
  readonly spot: boolean;
  readonly efa: boolean;
  readonly image: ImageAsk;
  readonly rootVolumeGiB: number;
  readonly place: ClusterPlaceAsk;
  /** Whether its nodes are in a cluster placement group. */
  readonly placementGroup: boolean;
}

/** The instance that an image is baked on. */
export interface BuilderAsk {
  readonly family: string;
  readonly instanceType: string;
  /** The AMI that it begins with; null: the newest official one. */
  readonly baseAmi: string | null;
  readonly place: ClusterPlaceAsk;
}

/** What is asked about the builder of an image. It starts by itself, so Auto Scaling's rights on keys are nothing to it. */
export const BUILDER_CHECKS = ["vcpus", "offering", "image"] as const satisfies readonly PreflightCheck[];

/** One AMI; or the newest of the account's own that has the family's tag. */
export type ImageAsk = { readonly id: string } | { readonly family: string };

/** The subnets of the nodes: by id; or, of the org's own network, by tier and zone. */
export type ClusterPlaceAsk =
  | { readonly subnetIds: readonly string[] }
  | { readonly tier: "private" | "public"; readonly zones: readonly (1 | 2)[] };

/** The image's text for people. Pure. */
export const imageInWords = (image: ImageAsk): string =>
  "id" in image ? image.id : `newest image of family ${image.family}`;
