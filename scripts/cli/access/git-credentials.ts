import {
  DeleteParameterCommand,
  PutParameterCommand,
  paginateDescribeParameters,
  SSMClient,
} from "@aws-sdk/client-ssm";
import {
  gitCredentialsParameter,
  gitCredentialsPath,
  kmsAliasName,
  TAG,
} from "../../../agent/contract/names.js";
import type { GitCredentialStore, Opening } from "../core/ports.js";
import { callsOf, clientSettings } from "./connection.js";

/** The org's Git credentials in SSM, under its key. No error contains any part of a secret. */
export function parameterGitCredentials(
  opening: Opening,
  env: Readonly<Record<string, string | undefined>>,
  version: string,
): GitCredentialStore {
  const { org } = opening;
  const client = new SSMClient(clientSettings(opening, version));
  const call = callsOf(client, "SSM", opening, env);
  const aborting = { abortSignal: opening.signal };
  return {
    list: () =>
      call("list the Git credentials", async () => {
        const path = gitCredentialsPath(org);
        const ParameterFilters = [{ Key: "Path", Option: "OneLevel", Values: [path] }];
        const found = [];
        for await (const { Parameters = [] } of paginateDescribeParameters(
          { client },
          { ParameterFilters },
          aborting,
        ))
          for (const { Name = "", Description: description = "", LastModifiedDate } of Parameters)
            found.push({
              name: Name.slice(path.length + 1),
              description,
              changedAt: LastModifiedDate?.toISOString() ?? null,
            });
        return found.sort((a, b) => (a.name < b.name ? -1 : 1));
      }),
    set: (name, credentials) =>
      call(`write the Git credentials ${name}`, async () => {
        const put = {
          Name: gitCredentialsParameter(org, name),
          Description: `${credentials.kind} for ${credentials.host}`,
          Type: "SecureString" as const,
          KeyId: kmsAliasName(org),
          Value: JSON.stringify(credentials),
        };
        try {
          // Tags can be given to a new parameter only.
          const Tags = [{ Key: TAG.ORG, Value: org }];
          await client.send(new PutParameterCommand({ ...put, Tags }), aborting);
        } catch (error) {
          if ((error as Error).name !== "ParameterAlreadyExists") throw error;
          await client.send(new PutParameterCommand({ ...put, Overwrite: true }), aborting);
        }
      }),
    delete: (name) =>
      call(`delete the Git credentials ${name}`, async () => {
        try {
          await client.send(
            new DeleteParameterCommand({ Name: gitCredentialsParameter(org, name) }),
            aborting,
          );
          return true;
        } catch (error) {
          if ((error as Error).name === "ParameterNotFound") return false;
          throw error;
        }
      }),
  };
}
