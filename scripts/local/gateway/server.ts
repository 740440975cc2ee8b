import { rm } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { answerControl, CONTROL_PREFIX } from "./control.js";
import { createFaults, type Faults } from "./faults.js";
import { identifyOperation, type Operation, type RequestLine } from "./operation.js";
import { errorReply, jsonReply, type Reply } from "./reply.js";
import { bucketPolicies } from "./supplements/bucket-policy.js";
import { clientTokens } from "./supplements/client-tokens.js";
import { conditionalWrites } from "./supplements/conditional-writes.js";
import { consoleOutput } from "./supplements/console-output.js";
import { dryRuns } from "./supplements/dry-run.js";
import { externalIds } from "./supplements/external-id.js";
import { fileSystemPolicies } from "./supplements/file-system-policy.js";
import { images } from "./supplements/images/images.js";
import { type ImageContents, NO_CONTENTS } from "./supplements/images/records.js";
import { instanceVersions } from "./supplements/instance-versions.js";
import { launchTemplates } from "./supplements/launch-templates.js";
import { mixedInstances } from "./supplements/mixed-instances.js";
import { placementGroups } from "./supplements/placement-groups.js";
import { priceList } from "./supplements/price-list.js";
import { ruleDescriptions } from "./supplements/rule-descriptions.js";
import { createScaling } from "./supplements/scaling.js";
import { serviceQuotas } from "./supplements/service-quotas.js";
import { simulation } from "./supplements/simulation.js";
import type { Supplements } from "./supplements/supplement.js";
import { createUpstream, readWhole, type Upstream } from "./upstream.js";

/** One line about one request, for the gateway's log. */
export interface RequestRecord {
  readonly operation: Operation;
  readonly status: number;
  readonly ms: number;
  /** Whether the status was injected by a fault. */
  readonly injected: boolean;
  /** The beginning of the emulator's reply if it failed: usually something it does not implement. */
  readonly errorStart: string;
}

export interface GatewayOptions {
  readonly emulatorPort: number;
  /** Default: a free one. */
  readonly port?: number;
  /** The same service on a unix socket, without the control routes: for the nodes. */
  readonly socketPath?: string;
  readonly consoleLogPath: (instanceId: string) => string;
  /** The account's quotas: see service-quotas.ts. Default: room for all. */
  readonly quotas?: Readonly<Record<string, number>>;
  /** What fills images. Default: nothing, and they are available at once. */
  readonly images?: ImageContents;
  /** What fills this emulator's gaps. Default: moto's supplements. */
  readonly supplements?: Supplements;
  readonly log: (record: RequestRecord) => void;
}

export interface RunningGateway {
  readonly url: string;
  /** Ends open connections too. May be called twice. */
  stop(): Promise<void>;
}

interface Wiring {
  readonly upstream: Upstream;
  readonly supplements: Supplements;
  readonly faults: Faults;
  readonly log: (record: RequestRecord) => void;
}

const RETRY_EVERY_MS = 1000;
/** Longer than clients keep idle connections, so that the gateway never closes one that is about to be used. */
const KEEP_ALIVE_MS = 120_000;

/** Starts the gateway in front of a running emulator: the one address for all clients. */
export async function startGateway(options: GatewayOptions): Promise<RunningGateway> {
  const faults = createFaults();
  const emulatorUrl = `http://127.0.0.1:${options.emulatorPort}`;
  const scaling = createScaling(emulatorUrl, faults);
  const launching = mixedInstances(instanceVersions(scaling.supplements, emulatorUrl));
  const wiring: Wiring = {
    upstream: createUpstream(options.emulatorPort),
    faults,
    log: options.log,
    supplements: options.supplements ?? {
      ...placementGroups(),
      ...launchTemplates(),
      ...priceList,
      ...serviceQuotas(options.quotas),
      ...simulation,
      ...externalIds(),
      ...ruleDescriptions(),
      ...bucketPolicies(),
      ...fileSystemPolicies(),
      ...conditionalWrites(),
      ...consoleOutput(options.consoleLogPath),
      ...launching,
      ...clientTokens({
        ...images(emulatorUrl, options.images ?? NO_CONTENTS),
        ...dryRuns(launching),
      }),
    },
  };
  const tcp = serve(wiring, true);
  await listen(tcp, { host: "127.0.0.1", port: options.port ?? 0 });
  const servers = [tcp];
  if (options.socketPath !== undefined) {
    await rm(options.socketPath, { force: true });
    servers.push(serve(wiring, false));
    await listen(servers[1] as Server, { path: options.socketPath });
  }
  const retries = setInterval(() => void scaling.retry().catch(() => undefined), RETRY_EVERY_MS);
  return {
    url: `http://127.0.0.1:${(tcp.address() as AddressInfo).port}`,
    async stop() {
      clearInterval(retries);
      for (const server of servers) server.closeAllConnections();
      await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
    },
  };
}

function serve(wiring: Wiring, withControl: boolean): Server {
  // Uploads have no time limit.
  return createServer({ requestTimeout: 0, keepAliveTimeout: KEEP_ALIVE_MS }, (request, response) => {
    handle(wiring, withControl, request, response).catch((error: Error) => {
      if (response.headersSent) response.destroy();
      else send(response, jsonReply(502, { message: `The gateway failed: ${error.message}` }));
    });
  });
}

async function handle(
  wiring: Wiring,
  withControl: boolean,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const startedAtMs = Date.now();
  const url = request.url ?? "/";
  if (withControl && url.startsWith(CONTROL_PREFIX)) {
    const body = (await readWhole(request)).toString();
    return send(response, answerControl(request.method ?? "GET", url, body, wiring.faults));
  }
  const { operation, line, body } = await identify(wiring, request);
  const done = (status: number, injected: boolean, errorStart = ""): void =>
    wiring.log({ operation, status, ms: Date.now() - startedAtMs, injected, errorStart });

  const injected = await injectFault(wiring.faults, operation);
  if (injected !== undefined) {
    request.resume();
    send(response, injected);
    return done(injected.status, true);
  }
  const supplement = wiring.supplements[nameOf(operation)];
  if (supplement !== undefined && body !== undefined) {
    const ask = (change: { body?: Buffer; method?: string } = {}) =>
      wiring.upstream.ask({ ...line, method: change.method ?? line.method }, change.body ?? body);
    const isGone = () => request.socket.destroyed;
    const reply = await supplement({ operation, request: line, body, isGone, ask });
    if (reply !== undefined) {
      send(response, reply);
      return done(reply.status, false, reply.status >= 500 ? reply.body.slice(0, 200) : "");
    }
  }
  const { status, errorStart } = await wiring.upstream.relay(request, response, body);
  done(status, false, errorStart);
}

/** Reads the body only when needed: to find a Query operation, or for a supplement. All else streams through. */
async function identify(wiring: Wiring, request: IncomingMessage) {
  const bare = { method: request.method ?? "GET", url: request.url ?? "/", headers: request.headers };
  const isForm = (request.headers["content-type"] ?? "").startsWith("application/x-www-form-urlencoded");
  if (isForm) {
    const body = await readWhole(request);
    const line: RequestLine = { ...bare, form: new URLSearchParams(body.toString()) };
    return { operation: identifyOperation(line), line, body };
  }
  const line: RequestLine = { ...bare, form: new URLSearchParams() };
  const operation = identifyOperation(line);
  const body = nameOf(operation) in wiring.supplements ? await readWhole(request) : undefined;
  return { operation, line, body };
}

const nameOf = (operation: Operation): string => `${operation.service}.${operation.action}`;

/** The error that a rule replaces the reply with; also waits for a delay. The scaling supplement handles "no capacity". */
async function injectFault(faults: Faults, operation: Operation): Promise<Reply | undefined> {
  const fault = faults.find(operation, "reply");
  if (fault === undefined || "noCapacity" in fault.response) return undefined;
  faults.strike(fault.id);
  if ("delayMs" in fault.response) {
    // Does not keep the process alive: the client would be gone.
    await sleep(fault.response.delayMs, undefined, { ref: false });
    return undefined;
  }
  const { status, code, message } = fault.response;
  return errorReply(operation, status, code, message);
}

function send(response: ServerResponse, reply: Reply): void {
  response.writeHead(reply.status, { ...reply.headers, "content-length": Buffer.byteLength(reply.body) });
  response.end(reply.body);
}

function listen(server: Server, where: { host: string; port: number } | { path: string }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(where, () => resolve());
  });
}
