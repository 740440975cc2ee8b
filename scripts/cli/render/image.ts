import type { ListedImage, ShareRow } from "../core/images.js";
import { renderTable } from "./table.js";

/** An image with the status of each of its shares. */
export type ShownImage = ListedImage & { readonly shares: readonly ShareRow[] };

/** A table of images, a line for each region, and what is not shared, with the reason. Pure. */
export function renderImages(images: readonly ShownImage[]): readonly string[] {
  const table = renderTable(
    ["IMAGE", "REGION", "AMI", "STATE", "SHARED", "MADE", "NOTE"],
    images.flatMap((image) =>
      image.copies.map(({ region, ami }) => [
        image.id,
        region,
        ami?.id ?? "",
        ami?.state ?? "missing",
        sharedIn(region, image.shares),
        image.createdAt,
        noteOf(image),
      ]),
    ),
  );
  const failures = images.flatMap(({ id, shares }) =>
    shares
      .filter(({ status }) => status !== "SHARED")
      .map(
        ({ region, account, status, reason }) =>
          `${id} in ${region} for account ${account}: ${status}${reason === null ? "" : `: ${reason}`}`,
      ),
  );
  return failures.length === 0 ? table : [...table, "", ...failures];
}

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
