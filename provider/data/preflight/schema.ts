import { PREFLIGHT_CHECKS, PREFLIGHT_SECONDS } from "../../../agent/contract/preflight-checks.js";
import { between, oneOf } from "../../client/checks.js";
import {
  bool,
  computed,
  integer,
  list,
  object,
  optional,
  required,
  string,
  withDefault,
} from "../../core/schema.js";
import type { Schema } from "../../core/types.js";

const MAX_NODES = 1000;
const MAX_VOLUME_GIB = 16_384;

const isCheck = oneOf(PREFLIGHT_CHECKS);
const areChecks = (names: readonly string[]): string | null =>
  names.map((name) => isCheck(name)).find((problem) => problem !== null) ?? null;

/** `data "muster_preflight"`: what stands against a deploy. */
export const preflightDataSchema = {
  version: 0,
  description:
    "What the account lacks of what a cluster, or an org's network, asks for: quotas, addresses, offered instance types, EFA, image, key, rights. It starts and changes nothing. It does not fail for a problem, so that a destroy never does: let a precondition ask for an empty problems.",
  attributes: {
    cluster: optional(string, {
      description:
        "The cluster's name; without it, no cluster is asked about. Its nodes that run already count as what it asks for.",
    }),
    nodes: withDefault(integer, 1, {
      description: "The cluster's number of nodes.",
      checks: [between(1, MAX_NODES)],
    }),
    instance_types: optional(list(string), {
      description: "The types of its nodes, the preferred one first; needed with cluster.",
    }),
    spot: withDefault(bool, false, { description: "Whether its nodes are spot instances." }),
    efa: withDefault(bool, false, { description: "Whether its nodes need an Elastic Fabric Adapter." }),
    image_id: optional(string, { description: "The AMI of its nodes; needed with cluster." }),
    root_volume_gib: withDefault(integer, 30, {
      description: "The size of each node's disk in GiB.",
      checks: [between(1, MAX_VOLUME_GIB)],
    }),
    subnet_ids: optional(list(string), {
      description: "The subnets that its nodes may be in; needed with cluster.",
    }),
    placement_group: withDefault(bool, false, {
      description: "Whether its nodes are in a cluster placement group.",
    }),
    network: withDefault(bool, false, {
      description: "Whether the org gets a network: a VPC and a public address, unless it has them already.",
    }),
    skip: optional(list(string), {
      description: `The checks that are left out, of ${PREFLIGHT_CHECKS.join(", ")}.`,
      checks: [areChecks],
    }),
    patience_seconds: withDefault(integer, PREFLIGHT_SECONDS, {
      description: "How long all calls together may take. What has no answer then is unchecked.",
      checks: [between(1, 60)],
    }),
    id: computed(string, { description: "org/region, and the cluster's name." }),
    problems: computed(list(string), {
      description: "What the deploy would fail of, each in one line: the findings that are a problem.",
    }),
    findings: computed(
      list(
        object({
          check: required(string, { description: "The check's name." }),
          is: required(string, { description: "problem, warning, unchecked or unproven." }),
          resource: required(string, { description: "What it is about." }),
          asked: required(string, { description: "What is asked of it." }),
          there: required(string, { description: "What is there; or why that is not known." }),
          next: required(string, { description: "What to do." }),
        }),
      ),
      { description: "All findings, the problems first." },
    ),
  },
} as const satisfies Schema;
