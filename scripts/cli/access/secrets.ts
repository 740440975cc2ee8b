import { GetParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { clusterSecretName } from "../../../agent/contract/names.js";
import { failure } from "../core/exit.js";
import type { Opening, Secrets } from "../core/ports.js";
import { callsOf, clientSettings } from "./connection.js";

/** The clusters' secrets in SSM. No error contains any part of a secret. */
export function parameterSecrets(
  opening: Opening,
  env: Readonly<Record<string, string | undefined>>,
  version: string,
): Secrets {
  const client = new SSMClient(clientSettings(opening, version));
  const call = callsOf(client, "SSM", opening, env);
  return {
    async read(clusterUuid) {
      const Name = clusterSecretName(opening.org, clusterUuid);
      const missing = (): Error =>
        failure(`The cluster's secret, SSM parameter ${Name}, is missing: apply the cluster's stack again.`);
      const { Parameter } = await call(
        `read SSM parameter ${Name}`,
        () =>
          client.send(new GetParameterCommand({ Name, WithDecryption: true }), {
            abortSignal: opening.signal,
          }),
        async ({ name }) => (name === "ParameterNotFound" ? failure(missing().message) : null),
      );
      if (!Parameter?.Value) throw missing();
      return Parameter.Value;
    },
  };
}
