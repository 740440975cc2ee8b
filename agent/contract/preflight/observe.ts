import pMap from "p-map";
import type { PreflightCheck } from "../preflight-checks.js";
import { CallFailure, known, namingCalls } from "./answers.js";
import type { PreflightAsk } from "./ask.js";
import type { MakeCall } from "./calls.js";
import { rightsAsked } from "./check-rights.js";
import { type DryRunAnswer, dryRunKey, type Known, type PreflightFacts } from "./facts.js";
import { observeKeys } from "./observe-keys.js";
import {
  observeAddresses,
  observeImages,
  observeOfferings,
  observeRunning,
  observeSubnets,
  observeTypes,
  observeVpcs,
  observeZones,
} from "./observe-region.js";
import { observeDryRun, observeRights } from "./observe-rights.js";
import { dryRunsOf, imageOf } from "./place.js";
import { ADDRESS_QUOTA, type Quota, VPC_QUOTA, vcpuQuotaOf } from "./quotas.js";

const AT_ONCE = { concurrency: 8 } as const;

const SKIPPED = { unknown: { why: "it was skipped", right: null } } as const;

/**
 * What the checks need of AWS, each list asked for once however many clusters there are, all at the same time where nothing
 * depends on another answer. What only skipped checks need is not asked. Changes nothing. `caller`: the ARN of the credentials.
 * Throws what `make` throws for credentials that are missing or refused; every other failure is in the facts.
 */
export async function observePreflight(
  ask: PreflightAsk,
  make: MakeCall,
  caller: () => Promise<string | null>,
  now: Date,
): Promise<PreflightFacts> {
  const call = namingCalls(make);
  const needs = (...checks: readonly PreflightCheck[]) => checks.some((check) => !ask.skip.includes(check));
  const when = <T>(isNeeded: boolean, look: () => Promise<T>): Promise<Known<T>> =>
    isNeeded ? known(look) : Promise.resolve(SKIPPED);
  const { org, clusters, builders } = ask;
  const has = clusters.length + builders.length > 0;
  const hasNetwork = ask.network !== null;
  const ofBuilders = builders.map(({ instanceType }) => instanceType);
  const names = [...new Set([...clusters.flatMap(({ instanceTypes }) => instanceTypes), ...ofBuilders])];

  const images = when(has && needs("image", "root-volume", "key", "dry-run"), () =>
    observeImages(call, ...imagesIn(ask)),
  );
  const subnets = when(has && needs("subnet", "offering", "dry-run"), () =>
    observeSubnets(call, ...subnetsIn(ask)),
  );
  const asked = await Promise.all([
    images,
    subnets,
    when(has && needs("vcpus", "efa", "placement", "image"), () => observeTypes(call, names)),
    when(has && needs("offering"), () => observeOfferings(call, names)),
    when(has && needs("vcpus", "subnet"), () => observeRunning(call)),
    when(hasNetwork && needs("elastic-ips"), () => observeAddresses(call, org)),
    when(hasNetwork && needs("vpcs"), () => observeVpcs(call, org)),
    when(has && hasNetwork && needs("offering"), () => observeZones(call)),
    observeQuotas(call, quotasIn(ask, needs)),
    keysOf(needs("key") ? images : Promise.resolve(SKIPPED), ask, call),
    needs("rights")
      ? caller().then((arn) => observeRights(call, arn, (accountId) => rightsAsked(ask, accountId)))
      : SKIPPED,
    needs("dry-run") ? dryRunAll(ask, call, Promise.all([images, subnets])) : new Map<string, never>(),
  ]);
  const [found, places, types, offerings, running, addresses, vpcs, zones, quotas, keys, rights, dryRuns] =
    asked;
  const region = { types, offerings, running, addresses, vpcs, zones, images: found, subnets: places };
  return { at: now.toISOString(), ...region, quotas, keys, rights, dryRuns };
}

function imagesIn({
  clusters,
  builders,
}: PreflightAsk): [ids: readonly string[], families: readonly string[]] {
  const images = clusters.map(({ image }) => image);
  const ids = images.flatMap((image) => ("id" in image ? [image.id] : []));
  const families = images.flatMap((image) => ("family" in image ? [image.family] : []));
  const bases = builders.flatMap(({ baseAmi }) => baseAmi ?? []);
  return [[...new Set([...ids, ...bases])], [...new Set(families)]];
}

function subnetsIn({ org, clusters, builders }: PreflightAsk): [org: string | null, ids: readonly string[]] {
  const placed = [...clusters, ...builders];
  const ids = placed.flatMap(({ place }) => ("subnetIds" in place ? place.subnetIds : []));
  return [placed.some(({ place }) => "tier" in place) ? org : null, [...new Set(ids)]];
}

function quotasIn(
  { clusters, builders, network }: PreflightAsk,
  needs: (...checks: readonly PreflightCheck[]) => boolean,
): readonly Quota[] {
  const ofClusters = clusters.flatMap(
    ({ instanceTypes, spot }) => vcpuQuotaOf(instanceTypes[0] ?? "", spot) ?? [],
  );
  const ofBuilders = builders.flatMap(({ instanceType }) => vcpuQuotaOf(instanceType, false) ?? []);
  const all = [
    ...(needs("vcpus") ? [...ofClusters, ...ofBuilders] : []),
    ...(network !== null && needs("elastic-ips") ? [ADDRESS_QUOTA] : []),
    ...(network !== null && needs("vpcs") ? [VPC_QUOTA] : []),
  ];
  return [...new Map(all.map((quota) => [quota.code, quota])).values()];
}

async function observeQuotas(call: MakeCall, quotas: readonly Quota[]): Promise<PreflightFacts["quotas"]> {
  const answers = quotas.map(
    async ({ service, code }) => [code, await known(() => observeQuota(call, service, code))] as const,
  );
  return new Map(await Promise.all(answers));
}

/** The account's own value; a quota that was never changed may have AWS's default alone. */
async function observeQuota(call: MakeCall, service: string, code: string): Promise<number | null> {
  const input = { ServiceCode: service, QuotaCode: code };
  const isMissing = (error: unknown) =>
    error instanceof CallFailure && error.cause.name === "NoSuchResourceException";
  const orMissing = (error: unknown): null => {
    if (isMissing(error)) return null;
    throw error;
  };
  const own = await call("servicequotas:GetServiceQuota", input).catch(orMissing);
  const found = own ?? (await call("servicequotas:GetAWSDefaultServiceQuota", input).catch(orMissing));
  return found?.Quota?.Value ?? null;
}

async function keysOf(
  images: Promise<PreflightFacts["images"]>,
  { clusters }: PreflightAsk,
  call: MakeCall,
): Promise<PreflightFacts["keys"]> {
  const all = await images;
  if ("unknown" in all) return new Map();
  const booted = clusters.flatMap(({ image }) => imageOf(image, all.value) ?? []);
  return observeKeys(call, [...new Set(booted)]);
}

async function dryRunAll(
  { clusters, org }: PreflightAsk,
  call: MakeCall,
  places: Promise<readonly [PreflightFacts["images"], PreflightFacts["subnets"]]>,
): Promise<ReadonlyMap<string, Known<DryRunAnswer>>> {
  const [images, subnets] = await places;
  if ("unknown" in images || "unknown" in subnets) return new Map();
  const runs = dryRunsOf(clusters, org, images.value, subnets.value);
  const answers = await pMap(
    runs,
    async (run) => [dryRunKey(run), await observeDryRun(call, run)] as const,
    AT_ONCE,
  );
  return new Map(answers);
}
