import { pino } from "pino";
import type { ClusterSecret } from "../../../agent/contract/cluster-secret.js";
import {
  authorityCertificate,
  deriveAuthority,
  issueServerIdentity,
} from "../../../agent/contract/tls/authority.js";
import { type Role, roleToken } from "../../../agent/contract/tokens.js";
import type { AppKeys } from "../../../agent/http/secured.js";
import { type ClusterKeys, createClusterKeys } from "../../../agent/node/cluster-keys.js";
import type { PeerCredentials } from "../../../agent/system/peer-client.js";
import { systemClock } from "../../../agent/time/clock.js";
import { CLUSTER_UUID } from "./cluster-item.js";

export const CLUSTER_SECRET = "a secret of a test cluster, long enough";

/** The test cluster's secret, which was never rotated. */
const testSecret = (value = CLUSTER_SECRET): ClusterSecret => ({
  ...{ value, version: 1, previous: null },
  since: new Date("2026-01-01T00:00:00Z"),
});

const authorityOf = (secret: string, clusterUuid = CLUSTER_UUID) => deriveAuthority(secret, clusterUuid);

/** What a client of the test cluster trusts. */
export const testAuthority = (secret = CLUSTER_SECRET, clusterUuid = CLUSTER_UUID): string =>
  authorityCertificate(authorityOf(secret, clusterUuid));

/** A server of the test cluster at that address, as fastify's and Node.js's option `https`. */
export function testServer(address = "127.0.0.1", secret = CLUSTER_SECRET) {
  const node = { clusterUuid: CLUSTER_UUID, address };
  const { key, certificate } = issueServerIdentity(authorityOf(secret), node, { now: new Date() });
  return { key, cert: certificate };
}

/** What an agent's app at that address has. */
export function testKeys(address = "127.0.0.1"): AppKeys {
  const { key, cert } = testServer(address);
  return {
    accepted: () => [CLUSTER_SECRET],
    retired: () => null,
    identity: () => ({ key, certificate: cert }),
    onIdentity: () => undefined,
  };
}

/** A whole agent's. `readNewer`: what it finds when it looks for a rotation. */
export const testClusterKeys = (
  node: { readonly clusterUuid: string; readonly address: string },
  readNewer: (known: ClusterSecret) => Promise<ClusterSecret | null> = async () => null,
): ClusterKeys =>
  createClusterKeys({
    ...{ secret: testSecret(), readNewer, node },
    ...{ clock: systemClock, log: pino({ level: "silent" }) },
  });

/** What a peer of the test cluster shows and trusts. */
export function testPeer(role: Role = "peer"): PeerCredentials {
  const authority = testAuthority();
  return {
    peerToken: () => roleToken(CLUSTER_SECRET, role),
    trusted: () => [authority],
    doubt: () => undefined,
  };
}
