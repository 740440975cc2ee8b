import type { Supplements } from "./supplement.js";

/** A launch template's own tags, which the emulator also lists among those of what is launched from it. */
const OWN_TAGS =
  /<item><resourceType>launch-template<\/resourceType><tagSet>(?:<item>.*?<\/item>)*<\/tagSet><\/item>/gs;

/** Corrects the emulator's launch templates: with their own tags in the data, every plan shows a change. */
export function launchTemplates(): Supplements {
  return {
    "ec2.DescribeLaunchTemplateVersions": async (call) => {
      const reply = await call.ask();
      return { ...reply, body: reply.body.replace(OWN_TAGS, "") };
    },
  };
}
