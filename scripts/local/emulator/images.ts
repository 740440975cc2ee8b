import { TAG } from "../../../agent/contract/names.js";

/** The emulator's only account. */
export const ACCOUNT_ID = "123456789012";
/** What muster.yaml asks for by default. */
const IMAGE_FAMILY = "mpi";

/** The id under which the node image that has this key (16 hex digits) is an AMI; the same in every cloud. */
export const imageIdOf = (imageKey: string): string => `ami-0${imageKey}`;

/** Debian's account, of its official images. @see https://wiki.debian.org/Cloud/AmazonEC2Image/Trixie */
const DEBIAN_ACCOUNT_ID = "136693071363";
/** The id of the plain Debian 13 that a builder boots; the same in every cloud. */
export const BASE_IMAGE_ID = "ami-0deb13deb13deb13d";

/** What all images of the list have. */
const COMMON = {
  architecture: "x86_64",
  virtualization_type: "hvm",
  hypervisor: "xen",
  platform: null,
  root_device_type: "ebs",
  root_device_name: "/dev/xvda",
};

/**
 * The node image, and Debian's plain one, as the emulator's list of machine images, JSON. They are added through the list because the
 * emulator's RegisterImage drops the architecture, which the stacks check.
 */
export function renderImages(imageKey: string): string {
  const name = `muster-${IMAGE_FAMILY}-${imageKey}`;
  const node = {
    ...COMMON,
    ami_id: imageIdOf(imageKey),
    name,
    description: "Debian 13 with MPICH and the Muster agent",
    owner_id: ACCOUNT_ID,
    public: false,
    image_location: `${ACCOUNT_ID}/${name}`,
    tags: { [TAG.IMAGE]: IMAGE_FAMILY, Name: `muster-${IMAGE_FAMILY}` },
  };
  const base = {
    ...COMMON,
    ami_id: BASE_IMAGE_ID,
    name: "debian-13-amd64-20260101-2345",
    description: "Debian 13 (20260101-2345)",
    owner_id: DEBIAN_ACCOUNT_ID,
    public: true,
    image_location: "amazon/debian-13-amd64-20260101-2345",
    tags: {},
  };
  return JSON.stringify([node, base], null, 2);
}
