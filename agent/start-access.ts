import type { Logger } from "pino";
import { buildHostKeysApp } from "./access/app.js";
import { createHostKeys } from "./access/host-keys.js";
import { keepSshKeys, type SshKeysDeps } from "./access/ssh-keys.js";
import type { ClusterStore } from "./aws/cluster-store.js";
import { LOGIN_GROUP } from "./contract/node-accounts.js";
import { reasonOf } from "./errors.js";
import type { ResolvedConfig } from "./node/config.js";
import { HOST_KEYS_SOCKET, listenOnSocket } from "./system/launch-socket.js";
import { createLoginCounter } from "./system/login-sessions.js";
import { writeAuthorizedKeys, writeClusterKey } from "./system/ssh-files.js";
import { systemClock as clock } from "./time/clock.js";

interface AccessParts {
  readonly config: ResolvedConfig;
  readonly keys: SshKeysDeps["keys"];
  readonly cluster: Pick<ClusterStore, "readAccess">;
  readonly log: Logger;
}

interface Access {
  /** How many people are logged in to this node now. See createLoginCounter. */
  countSessions(): Promise<number>;
  close(): Promise<void>;
}

/**
 * Lets people log in: writes the keys that may, the cluster's own key, and answers ssh on this node which host keys the nodes have. No
 * job needs any of it: where it fails, as on a full disk, that is logged, and the node does its work.
 */
export async function startAccess({ config, keys, cluster, log }: AccessParts): Promise<Access> {
  const app = buildHostKeysApp(createHostKeys(cluster.readAccess, clock), log);
  const onFailure = (error: unknown) =>
    log.error({ reason: reasonOf(error) }, "people may be unable to log in by ssh");
  const people = config.sshKeys ?? [];
  await keepSshKeys({ people, keys, files: { writeAuthorizedKeys, writeClusterKey }, onFailure });
  await listenOnSocket(app, LOGIN_GROUP.gid, HOST_KEYS_SOCKET).catch(onFailure);
  return { countSessions: createLoginCounter(clock.monotonicMs), close: () => app.close() };
}
