import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import { createInterface } from "node:readline";
import * as grpc from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";
import { decode, ExtData, encode } from "@msgpack/msgpack";
import { createIdentity } from "../../../provider/wire/certificate.js";

export const COOKIE = {
  TF_PLUGIN_MAGIC_COOKIE: "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2",
  PLUGIN_PROTOCOL_VERSIONS: "5,6",
};
/** As Terraform sends an unknown value. */
export const UNKNOWN = new ExtData(0, new Uint8Array([0]));

const WIRE = resolve(__dirname, "../../../provider/wire");
const UNLIMITED = { "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 };

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
  const identity = createIdentity(new Date());
  const child = spawn(program, [], {
    env: { PATH: process.env["PATH"], ...COOKIE, PLUGIN_CLIENT_CERT: identity.certificatePem, ...env },
    stdio: ["ignore", "pipe", "ignore"],
  });
  const [handshake] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
  const [, , , socketPath, , certificate = ""] = handshake.split("|");
  const padded = Buffer.from(certificate, "base64").toString("base64");
  const root = Buffer.from(
    `-----BEGIN CERTIFICATE-----\n${padded.replace(/.{64}/g, "$&\n")}\n-----END CERTIFICATE-----\n`,
  );
  const clients: grpc.Client[] = [];
  const connect = (file: string, service: string, credentials: grpc.ChannelCredentials): grpc.Client => {
    const definition = loadSync(`${WIRE}/${file}`, {
      keepCase: true,
      longs: Number,
      enums: String,
      defaults: true,
    });
    const Client = grpc.makeClientConstructor(definition[service] as grpc.ServiceDefinition, service);
    const client = new Client(`unix:${socketPath}`, credentials, {
      ...UNLIMITED,
      "grpc.ssl_target_name_override": "localhost",
      "grpc.default_authority": "localhost",
    });
    clients.push(client);
    return client;
  };
  const mutual = grpc.credentials.createSsl(
    root,
    Buffer.from(identity.keyPem),
    Buffer.from(identity.certificatePem),
  );
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
      unary(connect("tfplugin6.proto", "tfplugin6.Provider", grpc.credentials.createSsl(root)), method, {}),
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
