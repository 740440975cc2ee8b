import { type Command, Option } from "commander";
import {
  identityProvider,
  identityProviderArn,
  PIPELINE_ISSUERS,
  PIPELINE_PURPOSES,
  type PipelineIdentity,
  type PipelineIssuer,
  pipelineProblems,
  pipelineRoleName,
  pipelineTrustPolicy,
} from "../../../agent/contract/rights/pipeline.js";
import { pipelinePolicies } from "../../../agent/contract/rights/pipeline-policy.js";
import { globalArn } from "../../../agent/contract/rights/right.js";
import { EXIT, failure, refusal, unusable } from "../core/exit.js";
import {
  type DeclaredPipelineRoles,
  deployPipelineRoles,
  PIPELINE_ROLES_FILE,
  renderPipelineRoles,
} from "../core/pipeline-roles.js";
import { accountIdOf, boundaryOf, readAccount } from "./account-file.js";
import { accountOption } from "./account-options.js";
import { type OrgContext, onOrg, orgCommand, type Session } from "./context.js";
import { readConfig } from "./read-config.js";

interface Options {
  readonly account?: string;
  readonly environment?: string;
  readonly branch?: string;
  readonly host?: string;
  readonly existingProvider?: boolean;
}

/** `muster account pipeline` */
export function addPipeline(group: Command, session: Session): void {
  const command = orgCommand(group, "pipeline", {
    summary: `writes ${PIPELINE_ROLES_FILE}: the roles of a pipeline on GitHub or GitLab, as Terraform`,
    more: [
      "Two roles that the token of a job is exchanged for (OIDC), so that no key is stored: one deploys, the other plans what is proposed and only",
      "looks. `cdktf deploy` of the file makes them, and the identity provider in IAM. With --json it prints their trust policies and policies too,",
      "for who makes the roles by hand. Makes no role, and never writes over a file.",
    ].join("\n"),
    example: "muster account pipeline github acme/clusters",
  })
    .argument("<issuer>", `where the pipeline is: ${PIPELINE_ISSUERS.join(" or ")}`)
    .argument("<repository>", "OWNER/NAME of the repository, or the path of the GitLab project")
    .option("--environment <name>", "GitHub: the environment whose jobs deploy; default: muster")
    .option("--branch <name>", "GitLab: the branch whose jobs deploy; default: main")
    .option("--host <host>", "GitLab: the host of your own; default: gitlab.com")
    .addOption(
      new Option(
        "--existing-provider",
        "use the identity provider that the account has: it may have one only of GitHub's, or of each GitLab's",
      ),
    )
    .addOption(accountOption("the account that the roles are in; default: muster.yaml's, else your own"));
  onOrg<Options>(command, session, async (context, options, issuer = "", repository = "") => {
    const { world, out, place } = context;
    const pipeline = pipelineOf(issuer, repository, options);
    const { state } = await readConfig(world);
    if (state.type !== "s3")
      throw unusable([
        'muster.yaml keeps the state in files: a pipeline needs a bucket (state: {type: s3, bucket: "..."})',
      ]);
    const accountId = await findAccount(options.account, context);
    const boundary = boundaryOf(readAccount(world));
    const rights = { ...place, accountId, ...boundary };
    const providerArn = identityProviderArn(pipeline, rights);
    const roles = PIPELINE_PURPOSES.map((purpose) => ({
      purpose,
      arn: globalArn(rights, "iam", `role/muster-account/${pipelineRoleName(purpose, rights)}`),
      trustPolicy: pipelineTrustPolicy(pipeline, purpose, providerArn),
      policies: pipelinePolicies(purpose, rights, state),
    }));
    await writeFile({ org: place.org, accountId, pipeline }, context);
    await out.print([`wrote ${PIPELINE_ROLES_FILE}`]);
    const identity = { arn: providerArn, ...identityProvider(pipeline) };
    await out.document({ file: PIPELINE_ROLES_FILE, accountId, identityProvider: identity, roles });
    out.say("Next, with credentials of the account that may change IAM:");
    out.say(`  ${deployPipelineRoles(place.org)}`);
    out.say("Then set the pipeline's variables:");
    for (const { purpose, arn } of roles) out.say(`  MUSTER_${purpose.toUpperCase()}_ROLE_ARN=${arn}`);
    return EXIT.done;
  });
}

function pipelineOf(
  issuer: string,
  repository: string,
  { environment, branch, host, existingProvider }: Options,
): DeclaredPipelineRoles["pipeline"] {
  if (!isIssuer(issuer)) throw unusable([`the issuer is "${issuer}": give ${PIPELINE_ISSUERS.join(" or ")}`]);
  const pipeline: PipelineIdentity = {
    ...{ issuer, repository },
    ...(environment === undefined ? {} : { environment }),
    ...(branch === undefined ? {} : { branch }),
    ...(host === undefined ? {} : { host }),
  };
  const problems = pipelineProblems(pipeline);
  if (problems.length > 0) throw unusable([...problems]);
  return { ...pipeline, ...(existingProvider ? { hasIdentityProvider: true } : {}) };
}

const isIssuer = (text: string): text is PipelineIssuer => PIPELINE_ISSUERS.some((known) => known === text);

async function findAccount(
  given: string | undefined,
  { world, access }: Pick<OrgContext, "world" | "access">,
): Promise<string> {
  const declared = given ?? accountIdOf(readAccount(world));
  if (declared !== null) return declared;
  try {
    return (await access.account.as({ by: "own" }).identity()).account;
  } catch (error) {
    throw unusable([
      `--account is missing, and your own credentials do not say which account it is: ${(error as Error).message}`,
    ]);
  }
}

async function writeFile(
  declared: DeclaredPipelineRoles,
  { world }: Pick<OrgContext, "world">,
): Promise<void> {
  const files = [{ path: PIPELINE_ROLES_FILE, text: renderPipelineRoles(declared) }];
  const there = await world.makeFiles(".", files).catch((error: Error) => {
    throw failure(`Could not write ${PIPELINE_ROLES_FILE}: ${error.message}.`);
  });
  if (there.length > 0)
    throw refusal(
      `This folder already has ${PIPELINE_ROLES_FILE}. Nothing was written. Change it by hand, or remove it first.`,
    );
}
