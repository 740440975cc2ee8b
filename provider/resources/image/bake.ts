import { builderScript } from "../../../agent/contract/image/builder-script.js";
import { extraSteps } from "../../../agent/contract/image/extra-steps.js";
import { amiName, stepKey } from "../../../agent/contract/image/names.js";
import { TAG } from "../../../agent/contract/names.js";
import { WaitTimeoutError } from "../../../agent/contract/wait.js";
import type { Ami, BaseImage, BuilderLaunch } from "../../client/image-ports.js";
import { DiagnosticError, errorDiagnostic, failure } from "../../core/diagnostic.js";
import { awaitAmi, awaitBuilt } from "./await-bake.js";
import type { ImageContext } from "./context.js";
import { refuseHopeless } from "./preflight.js";
import { bakeTags, encryptionIn, type ImageState, regionsOf, timeoutMs } from "./state.js";

/** What a bake is of. */
export interface Bake {
  readonly id: string;
  readonly content: string;
  readonly plan: ImageState;
}

export interface Baked {
  readonly ami: Ami;
  readonly base: BaseImage;
  readonly recipeSha256: string;
}

/**
 * Bakes the image in the provider's region: the AMI is whole, tagged, and its builder ended. Throws, and then nothing is left of it, also
 * where Terraform is interrupted. First of all it removes what an earlier bake of the family has left that was killed.
 */
export async function applyBake(bake: Bake, context: ImageContext): Promise<Baked> {
  const { images, region } = context.client;
  const { family, regions } = bake.plan;
  const base = await observeBase(bake.plan, context);
  await refuseUnshareable(bake.plan, context);
  await refuseHopeless(bake.plan, context);
  await images.removeUnfinished({ family }, regionsOf(region, regions));
  try {
    return await applySteps(bake, base, context);
  } catch (error) {
    throw await cleared(bake, error, context);
  }
}

/** Removes what the bake has left. Returns the error, with another one beside it where something could not be removed. */
async function cleared({ id, plan }: Bake, error: unknown, { client }: ImageContext): Promise<unknown> {
  try {
    await client.images.removeUnfinished(
      { image: id, evenWhole: true },
      regionsOf(client.region, plan.regions),
    );
    return error;
  } catch (problem) {
    const left = errorDiagnostic(
      "image-not-cleared",
      `What the bake of image ${id} has left could not be removed`,
      `${(problem as Error).message} Its builder may still run. Apply or destroy again: both begin with removing it.`,
    );
    const before = error instanceof DiagnosticError ? error.diagnostics : [];
    return before.length === 0 ? error : new DiagnosticError([...before, left], { cause: error });
  }
}

async function applySteps(
  { id, content, plan }: Bake,
  base: BaseImage,
  context: ImageContext,
): Promise<Baked> {
  const { client, clock } = context;
  const { images, org, region } = client;
  const until = clock.now().getTime() + timeoutMs(plan, "create");
  const recipeSha256 = await images.putRecipe(plan.bucket, plan.recipe_file);
  const steps = extraSteps(plan.packages ?? [], plan.steps ?? []);
  for (const { file, script } of steps) await images.putText(plan.bucket, stepKey(id, file), script);
  const tags = bakeTags(org, { id, recipeSha256 }, { version: plan.version, release: plan.release, content });
  const launch: BuilderLaunch = {
    image: id,
    base,
    instanceType: plan.instance_type,
    subnetId: plan.subnet_id,
    securityGroupIds: plan.security_group_ids,
    instanceProfile: plan.instance_profile,
    userData: builderScript({ image: id, bucket: plan.bucket, region, recipeSha256, steps }),
    encryption: encryptionIn(region, plan),
    tags,
  };
  const builderId = await startBuilder(launch, context);
  await awaitBuilt({ image: id, bucket: plan.bucket, builderId, until }, context);
  const amiId = await images.createAmi(builderId, amiName(org, id), tags);
  const ami = await awaitAmi({ image: id, amiId, until }, context);
  await images.endBuilder(builderId);
  await images.tag(ami, { [TAG.IMAGE]: plan.family });
  return { ami, base, recipeSha256 };
}

const START_EVERY_MS = 5_000;
const START_WITHIN_MS = 120_000;

/** What a launch needs may be so new that EC2 does not know it yet. */
async function startBuilder(launch: BuilderLaunch, { client, poll }: ImageContext): Promise<string> {
  const times = { everyMs: START_EVERY_MS, timeoutMs: START_WITHIN_MS };
  try {
    return await poll(
      `the builder of image ${launch.image} to start`,
      async () => ({ done: true, value: await client.images.startBuilder(launch) }),
      times,
    );
  } catch (error) {
    if (!(error instanceof WaitTimeoutError)) throw error;
    throw failure(
      "image-bake-failed",
      `Image ${launch.image} was not made`,
      `${error.message} Nothing of the bake is left. Mend it, and apply again.`,
    );
  }
}

async function observeBase({ base_ami }: ImageState, { client, warn }: ImageContext): Promise<BaseImage> {
  const { images, region } = client;
  const base = await images.readBase(base_ami);
  if (base === null) {
    const asked = base_ami === null ? "The newest official Debian 13 for x86_64" : base_ami;
    throw failure(
      "image-base-missing",
      `There is no AMI to begin with in ${region}`,
      `${asked} is not there, or not shared with the account. Give the id of a Debian 13 as base_ami.`,
      base_ami === null ? [] : ["base_ami"],
    );
  }
  if (base.architecture !== "x86_64") {
    const detail = `${base.id} (${base.name}) is for ${base.architecture}: give a Debian 13 for x86_64.`;
    throw failure("image-base-unfit", "The AMI to begin with is not for x86_64", detail, ["base_ami"]);
  }
  if (base.isDeprecated) {
    const detail = `${base.id} (${base.name}) is used all the same. Give a newer one as base_ami, or leave it out.`;
    warn({
      code: "image-base-deprecated",
      summary: "The AMI to begin with is deprecated by its owner",
      detail,
    });
  }
  return base;
}

/** AWS's own key for EBS can't be shared: that would be found after the bake. */
async function refuseUnshareable(plan: ImageState, { client }: ImageContext): Promise<void> {
  const { images, region } = client;
  const accounts = plan.accounts ?? [];
  if (accounts.length === 0) return;
  const isEncrypted = plan.encrypted || (await images.encryptsByDefault());
  if (!isEncrypted) return;
  const without = unshareableRegions(plan, region);
  if (without.length === 0) return;
  const why = plan.encrypted ? "" : " EBS encrypts each new disk of this account: set encrypted too.";
  throw failure(
    "image-key-not-shareable",
    "An image with AWS's own key can't be shared",
    `accounts is ${accounts.join(", ")}, but kms_key_ids has no key of your own for ${without.join(", ")}.${why} Nothing was started.`,
    ["kms_key_ids"],
  );
}

/** The regions in which the disks would have AWS's own key. Pure. */
const unshareableRegions = (
  { encrypted, kms_key_ids: keys, regions }: Pick<ImageState, "encrypted" | "kms_key_ids" | "regions">,
  home: string,
): readonly string[] =>
  regionsOf(home, regions).filter((region) => {
    const key = encrypted ? keys?.[region] : undefined;
    return key === undefined || /(?:^|:)alias\/aws\//.test(key);
  });
