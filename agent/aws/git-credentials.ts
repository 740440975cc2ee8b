import { GetParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { type GitCredentials, parseGitCredentials } from "../contract/git-credentials.js";
import { gitCredentialsParameter } from "../contract/names.js";
import { reasonOf } from "../errors.js";
import { SourceError } from "../jobs/ports.js";
import type { CredentialStore } from "../sources/ports.js";
import { requestHandler } from "./request-handler.js";
import { credentials } from "./table.js";

/** The org's Git credentials in SSM, read anew each time, so that a change counts at once. */
export function createCredentialStore(org: string, region: string): CredentialStore {
  return {
    async read(name): Promise<GitCredentials> {
      const client = new SSMClient({
        region,
        credentials,
        requestHandler: requestHandler({ connectionTimeout: 2_000, requestTimeout: 5_000 }),
      });
      try {
        const Name = gitCredentialsParameter(org, name);
        const { Parameter } = await client.send(new GetParameterCommand({ Name, WithDecryption: true }));
        return parseGitCredentials(Parameter?.Value ?? "");
      } catch (error) {
        throw credentialsError(name, error);
      } finally {
        client.destroy();
      }
    },
  };
}

function credentialsError(name: string, error: unknown): SourceError {
  const { name: kind = "" } = error as { name?: string };
  if (kind === "ParameterNotFound")
    return new SourceError(
      "source-refused",
      `the org has no Git credentials ${name}: make them with \`muster git-credentials set ${name}\``,
    );
  if (/AccessDenied/.test(kind))
    return new SourceError(
      "source-refused",
      `the cluster may not use the Git credentials ${name}: list them under its gitCredentials in muster.yaml`,
    );
  // SSM's errors name the parameter, and parseGitCredentials shows nothing of the value.
  return new SourceError("source-failed", `the Git credentials ${name} can't be read: ${reasonOf(error)}`, {
    cause: error,
  });
}
