import type { ListedImage, ShareRow } from "../core/images.js";

/** An image with the status of each of its shares. */
export type ShownImage = ListedImage & { readonly shares: readonly ShareRow[] };

export const IMAGE_HEADINGS = ["IMAGE", "REGION", "AMI", "STATE", "SHARED", "MADE", "NOTE"] as const;
/** An image's rows in a table of them: one for each region. Pure. */
export const imageRows = (image: ShownImage): readonly (readonly string[])[] =>
  image.copies.map(({ region, ami }) => [
    image.id,
    region,
    ami?.id ?? "",
    ami?.state ?? "missing",
    sharedIn(region, image.shares),
    image.createdAt,
    noteOf(image),
  ]);

/** Who can't use the image, and why. Pure. */
export const renderUnshared = ({ id, shares }: ShownImage): readonly string[] =>
  shares
    .filter(({ status }) => status !== "SHARED")
    .map(
      ({ region, account, status, reason }) =>
        `${id} in ${region} for account ${account}: ${status}${reason === null ? "" : `: ${reason}`}`,
    );

/** "2 of 3"; nothing where it is shared with no account. */
function sharedIn(region: string, shares: readonly ShareRow[]): string {
  const here = shares.filter((share) => share.region === region);
  return here.length === 0
    ? ""
    : `${here.filter(({ status }) => status === "SHARED").length} of ${here.length}`;
}

function noteOf({ isWhole, isRelease, isReplaced }: ListedImage): string {
  if (!isWhole) return "being baked";
  return [isRelease ? "release" : "", isReplaced ? "replaced" : ""].filter(Boolean).join(", ");
}
