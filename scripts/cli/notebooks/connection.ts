import { acceptedSecrets, sentSecret } from "../../../agent/contract/cluster-secret.js";
import { NOTEBOOK_PORT, type NotebookItem } from "../../../agent/contract/notebook.js";
import { authorityCertificate, deriveAuthority } from "../../../agent/contract/tls/authority.js";
import { roleToken } from "../../../agent/contract/tokens.js";
import { failure, refusal } from "../core/exit.js";
import type { NotebookUpstream } from "../core/forwarding.js";
import type { Access } from "../core/ports.js";
import { requireSessionManager } from "../core/ssh.js";
import type { NotebookWay } from "../core/tunnel.js";
import type { World } from "../core/world.js";
import { openTunnel, type Tunnel } from "./tunnel.js";

/** What a connection needs. */
export interface ConnectionDeps {
  readonly access: Pick<Access, "secrets">;
  readonly world: Pick<World, "forwarding" | "programs" | "now" | "sleep">;
  readonly region: string;
  /** Ends a connection that is being made. */
  readonly signal: AbortSignal;
  /** Undefined: the node's address where it answers, else Session Manager. */
  readonly via: NotebookWay | undefined;
}

/** A way to a notebook's agent that has proved to be the cluster's. */
export interface Connection {
  readonly via: NotebookWay;
  readonly upstream: NotebookUpstream;
  /** Aborts when the way has ended by itself; never, for a direct one. */
  readonly ended: AbortSignal;
  close(): Promise<void>;
}

const REACH_MS = 1_000;
/** How long the agent may take to answer the first question. */
export const ASK_MS = 15_000;
const OPEN_ENDED = new AbortController().signal;

/** Connects to the notebook's agent, and asks it for JupyterLab's status. Throws a CommandError with the next step. */
export async function connectNotebook(notebook: NotebookItem, deps: ConnectionDeps): Promise<Connection> {
  const { access, world } = deps;
  const { name, clusterUuid, address, instanceId } = notebook;
  if (address === null || instanceId === null)
    throw failure(
      `Notebook ${name} has no node that says where it is; \`muster notebook show ${name}\` says more.`,
    );
  const [{ via, tunnel }, secret] = await Promise.all([
    findWay(address, instanceId, deps),
    access.secrets.read(clusterUuid),
  ]);
  const close = async (): Promise<void> => tunnel?.close();
  const upstream = {
    host: tunnel === null ? address : "127.0.0.1",
    port: tunnel?.port ?? NOTEBOOK_PORT,
    address,
    ...credentialsOf(secret, clusterUuid, world.now()),
  };
  const answer = await world.forwarding.ask(upstream, ASK_MS);
  if (answer.is === "good") return { via, upstream, ended: tunnel?.ended ?? OPEN_ENDED, close };
  await close();
  const node = `node ${instanceId} (${address}) of notebook ${name}`;
  switch (answer.is) {
    case "untrusted":
      throw refusal(
        `What answers as ${node} is not of its cluster, so nothing was sent to it: ${answer.why}. Was the node replaced just now? Try again; if it stays so, something else has the address.`,
      );
    case "silent":
      throw failure(
        `${node} does not answer at port ${NOTEBOOK_PORT}: ${answer.why}. \`muster notebook show ${name}\` says how it is.`,
      );
    case "status":
      throw failure(
        answer.status === 401 || answer.status === 403
          ? `${node} refuses the operator token (HTTP ${answer.status}). Was the secret rotated just now? Try again in a minute.`
          : `JupyterLab on ${node} does not answer as it should (HTTP ${answer.status}). \`muster notebook show ${name}\` says how it is.`,
      );
  }
}

/** The way as asked, else the shortest that there is. */
async function findWay(
  address: string,
  instanceId: string,
  { world, region, via, signal }: ConnectionDeps,
): Promise<{ readonly via: NotebookWay; readonly tunnel: Tunnel | null }> {
  const isReached =
    via !== "ssm" && (await world.forwarding.reach({ host: address, port: NOTEBOOK_PORT }, REACH_MS));
  if (isReached) return { via: "private", tunnel: null };
  if (via === "private")
    throw failure(
      `Node ${instanceId} takes no connection at ${address}:${NOTEBOOK_PORT}: there is no route from here, or its agent starts anew. From outside the cluster's network, use --via ssm.`,
    );
  requireSessionManager(instanceId, world.programs);
  return { via: "ssm", tunnel: await openTunnel(instanceId, region, { ...world, signal }) };
}

/** What follows from the cluster's secret: whom to trust, and what to show. */
export function credentialsOf(
  secret: Parameters<typeof acceptedSecrets>[0],
  clusterUuid: string,
  now: Date,
): Pick<NotebookUpstream, "authorities" | "token"> {
  return {
    authorities: acceptedSecrets(secret, now).map((value) =>
      authorityCertificate(deriveAuthority(value, clusterUuid)),
    ),
    token: roleToken(sentSecret(secret, now), "operator"),
  };
}
