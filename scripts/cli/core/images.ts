import { type Share, shareOf } from "../../../agent/contract/image/share.js";

/** An image's AMI in a region. */
export interface ImageCopy {
  readonly region: string;
  /** Null: it is to be there, and is not. */
  readonly ami: {
    readonly id: string;
    readonly state: string;
    readonly stateReason: string | null;
    readonly launchableBy: readonly string[];
    readonly readableBy: readonly string[];
  } | null;
}

/** A version of an image that the org has in its region. */
export interface ListedImage {
  readonly id: string;
  readonly family: string;
  readonly version: string;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly isRelease: boolean;
  /** A newer one has its place in Terraform's state. */
  readonly isReplaced: boolean;
  /** False: it is being baked, or its bake was killed. */
  readonly isWhole: boolean;
  readonly copies: readonly ImageCopy[];
}

/** What muster.yaml says of a family's accounts. */
export interface DeclaredShares {
  readonly family: string;
  readonly version: string;
  readonly accounts: readonly string[];
}

/** One account in one region. */
export interface ShareRow extends Share {
  readonly region: string;
  readonly account: string;
}

/** Each account of the image in each of its regions: those that muster.yaml names for the version, and those that have it anywhere. Pure. */
export function imageShares(image: ListedImage, declared: readonly DeclaredShares[]): readonly ShareRow[] {
  const named = declared.filter(
    ({ family, version }) => family === image.family && version === image.version,
  );
  const accounts = new Set([
    ...named.flatMap(({ accounts: its }) => its),
    ...image.copies.flatMap(({ ami }) => [...(ami?.launchableBy ?? [])]),
  ]);
  return image.copies.flatMap(({ region, ami }) =>
    [...accounts].sort().map((account) => ({ region, account, ...shareOf({ ami, failure: null }, account) })),
  );
}
