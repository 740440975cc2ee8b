import proxy from "@fastify/http-proxy";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Logger } from "pino";
import { NOTEBOOK_BASE_PATH } from "../contract/notebook.js";
import { AgentError, reasonOf } from "../errors.js";
import { proxyRefusal } from "../notebook/proxy-rules.js";
import { type AccessTable, enforceAccess } from "./auth.js";
import type { ConnectionLimits } from "./connections.js";
import { boundedSockets } from "./proxied-sockets.js";
import { replyErrors } from "./reply-errors.js";
import { type AppKeys, securedApp } from "./secured.js";

/** What the app needs. */
export interface NotebookAppDeps {
  readonly keys: AppKeys;
  /** This node's own. */
  readonly address: string;
  /** JupyterLab's origin: "http://127.0.0.1:8888". */
  readonly upstream: string;
  /** JupyterLab's own token; null: it has not been started yet. */
  jupyterToken(): string | null;
  readonly connections: ConnectionLimits;
  readonly log: Logger;
}

const METHODS = ["DELETE", "GET", "HEAD", "PATCH", "POST", "PUT"] as const;
const PREFIX = NOTEBOOK_BASE_PATH.slice(0, -1);
const PATHS = [PREFIX, NOTEBOOK_BASE_PATH, `${NOTEBOOK_BASE_PATH}*`];

/** Who may use it: a reader of the cluster may not run programs on it. */
const NOTEBOOK_ACCESS: AccessTable = Object.fromEntries(
  METHODS.flatMap((method) => PATHS.map((path) => [`${method} ${path}`, ["operator"] as const])),
);

/** What JupyterLab must not see: the forwarder's, and what it would only misunderstand, for the checks are made here. */
const DROPPED: ReadonlySet<string> = new Set([
  ...["authorization", "cookie", "origin", "referer", "forwarded"],
  ...["x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip", "x-xsrftoken"],
]);
/** Uploads come in pieces of a megabyte. Bodies are passed on as they come. */
const BODY_LIMIT_BYTES = 64 * 1_024 * 1_024;
const REQUEST_TIMEOUT_MS = 300_000;
const UPSTREAM = { connections: 64, headersTimeout: 120_000, bodyTimeout: 300_000 } as const;

/**
 * The app in front of JupyterLab, at NOTEBOOK_PORT, over TLS with the node's certificate: complete, but not yet listening. One rule of
 * access for requests and upgrades, before anything of either reaches JupyterLab: the operator's token, then the rules of
 * proxy-rules.ts. JupyterLab's own token is added here, and is known to nothing outside of the node.
 */
export async function buildNotebookApp(deps: NotebookAppDeps): Promise<FastifyInstance> {
  const { keys, address, upstream, log } = deps;
  const { app, connections } = securedApp({
    ...{ keys, connections: deps.connections, log },
    bodyLimitBytes: BODY_LIMIT_BYTES,
    requestTimeoutMs: REQUEST_TIMEOUT_MS,
  });
  const sockets = boundedSockets();
  replyErrors(app);
  enforceAccess(app, {
    table: NOTEBOOK_ACCESS,
    upgrades: [],
    secrets: keys,
    onProven: connections.trust,
  });
  app.addHook("onRequest", async (request) => {
    const refusal = proxyRefusal(factsOf(request), address);
    if (refusal !== null) throw new AgentError(refusal.code, refusal.what);
    if (deps.jupyterToken() === null) throw new AgentError("notebook-down", "it has not been started yet");
    if (isUpgrade(request)) sockets.takePlace(request);
  });
  app.removeAllContentTypeParsers();
  const authorization = () => ({ authorization: `token ${deps.jupyterToken() ?? ""}` });
  const wsClientOptions = { ...sockets.limits, rewriteRequestHeaders: authorization };
  await app.register(proxy, {
    ...{ prefix: PREFIX, rewritePrefix: PREFIX, upstream, httpMethods: [...METHODS] },
    // Below it stands each request with its path: the names of people's files.
    logLevel: "warn",
    undici: UPSTREAM,
    replyOptions: {
      rewriteRequestHeaders: (_request, headers) => ({ ...without(headers, DROPPED), ...authorization() }),
      rewriteHeaders: (headers) => without(headers, COOKIES),
      onError: fail,
    },
    websocket: true,
    wsClientOptions,
    wsServerOptions: { ...sockets.limits },
    wsHooks: sockets.hooks,
  });
  return app;
}

/** JupyterLab knows each request by its token: a browser needs no cookie. */
const COOKIES: ReadonlySet<string> = new Set(["set-cookie"]);

function without<T extends object>(headers: T, names: ReadonlySet<string>): T {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !names.has(name.toLowerCase()))) as T;
}

function fail(reply: { send(payload: unknown): unknown }, { error }: { readonly error: Error }): void {
  const cause = error.cause instanceof Error ? error.cause : error;
  reply.send(new AgentError("notebook-down", reasonOf(cause), error));
}

const isUpgrade = ({ headers }: FastifyRequest): boolean => headers.upgrade !== undefined;

const factsOf = ({ raw, headers }: FastifyRequest) => ({
  url: raw.url ?? "",
  host: headers.host,
  origin: headers.origin,
  fetchSite: single(headers["sec-fetch-site"]),
});

const single = (value: string | string[] | undefined): string | undefined =>
  Array.isArray(value) ? value.join(", ") : value;
