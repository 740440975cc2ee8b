import { amiName, IMAGE_TAG } from "../../../agent/contract/image/names.js";
import { TAG } from "../../../agent/contract/names.js";
import { WaitTimeoutError } from "../../../agent/contract/wait.js";
import type { Ami } from "../../client/image-ports.js";
import type { ImageContext } from "./context.js";
import { type Failures, newFailures, sayProblems } from "./failures.js";
import { newestAmi, observeRegions, type RegionView, sharesOf } from "./observe.js";
import { removeFrom } from "./remove.js";
import { encryptionIn, type ImageState, regionsOf, type ShareRow } from "./state.js";

/** Where an image is to be. */
export interface Spread {
  readonly home: Ami;
  readonly plan: ImageState;
  /** When it is too late to wait for copies, in milliseconds since 1970. */
  readonly until: number;
  /** Regions that have it, and perhaps are not wanted any more. */
  readonly before: readonly string[];
}

export interface SpreadOut {
  readonly images: Readonly<Record<string, string>>;
  readonly shares: readonly ShareRow[];
}

const LOOK_EVERY_MS = 10_000;

/**
 * Copies the image to its regions, takes it out of the others, and lets exactly its accounts use it. What fails in one region or for one
 * account does not hold up the rest: it is FAILED in `shares`, with a warning, and the next plan shows what is missing. May run again.
 */
export async function applySpread(spread: Spread, context: ImageContext): Promise<SpreadOut> {
  const { plan, home, before } = spread;
  const id = plan.id ?? "";
  const regions = regionsOf(context.client.region, plan.regions);
  const failures = newFailures();
  // Before the first copy: then all of them are found, whatever happens.
  await context.client.images.tag(home, { [IMAGE_TAG.REGIONS]: regions.join(" ") });
  await removeFrom(
    id,
    before.filter((region) => !regions.includes(region)),
    context,
  );
  await Promise.all(
    regions
      .slice(1)
      .map((region) =>
        failures.ofRegion(region, "image-copy-failed", () => applyCopy(spread, region, context)),
      ),
  );
  await awaitCopies(id, regions, spread.until, failures, context);
  const copies = await observeRegions(id, regions, context);
  await Promise.all(copies.map((view) => applyAccounts(view, spread, failures, context)));
  const after = await observeRegions(id, regions, context);
  sayProblems(id, failures, after, context);
  return {
    images: {
      [home.region]: home.id,
      ...Object.fromEntries(after.flatMap(({ region, ami }) => (ami === null ? [] : [[region, ami.id]]))),
    },
    shares: sharesOf(after, plan.accounts ?? [], failures),
  };
}

/** Begins the copy unless there is one; one that failed is made anew. */
async function applyCopy({ home, plan }: Spread, region: string, { client }: ImageContext): Promise<void> {
  const { images, org } = client;
  const id = plan.id ?? "";
  const there = await images.list(region, { image: id });
  for (const ami of there.filter(({ state }) => state === "failed")) await images.deregister(ami);
  if (newestAmi(there) !== null) return;
  const { [TAG.IMAGE]: _last, [IMAGE_TAG.REGIONS]: _ofHome, ...tags } = home.tags;
  await images.copyAmi({
    from: home,
    region,
    name: amiName(org, id),
    encryption: encryptionIn(region, plan),
    tags,
  });
}

/** Waits while a copy is pending. When the time is up, they go on without us: PENDING, and a warning. */
async function awaitCopies(
  id: string,
  regions: readonly string[],
  until: number,
  failures: Failures,
  { client, clock, poll }: ImageContext,
): Promise<void> {
  const copied = regions.slice(1).filter((region) => !failures.hasFailed(region));
  let left = copied;
  try {
    await poll(
      `the copies of image ${id}`,
      async () => {
        const states = await Promise.all(
          left.map(
            async (region) =>
              [
                region,
                newestAmi(await client.images.list(region, { image: id }))?.state ?? "pending",
              ] as const,
          ),
        );
        left = states.filter(([, state]) => state === "pending").map(([region]) => region);
        return left.length === 0
          ? { done: true, value: null }
          : { done: false, progress: `pending in ${left.join(", ")}` };
      },
      { everyMs: LOOK_EVERY_MS, timeoutMs: Math.max(1, until - clock.now().getTime()) },
    );
  } catch (error) {
    if (!(error instanceof WaitTimeoutError)) throw error;
    for (const region of left) failures.isLate(region);
  }
}

/** Marks the region's AMI as whole, and lets exactly the accounts use it. */
async function applyAccounts(
  { region, ami, accounts }: RegionView,
  { plan }: Spread,
  failures: Failures,
  { client: { images } }: ImageContext,
): Promise<void> {
  if (ami === null || accounts === null) return;
  await failures.ofRegion(region, "image-copy-failed", async () => {
    if (ami.tags[TAG.IMAGE] === undefined) await images.tag(ami, { [TAG.IMAGE]: plan.family });
    if (plan.release && ami.tags[IMAGE_TAG.RELEASE] === undefined)
      await images.tag(ami, { [IMAGE_TAG.RELEASE]: "true" });
    if (!plan.release && ami.tags[IMAGE_TAG.RELEASE] !== undefined)
      await images.untag(ami, [IMAGE_TAG.RELEASE]);
  });
  const wanted = plan.accounts ?? [];
  const [launch, read] = [accounts.launchableBy, accounts.readableBy];
  const missing = wanted.filter((account) => !launch.includes(account) || !read.includes(account));
  const surplus = [...new Set([...launch, ...read])].filter((account) => !wanted.includes(account));
  for (const account of missing)
    await failures.ofAccount(region, account, () => images.changeAccount(ami, account, true));
  for (const account of surplus)
    await failures.ofAccount(region, account, () => images.changeAccount(ami, account, false));
}
