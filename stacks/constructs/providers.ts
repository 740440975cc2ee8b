import { AwsProvider } from "@cdktf/provider-aws/lib/provider/index.js";
import type { TerraformStack } from "cdktf";
import { TAG } from "../../agent/contract/names.js";
import { MusterProvider } from "../../provider/bindings/index.js";

/** The org whose things a stack declares, and where. */
export interface ProvidersProps {
  readonly org: {
    readonly name: string;
    readonly region: string;
    readonly tags: Readonly<Record<string, string>>;
  };
  /** On everything of the stack, beside the org's own; these win. */
  readonly tags?: Readonly<Record<string, string>>;
}

/** Gives `stack` its providers, AWS's and Muster's, for the org's region. Once a stack. */
export function addProviders(stack: TerraformStack, { org, tags = {} }: ProvidersProps): void {
  new AwsProvider(stack, "aws", {
    region: org.region,
    defaultTags: [{ tags: { ...org.tags, [TAG.ORG]: org.name, ...tags } }],
  });
  new MusterProvider(stack, "muster", { org: org.name, region: org.region });
}
