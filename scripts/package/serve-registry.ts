import { once } from "node:events";
import { createReadStream, statSync } from "node:fs";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join, normalize } from "node:path";

/** Where all other providers are. */
const PUBLIC_REGISTRY = "https://registry.terraform.io";

/** A registry that runs. */
export interface ServedRegistry {
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * Serves what writeRegistry has written, on this machine alone. It sends Terraform on to the public registry for every provider that
 * is not ours, so that it can stand in its place. `port` 0: any that is free.
 */
export async function serveRegistry(folder: string, port: number): Promise<ServedRegistry> {
  const server = createServer(({ method, url = "/" }, reply) => {
    const path = normalize(decodeURIComponent(new URL(url, "http://registry").pathname));
    if (method !== "GET" && method !== "HEAD") return void reply.writeHead(405).end();
    const file = join(folder, path);
    const isOurs = path.startsWith("/v1/providers/muster/muster/") || path === "/.well-known/terraform.json";
    if (!isOurs) return void reply.writeHead(302, { location: `${PUBLIC_REGISTRY}${path}` }).end();
    sendFile(file, reply);
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

function sendFile(file: string, reply: ServerResponse): void {
  const size = statSync(file, { throwIfNoEntry: false });
  if (size === undefined || !size.isFile()) return void reply.writeHead(404).end();
  const type = /\.(zip|sig)$/.test(file) ? "application/octet-stream" : "application/json";
  reply.writeHead(200, { "content-type": type, "content-length": size.size });
  createReadStream(file)
    .on("error", () => reply.destroy())
    .pipe(reply);
}
