import { renderXml } from "../reply.js";
import type { Call, Supplements } from "./supplement.js";

/** What the emulator forgets of a registered image: its architecture (described after it) and its tags. */
export function images(): Supplements {
  const architectures = new Map<string, string>();
  return {
    "ec2.RegisterImage": async (call) => {
      const reply = await call.ask();
      const imageId = /<imageId>(.*?)<\/imageId>/.exec(reply.body)?.[1];
      if (imageId === undefined) return reply;
      const { form } = call.request;
      architectures.set(imageId, form.get("Architecture") ?? "i386");
      const tags = imageTags(form);
      if (tags.length === 0) return reply;
      const tagged = await call.ask({ body: createTags(call, imageId, tags) });
      return tagged.status < 300 ? reply : tagged;
    },
    "ec2.DescribeImages": async (call) => {
      const reply = await call.ask();
      const body = reply.body.replace(/<imageId>(.*?)<\/imageId>/g, (element, imageId: string) => {
        const architecture = architectures.get(imageId);
        return architecture === undefined ? element : element + renderXml({ architecture });
      });
      return { ...reply, body };
    },
  };
}

/** The parameters of the request's tags for images, as they are: `1.Key`, `1.Value`, ... */
function imageTags(form: URLSearchParams): [name: string, value: string][] {
  for (let n = 1; form.has(`TagSpecification.${n}.ResourceType`); n++) {
    if (form.get(`TagSpecification.${n}.ResourceType`) !== "image") continue;
    const prefix = `TagSpecification.${n}.Tag.`;
    return [...form]
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, value]) => [`Tag.${name.slice(prefix.length)}`, value]);
  }
  return [];
}

function createTags(call: Call, imageId: string, tags: [name: string, value: string][]): Buffer {
  const version = call.request.form.get("Version") ?? "2016-11-15";
  const form = new URLSearchParams([
    ["Action", "CreateTags"],
    ["Version", version],
    ["ResourceId.1", imageId],
    ...tags,
  ]);
  return Buffer.from(form.toString());
}
