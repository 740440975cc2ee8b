import { createIdentity } from "./certificate.js";
import { GrpcError, STATUS } from "./grpc/message.js";
import type { Answer } from "./grpc/server.js";
import { listen } from "./listen.js";

const SHUTDOWN_LIMIT_MS = 1000;
const SHUTDOWN = "/plugin.GRPCController/Shutdown";
/** Of the services that Terraform asks every plugin for, only Shutdown and the provider's own are here. */
const PROVIDER = "/tfplugin6.Provider/";

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

/**
 * Listens, and serves what `answer` answers by a call's name, like GetMetadata. It has what Terraform's handshake needs before the rest is loaded: both load
 * at the same time.
 */
export async function serve(answer: Answer, { clientCertificatePem, onEnd }: ServeOptions): Promise<Serving> {
  const identity = clientCertificatePem === null ? null : createIdentity(new Date());
  const listening = await listen(onEnd);
  const trust =
    identity === null || clientCertificatePem === null ? null : { identity, clientCertificatePem };
  setImmediate(async () => {
    const { createGrpcServer } = await import("./grpc/server.js");
    const server = createGrpcServer(trust, async (path, request) => {
      if (path.startsWith(PROVIDER)) return answer(path.slice(PROVIDER.length), request);
      if (path !== SHUTDOWN) throw new GrpcError(STATUS.unimplemented, `There is no ${path}.`);
      // Terraform waits 2 s for the end, then kills; the answer goes first.
      listening.endOnceClosed();
      setTimeout(onEnd, SHUTDOWN_LIMIT_MS);
      setImmediate(() => server.close());
      return Buffer.alloc(0);
    });
    listening.serveWith(server.accept);
  });
  return { socketPath: listening.socketPath, certificateDer: identity?.certificateDer ?? null };
}
