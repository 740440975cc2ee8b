import type { NodeAccess } from "../../../agent/contract/node-access.js";
import { JOB_USER } from "../../../agent/contract/node-accounts.js";
import type { ClusterItem } from "../../../agent/contract/registry.js";
import { CommandError, EXIT, failure, refusal } from "./exit.js";
import type { Programs } from "./programs.js";

/** How a node is reached: at its public address, at its private one (from inside the network), or through Session Manager. */
export const WAYS = ["public", "private", "ssm"] as const;
export type Way = (typeof WAYS)[number];

export interface SshCall {
  readonly node: NodeAccess;
  readonly via: Way;
  readonly region: string;
  /** A private key's file; undefined: the ssh-agent's keys and ssh's usual files. */
  readonly identity: string | undefined;
  /** Its text is renderKnownHosts'. */
  readonly knownHostsFile: string;
  /** Asks nothing: it fails where a question would come. */
  readonly isBatch: boolean;
  /** Words that the node's shell reads, as with ssh itself; none: a login shell. */
  readonly command: readonly string[];
}

const CONNECT_SECONDS = 20;

/** The host keys by instance id, which no address can stand for. Pure. */
export const renderKnownHosts = (nodes: readonly NodeAccess[]): string =>
  nodes.map(({ id, sshHostKeys }) => sshHostKeys.map((key) => `${id} ${key}\n`).join("")).join("");

/** The call of ssh. The host key must be the one that the node has published: a person's own known_hosts count for nothing. Pure. */
export function planSsh(call: SshCall): readonly [string, ...string[]] {
  const { node, via, region, identity, knownHostsFile, isBatch, command } = call;
  const options = {
    HostKeyAlias: node.id,
    UserKnownHostsFile: quoted(knownHostsFile),
    GlobalKnownHostsFile: "none",
    KnownHostsCommand: "none",
    StrictHostKeyChecking: "yes",
    VerifyHostKeyDNS: "no",
    CheckHostIP: "no",
    UpdateHostKeys: "no",
    ForwardAgent: "no",
    ForwardX11: "no",
    ConnectTimeout: `${CONNECT_SECONDS}`,
    ServerAliveInterval: "15",
    ...(isBatch ? { BatchMode: "yes" } : {}),
    ...(identity === undefined ? {} : { IdentitiesOnly: "yes" }),
    ...(via === "ssm" ? { ProxyCommand: sessionManager(node.id, region) } : {}),
  };
  return [
    "ssh",
    ...Object.entries(options).flatMap(([name, value]) => ["-o", `${name}=${value}`]),
    ...(identity === undefined ? [] : ["-i", identity]),
    ...["-l", JOB_USER.name, "--", hostOf(node, via)],
    ...command,
  ];
}

/** ssh splits such a value at blanks, and expands what begins with a per cent sign. */
const quoted = (path: string): string => `"${path.replaceAll("%", "%%")}"`;

function hostOf({ id, address, publicAddress }: NodeAccess, via: Way): string {
  if (via === "private") return address;
  return via === "public" ? (publicAddress ?? address) : id;
}

/** A shell runs it, so both values are checked for what a shell could take for more than a word. */
function sessionManager(instanceId: string, region: string): string {
  if (!/^[A-Za-z0-9-]+$/.test(instanceId) || !/^[a-z0-9-]+$/.test(region))
    throw failure(
      `${instanceId} in ${region} can't be reached through Session Manager: no instance has such an id.`,
    );
  return `aws ssm start-session --target ${instanceId} --region ${region} --document-name AWS-StartSSHSession --parameters portNumber=22`;
}

/** The way to a node: as asked, else the public address where it has one. Throws where this machine or the node lacks what it takes. */
export function chooseWay(node: NodeAccess, asked: Way | undefined, programs: Pick<Programs, "has">): Way {
  const via = asked ?? (node.publicAddress === null ? "ssm" : "public");
  if (via === "public" && node.publicAddress === null)
    throw refusal(
      `Node ${node.id} has no public address: its cluster's access.allowFrom names no range of the internet. Use --via ssm, or --via private from inside its network.`,
    );
  if (!programs.has("ssh")) throw missing("ssh", "install OpenSSH's client");
  if (via === "ssm") requireSessionManager(node.id, programs);
  return via;
}

/** Throws where this machine lacks a program that a session with the instance takes. */
export function requireSessionManager(instanceId: string, { has }: Pick<Programs, "has">): void {
  const inside = "or, from inside the cluster's network, use --via private";
  const through = `node ${instanceId} is reached through Session Manager`;
  if (!has("aws")) throw missing("aws", `${through}: install the AWS CLI, ${inside}`);
  if (!has("session-manager-plugin"))
    throw missing(
      "session-manager-plugin",
      `${through}: install its plugin for the AWS CLI (https://docs.aws.amazon.com/systems-manager/latest/userguide/session-manager-working-with-install-plugin.html), ${inside}`,
    );
}

const missing = (program: string, next: string): CommandError =>
  new CommandError(EXIT.unusable, `There is no program ${program} on PATH: ${next}.`);

/** The node that is named by its id, an address or its host name; without a name the head node, else the first. Throws CommandError. */
export function chooseNode(
  nodes: readonly NodeAccess[],
  { name, headInstanceId }: Pick<ClusterItem, "name" | "headInstanceId">,
  wanted: string | undefined,
): NodeAccess {
  const [first] = nodes;
  if (first === undefined)
    throw refusal(
      `Cluster ${name} has no nodes: it is parked, or they start. \`muster cluster show\` says more.`,
    );
  if (wanted === undefined) return nodes.find(({ id }) => id === headInstanceId) ?? first;
  const found = nodes.find((node) =>
    [node.id, node.address, node.publicAddress, node.hostname].includes(wanted),
  );
  if (found !== undefined) return found;
  throw failure(`Cluster ${name} has no node ${wanted}; \`muster cluster hosts\` lists them.`);
}

/** Throws where ssh could not know the node for what it is. */
export function requireHostKey({ id, sshHostKeys }: NodeAccess): void {
  if (sshHostKeys.length > 0) return;
  throw refusal(
    `Node ${id} has not published its ssh host key, so there is no way to know it: its image is older than ssh access, or its registry item was made anew. Restart its agent, or replace the node with one of a new image.`,
  );
}
