import { type Finding, PREFLIGHT_CHECKS, type PreflightCheck } from "../preflight-checks.js";
import type { PreflightAsk } from "./ask.js";
import { checkBuilderImages, checkBuilderOfferings, checkBuilderVcpus } from "./check-builders.js";
import { checkImages, checkKeys, checkRootVolumes } from "./check-images.js";
import { checkAddresses, checkVcpus, checkVpcs } from "./check-quotas.js";
import { checkDryRuns, checkRights } from "./check-rights.js";
import { checkSubnets } from "./check-subnets.js";
import { checkEfa, checkOfferings, checkPlacement } from "./check-types.js";
import type { PreflightFacts } from "./facts.js";
import type { Found } from "./finding.js";

const CHECKS: Readonly<
  Record<PreflightCheck, (ask: PreflightAsk, facts: PreflightFacts) => readonly Found[]>
> = {
  vcpus: (ask, facts) => [...checkVcpus(ask, facts), ...checkBuilderVcpus(ask, facts)],
  "elastic-ips": checkAddresses,
  vpcs: checkVpcs,
  subnet: checkSubnets,
  offering: (ask, facts) => [...checkOfferings(ask, facts), ...checkBuilderOfferings(ask, facts)],
  efa: checkEfa,
  placement: checkPlacement,
  image: (ask, facts) => [...checkImages(ask, facts), ...checkBuilderImages(ask, facts)],
  "root-volume": checkRootVolumes,
  key: checkKeys,
  rights: checkRights,
  "dry-run": checkDryRuns,
};

/** Every finding of every check that is not skipped, each once, the problems first. Empty: nothing stands against a deploy. Pure. */
export function checkPreflight(ask: PreflightAsk, facts: PreflightFacts): readonly Finding[] {
  const all = PREFLIGHT_CHECKS.filter((check) => !ask.skip.includes(check)).flatMap((check) =>
    CHECKS[check](ask, facts).map((found): Finding => ({ check, ...found })),
  );
  // Clusters that are alike have the same findings.
  const distinct = [...new Map(all.map((finding) => [JSON.stringify(finding), finding])).values()];
  const isProblem = ({ is }: Finding) => is === "problem";
  return [...distinct.filter(isProblem), ...distinct.filter((finding) => !isProblem(finding))];
}
