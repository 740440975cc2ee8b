import { type Static, Type } from "@sinclair/typebox";
import {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  fastify,
  LogController,
} from "fastify";
import type { Logger } from "pino";
import { isWorker } from "../contract/node-kind.js";
import { AgentError, reasonOf } from "../errors.js";
import { schemaController } from "../schemas/compilers.js";
import type { Awaited } from "./awaited.js";
import type { LaunchEnd, Launches } from "./launches.js";
import type { FoundNode } from "./node-directory.js";
import { calledFrom, controlAddress, parseLaunchCall, proxyArgvProblems } from "./proxy-argv.js";
import { type LaunchEvent, RankReport } from "./rank-events.js";

/** The path of launches from agent to agent; role peer. */
export const LAUNCH_PATH = "/v1/launch";

const UUID = "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$";
/**
 * `POST /v1/launch` from agent to agent. The reply is a JSON value a line: a LaunchEvent whenever something happens, and when
 * the proxy has ended, last, a LaunchEnd.
 */
const LaunchRequest = Type.Object(
  {
    id: Type.String({ pattern: UUID }),
    argv: Type.Array(Type.String({ maxLength: 1_024 }), { minItems: 1, maxItems: 64 }),
    controlNode: Type.String({
      pattern: "^[A-Za-z0-9-]{1,64}$",
      description: "the instance whose address mpiexec's is: where to look it up",
    }),
  },
  { additionalProperties: false },
);
export type LaunchRequest = Static<typeof LaunchRequest>;

export interface PeerLaunchDeps {
  readonly launches: Pick<Launches, "hold">;
  /** Whether ranks run on this node at all: a notebook's runs none. */
  readonly runsRanks: boolean;
  /** Whether the instance is a node of this cluster with that address. Nothing is started for any other. */
  isNodeAt(instanceId: string, address: string): Promise<boolean>;
}

const MAX_BODY_BYTES = 65_536;
/** As many as the largest machines have ranks; more wait in the socket's queue. */
const MAX_REPORTERS = 256;
/** After this silence the kernel probes the other side, and closes the connection 10 s later. */
const KEEP_ALIVE_MS = 5_000;

/** Adds `POST /v1/launch` to the agent's HTTP API: starts Hydra's proxy here, and answers until it has ended. */
export function addPeerLaunchRoute(
  app: FastifyInstance,
  { launches, runsRanks, isNodeAt }: PeerLaunchDeps,
): void {
  // A head that lost its power does not close its connections: only this detects that nothing waits any more.
  app.server.on("connection", (socket) => socket.setKeepAlive(true, KEEP_ALIVE_MS));
  app.post<{ Body: LaunchRequest }>(
    LAUNCH_PATH,
    { bodyLimit: MAX_BODY_BYTES, schema: { body: LaunchRequest } },
    async (request, reply) => {
      const { id, argv, controlNode } = request.body;
      if (!runsRanks) throw new AgentError("launch-refused", "this node is no worker: it runs no ranks");
      const problems = proxyArgvProblems(argv);
      if (problems.length > 0) throw new AgentError("launch-refused", problems.join("; "));
      const control = controlAddress(argv);
      if (control === null || !(await isNodeAt(controlNode, control))) throw strangeControl(control);
      const lines = lineWriter(reply);
      const end = await launches.hold(id, argv, goneOf(reply), lines.write);
      if (end === null) return reply.hijack();
      lines.end(end);
      return reply;
    },
  );
}

const strangeControl = (address: string | null): AgentError =>
  new AgentError("launch-refused", `mpiexec's address ${address} is no node's of this cluster`);

/** Writes JSON values, a line each. The reply begins with the first, so that an error before it can have its own status. */
function lineWriter(reply: FastifyReply) {
  const begin = () => {
    if (reply.sent) return;
    reply.hijack();
    reply.raw.writeHead(200, { "content-type": "application/x-ndjson" });
  };
  return {
    write(event: LaunchEvent) {
      begin();
      reply.raw.write(`${JSON.stringify(event)}\n`);
    },
    end(value: LaunchEnd) {
      begin();
      reply.raw.end(`${JSON.stringify(value)}\n`);
    },
  };
}

/** Reaches the agent of another node. Throws launch-refused when it refuses, launch-failed when it can't be reached or is lost. */
export type ForwardLaunch = (
  host: string,
  launch: LaunchRequest,
  gone: AbortSignal,
  onEvent: (event: LaunchEvent) => void,
) => Promise<LaunchEnd>;

/** Hears what happens to the ranks of a job, host by host. */
export interface LaunchListener {
  event(jobId: string, host: string, event: LaunchEvent): void;
  /** The host's proxy has ended: see LaunchEnd. */
  ended(jobId: string, host: string, end: Pick<LaunchEnd, "exitCode" | "usage">): void;
}

export interface SocketLaunchDeps {
  /** This node's. */
  readonly address: string;
  readonly forward: ForwardLaunch;
  /** The node of this cluster with that address; null: nothing is sent there. */
  findNode(address: string): Promise<FoundNode | null>;
  readonly listener: LaunchListener;
  /** Waits while it is not certain that the job runs by the mpiexec that calls; false: it does not. */
  mayLaunch(jobId: string): Promise<boolean>;
  readonly awaited: Pick<Awaited, "begin">;
  readonly log: Logger;
}

const SocketHeaders = Type.Object({
  "muster-launch-id": Type.String({ pattern: UUID }),
  "muster-job-id": Type.Optional(Type.String({ pattern: "^[A-Za-z0-9-]{1,64}$" })),
});

/** An app behind a unix socket: bounded, and without a log line for each request. */
function socketApp(log: Logger): FastifyInstance {
  return fastify({
    loggerInstance: log as FastifyBaseLogger,
    schemaController,
    logController: new LogController({ disableRequestLogging: true }),
    forceCloseConnections: true,
    bodyLimit: MAX_BODY_BYTES,
  }) as unknown as FastifyInstance;
}

/**
 * The app behind the ranks' socket, for rank.py: any process of the job user may say that a rank has failed, which ends
 * nothing but the job that the launch is of.
 */
export function buildRanksApp(launches: Pick<Launches, "report">, log: Logger): FastifyInstance {
  const app = socketApp(log);
  app.server.maxConnections = MAX_REPORTERS;
  app.post<{ Body: RankReport }>("/v1/ranks", { schema: { body: RankReport } }, async (request, reply) => {
    await launches.report(request.body);
    return reply.code(204).send();
  });
  return app;
}

/**
 * The app behind a launcher's socket, for launch.sh. It asks for no token: the socket's file mode is the guard, and all that
 * who may write to it can do here is to start Hydra's proxy, as the job user, on the cluster's own nodes.
 * It answers in plain text, easy for a shell: `ended STATUS`, `refused` (final) or `retry`, then a message.
 */
export function buildSocketApp({
  address,
  forward,
  findNode,
  listener,
  mayLaunch,
  awaited,
  log,
}: SocketLaunchDeps): FastifyInstance {
  const app = socketApp(log);
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
      if ("problem" in call) throw new AgentError("launch-refused", call.problem);
      const argv = calledFrom(call.argv, address);
      const problems = proxyArgvProblems(argv);
      if (problems.length > 0) throw new AgentError("launch-refused", problems.join("; "));
      const host = await findNode(call.host);
      // A notebook's mpiexec starts ranks on the workers, and none where its notebook is.
      if (host === null || !isWorker(host)) {
        const kind = host === null ? "is no node's address of this cluster" : `is a ${host.kind}'s node`;
        throw new AgentError("launch-refused", `${JSON.stringify(call.host)} ${kind}: it runs no ranks`);
      }
      const control = controlAddress(argv);
      const controlNode = control === null ? null : await findNode(control);
      if (controlNode === null) throw strangeControl(control);
      const launch = {
        id: request.headers["muster-launch-id"],
        argv: [...argv],
        controlNode: controlNode.instanceId,
      };
      const jobId = request.headers["muster-job-id"];
      if (jobId !== undefined && !(await mayLaunch(jobId)))
        throw new AgentError("launch-refused", `job ${jobId} does not run by this mpiexec`);
      const gone = goneOf(reply);
      const endWait = awaited.begin(launch.id);
      const end = await forward(call.host, launch, gone, (event) => {
        if (jobId !== undefined) listener.event(jobId, call.host, event);
      }).finally(() => endWait(gone.aborted));
      const { exitCode, output } = end;
      if (jobId !== undefined) listener.ended(jobId, call.host, end);
      // An unknown status is no failure: Hydra has its own word of how the ranks ended.
      return reply.type("text/plain").send(`ended ${exitCode ?? 0}\n${output}`);
    },
  );
  return app;
}

/** Aborts when the client has disconnected, or has already: then nothing more is heard of that. */
function goneOf(reply: FastifyReply): AbortSignal {
  const gone = new AbortController();
  if (reply.raw.closed) gone.abort();
  reply.raw.once("close", () => gone.abort());
  return gone.signal;
}
