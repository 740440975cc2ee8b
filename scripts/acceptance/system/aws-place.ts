import { resolve } from "node:path";
import { findOnPath } from "../../system/find-on-path.js";
import type { GitJob, Place } from "../place.js";

/** Small, public, and made for MPI. */
const PUBLIC_REPOSITORY = "https://github.com/mpi4py/mpi4py";

interface AwsPlaceOptions {
  readonly region: string;
  readonly git: GitJob | null;
  /** The file that the repository's job runs, where `git` is null. */
  readonly gitFile: string;
  readonly prices: string | undefined;
}

/** The AWS of this shell's credentials. */
export function awsPlace({ region, git, gitFile, prices }: AwsPlaceOptions): Place {
  const hasSessions = findOnPath("session-manager-plugin") !== undefined;
  return {
    ...{ name: "AWS", prices: prices === undefined ? null : resolve(prices) },
    git: git ?? { url: PUBLIC_REPOSITORY, file: gitFile },
    sessions: hasSessions
      ? null
      : { leftOut: "this machine has no session-manager-plugin, which leads to the nodes" },
    async open() {
      process.env["AWS_REGION"] = region;
      return { ...process.env, CI: "1", FORCE_COLOR: "0", CHECKPOINT_DISABLE: "1" };
    },
    close: async () => "",
    howToRemove: ({ folder, org, region: where, bucket }) => [
      `cd ${folder}`,
      "npx cdktf destroy '*' --auto-approve",
      `npx muster cleanup --org ${org} --region ${where} # where destroy can't`,
      `aws s3 rb --force s3://${bucket} --region ${where}`,
      `npx muster leftovers --org ${org} --region ${where}`,
    ],
  };
}
