import type { FastifyInstance, FastifyRequest } from "fastify";
import { type Role, roleOfToken } from "../contract/tokens.js";
import { AgentError } from "../errors.js";

declare module "fastify" {
  interface FastifyRequest {
    /** The role whose token the request has shown; null on a route that is open. */
    role: Role | null;
  }
}

/** The roles that may use a route, or "open" for all clients. */
type RouteAccess = "open" | readonly Role[];

/** `METHOD /path` -> who may. Every route of the agent needs an entry; without one the agent refuses to start. */
export type AccessTable = Readonly<Record<string, RouteAccess>>;

/** The cluster's secrets, as they are at the moment of a call. */
export interface AcceptedSecrets {
  /** Those whose tokens count. */
  accepted(): readonly string[];
  /** The one of before, whose tokens count no more; null: there is none. */
  retired(): string | null;
}

export interface AccessRule {
  readonly table: AccessTable;
  /** The routes of the table that are WebSockets. No other takes an upgrade. */
  readonly upgrades: readonly string[];
  readonly secrets: AcceptedSecrets;
  /** Called when a request on this connection has shown a token with sufficient rights. */
  onProven(socket: FastifyRequest["socket"]): void;
}

/**
 * The one rule of access, for every request: unknown routes, wrong methods and WebSocket upgrades too, which are refused before
 * they are answered with 101. A route without an entry in the table throws when it is added. Call it before any route is added.
 */
export function enforceAccess(app: FastifyInstance, rule: AccessRule): void {
  const { table, upgrades, secrets } = rule;
  app.decorateRequest("role", null);
  app.addHook("onRoute", ({ method, url }) => {
    for (const each of [method].flat()) {
      if (!(`${each} ${url}` in table)) throw new Error(`${each} ${url} has no entry in the access table`);
    }
  });
  // Not async: a promise a request is felt.
  app.addHook("onRequest", (request, _reply, done) => done(refusalOf(request)));

  function refusalOf(request: FastifyRequest): AgentError | undefined {
    const { url } = request.routeOptions;
    const route = url === undefined ? undefined : `${request.method} ${url}`;
    const access = route === undefined ? undefined : table[route];
    const unproven = access === "open" ? undefined : proofProblem(request, access);
    if (unproven !== undefined) return unproven;
    // Only the WebSocket plugin sets it, which an app need not have.
    const isUpgrade = (request as { ws?: boolean }).ws === true;
    const isRefused = isUpgrade && access !== undefined && !upgrades.includes(route ?? "");
    return isRefused ? new AgentError("upgrade-refused", route) : undefined;
  }

  /** Why the request's token is not enough; undefined: it is. */
  function proofProblem(
    request: FastifyRequest,
    access: readonly Role[] | undefined,
  ): AgentError | undefined {
    const token = tokenOf(request);
    const role = token === null ? null : roleOfAny(secrets.accepted(), token);
    if (token === null || role === null) return unknownToken(token);
    // Only clients with a token may learn that a route does not exist.
    if (access !== undefined && !access.includes(role)) return new AgentError("forbidden", role);
    request.role = role;
    rule.onProven(request.raw.socket);
    return undefined;
  }

  /** Who shows a token of before learns why it counts no more. */
  function unknownToken(token: string | null): AgentError {
    const retired = secrets.retired();
    const isRetired = token !== null && retired !== null && roleOfToken(retired, token) !== null;
    return new AgentError(isRetired ? "token-rotated" : "unauthenticated");
  }
}

function roleOfAny(secrets: readonly string[], token: string): Role | null {
  for (const secret of secrets) {
    const role = roleOfToken(secret, token);
    if (role !== null) return role;
  }
  return null;
}

function tokenOf(request: FastifyRequest): string | null {
  const [scheme, token, ...rest] = (request.headers.authorization ?? "").split(" ");
  return scheme?.toLowerCase() !== "bearer" || !token || rest.length > 0 ? null : token;
}
