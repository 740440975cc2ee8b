import { existsSync, readdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { runCommand } from "../system/command.js";
import { findOnPath } from "../system/find-on-path.js";
import { aptOptions, bakeEnvironment, bakeSources } from "./host-config.js";

const CA_BUNDLES = ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt"];

/** What a root needs, for the time of a bake, to reach Debian's mirror and the Python index as this machine does. */
export interface HostSettings {
  readonly aptOptions: string;
  /** null: Debian's own mirror. */
  readonly sources: string | null;
  /** A file; null: this machine has none. */
  readonly caBundle: string | null;
  /** Proxies and pip's settings, PATH and HOME. */
  readonly environment: Readonly<Record<string, string>>;
}

/** Reads the machine's own configuration of apt and pip. */
export async function readHostSettings(): Promise<HostSettings> {
  const options = aptOptions(await runCommand(["apt-config", "dump"], { timeoutSeconds: 20 }));
  const sources = bakeSources(await readAll("/etc/apt/sources.list", "/etc/apt/sources.list.d"));
  const bundle = [process.env["SSL_CERT_FILE"], ...CA_BUNDLES].find((path) => path && existsSync(path));
  const pip = findOnPath("pip3") ?? findOnPath("pip");
  const settings =
    pip === undefined
      ? ""
      : await runCommand([pip, "config", "list"], { timeoutSeconds: 60 }).catch(() => "");
  return {
    aptOptions: options,
    sources,
    caBundle: bundle ?? null,
    environment: bakeEnvironment(process.env, settings),
  };
}

async function readAll(file: string, folder: string): Promise<string[]> {
  const names = existsSync(folder)
    ? readdirSync(folder).filter((name) => /\.(list|sources)$/.test(name))
    : [];
  const paths = [file, ...names.map((name) => join(folder, name))].filter((path) => existsSync(path));
  return Promise.all(paths.map((path) => readFile(path, "utf8")));
}
