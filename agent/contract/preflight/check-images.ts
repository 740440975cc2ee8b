import { type ClusterAsk, imageInWords, type PreflightAsk } from "./ask.js";
import { ofTypes } from "./check-types.js";
import type { ImageFacts, KeyFacts, PreflightFacts } from "./facts.js";
import { type Found, problem, unchecked, warning, within } from "./finding.js";
import { imageOf } from "./place.js";

/** What `see` finds of each cluster's image; clusters without one are left out. */
function ofImages(
  check: "image" | "root-volume" | "key",
  { clusters }: PreflightAsk,
  { images }: PreflightFacts,
  see: (cluster: ClusterAsk, image: ImageFacts | null) => readonly Found[],
): readonly Found[] {
  if (clusters.length === 0) return [];
  const asked = [...new Set(clusters.map(({ image }) => imageInWords(image)))].join(", ");
  return within(
    images,
    (unknown) => unchecked(check, "images", asked, unknown),
    (known) => clusters.flatMap((cluster) => see(cluster, imageOf(cluster.image, known))),
  );
}

/** The image is there, usable, of the architecture of each type, and will stay. Pure. */
export const checkImages = (ask: PreflightAsk, facts: PreflightFacts): readonly Found[] =>
  ofImages("image", ask, facts, (cluster, image) => {
    const resource = `${imageInWords(cluster.image)} of cluster ${cluster.name}`;
    if (image === null) {
      if (isToBeBaked(cluster, ask)) return [];
      const next =
        "id" in cluster.image
          ? "Correct the id, the region or the account, or have the image's owner share it with the account."
          : "Bake one (images in muster.yaml, or muster_image), or name another family.";
      return [problem(resource, "an AMI", `none that the credentials see in ${ask.region}`, next)];
    }
    if (image.state !== "available") {
      const next = image.state === "pending" ? "Wait until it is available." : "Choose another image.";
      return [problem(resource, "an available AMI", `${image.id} is ${image.state}`, next)];
    }
    const leaving = "id" in cluster.image ? checkStay(resource, image, facts.at) : [];
    const fitting = ofTypes("image", [cluster], facts, ({ name }, type) =>
      image.architecture === null || type.architectures.includes(image.architecture)
        ? []
        : [
            problem(
              `image ${image.id} of cluster ${name}`,
              `${type.architectures.join(" or ")} for ${type.name}`,
              image.architecture,
              "Choose another instance type or image.",
            ),
          ],
    );
    return [...leaving, ...fitting];
  });

/** Whether the same deploy bakes the image first. */
const isToBeBaked = ({ image }: ClusterAsk, { builders }: PreflightAsk): boolean =>
  "family" in image && builders.some(({ family }) => family === image.family);

/** Public images have a time of deprecation two years ahead from the first day on: it is said when it is near. */
const SOON_MS = 30 * 86_400_000;

/**
 * Whether an image that is named by its id will stay. EC2 goes on to start what is deprecated, and hides it from lists: so it is a warning.
 * @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ami-deprecate.html
 */
function checkStay(resource: string, image: ImageFacts, at: string): readonly Found[] {
  const { id, deprecatedAt, isReplaced } = image;
  const isDeprecated = deprecatedAt !== null && Date.parse(deprecatedAt) <= Date.parse(at) + SOON_MS;
  const asked = "an AMI that stays";
  return [
    ...(isDeprecated
      ? [
          warning(
            resource,
            asked,
            `its owner deprecates ${id} as of ${deprecatedAt}`,
            "Take a newer image before the owner deregisters this one: its nodes could not be replaced then.",
          ),
        ]
      : []),
    ...(isReplaced
      ? [
          warning(
            resource,
            asked,
            `a newer version of its family has replaced ${id}`,
            "Take the newer one, or mark this one as a release: else it is deregistered once nothing of the org's uses it.",
          ),
        ]
      : []),
  ];
}

/** The root volume holds the image. Pure. */
export const checkRootVolumes = (ask: PreflightAsk, facts: PreflightFacts): readonly Found[] =>
  ofImages("root-volume", ask, facts, ({ name, rootVolumeGiB }, image) =>
    image === null || image.rootGiB === null || image.rootGiB <= rootVolumeGiB
      ? []
      : [
          problem(
            `root volume of cluster ${name}`,
            `${rootVolumeGiB} GiB (rootVolumeGiB)`,
            `${image.id} needs ${image.rootGiB} GiB`,
            `Set rootVolumeGiB to ${image.rootGiB} or more.`,
          ),
        ],
  );

/**
 * The key of the nodes' disks can be used by Auto Scaling: a customer's key needs a grant, or a word in its policy, for the
 * service-linked role; else each launch ends with Client.InternalError. One finding a key. Pure.
 * @see https://docs.aws.amazon.com/autoscaling/ec2/userguide/key-policy-requirements-EBS-encryption.html
 */
export const checkKeys = (ask: PreflightAsk, facts: PreflightFacts): readonly Found[] =>
  ofImages("key", ask, facts, (_cluster, image) => {
    const key = image === null ? undefined : facts.keys.get(image.id);
    if (image === null || key === undefined) return [];
    return within(
      key,
      (unknown) => unchecked("key", `key of ${image.id}'s disks`, "usable by Auto Scaling", unknown),
      (known) => checkKey(image, known),
    );
  });

function checkKey(image: ImageFacts, key: KeyFacts): readonly Found[] {
  const resource = `key ${key.arn} of ${image.id}'s disks`;
  if (!key.isEnabled)
    return [problem(resource, "enabled", "disabled", "Enable the key, or choose another image.")];
  if (key.isAwsManaged) return [];
  const asked = "usable by Auto Scaling's service-linked role";
  return within(
    key.allowsAutoScaling,
    (unknown) => unchecked("key", resource, asked, unknown),
    (allows) =>
      allows
        ? []
        : [
            problem(
              resource,
              asked,
              "neither the key's policy nor a grant names AWSServiceRoleForAutoScaling",
              "Allow that role in the key's policy, or make a grant: aws kms create-grant (CreateGrant, Decrypt, GenerateDataKeyWithoutPlaintext and others).",
            ),
          ],
  );
}
