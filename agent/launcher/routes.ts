import { type Static, Type } from "@sinclair/typebox";
import {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  fastify,
  LogController,
} from "fastify";
import type { Logger } from "pino";
import { AgentError, reasonOf } from "../errors.js";
import type { LaunchEnd, Launches } from "./launches.js";
import { controlAddress, parseLaunchCall, proxyArgvProblems } from "./proxy-argv.js";

const UUID = "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$";
/** `POST /v1/launch` from agent to agent. The reply comes when the proxy has ended. */
const LaunchRequest = Type.Object(
  {
    id: Type.String({ pattern: UUID }),
    argv: Type.Array(Type.String({ maxLength: 1_024 }), { minItems: 1, maxItems: 64 }),
  },
  { additionalProperties: false },
);
export type LaunchRequest = Static<typeof LaunchRequest>;
const LaunchReply = Type.Object({
  exitCode: Type.Union([Type.Integer(), Type.Null()]),
  output: Type.String(),
});

/** Whether an address is a node's of this cluster. Nothing is sent to, nor started for, any other. */
type IsNode = (address: string) => Promise<boolean>;

export interface PeerLaunchDeps {
  readonly launches: Launches;
  readonly isNode: IsNode;
}

const MAX_BODY_BYTES = 65_536;
/** After this silence the kernel asks whether the other side is still there, and gives it up 10 s later. */
const KEEP_ALIVE_MS = 5_000;

/** Adds `POST /v1/launch` to the agent's HTTP API: starts Hydra's proxy here, and answers when it has ended. */
export function addPeerLaunchRoute(app: FastifyInstance, { launches, isNode }: PeerLaunchDeps): void {
  // A head that lost its power closes nothing: only so is it noticed that nobody waits any more.
  app.server.on("connection", (socket) => socket.setKeepAlive(true, KEEP_ALIVE_MS));
  app.post<{ Body: LaunchRequest }>(
    "/v1/launch",
    { bodyLimit: MAX_BODY_BYTES, schema: { body: LaunchRequest, response: { 200: LaunchReply } } },
    async (request, reply) => {
      const { id, argv } = request.body;
      const problems = proxyArgvProblems(argv);
      if (problems.length > 0) throw new AgentError("launch_refused", problems.join("; "));
      const control = controlAddress(argv);
      if (control === null || !(await isNode(control))) {
        throw new AgentError("launch_refused", `mpiexec's address ${control} is no node's of this cluster`);
      }
      return (await launches.hold(id, argv, goneOf(reply))) ?? reply.hijack();
    },
  );
}

/** Reaches the agent of another node. Throws launch_refused when it refuses, launch_failed when it can't be reached or is lost. */
export type ForwardLaunch = (host: string, launch: LaunchRequest, gone: AbortSignal) => Promise<LaunchEnd>;

export interface SocketLaunchDeps {
  readonly forward: ForwardLaunch;
  readonly isNode: IsNode;
  readonly log: Logger;
}

const SocketHeaders = Type.Object({ "muster-launch-id": Type.String({ pattern: UUID }) });

/**
 * The app behind /run/muster/launch.sock, for launch.sh. It asks for no token: the socket's file mode (0660 root:muster) is
 * the guard, and all that a member of that group can do here is to start Hydra's proxy, as the job user, on the cluster's own nodes.
 * It answers in plain text, easy for a shell: `ended STATUS`, `refused` (final) or `retry`, then a message.
 */
export function buildSocketApp({ forward, isNode, log }: SocketLaunchDeps): FastifyInstance {
  const app = fastify({
    loggerInstance: log as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true }),
    forceCloseConnections: true,
    bodyLimit: MAX_BODY_BYTES,
  }) as unknown as FastifyInstance;
  app.addContentTypeParser("application/octet-stream", { parseAs: "buffer" }, (_request, body, done) =>
    done(null, body),
  );
  app.setErrorHandler<Error & { statusCode?: number; status?: number }>((error, _request, reply) => {
    const status = error.status ?? error.statusCode ?? 500;
    log.warn({ reason: reasonOf(error) }, "a launch did not come to its end");
    return reply
      .code(status)
      .type("text/plain")
      .send(`${status < 500 ? "refused" : "retry"}\n${reasonOf(error)}`);
  });
  app.post<{ Body: Buffer; Headers: Static<typeof SocketHeaders> }>(
    "/v1/launch",
    { schema: { headers: SocketHeaders } },
    async (request, reply) => {
      const call = parseLaunchCall(request.body);
      if ("problem" in call) throw new AgentError("launch_refused", call.problem);
      const problems = proxyArgvProblems(call.argv);
      if (problems.length > 0) throw new AgentError("launch_refused", problems.join("; "));
      if (!(await isNode(call.host))) {
        throw new AgentError(
          "launch_refused",
          `${JSON.stringify(call.host)} is no node's address of this cluster`,
        );
      }
      const launch = { id: request.headers["muster-launch-id"], argv: [...call.argv] };
      const { exitCode, output } = await forward(call.host, launch, goneOf(reply));
      // An unknown status is no failure: Hydra has its own word of how the ranks ended.
      return reply.type("text/plain").send(`ended ${exitCode ?? 0}\n${output}`);
    },
  );
  return app;
}

/** Aborts when whoever asked has gone. */
function goneOf(reply: FastifyReply): AbortSignal {
  const gone = new AbortController();
  reply.raw.once("close", () => gone.abort());
  return gone.signal;
}
