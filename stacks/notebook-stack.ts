import { TerraformOutput, TerraformStack } from "cdktf";
import type { Construct } from "constructs";
import { TAG } from "../agent/contract/names.js";
import { notebookHome } from "../agent/contract/notebook.js";
import type { AccountSettings } from "./config/account.js";
import { hasEndpoints } from "./config/existing-network.js";
import type { NotebookSettings } from "./config/notebook.js";
import type { ClusterSettings, OrgSettings } from "./config/schema.js";
import type { StateSettings } from "./config/state.js";
import { clusterResourcesFrom } from "./constructs/cluster-resources.js";
import { MpiNotebook } from "./constructs/mpi-notebook.js";
import { orgResourcesFrom } from "./constructs/org-resources.js";
import { addProviders } from "./constructs/providers.js";
import { limitRoles } from "./constructs/role-boundary.js";
import { keepState, readOutputs } from "./state-backend.js";

export interface NotebookStackProps {
  readonly org: OrgSettings;
  readonly state: StateSettings;
  /** @default the credentials are used as they are, in any account */
  readonly account?: AccountSettings;
  readonly notebook: NotebookSettings;
  /** The cluster that it is attached to. */
  readonly cluster: ClusterSettings;
  /** The text of the cluster's `bootScript.file`; needed where that is given. */
  readonly bootScriptText?: string | undefined;
}

/**
 * One notebook. It gets what it needs of the org and of its cluster from their states, and no id in it is the cluster's: attached to
 * another cluster, the same stack changes in place.
 */
export class NotebookStack extends TerraformStack {
  constructor(scope: Construct, id: string, props: NotebookStackProps) {
    super(scope, id);
    const { org, state, account, notebook, cluster, bootScriptText } = props;
    keepState(this, state, `${org.name}/notebooks/${notebook.name}`);
    limitRoles(this, account?.permissionsBoundaryArn);
    addProviders(this, { org, account, tags: { [TAG.NOTEBOOK]: notebook.name } });
    const orgState = readOutputs(this, "org", state, `${org.name}/org`);
    const clusterState = readOutputs(this, "cluster", state, `${org.name}/clusters/${cluster.name}`);
    new MpiNotebook(this, "notebook", {
      ...notebook,
      tags: { ...org.tags, ...notebook.tags },
      orgName: org.name,
      region: org.region,
      org: orgResourcesFrom(orgState),
      cluster: { resources: clusterResourcesFrom(clusterState), settings: cluster, bootScriptText },
      hasEndpoints: hasEndpoints(org.network),
    });
    const outputs = { name: notebook.name, home: notebookHome(notebook.name) };
    for (const [name, value] of Object.entries(outputs)) {
      new TerraformOutput(this, name, { value, staticId: true });
    }
  }
}
