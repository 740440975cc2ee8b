import type { BuilderAsk, PreflightAsk } from "./ask.js";
import type { Known, PreflightFacts, RunningFacts } from "./facts.js";
import { counted, type Found, problem, unchecked, within } from "./finding.js";
import { zonesOf } from "./place.js";
import { vcpuQuotaOf } from "./quotas.js";

/*
 * What the builder of an image needs. A bake that EC2 does not let begin is found before anything is put anywhere.
 */

const builderOf = ({ family }: BuilderAsk): string => `builder of image ${family}`;
const NOT_ASKED = { unknown: { why: "it was not asked", right: null } } as const;

/** The quota on running vCPUs has room for a builder beside all that runs now: it is there for the time of a bake. Pure. */
export const checkBuilderVcpus = (ask: PreflightAsk, facts: PreflightFacts): readonly Found[] =>
  ask.builders.flatMap((builder) =>
    within(
      facts.types,
      (unknown) => unchecked("vcpus", builderOf(builder), builder.instanceType, unknown),
      (types) => {
        const quota = vcpuQuotaOf(builder.instanceType, false);
        const vcpus = types.find(({ name }) => name === builder.instanceType)?.vcpus;
        // A type that is unknown to EC2 is the finding of another check.
        if (quota === null || vcpus === undefined) return [];
        const resource = `quota ${quota.name} (${quota.code}) in ${ask.region}`;
        const asked = `${counted(vcpus, "vCPU")} for the ${builderOf(builder)} (${builder.instanceType})`;
        return within(
          freeOf(quota.code, facts),
          (unknown) => unchecked("vcpus", resource, asked, unknown),
          (free) =>
            free >= vcpus
              ? []
              : [
                  problem(
                    resource,
                    asked,
                    `${free} vCPUs beside what runs`,
                    `Ask for more at Service Quotas (${quota.service}, ${quota.code}), choose a smaller instanceType of the image, or wait until less runs.`,
                  ),
                ],
        );
      },
    ),
  );

/** How many vCPUs of a quota nothing runs on; without end where there is no such quota. */
function freeOf(code: string, { quotas, running }: PreflightFacts): Known<number> {
  const limit = quotas.get(code) ?? NOT_ASKED;
  if ("unknown" in limit) return limit;
  if (limit.value === null) return { value: Number.POSITIVE_INFINITY };
  if ("unknown" in running) return running;
  const counts = ({ type, spot }: RunningFacts) => vcpuQuotaOf(type, spot)?.code === code;
  const used = running.value.filter(counts).reduce((sum, { vcpus }) => sum + vcpus, 0);
  return { value: Math.max(0, limit.value - used) };
}

/** The builder's type is offered where it will be. Pure. */
export const checkBuilderOfferings = (ask: PreflightAsk, facts: PreflightFacts): readonly Found[] =>
  ask.builders.flatMap((builder) => {
    const { instanceType } = builder;
    const missing = (unknown: Parameters<typeof unchecked>[3]) =>
      unchecked("offering", builderOf(builder), instanceType, unknown);
    return within(facts.offerings, missing, (offerings) =>
      within(zonesOf(builder, ask, facts), missing, (zones) => {
        const offered = offerings.filter(({ type }) => type === instanceType).map(({ zone }) => zone);
        return zones
          .filter((zone) => !offered.includes(zone))
          .map((zone) =>
            problem(
              `instance type ${instanceType} of the ${builderOf(builder)}`,
              `offered in ${zone}`,
              offered.length === 0
                ? "offered in no zone of the region"
                : `offered in ${offered.toSorted().join(", ")}`,
              "Choose another instanceType of the image: a launch there would fail each time.",
            ),
          );
      }),
    );
  });

/** The AMI that the bake begins with is there, and the builder's type is of its architecture. Pure. */
export const checkBuilderImages = (ask: PreflightAsk, facts: PreflightFacts): readonly Found[] =>
  ask.builders.flatMap((builder) => [...baseMissing(builder, ask, facts), ...typeUnfit(builder, facts)]);

function baseMissing(
  builder: BuilderAsk,
  { region }: PreflightAsk,
  { images }: PreflightFacts,
): readonly Found[] {
  const { baseAmi } = builder;
  if (baseAmi === null) return [];
  const resource = `${baseAmi} of the ${builderOf(builder)}`;
  return within(
    images,
    (unknown) => unchecked("image", resource, "an AMI", unknown),
    (known) => {
      const state = known.find(({ id }) => id === baseAmi)?.state ?? null;
      if (state === "available") return [];
      const there = state === null ? `none that the credentials see in ${region}` : `it is ${state}`;
      return [
        problem(
          resource,
          "an available AMI",
          there,
          "Correct baseAmi, or leave it out: Debian's newest is taken.",
        ),
      ];
    },
  );
}

/** What every image is for. */
const ARCHITECTURE = "x86_64";

function typeUnfit(builder: BuilderAsk, { types }: PreflightFacts): readonly Found[] {
  const type = "unknown" in types ? undefined : types.value.find(({ name }) => name === builder.instanceType);
  if (type === undefined || type.architectures.includes(ARCHITECTURE)) return [];
  const resource = `instance type ${type.name} of the ${builderOf(builder)}`;
  return [
    problem(
      resource,
      ARCHITECTURE,
      type.architectures.join(", "),
      "Choose an instanceType for x86_64, like m6i.large.",
    ),
  ];
}
