import { type FastifyInstance, fastify } from "fastify";
import type { Sessions } from "../forward/sessions.js";
import type { ConsoleDeps, RouteDeps } from "./deps.js";
import { guardRequests, html } from "./guard.js";
import { codePage, enteredPage, indexPage, SCRIPT_PATH, SESSION_PATH, STYLE_PATH } from "./pages.js";
import { replyProblems } from "./problems.js";
import { addClusterRoutes } from "./routes/clusters.js";
import { addDeclaredRoutes } from "./routes/declared.js";
import { addHomeRoutes } from "./routes/home.js";
import { addJobRoutes } from "./routes/jobs.js";
import { addLogRoutes } from "./routes/logs.js";
import { addNotebookRoutes } from "./routes/notebooks.js";
import { addTaskRoutes } from "./routes/tasks.js";
import { addUsageRoutes } from "./routes/usage.js";
import { createSharedReads } from "./shared-reads.js";
import { createTasks, type Tasks } from "./tasks.js";

export interface ConsoleApp {
  readonly app: FastifyInstance;
  readonly tasks: Tasks;
}

export interface AppDeps extends ConsoleDeps {
  port(): number;
  readonly sessions: Sessions;
  showCode(): void;
}

/** So long is an answer of AWS good for all who ask. */
const FRESH_MS = 2_000;
/** A job's script and its variables. */
const BODY_LIMIT_BYTES = 2_097_152;
const MOST_CODE_BYTES = 1_024;
const MOST_CONNECTIONS = 256;
const WRONG_CODE =
  "That code is not good: it was used, its minute is over, or it was never one. Another one is in the terminal.";

/** The server of the console, which listens nowhere yet. Everything of it but the code's page needs a session. */
export function createApp(deps: AppDeps): ConsoleApp {
  const app: FastifyInstance = fastify({
    logger: false,
    bodyLimit: BODY_LIMIT_BYTES,
    exposeHeadRoutes: false,
    // What a request says is taken as it is, or not at all.
    ajv: { customOptions: { removeAdditional: false, coerceTypes: false } },
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 256 },
  });
  app.server.maxConnections = MOST_CONNECTIONS;
  replyProblems(app);
  guardRequests(app, deps);
  const tasks = createTasks(deps.world.now);
  const routes: RouteDeps = { ...deps, tasks, reads: createSharedReads(deps.world.now, FRESH_MS) };
  addPages(app, deps);
  addHomeRoutes(app, routes);
  addClusterRoutes(app, routes);
  addJobRoutes(app, routes);
  addLogRoutes(app, routes);
  addNotebookRoutes(app, routes);
  addUsageRoutes(app, routes);
  addDeclaredRoutes(app, routes);
  addTaskRoutes(app, routes);
  return { app, tasks };
}

function addPages(app: FastifyInstance, { page, sessions, showCode }: AppDeps): void {
  app.addContentTypeParser(
    "application/x-www-form-urlencoded",
    { parseAs: "string", bodyLimit: MOST_CODE_BYTES },
    (_request, text, done) => done(null, new URLSearchParams(String(text)).get("code")),
  );
  app.get("/", (_request, reply) => html(reply, 200, indexPage()));
  app.get(SCRIPT_PATH, (_request, reply) => reply.type("text/javascript; charset=utf-8").send(page.script));
  app.get(STYLE_PATH, (_request, reply) => reply.type("text/css; charset=utf-8").send(page.style));
  app.post(SESSION_PATH, ({ body }, reply) => {
    const cookie = typeof body === "string" ? sessions.redeem(body) : null;
    if (cookie !== null) return html(reply.header("set-cookie", cookie), 200, enteredPage());
    showCode();
    return html(reply, 403, codePage(WRONG_CODE));
  });
}
