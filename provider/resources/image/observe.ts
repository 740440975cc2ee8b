import { shareOf } from "../../../agent/contract/image/share.js";
import { byText } from "../../../agent/contract/text-order.js";
import type { Ami, AmiAccounts } from "../../client/image-ports.js";
import type { MusterClient } from "../../client/ports.js";
import type { ShareRow } from "./state.js";

/** An image in one region. */
export interface RegionView {
  readonly region: string;
  /** Null: it has none. */
  readonly ami: Ami | null;
  /** Null: it has none, or one that is not available. */
  readonly accounts: AmiAccounts | null;
}

/** The AMI that counts where there are several of one image: the newest that has not failed, else a failed one. Pure. */
export function newestAmi(amis: readonly Ami[]): Ami | null {
  const sorted = amis.toSorted((a, b) => byText(b.createdAt, a.createdAt));
  return sorted.find(({ state }) => state !== "failed") ?? sorted[0] ?? null;
}

/** The image in each of the regions, in their order. */
export function observeRegions(
  image: string,
  regions: readonly string[],
  { client: { images } }: { readonly client: Pick<MusterClient, "images"> },
): Promise<readonly RegionView[]> {
  return Promise.all(
    regions.map(async (region) => {
      const ami = newestAmi(await images.list(region, { image }));
      const accounts = ami?.state === "available" ? await images.readAccounts(ami) : null;
      return { region, ami, accounts };
    }),
  );
}

/** What failed there, when it last was tried. */
interface Reasons {
  reason(region: string, account: string): string | null;
}

/** The status of each account in each region. Pure. */
export const sharesOf = (
  views: readonly RegionView[],
  accounts: readonly string[],
  failures: Reasons,
): readonly ShareRow[] =>
  views
    .toSorted((a, b) => byText(a.region, b.region))
    .flatMap(({ region, ami, accounts: known }) =>
      accounts.toSorted().map((account) => {
        const facts = ami === null ? null : { ...ami, ...(known ?? { launchableBy: [], readableBy: [] }) };
        return {
          region,
          account,
          ...shareOf({ ami: facts, failure: failures.reason(region, account) }, account),
        };
      }),
    );

/** The reasons in a state, for a read: what failed at the last apply is still missing for that reason. Pure. */
export const knownReasons = (shares: readonly ShareRow[] | null): Reasons => ({
  reason: (region, account) =>
    shares?.find((share) => share.region === region && share.account === account)?.reason ?? null,
});
