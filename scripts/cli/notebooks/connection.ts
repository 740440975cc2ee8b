import { acceptedSecrets, sentSecret } from "../../../agent/contract/cluster-secret.js";
import { NOTEBOOK_PORT, type NotebookItem } from "../../../agent/contract/notebook.js";
import { authorityCertificate, deriveAuthority } from "../../../agent/contract/tls/authority.js";
import { roleToken } from "../../../agent/contract/tokens.js";
import { type CommandError, failure, refusal } from "../core/exit.js";
import type { NotebookUpstream, UpstreamAnswer } from "../core/forwarding.js";
import type { Access } from "../core/ports.js";
import { requireSessionManager } from "../core/ssh.js";
import type { NotebookWay } from "../core/tunnel.js";
import type { World } from "../core/world.js";
import { openTunnel } from "./tunnel.js";

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
  const { access, world, via } = deps;
  const { name, clusterUuid, address, instanceId } = notebook;
  if (address === null || instanceId === null)
    throw failure(
      `Notebook ${name} has no node that says where it is; \`muster notebook show ${name}\` says more.`,
    );
  const [isReached, secret] = await Promise.all([
    via === "ssm" ? false : world.forwarding.reach({ host: address, port: NOTEBOOK_PORT }, REACH_MS),
    access.secrets.read(clusterUuid),
  ]);
  const known = { address, ...credentialsOf(secret, clusterUuid, world.now()) };
  const node = `Node ${instanceId} (${address}) of notebook ${name}`;
  if (isReached) {
    const upstream = { host: address, port: NOTEBOOK_PORT, ...known };
    const answer = await world.forwarding.ask(upstream, ASK_MS);
    if (answer.is === "good")
      return { via: "private", upstream, ended: OPEN_ENDED, close: async () => undefined };
    // Another network may have the same address, or a proxy may answer for it: nothing was sent to it.
    const mayBeElsewhere = via === undefined && answer.is !== "status";
    if (!mayBeElsewhere) throw answerError(answer, node, name);
  } else if (via === "private")
    throw failure(
      `${node} takes no connection at port ${NOTEBOOK_PORT}: there is no route from here, or its agent starts anew. From outside the cluster's network, use --via ssm.`,
    );
  requireSessionManager(instanceId, world.programs);
  const { port, ended, close } = await openTunnel(instanceId, deps.region, { ...world, signal: deps.signal });
  const upstream = { host: "127.0.0.1", port, ...known };
  const answer = await world.forwarding.ask(upstream, ASK_MS);
  if (answer.is === "good") return { via: "ssm", upstream, ended, close };
  await close();
  throw answerError(answer, node, name);
}

function answerError(
  answer: Exclude<UpstreamAnswer, { is: "good" }>,
  node: string,
  name: string,
): CommandError {
  const more = `\`muster notebook show ${name}\` says how it is.`;
  switch (answer.is) {
    case "untrusted":
      return refusal(
        `${node} does not prove to be of its cluster, so nothing was sent to it: ${answer.why}. Was the node replaced just now? Try again; if it stays so, something else answers there.`,
      );
    case "silent":
      return failure(`${node} does not answer at port ${NOTEBOOK_PORT}: ${answer.why}. ${more}`);
    case "status":
      return failure(
        answer.status === 401 || answer.status === 403
          ? `${node} refuses the operator token (HTTP ${answer.status}). Was the secret rotated just now? Try again in a minute.`
          : `${node}: JupyterLab does not answer as it should (HTTP ${answer.status}). ${more}`,
      );
  }
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
