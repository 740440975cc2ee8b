import { FAMILY_PATTERN } from "../../../agent/contract/image/names.js";
import { KEPT_VERSIONS } from "../../../agent/contract/image/retention.js";
import { NAME_PATTERN } from "../../../agent/contract/names.js";
import { between, matches, NAME_MEANING } from "../../client/checks.js";
import {
  bool,
  computed,
  integer,
  list,
  object,
  optional,
  required,
  set,
  string,
  withDefault,
} from "../../core/schema.js";
import type { Schema } from "../../core/types.js";

/** `data "muster_images"`: the newest usable versions of a family, by region. */
export const imagesDataSchema = {
  version: 0,
  description:
    "The newest usable versions of an image's family, in each region: AMIs of the org's that are whole and available; or those that another account shares with this one. The newest first.",
  attributes: {
    family: required(string, {
      description: "The family, like mpi.",
      checks: [matches(FAMILY_PATTERN, NAME_MEANING)],
    }),
    regions: optional(set(string), { description: "The regions to look in. Default: the provider's." }),
    owner: optional(string, {
      description:
        "The account that has baked the images and shares them with this one, 12 digits. Default: this account. Of another account's, only what EC2 shows of them is known: their names.",
      checks: [matches(/^\d{12}$/, "an account's 12 digits")],
    }),
    owner_org: optional(string, {
      description: "With owner: the org that has baked them there. Default: the provider's.",
      checks: [matches(NAME_PATTERN, NAME_MEANING)],
    }),
    limit: withDefault(integer, KEPT_VERSIONS, {
      description: "How many versions of each region.",
      checks: [between(1, 100)],
    }),
    id: computed(string, { description: "org/family" }),
    images: computed(
      list(
        object({
          region: required(string, { description: "The region." }),
          id: required(string, { description: "The image's id." }),
          version: required(string, { description: "Its version." }),
          image_id: required(string, { description: "The AMI." }),
          created_at: required(string, { description: "When the AMI was made." }),
          release: required(bool, {
            description:
              "Whether it is a release. False for another account's, whose tags only that account sees.",
          }),
        }),
      ),
      { description: "By region, the newest version of each first." },
    ),
  },
} as const satisfies Schema;
