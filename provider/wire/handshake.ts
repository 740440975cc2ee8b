import { X509Certificate } from "node:crypto";

/** The variable that Terraform sets when it starts a provider; a person's shell does not have it. */
const COOKIE_NAME = "TF_PLUGIN_MAGIC_COOKIE";
const COOKIE_VALUE = "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2";
const PLUGIN_CORE_VERSION = 1;
const PROTOCOL_VERSION = 6;

export type Start =
  | { readonly kind: "refuse"; readonly message: string }
  | { readonly kind: "serve"; readonly clientCertificatePem: string | null };

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Decides from the process's environment how to start. Without a client certificate, the connection has no TLS: only
 * TF_DISABLE_PLUGIN_TLS and debuggers do that.
 */
export function readStart(env: Environment): Start {
  if (env[COOKIE_NAME] !== COOKIE_VALUE) {
    return {
      kind: "refuse",
      message:
        "This is a Terraform provider: Terraform starts it, people don't.\nWrite `muster/muster` into required_providers and run `terraform init`, then `terraform plan`.",
    };
  }
  const versions = env["PLUGIN_PROTOCOL_VERSIONS"];
  if (versions !== undefined && !versions.split(",").includes(String(PROTOCOL_VERSION))) {
    return {
      kind: "refuse",
      message: `terraform-provider-muster speaks plugin protocol ${PROTOCOL_VERSION}; this Terraform speaks ${versions}. Use Terraform 1.11 or newer.`,
    };
  }
  const clientCertificatePem = env["PLUGIN_CLIENT_CERT"] || null;
  if (clientCertificatePem !== null && !isCertificate(clientCertificatePem)) {
    return {
      kind: "refuse",
      message: "PLUGIN_CLIENT_CERT is not a certificate in PEM: Terraform could not connect.",
    };
  }
  return { kind: "serve", clientCertificatePem };
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).raw.length > 0;
  } catch {
    return false;
  }
}

/** The one line that Terraform reads. The certificate is base64 without padding: padding is fatal. */
export function handshakeLine(socketPath: string, certificateDer: Buffer | null): string {
  const certificate = certificateDer?.toString("base64").replace(/=+$/, "") ?? "";
  return [PLUGIN_CORE_VERSION, PROTOCOL_VERSION, "unix", socketPath, "grpc", certificate].join("|");
}
