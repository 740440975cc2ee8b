import { type Command, InvalidArgumentError, Option } from "commander";
import { FAMILY_PATTERN } from "../../../agent/contract/image/names.js";
import { findDeclaredShares } from "../core/declared-images.js";
import { EXIT } from "../core/exit.js";
import { imageShares } from "../core/images.js";
import { IMAGE_HEADINGS, imageRows, renderUnshared, type ShownImage } from "../render/image.js";
import { onOrg, orgCommand, type Session } from "./context.js";
import { createNotes, showList, tableView } from "./show-list.js";

const MOST_UNSHARED = 1_000;

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
    const unshared = createNotes(MOST_UNSHARED);
    const found = await access.images.list();
    async function* images(): AsyncGenerator<ShownImage> {
      for await (const image of found) {
        if (family !== undefined && image.family !== family) continue;
        const shown = { ...image, shares: imageShares(image, declared) };
        unshared.add(renderUnshared(shown));
        yield shown;
      }
    }
    const count = await showList(out, images(), tableView("images", IMAGE_HEADINGS, imageRows));
    if (count === 0) {
      const what = family === undefined ? "no image" : `no image of family ${family}`;
      out.say(`Org ${place.org} has ${what} in ${place.region}. One is baked by images in muster.yaml.`);
    }
    const below = unshared.all((more) => `and ${more} more, which --json has`);
    if (below.length > 0) await out.print(["", ...below]);
    return EXIT.done;
  });
}

function familyNamed(text: string): string {
  if (new RegExp(FAMILY_PATTERN).test(text)) return text;
  throw new InvalidArgumentError("Give a family, like mpi: 2-32 lower-case letters, digits and hyphens.");
}
