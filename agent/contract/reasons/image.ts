import type { ReasonEntry } from "./reason.js";

/** Why an image was not made, or is not where it is to be. */
export const IMAGE_REASONS = {
  "image-recipe-unavailable": {
    about: "image",
    meaning:
      "The builder could not get or unpack the recipe, or the files were not the ones that the provider has put there.",
    retry: "later",
    next: "Read the last lines. Check the subnet's way to S3 and to Debian's packages, and what the builder's role may read of the bucket.",
  },
  "image-step-failed": {
    about: "image",
    meaning: "A step of the recipe, or one that was added to it, has failed on the builder.",
    retry: "never",
    next: "Read the step's last lines and mend it. A package index that was not reachable passes by itself: then apply again.",
  },
  "image-check-failed": {
    about: "image",
    meaning: "The recipe has run, but what it made does not pass the image's own checks.",
    retry: "never",
    next: "Read the check's last lines: often an added package or step has replaced something that nodes need.",
  },
  "image-builder-lost": {
    about: "image",
    meaning: "The builder has ended or was stopped, and did not report an end.",
    retry: "now",
    next: "Read EC2's reason and the console's last lines. Where neither names a cause, apply again.",
  },
  "image-builder-silent": {
    about: "image",
    meaning: "The builder runs, but has put no report for minutes.",
    retry: "now",
    next: "Check the subnet's way to S3 and what the builder's role may write to the bucket; a step may have used up the memory: then choose a larger instance_type.",
  },
  "image-not-ready-in-time": {
    about: "image",
    meaning: "The image was not made within the time that Terraform waits.",
    retry: "now",
    next: "Look at the step that takes long. Where all is well but slow, set a longer timeouts.create, or a larger instance_type.",
  },
  "image-snapshot-failed": {
    about: "image",
    meaning: "EC2 could not make the AMI of the builder's disk.",
    retry: "later",
    next: "Read EC2's reason. A key that can't be used is the usual one.",
  },
  "image-copy-failed": {
    about: "image",
    meaning: "EC2 could not copy the AMI to a region.",
    retry: "later",
    next: "Read EC2's reason: the region may not be enabled, or the key not be there. Then apply again: only what is missing is done.",
  },
  "image-share-failed": {
    about: "image",
    meaning: "The AMI could not be shared with an account in a region.",
    retry: "later",
    next: "Check the account's id, and that the org's policies allow to share. Then apply again: only what is missing is done.",
  },
} as const satisfies Readonly<Record<string, ReasonEntry>>;
