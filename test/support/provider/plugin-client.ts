import type { ChildProcess } from "node:child_process";
import { resolve } from "node:path";
import * as grpc from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";
import { decode, ExtData, encode } from "@msgpack/msgpack";
import { CHANNEL_OPTIONS, spawnPlugin } from "./plugin-process.js";

/** As Terraform sends an unknown value. */
export const UNKNOWN = new ExtData(0, new Uint8Array([0]));

const WIRE = resolve(__dirname, "../../../provider/wire");

// biome-ignore lint/suspicious/noExplicitAny: a raw client sees whatever the provider answers
export type Reply = any;

/** A raw client of a spawned provider, over mutual TLS as Terraform does it. */
export interface PluginClient {
  readonly process: ChildProcess;
  readonly handshake: string;
  call(method: string, request?: object): Promise<Reply>;
  shutdown(): Promise<void>;
  disconnect(): void;
  /** A second connection to the same provider, without a client certificate. */
  callWithoutCertificate(method: string): Promise<Reply>;
}

export async function startPlugin(
  program: string,
  env: Readonly<Record<string, string>> = {},
): Promise<PluginClient> {
  const { process: child, handshake, address, mutual, serverOnly } = await spawnPlugin(program, env);
  const clients: grpc.Client[] = [];
  const connect = (file: string, service: string, credentials: grpc.ChannelCredentials): grpc.Client => {
    const definition = loadSync(`${WIRE}/${file}`, {
      keepCase: true,
      longs: Number,
      enums: String,
      defaults: true,
    });
    const Client = grpc.makeClientConstructor(definition[service] as grpc.ServiceDefinition, service);
    const client = new Client(address, credentials, CHANNEL_OPTIONS);
    clients.push(client);
    return client;
  };
  const provider = connect("tfplugin6.proto", "tfplugin6.Provider", mutual);
  return {
    process: child,
    handshake,
    call: (method, request = {}) => unary(provider, method, request),
    async shutdown() {
      await unary(connect("goplugin.proto", "plugin.GRPCController", mutual), "Shutdown", {});
    },
    disconnect() {
      for (const client of clients) client.close();
    },
    callWithoutCertificate: (method) =>
      unary(connect("tfplugin6.proto", "tfplugin6.Provider", serverOnly), method, {}),
  };
}

function unary(client: grpc.Client, method: string, request: object): Promise<Reply> {
  const calls = client as unknown as Record<
    string,
    (
      request: object,
      options: grpc.CallOptions,
      done: (error: grpc.ServiceError | null, reply: Reply) => void,
    ) => void
  >;
  return new Promise((resolveCall, reject) => {
    calls[method]?.call(client, request, { deadline: Date.now() + 20_000 }, (error, reply) =>
      error === null ? resolveCall(reply) : reject(error),
    );
  });
}

/** A value as Terraform encodes it. */
export const value = (content: unknown): { readonly msgpack: Uint8Array } => ({ msgpack: encode(content) });

/** What the provider encoded; extension values as ExtData. */
export const decoded = (dynamic: { readonly msgpack: Uint8Array }): Reply => decode(dynamic.msgpack);
