import { once } from "node:events";
import { readFile, rm } from "node:fs/promises";
import * as grpc from "@grpc/grpc-js";
import { CHANNEL_OPTIONS, spawnPlugin } from "../../support/provider/plugin-process.js";

/** A provider's program, and the call that answers its schema. */
export interface Subject {
  readonly name: string;
  readonly program: string;
  /** Protocol 6: /tfplugin6.Provider/GetProviderSchema; 5: /tfplugin5.Provider/GetSchema. */
  readonly schemaCall: string;
}

/** One start. Times count from the spawn; RSS is the process's own, right after the schema's last byte. */
export interface Start {
  readonly handshakeMs: number;
  readonly schemaMs: number;
  readonly rssMb: number;
}

const SCHEMA_LIMIT_MS = 60_000;

/**
 * Starts it as Terraform does, asks for the schema over mutual TLS, and ends it. Once it has ended the next may start: a provider that gives its
 * hundreds of megabytes back lengthens the start of the one after it by half. Linux only, for /proc.
 */
export async function measureStart({ program, schemaCall }: Subject): Promise<Start> {
  const plugin = await spawnPlugin(program);
  const client = new grpc.Client(plugin.address, plugin.mutual, CHANNEL_OPTIONS);
  try {
    await callRaw(client, schemaCall);
    const schemaMs = performance.now() - plugin.spawnedAtMs;
    return { handshakeMs: plugin.handshakeMs, schemaMs, rssMb: await residentMb(plugin.process) };
  } finally {
    client.close();
    const ended = once(plugin.process, "exit");
    plugin.process.kill("SIGTERM");
    await ended;
    // A program that ends by a signal leaves its socket behind.
    await rm(plugin.address.replace("unix:", ""), { force: true });
  }
}

/** An empty request has no bytes in either protocol, and the answer is not decoded: the same client serves both. */
function callRaw(client: grpc.Client, path: string): Promise<void> {
  const same = (bytes: Buffer): Buffer => bytes;
  return new Promise((resolve, reject) => {
    const options = { deadline: Date.now() + SCHEMA_LIMIT_MS };
    client.makeUnaryRequest(path, same, same, Buffer.alloc(0), options, (error, reply) => {
      if (error !== null) return reject(error);
      return reply?.length ? resolve() : reject(new Error(`${path} answered an empty schema.`));
    });
  });
}

/** Resident memory of a running process. Linux only, for /proc. */
export async function residentMb({ pid }: { readonly pid?: number | undefined }): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  const kilobytes = Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]);
  if (!Number.isFinite(kilobytes)) throw new Error(`/proc/${pid}/status has no VmRSS.`);
  return kilobytes / 1024;
}
