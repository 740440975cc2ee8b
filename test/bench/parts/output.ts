import { type Delivery, type Follow, measureDelivery, measureFollows } from "../logs/measure.js";
import { median, percentile99 } from "../median.js";
import type { BenchPart } from "../part.js";
import { atMost, type Measured, timesAtLeast, timesAtMost } from "../row.js";

/** A job's output: what the agent's work costs the job, how soon it is in S3, and how soon a line is seen. */
export const outputPart: BenchPart = {
  name: "output",
  needs: "linux",
  async measure({ work, sizes, say }) {
    const rows: Measured[] = [];
    for (const bytes of sizes.outputs) {
      say(`output: ${sizeOf(bytes)}, twice`);
      rows.push(...deliveryRows(await measureDelivery(work, bytes)));
    }
    say("output: lines that are followed");
    return [...rows, ...followRows(await measureFollows(work, sizes))];
  },
};

const sizeOf = (bytes: number): string => (bytes >= 1e9 ? `${bytes / 1e9} GB` : `${bytes / 1e6} MB`);

/** What is left of a copy that begins with the job: no time is needed for less than this. */
const LEAST_REST_SECONDS = 1;

/** The job's own speed, and what is left to do at its end, beside a copy that had begun with the job. */
export function deliveryRows({ bytes, ours, peer }: Delivery): readonly Measured[] {
  const size = sizeOf(bytes);
  const megabytesPerSecond = (seconds: number): number => bytes / 1e6 / seconds;
  const rest = Math.max(LEAST_REST_SECONDS, peer.copySeconds - ours.printSeconds);
  return [
    {
      ...{ what: `${size}, the job's own MB`, unit: "/s", ours: megabytesPerSecond(ours.printSeconds) },
      beside: { name: "cat > file", value: megabytesPerSecond(peer.printSeconds) },
      goal: timesAtLeast(0.9),
    },
    {
      ...{ what: `${size}, end to manifest`, unit: "s", ours: ours.afterEndSeconds },
      beside: { name: "a copy's rest, or 1 s", value: rest },
      goal: timesAtMost(1.2),
    },
    {
      ...{ what: `${size}, end to manifest`, unit: "s", ours: ours.afterEndSeconds },
      beside: { name: "a copy by the SDK, at the end", value: peer.copySeconds },
    },
    { what: `${size}, agent's growth`, unit: "MB", ours: ours.grownMb, goal: atMost(32) },
  ];
}

/** The 99th percentile of all lines and watchers. */
export function followRows({
  ours,
  peer,
}: {
  readonly ours: readonly Follow[];
  readonly peer: Follow;
}): readonly Measured[] {
  return ours.flatMap(({ watchers, lineMs }) => [
    {
      what: `line to ${watchers} who follow it, median`,
      unit: "ms" as const,
      ours: median(lineMs),
      beside: { name: "tail -f", value: median(peer.lineMs) },
    },
    {
      what: `line to ${watchers} who follow it, p99`,
      unit: "ms" as const,
      ours: percentile99(lineMs),
      beside: { name: "tail -f", value: percentile99(peer.lineMs) },
      goal: atMost(50),
    },
  ]);
}
