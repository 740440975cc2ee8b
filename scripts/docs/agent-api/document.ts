import swagger from "@fastify/swagger";
import { type FastifyInstance, type FastifySchema, fastify, type RouteOptions } from "fastify";
import { ErrorReply } from "../../../agent/contract/http.js";
import { AGENT_PORT } from "../../../agent/contract/names.js";
import { ACCESS, type AppDeps, addClientRoutes } from "../../../agent/http/app.js";
import { OPERATIONS, type Operation } from "./operations.js";

/** Routes are added and never called, so what they need is only looked at for its shape. */
const NOTHING_BEHIND = {
  ...{ status: {}, activity: {}, logs: {}, events: {}, metrics: {} },
  jobs: { submissions: {} },
} as unknown as AppDeps;

/**
 * The agent's API as an OpenAPI 3.1 document: each route of clients with its own schemas, and what OPERATIONS adds. Throws with the routes
 * that have no entry there, and the entries that have no route.
 */
export async function agentApiDocument(version: string): Promise<object> {
  const app = fastify({ exposeHeadRoutes: false });
  const problems = new Set(Object.keys(OPERATIONS).map((route) => `${route} is no route`));
  app.addHook("onRoute", ({ method, url }) => {
    const route = `${method} ${url}`;
    if (!problems.delete(`${route} is no route`)) problems.add(`${route} has no entry in OPERATIONS`);
  });
  await register(app, version);
  addClientRoutes(app, NOTHING_BEHIND);
  await app.ready();
  if (problems.size > 0) throw new Error([...problems].join("; "));
  return app.swagger();
}

async function register(app: FastifyInstance, version: string): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: {
        title: "Muster's agent",
        version,
        description:
          "Each node of a cluster answers over TLS, with a certificate of the cluster's own authority. The certificate and a role's token come from `muster token` (docs/guides/tokens.md).",
      },
      servers: [{ url: `https://{node}:${AGENT_PORT}`, variables: { node: { default: "127.0.0.1" } } }],
      components: {
        securitySchemes: {
          token: { type: "http", scheme: "bearer", description: "a role's token, of `muster token`" },
        },
      },
    },
    transform: ({ schema, url, route }) => ({ schema: described(schema, route), url }),
  });
}

function described(schema: FastifySchema | undefined, { method, url }: RouteOptions): FastifySchema {
  const name = `${method} ${url}`;
  const operation = OPERATIONS[name];
  const access = ACCESS[name];
  if (operation === undefined || access === undefined) return { ...schema };
  const { operationId, summary, tag, description, body, query } = operation;
  const roles = access === "open" ? "No token is needed." : `Roles: ${access.join(", ")}.`;
  return {
    ...schema,
    ...{ operationId, summary, tags: [tag] },
    description: description === undefined ? roles : `${description} ${roles}`,
    security: access === "open" ? [] : [{ token: [] }],
    ...(body === undefined ? {} : { body }),
    ...(query === undefined ? {} : { querystring: query }),
    response: { ...answers(schema?.response, operation), default: error },
  };
}

const error = { description: "what went wrong, by its code, and the next step", ...ErrorReply };

function answers(own: unknown, { answer, headers }: Operation): object {
  if (answer === undefined) return { ...(own as object | undefined) };
  const named = Object.entries(headers ?? {}).map(([name, description]) => [
    name,
    { type: "string", description },
  ]);
  return {
    200: {
      description: "done",
      content: { [answer.mediaType]: { schema: answer.schema } },
      ...(named.length === 0 ? {} : { headers: Object.fromEntries(named) }),
    },
  };
}
