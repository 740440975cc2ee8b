import { describe, expect, test } from "@jest/globals";
import { App, type IResolvable, TerraformOutput, TerraformStack, Testing } from "cdktf";
import { expectTypeOf } from "expect-type";
import packageJson from "../../../../package.json" with { type: "json" };
import {
  DataMusterCluster,
  DataMusterClusters,
  DataMusterImages,
  DataMusterInstanceTypes,
  DataMusterJobs,
  MusterClusterResource,
  MusterFleetResource,
  MusterJobDefinitionResource,
  MusterProvider,
} from "../../../../provider/bindings/index.js";

type FleetProps = ConstructorParameters<typeof MusterFleetResource>[2];
type JobDefinitionProps = ConstructorParameters<typeof MusterJobDefinitionResource>[2];
type ClusterProps = ConstructorParameters<typeof MusterClusterResource>[2];

function synthesise(): {
  provider: unknown;
  resource: Record<string, Record<string, object>>;
  terraform: object;
} {
  const stack = new TerraformStack(new App(), "s");
  new MusterProvider(stack, "muster", { org: "acme" });
  const cluster = new MusterClusterResource(stack, "cluster", { name: "demo", tags: { my_tag: "v" } });
  const fleet = new MusterFleetResource(stack, "fleet", {
    clusterUuid: cluster.uuid,
    autoscalingGroup: "g",
    nodes: 4,
    timeouts: { create: "5m" },
    lifecycle: { preventDestroy: true },
    dependsOn: [cluster],
  });
  const job = new MusterJobDefinitionResource(stack, "job", {
    clusterUuid: cluster.uuid,
    name: "nightly",
    command: ["pi.py"],
    script: { name: "pi.py", content: "print(3)" },
    environment: { my_variable: "1" },
    wait: false,
    dependsOn: [fleet],
  });
  new TerraformOutput(stack, "ready", { value: fleet.readyNodes });
  new TerraformOutput(stack, "code", { value: job.jobExitCode });
  return JSON.parse(Testing.synth(stack)) as ReturnType<typeof synthesise>;
}

describe("the CDKTF classes", () => {
  test("write the attributes in Terraform's names, a map's keys as they are, with cdktf's meta-arguments", () => {
    const { provider, resource, terraform } = synthesise();
    expect(provider).toEqual({ muster: [{ org: "acme" }] });
    expect(resource["muster_cluster"]?.["cluster"]).toEqual({ name: "demo", tags: { my_tag: "v" } });
    expect(resource["muster_fleet"]?.["fleet"]).toEqual({
      // biome-ignore lint/suspicious/noTemplateCurlyInString: Terraform's own syntax
      cluster_uuid: "${muster_cluster.cluster.uuid}",
      autoscaling_group: "g",
      nodes: 4,
      timeouts: { create: "5m" },
      lifecycle: { prevent_destroy: true },
      depends_on: ["muster_cluster.cluster"],
    });
    expect(resource["muster_job_definition"]?.["job"]).toEqual({
      // biome-ignore lint/suspicious/noTemplateCurlyInString: Terraform's own syntax
      cluster_uuid: "${muster_cluster.cluster.uuid}",
      name: "nightly",
      command: ["pi.py"],
      script: { name: "pi.py", content: "print(3)" },
      environment: { my_variable: "1" },
      wait: false,
      depends_on: ["muster_fleet.fleet"],
    });
    expect(terraform).toMatchObject({
      required_providers: { muster: { source: "muster/muster", version: packageJson.version } },
    });
  });

  test("of data sources write what is asked and refer to what is told", () => {
    const stack = new TerraformStack(new App(), "s");
    const cluster = new DataMusterCluster(stack, "cluster", { name: "demo" });
    const types = new DataMusterInstanceTypes(stack, "types", { minCores: 8, efa: true });
    new DataMusterClusters(stack, "all", {});
    new DataMusterImages(stack, "mpi", { family: "mpi", limit: 1 });
    new DataMusterJobs(stack, "latest", { clusterUuid: cluster.uuid, limit: 3 });
    new TerraformOutput(stack, "found", { value: cluster.uuid });
    new TerraformOutput(stack, "fit", { value: types.instanceTypes });
    const { data, output } = JSON.parse(Testing.synth(stack)) as Record<string, unknown>;
    expect(data).toEqual({
      muster_cluster: { cluster: { name: "demo" } },
      muster_clusters: { all: {} },
      muster_images: { mpi: { family: "mpi", limit: 1 } },
      // biome-ignore lint/suspicious/noTemplateCurlyInString: Terraform's own syntax
      muster_jobs: { latest: { cluster_uuid: "${data.muster_cluster.cluster.uuid}", limit: 3 } },
      muster_instance_types: { types: { min_cores: 8, efa: true } },
    });
    expect(output).toEqual({
      // biome-ignore lint/suspicious/noTemplateCurlyInString: Terraform's own syntax
      found: { value: "${data.muster_cluster.cluster.uuid}" },
      // biome-ignore lint/suspicious/noTemplateCurlyInString: Terraform's own syntax
      fit: { value: "${data.muster_instance_types.types.instance_types}" },
    });
    expectTypeOf<typeof cluster.cores>().toEqualTypeOf<number>();
    expectTypeOf<typeof types.names>().toEqualTypeOf<string[]>();
    expectTypeOf<typeof types.instanceTypes>().toEqualTypeOf<IResolvable>();
    type TypesProps = ConstructorParameters<typeof DataMusterInstanceTypes>[2];
    expectTypeOf<"reason">().not.toMatchTypeOf<keyof TypesProps>();
    expectTypeOf<{ minCores: string }>().not.toMatchTypeOf<TypesProps>();
  });

  test("of the provider take its blocks", () => {
    const stack = new TerraformStack(new App(), "s");
    new MusterProvider(stack, "muster", {
      org: "acme",
      allowedAccountIds: ["123456789012"],
      defaultTags: { tags: { cost_center: "7" } },
      endpoints: { autoscaling: "http://127.0.0.1:1" },
    });
    const { provider } = JSON.parse(Testing.synth(stack)) as { readonly provider: unknown };
    expect(provider).toEqual({
      muster: [
        {
          org: "acme",
          allowed_account_ids: ["123456789012"],
          default_tags: { tags: { cost_center: "7" } },
          endpoints: { autoscaling: "http://127.0.0.1:1" },
        },
      ],
    });
    type ProviderProps = ConstructorParameters<typeof MusterProvider>[2];
    expectTypeOf<keyof NonNullable<ProviderProps["endpoints"]>>().toEqualTypeOf<
      "autoscaling" | "dynamodb" | "ec2" | "iam" | "kms" | "pricing" | "s3" | "servicequotas" | "ssm" | "sts"
    >();
    type DefaultTags = NonNullable<ProviderProps["defaultTags"]>;
    expectTypeOf<{ tags: { a: string } }>().toMatchTypeOf<DefaultTags>();
    expectTypeOf<{ tags: { a: number } }>().not.toMatchTypeOf<DefaultTags>();
    expectTypeOf<MusterClusterResource["tagsAll"]>().toEqualTypeOf<{ [key: string]: string }>();
    expectTypeOf<"tagsAll">().not.toMatchTypeOf<keyof ClusterProps>();
  });

  test("require what the schema requires, refuse what it computes, and know the types", () => {
    expectTypeOf<{ name: string }>().toMatchTypeOf<ClusterProps>();
    expectTypeOf<{
      name: string;
      idleTimeoutMinutes: number;
      tags: { a: string };
    }>().toMatchTypeOf<ClusterProps>();
    expectTypeOf<{ tags: { a: string } }>().not.toMatchTypeOf<ClusterProps>();
    expectTypeOf<{ name: number }>().not.toMatchTypeOf<ClusterProps>();
    expectTypeOf<"uuid">().not.toMatchTypeOf<keyof ClusterProps>();
    expectTypeOf<{ clusterUuid: string; autoscalingGroup: string }>().not.toMatchTypeOf<FleetProps>();
    type Timeouts = NonNullable<FleetProps["timeouts"]>;
    expectTypeOf<{ create: string; delete: string }>().toMatchTypeOf<Timeouts>();
    expectTypeOf<{ create: number }>().not.toMatchTypeOf<Timeouts>();
    expectTypeOf<keyof Timeouts>().toEqualTypeOf<"create" | "update" | "delete">();
    expectTypeOf<MusterFleetResource["readyNodes"]>().toEqualTypeOf<number>();
    expectTypeOf<MusterFleetResource["addresses"]>().toEqualTypeOf<string[]>();
    expectTypeOf<MusterClusterResource["uuid"]>().toEqualTypeOf<string>();
  });

  test("of a job definition: its required props, its nested script, and nothing that is computed", () => {
    type Minimal = { clusterUuid: string; name: string; command: string[] };
    expectTypeOf<Minimal>().toMatchTypeOf<JobDefinitionProps>();
    expectTypeOf<Omit<Minimal, "command">>().not.toMatchTypeOf<JobDefinitionProps>();
    expectTypeOf<Omit<Minimal, "command"> & { command: string }>().not.toMatchTypeOf<JobDefinitionProps>();
    expectTypeOf<Minimal & { script: { name: string } }>().not.toMatchTypeOf<JobDefinitionProps>();
    type Computed =
      | "id"
      | "revision"
      | "jobId"
      | "jobStatus"
      | "jobPhase"
      | "jobReason"
      | "jobExitCode"
      | "jobLogUri";
    expectTypeOf<Extract<keyof JobDefinitionProps, Computed>>().toEqualTypeOf<never>();
    expectTypeOf<MusterJobDefinitionResource["jobId"]>().toEqualTypeOf<string>();
    expectTypeOf<MusterJobDefinitionResource["jobExitCode"]>().toEqualTypeOf<number>();
  });
});
