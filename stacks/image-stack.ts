import { TerraformOutput, TerraformStack } from "cdktf";
import type { Construct } from "constructs";
import { BUILDER_CHECKS } from "../agent/contract/preflight/ask.js";
import { MusterImageResource } from "../provider/bindings/index.js";
import type { AccountSettings } from "./config/account.js";
import type { BakedImageSettings } from "./config/baked-image.js";
import type { PreflightSettings } from "./config/preflight.js";
import type { OrgSettings } from "./config/schema.js";
import type { StateSettings } from "./config/state.js";
import { ImageBuilder } from "./constructs/image-builder.js";
import { literal } from "./constructs/literal.js";
import { orgResourcesFrom } from "./constructs/org-resources.js";
import { addProviders } from "./constructs/providers.js";
import { keepState, readOutputs } from "./state-backend.js";

export interface ImageStackProps {
  readonly org: OrgSettings;
  readonly state: StateSettings;
  /** @default the credentials are used as they are, in any account */
  readonly account?: AccountSettings;
  readonly image: BakedImageSettings;
  /** @default everything is checked before the builder starts */
  readonly preflight?: PreflightSettings;
}

/** The id of the Terraform stack that a family of muster.yaml is in. */
export const imageStackName = (org: string, family: string): string => `muster_${org}_image_${family}`;

/**
 * One family of images, in its newest version: what its builder needs, and the image. A new version is baked before the old one goes, and
 * clusters that name the family boot it from their next deploy on.
 */
export class ImageStack extends TerraformStack {
  constructor(scope: Construct, id: string, { org, state, account, image, preflight }: ImageStackProps) {
    super(scope, id);
    keepState(this, state, `${org.name}/images/${image.family}`);
    addProviders(this, { org, account });
    const resources = orgResourcesFrom(readOutputs(this, "org", state, `${org.name}/org`));
    const builder = new ImageBuilder(this, "builder", {
      ...{ orgName: org.name, region: org.region, family: image.family, org: resources },
    });
    const [subnetId] = resources.privateSubnetIds;
    const baked = new MusterImageResource(this, "image", {
      ...declared(image),
      ...skippedChecks(preflight),
      bucket: resources.logBucketName,
      subnetId: subnetId ?? "",
      securityGroupIds: [builder.securityGroupId],
      instanceProfile: builder.instanceProfileName,
      dependsOn: [...builder.dependables],
      lifecycle: { createBeforeDestroy: true },
    });
    for (const [name, value] of Object.entries({ id: baked.id, image_id: baked.imageId })) {
      new TerraformOutput(this, name, { value, staticId: true });
    }
  }
}

/** What of the builder is not looked at before it starts. */
function skippedChecks(preflight: PreflightSettings | undefined): { readonly skipChecks?: string[] } {
  if (preflight === undefined) return {};
  const skipped = BUILDER_CHECKS.filter((check) => !preflight.enabled || preflight.skip.includes(check));
  return skipped.length === 0 ? {} : { skipChecks: [...skipped] };
}

/** What the resource takes from muster.yaml as it is. Text of the user's is no template. */
function declared(image: BakedImageSettings) {
  const { baseAmi, packages, steps, kmsKeys, regions, accounts, timeoutMinutes } = image;
  return {
    family: image.family,
    version: image.version,
    encrypted: image.encrypted,
    keep: image.keep,
    release: image.release,
    instanceType: image.instanceType,
    ...(baseAmi === undefined ? {} : { baseAmi }),
    ...(packages.length === 0 ? {} : { packages: [...packages] }),
    ...(steps.length === 0
      ? {}
      : { steps: steps.map(({ name, script }) => ({ name, script: literal(script) })) }),
    ...(kmsKeys === undefined ? {} : { kmsKeyIds: { ...kmsKeys } }),
    ...(regions.length === 0 ? {} : { regions: [...regions] }),
    ...(accounts.length === 0 ? {} : { accounts: [...accounts] }),
    timeouts: {
      create: `${timeoutMinutes.create}m`,
      update: `${timeoutMinutes.update}m`,
      delete: `${timeoutMinutes.delete}m`,
    },
  };
}
