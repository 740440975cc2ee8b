import { clusterPk, nodeSk, PARTITION_KEY, SORT_KEY } from "./keys.js";
import { compareAddresses } from "./nodes.js";
import type { NodeItem } from "./registry.js";

/** How a node is reached, as it says itself in the registry, where no job can write. */
export interface NodeAccess {
  readonly id: string;
  /** Private IPv4. */
  readonly address: string;
  /** Null: it has none, or its agent is older than this field. */
  readonly publicAddress: string | null;
  readonly hostname: string;
  readonly cores: number;
  readonly kind: NodeItem["kind"];
  /** Its ssh host keys, each `TYPE BASE64`; none before sshd has one. */
  readonly sshHostKeys: readonly string[];
}

const ATTRIBUTES = [
  "instanceId",
  "address",
  "publicAddress",
  "hostname",
  "cores",
  "kind",
  "sshHostKeys",
] as const satisfies readonly (keyof NodeItem)[];

/** What a node publishes is checked again where it is used: it becomes lines of known_hosts, and words of a command. */
const HOST_KEY = /^(?:ssh-ed25519|ecdsa-sha2-nistp\d{3}|ssh-rsa) [A-Za-z0-9+/]{20,2000}={0,2}$/;
const IPV4 = /^\d{1,3}(?:\.\d{1,3}){3}$/;
const INSTANCE = /^[A-Za-z0-9-]{1,64}$/;

/** Whether a text is a public host key, in one line, as nodes publish it. */
export const isHostKey = (text: string): boolean => HOST_KEY.test(text);

/** The query of how a cluster's nodes are reached; but for the table's name. */
export function accessQuery(clusterUuid: string) {
  const names = [PARTITION_KEY, SORT_KEY, ...ATTRIBUTES];
  return {
    ConsistentRead: true,
    KeyConditionExpression: `#${PARTITION_KEY} = :pk AND begins_with(#${SORT_KEY}, :nodes)`,
    ProjectionExpression: ATTRIBUTES.map((name) => `#${name}`).join(", "),
    ExpressionAttributeNames: Object.fromEntries(names.map((name) => [`#${name}`, name])),
    ExpressionAttributeValues: { ":pk": clusterPk(clusterUuid), ":nodes": nodeSk("") },
  };
}

/** The items that are a node's, sorted by address; a value that can't be one is left out. Pure. */
export const nodeAccess = (items: readonly NodeItem[]): readonly NodeAccess[] =>
  items
    .filter(({ instanceId, address }) => INSTANCE.test(instanceId) && IPV4.test(address))
    .map(({ instanceId: id, address, publicAddress = null, hostname, cores, kind, sshHostKeys = [] }) => ({
      ...{ id, address, hostname, cores, kind },
      publicAddress: publicAddress !== null && IPV4.test(publicAddress) ? publicAddress : null,
      sshHostKeys: sshHostKeys.filter(isHostKey),
    }))
    .sort((a, b) => compareAddresses(a.address, b.address));
