import { TerraformOutput, TerraformStack } from "cdktf";
import type { Construct } from "constructs";
import { hostfilePath, TAG } from "../agent/contract/names.js";
import type { JobDefinitionDeclaration } from "./config/job-definition-files.js";
import type { ClusterSettings, OrgSettings } from "./config/schema.js";
import type { StateSettings } from "./config/state.js";
import { JobDefinition } from "./constructs/job-definition.js";
import { literal } from "./constructs/literal.js";
import { MpiCluster } from "./constructs/mpi-cluster.js";
import { orgResourcesFrom } from "./constructs/org-resources.js";
import { addProviders } from "./constructs/providers.js";
import { keepState, readOutputs } from "./state-backend.js";

export interface ClusterStackProps {
  readonly org: OrgSettings;
  readonly state: StateSettings;
  readonly cluster: ClusterSettings;
  /** @default none */
  readonly jobDefinitions?: readonly JobDefinitionDeclaration[];
}

/**
 * One cluster with its job definitions. It gets the org's resources from the org's state, so it can be deployed and destroyed alone
 * once the OrgStack has been deployed. Its outputs say how to find it.
 */
export class ClusterStack extends TerraformStack {
  constructor(scope: Construct, id: string, props: ClusterStackProps) {
    super(scope, id);
    const { org, state, cluster, jobDefinitions = [] } = props;
    keepState(this, state, `${org.name}/clusters/${cluster.name}`);
    addProviders(this, { org, tags: { [TAG.CLUSTER_NAME]: cluster.name } });
    const orgState = readOutputs(this, "org", state, `${org.name}/org`);
    const { uuid, fleet } = new MpiCluster(this, "cluster", {
      ...cluster,
      tags: { ...org.tags, ...cluster.tags },
      orgName: org.name,
      region: org.region,
      org: orgResourcesFrom(orgState),
    });
    for (const definition of jobDefinitions) {
      new JobDefinition(this, `job-definition-${definition.name}`, {
        ...literalDefinition(definition),
        clusterUuid: uuid,
        after: [fleet],
      });
    }
    const outputs = { uuid, hostfile: hostfilePath(uuid), ready_nodes: fleet.readyNodes, cores: fleet.cores };
    for (const [name, value] of Object.entries(outputs)) {
      new TerraformOutput(this, name, { value, staticId: true });
    }
  }
}

/** Every text in a declared job definition stays as it is: a `${` in its Python is not a Terraform reference. */
const literalDefinition = (definition: JobDefinitionDeclaration): JobDefinitionDeclaration =>
  literalIn(definition) as JobDefinitionDeclaration;

function literalIn(value: unknown): unknown {
  if (typeof value === "string") return literal(value);
  if (Array.isArray(value)) return value.map(literalIn);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, literalIn(inner)]));
}
