import type { FastifyInstance, FastifyRequest } from "fastify";
import { type Role, roleOfToken } from "../contract/tokens.js";
import { AgentError } from "../errors.js";

/** Who may use a route: the roles, or "open" for everybody. */
type Access = "open" | readonly Role[];

/** `METHOD /path` -> who may. Every route of the agent needs an entry; without one the agent refuses to start. */
export type AccessTable = Readonly<Record<string, Access>>;

/**
 * The one rule of authentication, for every request: unknown routes, wrong methods and WebSocket upgrades too. A route
 * without an entry in the table throws when it is added. Call it before any route is added.
 */
export function enforceAccess(app: FastifyInstance, table: AccessTable, clusterSecret: string): void {
  app.addHook("onRoute", ({ method, url }) => {
    for (const each of [method].flat()) {
      if (!(`${each} ${url}` in table)) throw new Error(`${each} ${url} has no entry in the access table`);
    }
  });
  app.addHook("onRequest", async (request) => {
    const { url } = request.routeOptions;
    const access = url === undefined ? undefined : table[`${request.method} ${url}`];
    if (access === "open") return;
    const role = roleOfRequest(request, clusterSecret);
    if (role === null) throw new AgentError("unauthenticated");
    // Whoever holds any token may learn that a route does not exist; nobody else.
    if (access !== undefined && !access.includes(role)) throw new AgentError("forbidden", role);
  });
}

function roleOfRequest(request: FastifyRequest, clusterSecret: string): Role | null {
  const [scheme, token, ...rest] = (request.headers.authorization ?? "").split(" ");
  if (scheme?.toLowerCase() !== "bearer" || !token || rest.length > 0) return null;
  return roleOfToken(clusterSecret, token);
}
