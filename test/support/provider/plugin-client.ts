import type { ChildProcess } from "node:child_process";
import { resolve } from "node:path";
import * as grpc from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";
import { decode, ExtData, encode } from "@msgpack/msgpack";
import { CHANNEL_OPTIONS, spawnPlugin } from "./plugin-process.js";

/** As Terraform sends an unknown value. */
export const UNKNOWN = new ExtData(0, new Uint8Array([0]));

/** Of the services of every plugin, the one that ours has. */
const PROTOCOLS = {
  "tfplugin6.proto": resolve(__dirname, "../../../provider/wire/tfplugin6.proto"),
  "goplugin.proto": resolve(__dirname, "goplugin.proto"),
} as const;

// biome-ignore lint/suspicious/noExplicitAny: a raw client gets any answer of the provider
export type Reply = any;

/** When a call without an answer ends. */
interface CallLimits {
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** A raw client of a spawned provider, over mutual TLS as Terraform does it. */
export interface PluginClient {
  readonly process: ChildProcess;
  readonly handshake: string;
  log(): string;
  /** The names of all calls of the protocol, as its .proto has them. */
  readonly methods: readonly string[];
  call(method: string, request?: object, limits?: CallLimits): Promise<Reply>;
  /** Any bytes to any path, like /tfplugin6.Provider/GetMetadata. */
  callRaw(path: string, message: Buffer): Promise<Buffer>;
  shutdown(): Promise<void>;
  disconnect(): void;
  /** A second connection to the same provider, with nothing to show or with a stranger's certificate. */
  callAsStranger(method: string, certificate: "no certificate" | "another certificate"): Promise<Reply>;
}

export async function startPlugin(
  program: string,
  env: Readonly<Record<string, string>> = {},
): Promise<PluginClient> {
  const spawned = await spawnPlugin(program, env);
  const { address, mutual } = spawned;
  const clients: grpc.Client[] = [];
  const connect = (
    file: keyof typeof PROTOCOLS,
    service: string,
    credentials: grpc.ChannelCredentials,
  ): grpc.Client => {
    const Client = grpc.makeClientConstructor(definitionOf(file, service), service);
    const client = new Client(address, credentials, CHANNEL_OPTIONS);
    clients.push(client);
    return client;
  };
  const provider = connect("tfplugin6.proto", "tfplugin6.Provider", mutual);
  return {
    process: spawned.process,
    handshake: spawned.handshake,
    log: spawned.log,
    methods: Object.keys(definitionOf("tfplugin6.proto", "tfplugin6.Provider")),
    call: (method, request = {}, limits) => unary(provider, method, request, limits),
    callRaw: (path, message) =>
      new Promise((resolveCall, reject) => {
        const asIs = (bytes: Buffer): Buffer => bytes;
        const options = { deadline: Date.now() + CALL_LIMIT_MS };
        provider.makeUnaryRequest(path, asIs, asIs, message, options, (error, reply = Buffer.alloc(0)) =>
          error === null ? resolveCall(reply) : reject(error),
        );
      }),
    async shutdown() {
      await unary(connect("goplugin.proto", "plugin.GRPCController", mutual), "Shutdown", {});
    },
    disconnect() {
      for (const client of clients) client.close();
    },
    callAsStranger: (method, certificate) =>
      unary(
        connect(
          "tfplugin6.proto",
          "tfplugin6.Provider",
          certificate === "no certificate" ? spawned.serverOnly : spawned.strangers,
        ),
        method,
        {},
      ),
  };
}

const CALL_LIMIT_MS = 60_000;

const definitionOf = (file: keyof typeof PROTOCOLS, service: string): grpc.ServiceDefinition =>
  loadSync(PROTOCOLS[file], { keepCase: true, longs: Number, enums: String, defaults: true })[
    service
  ] as grpc.ServiceDefinition;

function unary(
  client: grpc.Client,
  method: string,
  request: object,
  { timeoutMs = CALL_LIMIT_MS, signal }: CallLimits = {},
): Promise<Reply> {
  const calls = client as unknown as Record<
    string,
    (
      request: object,
      options: grpc.CallOptions,
      done: (error: grpc.ServiceError | null, reply: Reply) => void,
    ) => grpc.ClientUnaryCall
  >;
  return new Promise((resolveCall, reject) => {
    const call = calls[method]?.call(client, request, { deadline: Date.now() + timeoutMs }, (error, reply) =>
      error === null ? resolveCall(reply) : reject(error),
    );
    signal?.addEventListener("abort", () => call?.cancel());
  });
}

/** A value as Terraform encodes it. */
export const value = (content: unknown): { readonly msgpack: Uint8Array } => ({ msgpack: encode(content) });

/** What the provider encoded; extension values as ExtData. */
export const decoded = (dynamic: { readonly msgpack: Uint8Array }): Reply => decode(dynamic.msgpack);
