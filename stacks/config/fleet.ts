import { DEFAULT_RUNTIME, type Runtime } from "../../agent/contract/job-request.js";
import type { ClusterSettings } from "./schema.js";

/** The MPI library of a cluster's jobs that name none: EFA needs one on libfabric. Pure. */
export const runtimeOf = ({ runtime, efa }: Pick<ClusterSettings, "runtime" | "efa">): Runtime =>
  runtime ?? (efa ? "intel" : DEFAULT_RUNTIME);

/** A cluster's instance types, the preferred one first. Pure. */
export const typesOf = ({
  instanceType,
  instanceTypes,
}: Pick<ClusterSettings, "instanceType" | "instanceTypes">): readonly string[] =>
  instanceTypes ?? [instanceType];

/** The org's zones that a cluster's nodes may be in, by number. Pure. */
export const zonesOf = ({ zone, zones }: Pick<ClusterSettings, "zone" | "zones">): readonly (1 | 2)[] =>
  zones ?? [zone];
