import { LAUNCHER } from "../launcher/proxy-argv.js";
import type { JobSettings } from "./launch-plan.js";

/** The unprivileged user of jobs and of their ranks, as the image's recipe makes it on every node. */
export const JOB_USER: JobSettings["user"] = { name: "muster", uid: 1500, gid: 1500, home: "/home/muster" };

/** What jobs start on a node of our image; `address` is this node's. */
export function imageSettings(address: string): JobSettings {
  return { user: JOB_USER, mpiexec: "mpiexec", python: "python", launcher: LAUNCHER, address };
}
