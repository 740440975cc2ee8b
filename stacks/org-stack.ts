import { Lazy, TerraformOutput, TerraformResource, TerraformStack } from "cdktf";
import type { Construct } from "constructs";
import { MusterTeardownGuardResource } from "../provider/bindings/index.js";
import type { AccountSettings } from "./config/account.js";
import type { PreflightSettings } from "./config/preflight.js";
import type { OrgSettings } from "./config/schema.js";
import type { StateSettings } from "./config/state.js";
import { ExistingNetwork } from "./constructs/existing-network.js";
import { FileSystemSecurity } from "./constructs/file-system-security.js";
import { FlowLogs } from "./constructs/flow-logs.js";
import { LogBucket } from "./constructs/log-bucket.js";
import { OrgAccount } from "./constructs/org-account.js";
import { OrgKey } from "./constructs/org-key.js";
import { OrgNetwork } from "./constructs/org-network.js";
import { type OrgResources, orgResourcesOf, outputNames } from "./constructs/org-resources.js";
import { preflightOf } from "./constructs/preflight.js";
import { addProviders } from "./constructs/providers.js";
import { RegistryTable } from "./constructs/registry-table.js";
import { SharedFileSystem } from "./constructs/shared-file-system.js";
import { keepState } from "./state-backend.js";

export interface OrgStackProps {
  readonly org: OrgSettings;
  readonly state: StateSettings;
  /** @default the credentials are used as they are, in any account */
  readonly account?: AccountSettings;
  /** @default everything is checked */
  readonly preflight?: PreflightSettings;
}

/**
 * The resources that an org's clusters share in one region. Its outputs do not depend on the clusters, so adding a cluster
 * never needs a change here first. Destroy refuses, and changes nothing, while any cluster is left.
 */
export class OrgStack extends TerraformStack {
  readonly resources: OrgResources;

  constructor(scope: Construct, id: string, props: OrgStackProps) {
    super(scope, id);
    const { org, state, account, preflight = { enabled: true, skip: [] } } = props;
    keepState(this, state, `${org.name}/org`);
    addProviders(this, { org, account });
    this.resources = this.declare(org, preflight);
    this.guardAll();
    for (const [key, output] of Object.entries(outputNames)) {
      const value = this.resources[key as keyof OrgResources];
      // Lazy, as cdktf looks at a list with a function that Node.js warns of, at each synth of a user's.
      new TerraformOutput(this, output, { value: Lazy.anyValue({ produce: () => value }), staticId: true });
    }
  }

  /**
   * The guard depends on everything, so Terraform destroys it first. It refuses in the plan already: when a destroy fails later,
   * Terraform has already dropped the outputs, and without them no cluster can be planned or destroyed.
   */
  private guardAll(): void {
    const all = this.node.findAll().filter(TerraformResource.isTerraformResource);
    new MusterTeardownGuardResource(this, "teardown-guard", { refuseAt: "plan", dependsOn: all });
  }

  /** A network that exists has flow logs where the company wants them. */
  private network(
    org: OrgSettings,
    name: string,
    preflight: PreflightSettings,
  ): OrgNetwork | ExistingNetwork {
    const { vpcId, subnetIds = [], endpointRouteTableIds: routeTableIds, ...own } = org.network;
    const place = { name, region: org.region };
    if (vpcId === undefined) {
      const preconditions = preflightOf(this, { network: true }, preflight);
      return new OrgNetwork(this, "network", { ...place, ...own, preconditions });
    }
    return new ExistingNetwork(this, "network", {
      ...{ ...place, vpcId, subnetIds },
      ...(routeTableIds === undefined ? {} : { routeTableIds }),
    });
  }

  private declare(org: OrgSettings, preflight: PreflightSettings): OrgResources {
    const name = `muster-${org.name}`;
    const { accountId, partition } = new OrgAccount(this, "account");
    const account = { accountId, partition, region: org.region };
    const key = new OrgKey(this, "key", { orgName: org.name, account });
    const network = this.network(org, name, preflight);
    const security = new FileSystemSecurity(this, "security", { name, vpcId: network.vpcId });
    const table = new RegistryTable(this, "registry", { orgName: org.name, keyArn: key.arn });
    const logs = new LogBucket(this, "logs", { orgName: org.name, keyArn: key.arn, account, ...org.logs });
    if (network instanceof OrgNetwork) {
      new FlowLogs(this, "flow-logs", {
        name,
        vpcId: network.vpcId,
        bucketArn: logs.arn,
        after: logs.access,
      });
    }
    const files = new SharedFileSystem(this, "shared", {
      name,
      keyArn: key.arn,
      subnetIds: [...new Set(network.privateSubnetIds)],
      securityGroupId: security.fileSystemGroupId,
    });
    return orgResourcesOf({ key, network, security, table, logs, files });
  }
}
