import { GetParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { type ClusterSecret, readSecretVersions, type SecretParameter } from "../contract/cluster-secret.js";
import { clusterSecretName } from "../contract/names.js";
import { AgentError, reasonOf } from "../errors.js";
import { requestHandler } from "./request-handler.js";
import { credentials } from "./table.js";

/** The cluster's secret in SSM. What it gives is for memory only. */
export interface SecretStore {
  /** Decrypted. Throws AgentError secret-unavailable after the SDK's own bounded retries. */
  read(): Promise<ClusterSecret>;
  /** The same where it is not `known` any more; null: it still is. That look decrypts nothing. */
  readNewer(known: ClusterSecret): Promise<ClusterSecret | null>;
}

export function createSecretStore(
  { org, clusterUuid }: { readonly org: string; readonly clusterUuid: string },
  region: string,
): SecretStore {
  const name = clusterSecretName(org, clusterUuid);
  let known: SSMClient | null = null;
  // To make one takes ten times as long as a call.
  const client = (): SSMClient => {
    known ??= new SSMClient({
      ...{ region, credentials },
      requestHandler: requestHandler({ connectionTimeout: 2_000, requestTimeout: 5_000 }),
    });
    return known;
  };

  /** Looks are minutes apart: this keeps no connection. One at a time. */
  async function withParameter<T>(
    use: (get: (version: number | null, decrypted: boolean) => Promise<SecretParameter | null>) => Promise<T>,
  ): Promise<T> {
    try {
      return await use(async (version, WithDecryption) => {
        const Name = version === null ? name : `${name}:${version}`;
        const { Parameter } = await client().send(new GetParameterCommand({ Name, WithDecryption }));
        return Parameter ?? null;
      });
    } catch (error) {
      throw new AgentError("secret-unavailable", `${name} (${reasonOf(error)})`, error);
    } finally {
      client().destroy();
    }
  }

  const read = () =>
    withParameter(async (get) => {
      const all = { now: new Date(), keepsRetired: true };
      const secret = await readSecretVersions(async (version) => {
        const parameter = get(version, true);
        return version === null ? parameter : parameter.catch(unlessNoVersion);
      }, all);
      if (secret === null) throw new Error("it is empty");
      return secret;
    });

  return {
    read,
    async readNewer({ version, since }) {
      const now = await withParameter((get) => get(null, false));
      const isSame = now?.Version === version && now.LastModifiedDate?.getTime() === since.getTime();
      return isSame ? null : read();
    },
  };
}

/** SSM keeps the last hundred versions; of a parameter that was made anew there is none. */
function unlessNoVersion(error: Error): null {
  if (error.name === "ParameterVersionNotFound" || error.name === "ParameterNotFound") return null;
  throw error;
}
