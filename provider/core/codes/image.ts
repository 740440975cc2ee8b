import type { CodeEntry } from "../../../agent/contract/reasons/reason.js";

/** Of images. */
export const IMAGE_CODES = {
  "image-base-missing": {
    meaning: "The region has no AMI to begin with that the account may use.",
    retry: "never",
    next: "Correct base_ami, or the region; without base_ami it is the newest official Debian 13.",
  },
  "image-base-unfit": {
    meaning: "The AMI to begin with is not for x86_64.",
    retry: "never",
    next: "Give a Debian 13 for x86_64 as base_ami, or leave it out.",
  },
  "image-base-deprecated": {
    meaning: "The AMI to begin with is deprecated by its owner. It is used all the same.",
    retry: "never",
    next: "Give a newer one as base_ami, or leave it out.",
  },
  "image-recipe-missing": {
    meaning: "The file with the image's recipe is not there.",
    retry: "never",
    next: "In a checkout, run npm run build; else give the path as recipe_file.",
  },
  "image-builder-hopeless": {
    meaning: "The account can't start the builder: nothing was started.",
    retry: "never",
    next: "Correct what the detail names, or skip the check by name (skip_checks).",
  },
  "image-key-not-shareable": {
    meaning:
      "The image is to be shared, but its disks would be encrypted with AWS's own key for EBS, which other accounts can't use.",
    retry: "never",
    next: "Give a key of your own for each region in kms_key_ids, and let the accounts use it.",
  },
  "image-bake-failed": {
    meaning:
      "The image was not made. Nothing of the bake is left running, and no AMI or snapshot of it is left.",
    retry: "never",
    next: "Follow the reason's next step, and apply again.",
  },
  "image-not-cleared": {
    meaning: "A bake did not come to its end, and what it has left could not be removed.",
    retry: "later",
    next: "Apply or destroy again: both begin with removing it. Until then its builder may cost something.",
  },
  "image-not-everywhere": {
    meaning: "The image is made, but not copied to every region or not shared with every account.",
    retry: "later",
    next: "Follow the reasons, and apply again: only what is missing is done.",
  },
  "image-gone": {
    meaning: "The image's AMI is not in the provider's region any more.",
    retry: "now",
    next: "Plan again: the image is baked anew.",
  },
  "image-in-use": {
    meaning: "An image that is to be deregistered is in use.",
    retry: "never",
    next: "Destroy what uses it, or deploy it with another image, and destroy again.",
  },
} as const satisfies Readonly<Record<string, CodeEntry>>;
