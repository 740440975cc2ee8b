import type { AddressInfo } from "node:net";
import { fastify } from "fastify";
import { testServer } from "../../support/agent/tls.js";

// The peer: a bare fastify that answers hello, over the same TLS.

async function main(): Promise<void> {
  const app = fastify({ https: testServer() });
  app.get("/v1/status", { schema: {} }, async () => ({ hello: "world" }));
  await app.listen({ host: "127.0.0.1", port: 0 });
  process.on("disconnect", () => process.exit(0));
  process.send?.({ port: (app.server.address() as AddressInfo).port });
}

void main();
