import { type Command, InvalidArgumentError, Option } from "commander";
import { FAMILY_PATTERN } from "../../../agent/contract/image/names.js";
import { findDeclaredShares } from "../core/declared-images.js";
import { EXIT } from "../core/exit.js";
import { imageShares } from "../core/images.js";
import { renderImages } from "../render/image.js";
import { onOrg, orgCommand, type Session } from "./context.js";

/** `muster image list` */
export function addImageList(parent: Command, session: Session): void {
  const command = orgCommand(parent, "list", {
    summary: "lists the org's images, where they are, and with whom they are shared",
    more: [
      "Each version of each family, the newest first, with its AMI in each region. SHARED counts the accounts that can use it there, of those",
      "that muster.yaml names or that have it in any region; below the table are those that can't, PENDING or FAILED, with the reason.",
    ].join("\n"),
    example: "muster image list --org demo --region us-east-1",
  }).addOption(new Option("--family <family>", "the images of this family alone").argParser(familyNamed));
  onOrg<{ readonly family?: string }>(command, session, async ({ access, out, place, world }, { family }) => {
    const declared = findDeclaredShares(world, place.org);
    const found = (await access.images.list()).filter(
      (image) => family === undefined || image.family === family,
    );
    const images = found.map((image) => ({ ...image, shares: imageShares(image, declared) }));
    if (images.length === 0) {
      const what = family === undefined ? "no image" : `no image of family ${family}`;
      out.say(`Org ${place.org} has ${what} in ${place.region}. One is baked by images in muster.yaml.`);
    }
    await out.print(renderImages(images));
    await out.document({ images });
    return EXIT.done;
  });
}

function familyNamed(text: string): string {
  if (new RegExp(FAMILY_PATTERN).test(text)) return text;
  throw new InvalidArgumentError("Give a family, like mpi: 2-32 lower-case letters, digits and hyphens.");
}
