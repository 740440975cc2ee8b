import type { AddressInfo } from "node:net";
import { fastify } from "fastify";

// The peer: a bare fastify that answers hello.

async function main(): Promise<void> {
  const app = fastify();
  app.get("/v1/status", { schema: {} }, async () => ({ hello: "world" }));
  await app.listen({ host: "127.0.0.1", port: 0 });
  process.on("disconnect", () => process.exit(0));
  process.send?.({ port: (app.server.address() as AddressInfo).port });
}

void main();
