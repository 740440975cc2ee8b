import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as grpc from "@grpc/grpc-js";
import { createIdentity, type TlsIdentity } from "./certificate.js";
import goplugin from "./goplugin.proto";
import type { Protocol } from "./protobuf/protocol.js";
import { dataSourceCalls } from "./rpc/data-source.js";
import { ephemeralCalls } from "./rpc/ephemeral.js";
import { providerCalls } from "./rpc/provider.js";
import { resourceCalls } from "./rpc/resource.js";
import { schemaCalls } from "./rpc/schema.js";
import { storedStateCalls } from "./rpc/stored-state.js";
import { serviceDefinition } from "./service.js";
import type { PluginSession } from "./session.js";
import tfplugin6 from "./tfplugin6.proto";

const SHUTDOWN_LIMIT_MS = 1000;
/** Terraform connects at once; after this time it never will. */
const FIRST_CONNECTION_MS = 60_000;
/** After Terraform was killed: actions in progress get the time of a few calls to AWS, to finish what they began. */
const LINGER_MS = 5000;

export interface Serving {
  readonly socketPath: string;
  readonly certificateDer: Buffer | null;
}

export interface ServeOptions {
  /** Null: plain, without TLS. */
  readonly clientCertificatePem: string | null;
  /** Terraform asked to shut down, or its last connection closed some seconds ago, or none ever came. */
  readonly onEnd: () => void;
}

/** Listens on a Unix socket in its own folder, which is removed when the process exits. */
export async function serve<Client>(session: PluginSession<Client>, options: ServeOptions): Promise<Serving> {
  const identity = options.clientCertificatePem === null ? null : createIdentity(new Date());
  const server = new grpc.Server({
    "grpc.max_receive_message_length": -1,
    "grpc.max_send_message_length": -1,
  });
  addService(server, tfplugin6, "tfplugin6.Provider", {
    ...schemaCalls(session),
    ...providerCalls(session),
    ...resourceCalls(session),
    ...storedStateCalls(session),
    ...dataSourceCalls(session),
    ...ephemeralCalls(session),
  });
  addService(server, goplugin, "plugin.GRPCController", {
    Shutdown: () => {
      connections.endOnceClosed();
      endGracefully(server, options.onEnd);
      return {};
    },
  });
  const injector = server.createConnectionInjector(credentialsFor(identity, options.clientCertificatePem));
  const socketPath = socketPathInOwnFolder();
  const listener = createServer((socket) => injector.injectConnection(socket));
  const connections = endAfterLastConnection(listener, options);
  await new Promise<void>((resolve, reject) => {
    listener.once("error", reject).listen(socketPath, resolve);
  });
  return { socketPath, certificateDer: identity?.certificateDer ?? null };
}

/** Calls without an entry answer UNIMPLEMENTED. */
function addService(
  server: grpc.Server,
  protocol: Protocol,
  name: string,
  calls: Readonly<Record<string, (request: never) => unknown>>,
): void {
  const implementation = Object.entries(calls).map(([method, call]) => [method, unary(call)]);
  server.addService(
    serviceDefinition(protocol, name),
    Object.fromEntries(implementation) as grpc.UntypedServiceImplementation,
  );
}

/**
 * Sends the answer first, but does not wait long: Terraform waits 2 s, then kills. grpc-js says that a session is closed before
 * its last bytes are out, so the process ends with its connections, not when the server has shut down.
 */
function endGracefully(server: grpc.Server, onEnd: () => void): void {
  setTimeout(onEnd, SHUTDOWN_LIMIT_MS);
  setImmediate(() => server.tryShutdown(() => undefined));
}

const unary =
  (call: (request: never) => unknown): grpc.handleUnaryCall<never, unknown> =>
  ({ request }, answer) => {
    Promise.resolve()
      .then(() => call(request))
      .then(
        (response) => answer(null, response),
        (error: unknown) => answer({ code: grpc.status.INTERNAL, details: String(error) }),
      );
  };

function credentialsFor(
  identity: TlsIdentity | null,
  clientCertificatePem: string | null,
): grpc.ServerCredentials {
  if (identity === null || clientCertificatePem === null) return grpc.ServerCredentials.createInsecure();
  const pair = {
    private_key: Buffer.from(identity.keyPem),
    cert_chain: Buffer.from(identity.certificatePem),
  };
  return grpc.ServerCredentials.createSsl(Buffer.from(clientCertificatePem), [pair], true);
}

/** A Unix socket's path may have about 100 bytes, which a long TMPDIR would exceed. */
function socketPathInOwnFolder(): string {
  const base = tmpdir().length <= 60 ? tmpdir() : "/tmp";
  const folder = mkdtempSync(join(base, "muster-provider-"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  return join(folder, "plugin");
}

/** Ends with the last connection. A killed Terraform sends no message; only its connections close. */
function endAfterLastConnection(
  listener: ReturnType<typeof createServer>,
  { onEnd }: Pick<ServeOptions, "onEnd">,
) {
  let open = 0;
  let lingerMs = LINGER_MS;
  let timer = setTimeout(onEnd, FIRST_CONNECTION_MS);
  listener.on("connection", (socket: Socket) => {
    open += 1;
    clearTimeout(timer);
    socket.once("close", () => {
      open -= 1;
      if (open === 0) timer = setTimeout(onEnd, lingerMs);
    });
  });
  return {
    /** From now on no new connection is waited for. */
    endOnceClosed(): void {
      lingerMs = 0;
    },
  };
}
