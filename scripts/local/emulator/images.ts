import { TAG } from "../../../agent/contract/names.js";

/** The emulator's only account. */
export const ACCOUNT_ID = "123456789012";
/** What muster.yaml asks for by default. */
const IMAGE_FAMILY = "mpi";

/** The id under which the node image that has this key (16 hex digits) is an AMI; the same in every cloud. */
export const imageIdOf = (imageKey: string): string => `ami-0${imageKey}`;

/**
 * The node image as the emulator's list of machine images, JSON. It is added through the list because the emulator's
 * RegisterImage drops the architecture, which the stacks check.
 */
export function renderImages(imageKey: string): string {
  const image = {
    ami_id: imageIdOf(imageKey),
    name: `muster-${IMAGE_FAMILY}-${imageKey}`,
    description: "Debian 13 with MPICH and the Muster agent",
    owner_id: ACCOUNT_ID,
    public: false,
    architecture: "x86_64",
    virtualization_type: "hvm",
    hypervisor: "xen",
    platform: null,
    image_location: `${ACCOUNT_ID}/muster-${IMAGE_FAMILY}-${imageKey}`,
    root_device_type: "ebs",
    root_device_name: "/dev/xvda",
    tags: { [TAG.IMAGE]: IMAGE_FAMILY, Name: `muster-${IMAGE_FAMILY}` },
  };
  return JSON.stringify([image], null, 2);
}
