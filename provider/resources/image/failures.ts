import { type ImageReasonCode, REASONS } from "../../../agent/contract/reasons.js";
import { DiagnosticError } from "../../core/diagnostic.js";
import type { ImageContext } from "./context.js";
import type { RegionView } from "./observe.js";

/** What did not work while an image was spread, by region and account. */
export interface Failures {
  /** Runs it; a failure worded for people is noted, anything else (an interruption) passes. */
  ofRegion(region: string, code: ImageReasonCode, run: () => Promise<void>): Promise<void>;
  ofAccount(region: string, account: string, run: () => Promise<void>): Promise<void>;
  /** Its copy was still pending when the time was up. */
  isLate(region: string): void;
  hasFailed(region: string): boolean;
  /** Why the account does not have it there; null: nothing failed. */
  reason(region: string, account: string): string | null;
  /** In sentences, with the reason code of the first. */
  all(): { readonly code: ImageReasonCode; readonly lines: readonly string[] } | null;
}

export function newFailures(): Failures {
  const regions = new Map<string, string>();
  const accounts = new Map<string, string>();
  const lines: { readonly code: ImageReasonCode; readonly line: string }[] = [];
  const noted = async (
    code: ImageReasonCode,
    note: (reason: string) => void,
    run: () => Promise<void>,
  ): Promise<void> => {
    try {
      await run();
    } catch (error) {
      // Refused credentials, and an interruption, are about everything.
      if (!(error instanceof DiagnosticError) || error.isCommon) throw error;
      const reason = error.diagnostics.map(({ summary, detail }) => `${summary}: ${detail}`).join(" ");
      lines.push({ code, line: reason });
      note(reason);
    }
  };
  return {
    ofRegion: (region, code, run) => noted(code, (reason) => regions.set(region, reason), run),
    ofAccount: (region, account, run) =>
      noted("image-share-failed", (reason) => accounts.set(`${region} ${account}`, reason), run),
    isLate: (region) => {
      lines.push({
        code: "image-not-ready-in-time",
        line: `The copy in ${region} is still pending; EC2 goes on with it.`,
      });
    },
    hasFailed: (region) => regions.has(region),
    reason: (region, account) => accounts.get(`${region} ${account}`) ?? regions.get(region) ?? null,
    all() {
      const [first] = lines;
      return first === undefined ? null : { code: first.code, lines: lines.map(({ line }) => line) };
    },
  };
}

/** A warning where the image is not everywhere: the apply succeeds, and the next plan shows what is missing. */
export function sayProblems(
  id: string,
  failures: Failures,
  views: readonly RegionView[],
  { warn }: ImageContext,
): void {
  const broken = views.flatMap(({ region, ami }) =>
    ami === null || ["available", "pending"].includes(ami.state)
      ? []
      : [`The copy in ${region} is ${ami.state}: ${ami.stateReason ?? "EC2 gives no reason"}.`],
  );
  const known = failures.all();
  if (known === null && broken.length === 0) return;
  const code = known?.code ?? "image-copy-failed";
  warn({
    code: "image-not-everywhere",
    reasonCode: code,
    summary: `Image ${id} is made, but not in every region or account`,
    detail: [...(known?.lines ?? []), ...broken, `Next: ${REASONS[code].next}`].join("\n"),
  });
}
