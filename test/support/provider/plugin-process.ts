import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import * as grpc from "@grpc/grpc-js";
import { createIdentity, type TlsIdentity } from "../../../provider/wire/certificate.js";

export const COOKIE = {
  TF_PLUGIN_MAGIC_COOKIE: "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2",
  PLUGIN_PROTOCOL_VERSIONS: "5,6",
};

/** A provider of any kind, spawned as Terraform does it and past its handshake; not connected to yet. */
export interface PluginProcess {
  readonly process: ChildProcess;
  readonly handshake: string;
  /** What it has written to stderr so far: under TF_LOG Terraform shows it. */
  log(): string;
  /** On the clock of performance.now(). */
  readonly spawnedAtMs: number;
  /** From the spawn to the handshake's line. */
  readonly handshakeMs: number;
  /** For `new Client(address, credentials, CHANNEL_OPTIONS)`. */
  readonly address: string;
  readonly mutual: grpc.ChannelCredentials;
  /** Without a client certificate: what a stranger would have. */
  readonly serverOnly: grpc.ChannelCredentials;
  /** With a client certificate that Terraform did not name. */
  readonly strangers: grpc.ChannelCredentials;
}

export const CHANNEL_OPTIONS = {
  "grpc.max_receive_message_length": -1,
  "grpc.max_send_message_length": -1,
  "grpc.ssl_target_name_override": "localhost",
  "grpc.default_authority": "localhost",
};

/** Fails with the exit code when the program ends before its handshake; Terraform itself waits a minute for it. */
export async function spawnPlugin(
  program: string,
  env: Readonly<Record<string, string>> = {},
): Promise<PluginProcess> {
  const identity = createIdentity(new Date());
  const spawnedAtMs = performance.now();
  const child = spawn(program, [], {
    env: { PATH: process.env["PATH"], ...COOKIE, PLUGIN_CLIENT_CERT: identity.certificatePem, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let log = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    log += text;
  });
  const ended = once(child, "exit").then(([code]) => {
    throw new Error(`${program} ended with ${String(code)} before its handshake.`);
  });
  // The race is lost in the good case, and nobody else asks how the process ended.
  ended.catch(() => undefined);
  const lines = createInterface({ input: child.stdout });
  const [handshake] = (await Promise.race([once(lines, "line"), ended])) as [string];
  const handshakeMs = performance.now() - spawnedAtMs;
  const [, , , socketPath, , certificate = ""] = handshake.split("|");
  const root = rootOf(certificate);
  return {
    process: child,
    handshake,
    log: () => log,
    spawnedAtMs,
    handshakeMs,
    address: `unix:${socketPath}`,
    mutual: credentialsOf(root, identity),
    strangers: credentialsOf(root, createIdentity(new Date())),
    serverOnly: root === null ? PLAIN : grpc.credentials.createSsl(root),
  };
}

const PLAIN = grpc.credentials.createInsecure();

/** Null: the provider was asked to go without TLS. */
function rootOf(certificate: string): Buffer | null {
  if (certificate === "") return null;
  const padded = Buffer.from(certificate, "base64").toString("base64");
  return Buffer.from(
    `-----BEGIN CERTIFICATE-----\n${padded.replace(/.{64}/g, "$&\n")}\n-----END CERTIFICATE-----\n`,
  );
}

const credentialsOf = (
  root: Buffer | null,
  { keyPem, certificatePem }: TlsIdentity,
): grpc.ChannelCredentials =>
  root === null ? PLAIN : grpc.credentials.createSsl(root, Buffer.from(keyPem), Buffer.from(certificatePem));
