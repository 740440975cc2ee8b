import type { PipelineIdentity } from "../../../agent/contract/rights/pipeline.js";

/** What a project's file of its pipeline's roles says, beside what muster.yaml does. */
export interface DeclaredPipelineRoles {
  readonly org: string;
  readonly accountId: string;
  readonly pipeline: PipelineIdentity & { readonly hasIdentityProvider?: boolean };
}

/** The file's name. cdktf runs it with `--app`. */
export const PIPELINE_ROLES_FILE = "pipeline-roles.cjs";
/** cdktf's call that makes the roles. Pure. */
export const deployPipelineRoles = (org: string): string =>
  `npx cdktf deploy --app "node ${PIPELINE_ROLES_FILE}" ${accountStackName(org)}`;

const accountStackName = (org: string): string => `muster_${org}_account`;

/** An app of cdktf's: the AccountStack with the pipeline's roles, in the account and with the state of muster.yaml. Pure. */
export const renderPipelineRoles = ({ org, accountId, pipeline }: DeclaredPipelineRoles): string =>
  `// The roles of this project's pipeline, as Terraform: no key is stored, each job's own token is exchanged for a role (OIDC).
// Deploy it with credentials of the account that may change IAM, once, and again when something here changes:
//   ${deployPipelineRoles(org)}
// The pipeline can't: its roles have no right on themselves. Destroy it last.
const { App } = require("cdktf");
const { AccountStack, loadMusterConfig } = require("muster/stacks");

const { org, account, state } = loadMusterConfig();
const app = new App();
new AccountStack(app, ${JSON.stringify(accountStackName(org))}, {
  orgName: org.name,
  region: org.region,
  accountId: ${JSON.stringify(accountId)},
  permissionsBoundaryArn: account?.permissionsBoundaryArn,
  state,
  pipeline: ${JSON.stringify(pipeline, null, 2).replaceAll("\n", "\n  ")},
});
app.synth();
`;
