import type { Reply } from "../../reply.js";
import type { GatewayCall } from "../supplement.js";
import { mapItems, textOf } from "./items.js";
import { numbered, without } from "./parameters.js";

/**
 * Images that their account has shared with others: the emulator keeps the permission, but shows each account only its own. Tags are their owner's
 * alone. What has another account's permission taken away is hidden again.
 * @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/sharingamis-explicit.html
 * @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeImages.html
 */
export class SharedImages {
  readonly #emulatorUrl: string;
  /** By image id. */
  readonly #shared = new Map<string, { readonly region: string; readonly with: Set<string> }>();

  constructor(emulatorUrl: string) {
    this.#emulatorUrl = emulatorUrl;
  }

  /** Notes what a ModifyImageAttribute has changed that succeeded. */
  note({ operation: { region }, request: { form } }: GatewayCall): void {
    const imageId = form.get("ImageId") ?? "";
    const entry = this.#shared.get(imageId) ?? { region, with: new Set<string>() };
    const accounts = (list: string) =>
      numbered(form, `LaunchPermission.${list}`).map((prefix) => form.get(`${prefix}.UserId`) ?? "");
    for (const account of accounts("Add")) entry.with.add(account);
    for (const account of accounts("Remove")) entry.with.delete(account);
    this.#shared.set(imageId, entry);
  }

  forget(imageId: string): void {
    this.#shared.delete(imageId);
  }

  /** The answer to a DescribeImages with what is shared with the caller; undefined: nothing of that is asked for. */
  async describe(call: GatewayCall, form: URLSearchParams): Promise<Reply | undefined> {
    if ([...this.#shared.values()].every((entry) => entry.with.size === 0)) return undefined;
    const caller = await callersAccount(call);
    const asked = numbered(form, "ImageId").map((key) => form.get(key) ?? "");
    const ids = [...this.#shared].flatMap(([id, { region, with: accounts }]) =>
      region === call.operation.region && accounts.has(caller) && (asked.length === 0 || asked.includes(id))
        ? [id]
        : [],
    );
    if (ids.length === 0 || asksForTags(form)) return undefined;
    const owners = numbered(form, "Owner").map((key) => form.get(key) ?? "");
    const owned = await this.#asOwner(call, form, ids);
    const items: string[] = [];
    mapItems(owned, "imagesSet", (item) => {
      const isAsked = owners.length === 0 || owners.includes(textOf(item, "imageOwnerId"));
      if (isAsked) items.push(item.replace(/<tagSet>[\s\S]*?<\/tagSet>/, "<tagSet/>"));
      return null;
    });
    const own = asked.length > 0 ? emptied(owned) : await call.ask({ body: Buffer.from(form.toString()) });
    return { ...own, body: withItems(own.body, items) };
  }

  /** What the emulator's own account, which has made them, sees of these images. */
  async #asOwner(call: GatewayCall, form: URLSearchParams, ids: readonly string[]): Promise<string> {
    const { region } = call.operation;
    const body = without(form, "ImageId", "Owner", "ExecutableBy");
    for (const [index, id] of ids.entries()) body.set(`ImageId.${index + 1}`, id);
    const reply = await fetch(this.#emulatorUrl, {
      method: "POST",
      headers: {
        "content-type": "application/x-www-form-urlencoded",
        authorization: `AWS4-HMAC-SHA256 Credential=test/20260101/${region}/ec2/aws4_request, SignedHeaders=host, Signature=0`,
      },
      body: body.toString(),
    });
    return reply.text();
  }
}

const asksForTags = (form: URLSearchParams): boolean =>
  numbered(form, "Filter").some((prefix) => /^tag(?:$|-|:)/.test(form.get(`${prefix}.Name`) ?? ""));

/** By the owner of the security group that each account's own network has. */
async function callersAccount(call: GatewayCall): Promise<string> {
  const body = new URLSearchParams({ Action: "DescribeSecurityGroups", Version: "2016-11-15" });
  return textOf((await call.ask({ body: Buffer.from(body.toString()) })).body, "ownerId");
}

const emptied = (body: string): Reply => ({
  status: 200,
  headers: { "content-type": "text/xml" },
  body: mapItems(body, "imagesSet", () => null),
});

const withItems = (body: string, items: readonly string[]): string =>
  body.replace(/<imagesSet>([\s\S]*)<\/imagesSet>|<imagesSet\/>/, (_whole, own: string | undefined) => {
    const added = items.map((item) => `<item>${item}</item>`).join("");
    return `<imagesSet>${own ?? ""}${added}</imagesSet>`;
  });
