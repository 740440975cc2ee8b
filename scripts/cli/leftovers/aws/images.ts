import { type EC2Client, paginateDescribeImages, paginateDescribeSnapshots } from "@aws-sdk/client-ec2";
import type { LeftoverProbe } from "../probe.js";
import { collectPages, toTags } from "./tags.js";

/** The account's own images and snapshots. Their names are people's: only the tag says whose they are. */
export function imageProbes(client: EC2Client): LeftoverProbe[] {
  return [
    {
      what: "images",
      list: async () =>
        collectPages(
          paginateDescribeImages({ client }, { Owners: ["self"] }),
          (page) => page.Images,
          (image) => ({
            kind: "image",
            id: image.ImageId ?? "",
            tags: toTags(image.Tags),
            status: image.State === "deregistered" ? "gone" : "live",
          }),
        ),
    },
    {
      what: "snapshots",
      list: async () =>
        collectPages(
          paginateDescribeSnapshots({ client }, { OwnerIds: ["self"] }),
          (page) => page.Snapshots,
          (snapshot) => ({
            kind: "snapshot",
            id: snapshot.SnapshotId ?? "",
            tags: toTags(snapshot.Tags),
            status: "live",
          }),
        ),
    },
  ];
}
