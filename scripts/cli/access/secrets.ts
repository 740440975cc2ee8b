import { randomBytes } from "node:crypto";
import { GetParameterCommand, PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { readSecretVersions, SECRET_BYTES } from "../../../agent/contract/cluster-secret.js";
import { clusterSecretName, kmsAliasName } from "../../../agent/contract/names.js";
import { failure } from "../core/exit.js";
import type { Opening, Secrets } from "../core/ports.js";
import { callsOf, clientSettings } from "./connection.js";

/** The clusters' secrets in SSM. No error contains any part of a secret. */
interface ParameterSecrets extends Pick<Secrets, "read"> {
  /** Puts another secret in the place of the one that is there. Gives its version's number. */
  put(clusterUuid: string): Promise<number>;
}

export function parameterSecrets(
  opening: Opening,
  env: Readonly<Record<string, string | undefined>>,
  version: string,
): ParameterSecrets {
  const { org, signal } = opening;
  const client = new SSMClient(clientSettings(opening, version));
  const call = callsOf(client, "SSM", opening, env);

  const missing = (name: string): Error =>
    failure(`The cluster's secret, SSM parameter ${name}, is missing: apply the cluster's stack again.`);
  const get = (name: string) => async (wanted: number | null) => {
    const Name = wanted === null ? name : `${name}:${wanted}`;
    const command = new GetParameterCommand({ Name, WithDecryption: true });
    const { Parameter } = await client.send(command, { abortSignal: signal }).catch((error: Error) => {
      if (wanted !== null && error.name === "ParameterVersionNotFound") return { Parameter: undefined };
      throw error;
    });
    return Parameter ?? null;
  };

  return {
    async read(clusterUuid) {
      const name = clusterSecretName(org, clusterUuid);
      const secret = await call(
        `read SSM parameter ${name}`,
        () => readSecretVersions(get(name), { now: new Date() }),
        async (error) => (error.name === "ParameterNotFound" ? failure(missing(name).message) : null),
      );
      if (secret === null) throw missing(name);
      return secret;
    },
    put: (clusterUuid) => {
      const Name = clusterSecretName(org, clusterUuid);
      return call(`write SSM parameter ${Name}`, async () => {
        const command = new PutParameterCommand({
          ...{ Name, Type: "SecureString", KeyId: kmsAliasName(org), Overwrite: true },
          Value: randomBytes(SECRET_BYTES).toString("base64url"),
        });
        return (await client.send(command, { abortSignal: signal })).Version ?? 0;
      });
    },
  };
}
