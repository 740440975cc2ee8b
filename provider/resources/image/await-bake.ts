import type { KnownReport } from "../../../agent/contract/image/report.js";
import { type ImageReasonCode, REASONS } from "../../../agent/contract/reasons.js";
import { visibleText } from "../../../agent/contract/visible-text.js";
import { WaitTimeoutError } from "../../../agent/contract/wait.js";
import type { Ami } from "../../client/image-ports.js";
import { DiagnosticError, errorDiagnostic } from "../../core/diagnostic.js";
import type { ImageContext } from "./context.js";
import { type BakeProgress, judgeBake } from "./progress.js";

const LOOK_EVERY_MS = 5_000;
const CONSOLE_LINES = 40;

/** A bake that is waited for. `until`: when it is too late, in milliseconds since 1970. */
interface Awaited {
  readonly image: string;
  readonly until: number;
}

/** Waits until the builder has stopped with all steps done. Throws, with the failed step's last lines, where that can't be any more. */
export async function awaitBuilt(
  { image, bucket, builderId, until }: Awaited & { readonly bucket: string; readonly builderId: string },
  context: ImageContext,
): Promise<void> {
  const { client, clock, poll } = context;
  const startedMs = clock.now().getTime();
  let seen: { readonly report: KnownReport | string | null; readonly sinceMs: number } = {
    report: null,
    sinceMs: startedMs,
  };
  const look = async (): Promise<BakeProgress> => {
    // EC2 first: a builder that has stopped by now puts no other report.
    const builder = await client.images.readBuilder(builderId);
    const report = await client.images.readReport(bucket, image);
    const nowMs = clock.now().getTime();
    if (momentOf(report) !== momentOf(seen.report)) seen = { report, sinceMs: nowMs };
    seen = { ...seen, report };
    return judgeBake({ builder, report, elapsedMs: nowMs - startedMs, silentMs: nowMs - seen.sinceMs });
  };
  const fail = async (reasonCode: ImageReasonCode, reason: string): Promise<never> => {
    throw await failureOf({ image, builderId, reasonCode, reason, report: seen.report }, context);
  };
  try {
    const end = await poll<Exclude<BakeProgress, { kind: "waiting" }>>(
      `image ${image} to be baked`,
      async () => {
        const progress = await look();
        return progress.kind === "waiting"
          ? { done: false, progress: progress.summary }
          : { done: true, value: progress };
      },
      { everyMs: LOOK_EVERY_MS, timeoutMs: Math.max(1, until - startedMs) },
    );
    if (end.kind === "failed") await fail(end.reasonCode, end.reason);
  } catch (error) {
    if (!(error instanceof WaitTimeoutError)) throw error;
    await fail("image-not-ready-in-time", error.message);
  }
}

/** When the report was written, by the builder's clock: it changes with each of them. */
const momentOf = (report: KnownReport | string | null): number | string | null =>
  typeof report === "object" && report !== null ? report.at : report;

/** Waits until EC2 has made the AMI. */
export async function awaitAmi(
  { image, amiId, until }: Awaited & { readonly amiId: string },
  context: ImageContext,
): Promise<Ami> {
  const { client, clock, poll } = context;
  const look = async (): Promise<Ami | undefined> =>
    (await client.images.list(client.region, { image })).find(({ id }) => id === amiId);
  try {
    const ami = await poll<Ami>(
      `the AMI ${amiId} of image ${image}`,
      async () => {
        const found = await look();
        if (found === undefined || found.state === "pending")
          return { done: false, progress: found?.state ?? "not known yet" };
        return { done: true, value: found };
      },
      { everyMs: LOOK_EVERY_MS, timeoutMs: Math.max(1, until - clock.now().getTime()) },
    );
    if (ami.state === "available") return ami;
    const reason = `the AMI ${amiId} is ${ami.state}: ${ami.stateReason ?? "EC2 gives no reason"}`;
    throw bakeFailure(image, "image-snapshot-failed", reason, []);
  } catch (error) {
    if (!(error instanceof WaitTimeoutError)) throw error;
    throw bakeFailure(image, "image-not-ready-in-time", error.message, []);
  }
}

interface Failed {
  readonly image: string;
  readonly builderId: string;
  readonly reasonCode: ImageReasonCode;
  readonly reason: string;
  readonly report: KnownReport | string | null;
}

/** With the step's last lines; where the builder has said nothing of a failure, with its console's. */
async function failureOf({ image, builderId, reasonCode, reason, report }: Failed, { client }: ImageContext) {
  const isReport = typeof report === "object" && report !== null;
  const said = isReport && report.lastLines !== "" ? [`Its last lines:\n${report.lastLines}`] : [];
  if (isReport && report.ok === false) return bakeFailure(image, reasonCode, reason, said);
  const console = await client.groups.consoleLines(builderId, CONSOLE_LINES).catch(() => []);
  const shown = console.length === 0 ? [] : [`Console of ${builderId}:\n${visibleText(console.join("\n"))}`];
  return bakeFailure(image, reasonCode, reason, [...said, ...shown]);
}

function bakeFailure(
  image: string,
  reasonCode: ImageReasonCode,
  reason: string,
  sections: readonly string[],
): DiagnosticError {
  const detail = [
    `${reason.charAt(0).toUpperCase()}${reason.slice(1)}.`,
    ...sections,
    `Next: ${REASONS[reasonCode].next} Nothing of the bake is left.`,
  ].join("\n");
  const diagnostic = errorDiagnostic("image-bake-failed", `Image ${image} was not made`, detail);
  return new DiagnosticError([{ ...diagnostic, reasonCode }]);
}
