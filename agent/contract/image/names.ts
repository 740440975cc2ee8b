import { VERSION_SOURCE } from "./version.js";

/*
 * An image's id is `FAMILY-VERSION-xxxxxxxx`: what it is, and 8 hex digits that each bake draws anew. So two bakes of one version never meet
 * in the bucket, in EC2's names or in tags. A version has no hyphen, and thus the id has one reading.
 */

const FAMILY_SOURCE = "[a-z](?:[a-z0-9-]{0,30}[a-z0-9])";
const ID = new RegExp(`^(${FAMILY_SOURCE})-(${VERSION_SOURCE})-([0-9a-f]{8})$`);
/** Families are named as orgs and clusters are. */
export const FAMILY_PATTERN = `^${FAMILY_SOURCE}$`;

/** What an image's id says. `bake`: the 8 hex digits. */
export interface ImageName {
  readonly family: string;
  readonly version: string;
  readonly bake: string;
}

export const imageId = ({ family, version, bake }: ImageName): string => `${family}-${version}-${bake}`;

/** What the id says; null: it is no image's id. Pure. */
export function parseImageId(id: string): ImageName | null {
  const match = ID.exec(id);
  if (match === null) return null;
  const [, family = "", version = "", bake = ""] = match;
  return { family, version, bake };
}

/** The AMI's name: 117 characters at most, of 128. An account has it once in each region. */
export const amiName = (org: string, id: string): string => `muster-${org}-${id}`;

/**
 * Tags of a bake's builder, AMIs and snapshots, beside `muster:org`. TAG.IMAGE, with the family, comes last: an AMI that has it is whole, and
 * clusters may boot it.
 */
export const IMAGE_TAG = {
  /** The image's id, from the first call on: what a bake has left is found by it. */
  BUILD: "muster:image-build",
  VERSION: "muster:image-version",
  /** SHA-256 of the recipe's archive. */
  RECIPE: "muster:image-recipe",
  /** SHA-256 of what the configuration put into it. */
  CONTENT: "muster:image-content",
  /** "true": the rule of retention never removes it. */
  RELEASE: "muster:image-release",
  /** On the AMI that was baked: the image's regions, its own first, separated by spaces. */
  REGIONS: "muster:image-regions",
  /** "true": another version has taken its place in Terraform's state. The family's last resource removes it. */
  REPLACED: "muster:image-replaced",
} as const;

/** Where recipes and bakes are, in the org's log bucket. */
export const RECIPES_PREFIX = "images/recipes/";
export const BUILDS_PREFIX = "images/builds/";

/** The recipe's archive, by the SHA-256 (hex) of its bytes. It never changes. */
export const recipeKey = (sha256: string): string => `${RECIPES_PREFIX}${sha256}.tar`;
/** What one bake reads and writes. */
const buildPrefix = (id: string): string => `${BUILDS_PREFIX}${id}/`;
export const reportKey = (id: string): string => `${buildPrefix(id)}report.json`;
/** A step of the user's: `file` as extraSteps names it. */
export const stepKey = (id: string, file: string): string => `${buildPrefix(id)}steps/${file}`;

/** What IMAGE_TAG.REGIONS says; empty without the tag. Pure. */
export const taggedRegions = (tags: Readonly<Record<string, string>>): readonly string[] =>
  (tags[IMAGE_TAG.REGIONS] ?? "").split(" ").filter((region) => region !== "");
