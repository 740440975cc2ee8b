import { BUILDER_CHECKS } from "../../../agent/contract/preflight/ask.js";
import { checkPreflight } from "../../../agent/contract/preflight/check.js";
import { PREFLIGHT_CHECKS, PREFLIGHT_SECONDS, problemsIn } from "../../../agent/contract/preflight-checks.js";
import { failure } from "../../core/diagnostic.js";
import type { ImageContext } from "./context.js";
import type { ImageState } from "./state.js";

/** Throws with every problem where EC2 would not start the builder. What can't be asked is no problem: the launch decides. After the AMI to begin with was found. */
export async function refuseHopeless(
  plan: Pick<ImageState, "family" | "instance_type" | "skip_checks" | "subnet_id">,
  { client, log }: Pick<ImageContext, "client" | "log">,
): Promise<void> {
  const wanted = BUILDER_CHECKS.filter((check) => !(plan.skip_checks ?? []).includes(check));
  if (wanted.length === 0) return;
  const { org, region } = client;
  const ask = {
    ...{ org, region, network: null, clusters: [] },
    builders: [
      {
        ...{ family: plan.family, instanceType: plan.instance_type, baseAmi: null },
        place: { subnetIds: [plan.subnet_id] },
      },
    ],
    skip: PREFLIGHT_CHECKS.filter((check) => !wanted.some((one) => one === check)),
  };
  const findings = checkPreflight(ask, await client.preflight.observe(ask, PREFLIGHT_SECONDS * 1000));
  for (const { check, is, there } of findings)
    if (is === "unchecked") log.warn(`the builder's ${check} was not checked`, { there });
  const problems = problemsIn(findings);
  if (problems.length === 0) return;
  throw failure(
    "image-builder-hopeless",
    `The builder of image ${plan.family} would not start`,
    `${problems.join("\n")}\nNothing was started. Correct each, or skip its check by name (skip_checks).`,
  );
}
