import { AWS_CODES } from "./codes/aws.js";
import { CLUSTER_CODES } from "./codes/cluster.js";
import { FLEET_CODES } from "./codes/fleet.js";
import { IMAGE_CODES } from "./codes/image.js";
import { JOB_CODES } from "./codes/job.js";
import { NOTEBOOK_CODES } from "./codes/notebook.js";
import { PROTOCOL_CODES } from "./codes/protocol.js";

/**
 * Every error and warning that the provider shows, by its code. Pure data; docs/reference/provider-diagnostics.md is made
 * of it. A diagnostic that passes on a cluster's or a job's reason has that reason's code beside its own.
 */
export const DIAGNOSTICS = {
  ...PROTOCOL_CODES,
  ...AWS_CODES,
  ...CLUSTER_CODES,
  ...FLEET_CODES,
  ...JOB_CODES,
  ...NOTEBOOK_CODES,
  ...IMAGE_CODES,
};

export type DiagnosticCode = keyof typeof DIAGNOSTICS;
