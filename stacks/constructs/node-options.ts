import type { AgentConfig } from "../../agent/contract/agent-config.js";
import type { ProxySettings } from "../config/fleet-options.js";
import type { ClusterSettings } from "../config/schema.js";
import type { BootScript } from "./user-data.js";

/** Where the nodes are. */
export interface NodePlace {
  readonly region: string;
  /** Whether the network has gateway endpoints for S3 and DynamoDB: they need no proxy then. */
  readonly hasEndpoints: boolean;
}

/** What the agent has to know of its fleet's options. Pure. */
export function nodeOptions(
  { efa, proxy, bootScript }: Pick<ClusterSettings, "efa" | "proxy" | "bootScript">,
  place: NodePlace,
): Pick<AgentConfig, "efa" | "proxy" | "bootScript"> {
  return {
    ...(efa ? { efa } : {}),
    ...(bootScript === undefined ? {} : { bootScript: { timeoutMinutes: bootScript.timeoutMinutes } }),
    ...(proxy === undefined ? {} : { proxy: proxyOf(proxy, place) }),
  };
}

/** The node itself, the metadata service, nodes by their names, and the file system. */
const DIRECT = [
  ...["localhost", "127.0.0.1", "::1", "169.254.169.254", "fd00:ec2::254"],
  ...[".ec2.internal", ".compute.internal"],
];

function proxyOf({ noProxy, ...rest }: ProxySettings, { region, hasEndpoints }: NodePlace): ProxySettings {
  const aws = `${region}.amazonaws.com`;
  const endpoints = hasEndpoints ? [`s3.${aws}`, `.s3.${aws}`, `dynamodb.${aws}`] : [];
  return { ...rest, noProxy: [...DIRECT, `.efs.${aws}`, ...endpoints, ...noProxy] };
}

/** The boot script with its text. Throws where the settings have one and the text is missing. Pure. */
export function bootScriptOf(
  { name, bootScript }: Pick<ClusterSettings, "name" | "bootScript">,
  text: string | undefined,
): BootScript | undefined {
  if (bootScript === undefined) return undefined;
  if (text !== undefined) return { text, timeoutMinutes: bootScript.timeoutMinutes };
  throw new Error(
    `MpiCluster ${name}: bootScriptText is missing; needed because bootScript.file is "${bootScript.file}": give the file's text`,
  );
}
