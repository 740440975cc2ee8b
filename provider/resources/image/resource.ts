import { randomBytes } from "node:crypto";
import { IMAGE_TAG, imageId, parseImageId, taggedRegions } from "../../../agent/contract/image/names.js";
import { boundToPlace } from "../../client/place.js";
import { errorDiagnostic, failure } from "../../core/diagnostic.js";
import { UNKNOWN } from "../../core/value.js";
import { musterResource } from "../resource.js";
import { applyBake } from "./bake.js";
import type { ImageContext } from "./context.js";
import { knownReasons, newestAmi, observeRegions, type RegionView, sharesOf } from "./observe.js";
import {
  applyRetention,
  deregisterIn,
  inUse,
  observeFamily,
  observeUsers,
  planRetirement,
} from "./remove.js";
import { imageSchema } from "./schema.js";
import { applySpread } from "./spread.js";
import { contentOf, type ImageState, regionsOf, timeoutMs } from "./state.js";

/** `muster_image`. An interrupted create leaves a tainted image without AMI; a bake that fails leaves nothing in AWS. */
export const imageResource = boundToPlace(
  musterResource({
    schema: imageSchema,

    validate({ encrypted, accounts, kms_key_ids, regions }) {
      if (encrypted !== true || accounts === null || accounts === UNKNOWN || accounts.length === 0) return [];
      if (kms_key_ids === UNKNOWN || regions === UNKNOWN || kms_key_ids !== null) return [];
      const detail =
        "accounts is given, and encrypted, but no kms_key_ids: give a key of your own for each region.";
      return [
        errorDiagnostic("image-key-not-shareable", "An image with AWS's own key can't be shared", detail, [
          "kms_key_ids",
        ]),
      ];
    },

    plan: (given) => ({ content: contentOf(given) }),

    async create(plan, context) {
      const { client, clock } = context;
      const { family, version } = plan;
      const id = imageId({ family, version, bake: randomBytes(4).toString("hex") });
      const content = contentOf(plan) as string;
      const until = clock.now().getTime() + timeoutMs(plan, "create");
      context.saved({ id, content });
      const { ami, base, recipeSha256 } = await applyBake({ id, content, plan }, context);
      const known = { id, content, image_id: ami.id, base_image_id: base.id, recipe_sha256: recipeSha256 };
      context.saved(known);
      const spread = { home: ami, plan: { ...plan, id }, until, before: [client.region] };
      return { ...known, ...(await applySpread(spread, context)) };
    },

    async read(state, context) {
      const { client } = context;
      if (state.id === null) return null;
      const home = newestAmi(await client.images.list(client.region, { image: state.id }));
      if (home === null) return null;
      // An import knows no regions yet.
      const known = [
        ...(state.regions ?? []),
        ...Object.keys(state.images ?? {}),
        ...taggedRegions(home.tags),
      ];
      const regions = regionsOf(client.region, known);
      const views = await observeRegions(state.id, regions, context);
      return found(state, views);
    },

    async update(plan, prior, context) {
      const { client, clock } = context;
      const id = prior.id ?? "";
      const home = newestAmi(await client.images.list(client.region, { image: id }));
      if (home === null) throw gone(id, client.region);
      const until = clock.now().getTime() + timeoutMs(plan, "update");
      const before = regionsOf(client.region, Object.keys(prior.images ?? {}));
      const spread = await applySpread({ home, plan: { ...plan, id }, until, before }, context);
      if (plan.keep !== prior.keep) await applyRetention(plan.family, plan.keep, context);
      const { content, image_id, base_image_id, recipe_sha256 } = prior;
      return { id, content, image_id, base_image_id, recipe_sha256, ...spread };
    },

    async delete(state, context) {
      if (state.id === null) return;
      const { client } = context;
      const regions = regionsOf(client.region, Object.keys(state.images ?? {}));
      await client.images.removeUnfinished(
        { image: state.id },
        regionsOf(client.region, [...regions, ...(state.regions ?? [])]),
      );
      await applyRetirement(state, regions, context);
    },

    async planDelete(state, context) {
      if (state.id === null) return [];
      const users = await usersAtEnd(state, state.id, context);
      return users.length === 0 ? [] : inUse(state.id, users).diagnostics;
    },

    import(id) {
      const name = parseImageId(id);
      if (name !== null) return { id, family: name.family, version: name.version };
      throw failure(
        "import-id-invalid",
        "Invalid import id",
        `"${id}" can't be imported: it must be an image's id, like mpi-1.4.0-1f3a9c2b. muster image list shows them.`,
      );
    },
  }),
);

/** What a read has found; null: the provider's region has no AMI of it any more. */
function found(
  state: ImageState,
  views: readonly RegionView[],
): Partial<{ [K in keyof ImageState]: ImageState[K] | null }> | null {
  const [home, ...copies] = views;
  if (home?.ami?.state !== "available") return null;
  const there = copies.filter(({ ami }) => ami !== null && ["available", "pending"].includes(ami.state));
  const { tags } = home.ami;
  const present = [home, ...there];
  const accounts = accountsIn(state.accounts ?? [], present);
  const wanted = [...new Set([...(state.accounts ?? []), ...accounts])];
  return {
    regions: orNull(
      there.map(({ region }) => region),
      state.regions,
    ),
    accounts: orNull(accounts, state.accounts),
    release: tags[IMAGE_TAG.RELEASE] !== undefined,
    content: tags[IMAGE_TAG.CONTENT] ?? state.content,
    recipe_sha256: tags[IMAGE_TAG.RECIPE] ?? state.recipe_sha256,
    image_id: home.ami.id,
    images: Object.fromEntries(
      present.flatMap(({ region, ami }) => (ami === null ? [] : [[region, ami.id]])),
    ),
    shares: sharesOf(views, wanted, knownReasons(state.shares)),
  };
}

/** Accounts that have it wherever it is available, and others that have it anywhere: the plan then adds and removes. Pure. */
function accountsIn(wanted: readonly string[], views: readonly RegionView[]): readonly string[] {
  const known = views.flatMap(({ accounts }) => (accounts === null ? [] : [accounts]));
  const anywhere = known.flatMap(({ launchableBy }) => launchableBy);
  const everywhere = (account: string): boolean =>
    known.every(
      ({ launchableBy, readableBy }) => launchableBy.includes(account) && readableBy.includes(account),
    );
  return [
    ...new Set([...wanted.filter(everywhere), ...anywhere.filter((account) => !wanted.includes(account))]),
  ].toSorted();
}

/** What the user left out and is not there stays left out; the rest is in the state's order. */
function orNull(values: readonly string[], before: readonly string[] | null): readonly string[] | null {
  if (values.length === 0 && before === null) return null;
  const known = (before ?? []).filter((value) => values.includes(value));
  return [...known, ...values.filter((value) => !known.includes(value))];
}

/** Either the rule of retention decides, as a later version has its place, or the family ends. Refused while in use. */
async function applyRetirement(
  state: ImageState,
  regions: readonly string[],
  context: ImageContext,
): Promise<void> {
  const { client } = context;
  const id = state.id ?? "";
  const retirement = planRetirement(id, await observeFamily(state.family, context));
  if (retirement.kind === "replaced") {
    for (const region of regions)
      for (const ami of await client.images.list(region, { image: id }))
        await client.images.tag(ami, { [IMAGE_TAG.REPLACED]: "true" });
    await applyRetention(state.family, state.keep, context);
    return;
  }
  const users = await usersAtEnd(state, id, context);
  if (users.length > 0) throw inUse(id, users);
  // This one last, so that a failure in between leaves the resource with something to go on from.
  for (const version of retirement.remove.filter((other) => other.id !== id))
    await deregisterIn(version.id, version.regions, context);
  await deregisterIn(id, regions, context);
}

/** Who would miss what a destruction removes; empty where the version is replaced. */
async function usersAtEnd(
  state: ImageState,
  id: string,
  context: Pick<ImageContext, "client">,
): Promise<readonly string[]> {
  const own = regionsOf(context.client.region, Object.keys(state.images ?? {}));
  const retirement = planRetirement(id, await observeFamily(state.family, context));
  if (retirement.kind === "replaced") return [];
  const users = await Promise.all(
    retirement.remove.map((version) =>
      observeUsers(version.id, version.id === id ? own : version.regions, context),
    ),
  );
  return users.flat();
}

const gone = (id: string, region: string) =>
  failure(
    "image-gone",
    `Image ${id} is gone`,
    `${region} has no AMI of it any more. Plan again: it will be baked anew.`,
  );
