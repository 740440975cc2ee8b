import { TerraformOutput, TerraformStack } from "cdktf";
import type { Construct } from "constructs";
import { hostfilePath, TAG } from "../agent/contract/names.js";
import type { AccountSettings } from "./config/account.js";
import { hasEndpoints } from "./config/existing-network.js";
import type { JobDefinitionDeclaration } from "./config/job-definition-files.js";
import type { PreflightSettings } from "./config/preflight.js";
import type { ClusterSettings, OrgSettings } from "./config/schema.js";
import type { StateSettings } from "./config/state.js";
import { type ClusterResources, clusterOutputNames } from "./constructs/cluster-resources.js";
import { JobDefinition } from "./constructs/job-definition.js";
import { literal } from "./constructs/literal.js";
import { MpiCluster } from "./constructs/mpi-cluster.js";
import { orgResourcesFrom } from "./constructs/org-resources.js";
import { addProviders } from "./constructs/providers.js";
import { limitRoles } from "./constructs/role-boundary.js";
import { WakeSchedule } from "./constructs/wake-schedule.js";
import { wakeTime } from "./constructs/wake-time.js";
import { keepState, readOutputs } from "./state-backend.js";

export interface ClusterStackProps {
  readonly org: OrgSettings;
  readonly state: StateSettings;
  /** @default the credentials are used as they are, in any account */
  readonly account?: AccountSettings;
  readonly cluster: ClusterSettings;
  /** @default everything is checked */
  readonly preflight?: PreflightSettings;
  /** The text of the cluster's `bootScript.file`; needed where that is given. */
  readonly bootScriptText?: string | undefined;
  /** @default none */
  readonly jobDefinitions?: readonly JobDefinitionDeclaration[];
  /**
   * What is past is not waited for: a schedule's one moment.
   * @default the time of synthesis
   */
  readonly now?: Date;
}

/**
 * One cluster with its job definitions. It gets the org's resources from the org's state, so it can be deployed and destroyed alone
 * once the OrgStack has been deployed. Its outputs say how to find it.
 */
export class ClusterStack extends TerraformStack {
  constructor(scope: Construct, id: string, props: ClusterStackProps) {
    super(scope, id);
    const { org, state, account, cluster, preflight, bootScriptText, jobDefinitions = [] } = props;
    keepState(this, state, `${org.name}/clusters/${cluster.name}`);
    limitRoles(this, account?.permissionsBoundaryArn);
    addProviders(this, { org, account, tags: { [TAG.CLUSTER_NAME]: cluster.name } });
    const orgState = readOutputs(this, "org", state, `${org.name}/org`);
    const mpiCluster = new MpiCluster(this, "cluster", {
      ...cluster,
      tags: { ...org.tags, ...cluster.tags },
      orgName: org.name,
      region: org.region,
      ...(bootScriptText === undefined ? {} : { bootScriptText }),
      ...(preflight === undefined ? {} : { preflight }),
      hasEndpoints: hasEndpoints(org.network),
      org: orgResourcesFrom(orgState),
      // Notebooks are in stacks of their own.
      refuseAt: "plan",
    });
    const { uuid, fleet, resources } = mpiCluster;
    for (const definition of jobDefinitions) {
      this.wakeFor(definition, mpiCluster, props);
      new JobDefinition(this, `job-definition-${definition.name}`, {
        ...literalDefinition(definition),
        clusterUuid: uuid,
        after: [fleet],
      });
    }
    const ofNotebooks = Object.entries(clusterOutputNames).map(([key, output]) => [
      output,
      resources[key as keyof ClusterResources],
    ]);
    const outputs = {
      ...(Object.fromEntries(ofNotebooks) as Record<string, string>),
      hostfile: hostfilePath(uuid),
      ready_nodes: fleet.readyNodes,
      cores: fleet.cores,
    };
    for (const [name, value] of Object.entries(outputs)) {
      new TerraformOutput(this, name, { value, staticId: true });
    }
  }

  /** A parked cluster's nodes start before the definition's slots. */
  private wakeFor(
    { name, schedule }: JobDefinitionDeclaration,
    { fleet, autoscalingGroup }: MpiCluster,
    { cluster, now = new Date() }: ClusterStackProps,
  ): void {
    const time = schedule === undefined ? null : wakeTime(schedule, now);
    if (time === null) return;
    const { nodes } = cluster;
    new WakeSchedule(this, `wake-${name}`, {
      ...{ autoscalingGroup, nodes, time },
      definition: name,
      after: [fleet],
    });
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
