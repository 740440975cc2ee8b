import { randomBytes } from "node:crypto";
import type { SSMClient } from "@aws-sdk/client-ssm";
import { readSecretVersions, SECRET_BYTES } from "../../agent/contract/cluster-secret.js";
import { clusterParameterPath, clusterSecretName, kmsAliasName, TAG } from "../../agent/contract/names.js";
import type { ClusterSecrets } from "../client/ports.js";
import type { Tags } from "../client/tags.js";
import { callAws, isAwsError } from "./errors.js";
import type { AwsScope } from "./scope.js";
import type { OrgSdk } from "./sdk/parts.js";

/** SSM's own limit for both calls. */
const PAGE = 10;

/** Cluster secrets in SSM. This creates the value and sends it to SSM; it reads the value only to derive a token, and never keeps it. */
export function awsSecrets(sdk: OrgSdk, ssm: SSMClient, scope: AwsScope): ClusterSecrets {
  const { org, signal } = scope;
  const aborting = { abortSignal: signal };
  return {
    create: ({ uuid, name, tags }) =>
      callAws({ doing: `create the secret of cluster ${uuid}`, ...scope }, async () => {
        const put = new sdk.PutParameterCommand({
          Name: clusterSecretName(org, uuid),
          Description: "Muster: the secret that a cluster's role tokens are derived from",
          Type: "SecureString",
          KeyId: kmsAliasName(org),
          Value: randomBytes(SECRET_BYTES).toString("base64url"),
          Overwrite: false,
          Tags: toSsm({ ...tags, [TAG.ORG]: org, [TAG.CLUSTER]: uuid, [TAG.CLUSTER_NAME]: name }),
        });
        await ssm.send(put, aborting).catch((error: unknown) => {
          if (!isAwsError(error, "ParameterAlreadyExists")) throw error;
        });
      }),

    tags: (uuid) =>
      callAws({ doing: `list the tags of the secret of cluster ${uuid}`, ...scope }, async () => {
        const ResourceId = clusterSecretName(org, uuid);
        const list = new sdk.ListTagsForResourceCommand({ ResourceType: "Parameter", ResourceId });
        const answer = await ssm.send(list, aborting).catch(unlessNoSecret);
        const tags = (answer?.TagList ?? []).map(({ Key, Value }) => [Key ?? "", Value ?? ""] as const);
        return answer === undefined ? null : Object.fromEntries(tags);
      }),

    retag: (uuid, { set, remove }) =>
      callAws({ doing: `change the tags of the secret of cluster ${uuid}`, ...scope }, async () => {
        const parameter = { ResourceType: "Parameter", ResourceId: clusterSecretName(org, uuid) } as const;
        const add = new sdk.AddTagsToResourceCommand({ ...parameter, Tags: toSsm(set) });
        const drop = new sdk.RemoveTagsFromResourceCommand({ ...parameter, TagKeys: [...remove] });
        // Removed first: otherwise old and new tags together could be more than SSM allows.
        if (remove.length > 0) await ssm.send(drop, aborting).catch(unlessNoSecret);
        if (Object.keys(set).length > 0) await ssm.send(add, aborting).catch(unlessNoSecret);
      }),

    read: (uuid) =>
      callAws({ doing: `read the secret of cluster ${uuid}`, ...scope }, async () => {
        const name = clusterSecretName(org, uuid);
        const get = async (version: number | null) => {
          const Name = version === null ? name : `${name}:${version}`;
          const one = new sdk.GetParameterCommand({ Name, WithDecryption: true });
          const answer = await ssm.send(one, aborting).catch(unlessNoParameter);
          return answer?.Parameter ?? null;
        };
        return readSecretVersions(get, { now: new Date() });
      }),

    deleteAll: (uuid) =>
      callAws({ doing: `delete the parameters of cluster ${uuid}`, ...scope }, async () => {
        const Path = clusterParameterPath(org, uuid);
        let token: string | undefined;
        do {
          const list = new sdk.GetParametersByPathCommand({
            Path,
            Recursive: true,
            MaxResults: PAGE,
            NextToken: token,
          });
          const { Parameters = [], NextToken } = await ssm.send(list, aborting);
          const names = Parameters.flatMap(({ Name }) => Name ?? []);
          if (names.length > 0) await ssm.send(new sdk.DeleteParametersCommand({ Names: names }), aborting);
          token = NextToken;
        } while (token !== undefined);
      }),
  };
}

const toSsm = (tags: Tags) => Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));

function unlessNoParameter(error: unknown): null {
  if (isAwsError(error, "ParameterNotFound") || isAwsError(error, "ParameterVersionNotFound")) return null;
  throw error;
}

function unlessNoSecret(error: unknown): undefined {
  if (isAwsError(error, "InvalidResourceId")) return undefined;
  throw error;
}
