import type { DeepPartial } from "./draft.js";
import { type Problem, renderValue } from "./problem.js";
import type { ClusterSettings } from "./schema.js";

/**
 * What EBS allows of each type, per GiB and in all; at least GP3_IOPS come with gp3.
 * @see https://docs.aws.amazon.com/ebs/latest/userguide/ebs-volume-types.html
 */
const IOPS_PER_GIB = { gp3: 500, io2: 1_000 } as const;
const GP3_IOPS = 3_000;
const IOPS_PER_MIBPS = 4;

/** What EBS would refuse of a disk only when a node starts. Pure. */
export function volumeProblems({ rootVolumeGiB, rootVolume }: DeepPartial<ClusterSettings>): Problem[] {
  if (rootVolume === undefined) return [];
  const { type = "gp3", iops, throughputMiBps } = rootVolume;
  const refuse = (key: string, value: unknown, allowed: string): Problem => ({
    path: ["rootVolume", key],
    message: `got ${renderValue(value)}; allowed: ${allowed}`,
  });
  const problems: Problem[] = [];
  if (iops === undefined) {
    if (type === "io2")
      problems.push({
        path: ["rootVolume", "iops"],
        message: "is missing; needed with type io2: operations a second",
      });
  } else {
    if (type === "gp3" && iops < GP3_IOPS)
      problems.push(refuse("iops", iops, `for gp3 ${GP3_IOPS} and more`));
    const most = (rootVolumeGiB ?? 0) * IOPS_PER_GIB[type];
    if (rootVolumeGiB !== undefined && iops > Math.max(most, type === "gp3" ? GP3_IOPS : 0))
      problems.push(
        refuse("iops", iops, `for ${type} of ${rootVolumeGiB} GiB at most ${most}; raise rootVolumeGiB`),
      );
  }
  if (throughputMiBps === undefined) return problems;
  if (type !== "gp3") problems.push(refuse("throughputMiBps", throughputMiBps, "only for gp3"));
  else if (throughputMiBps * IOPS_PER_MIBPS > (iops ?? GP3_IOPS))
    problems.push(
      refuse(
        "throughputMiBps",
        throughputMiBps,
        `at most a quarter of iops, ${(iops ?? GP3_IOPS) / IOPS_PER_MIBPS}`,
      ),
    );
  return problems;
}
