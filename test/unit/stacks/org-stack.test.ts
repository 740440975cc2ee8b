import { describe, expect, test } from "@jest/globals";
import { synthesise } from "../../support/stacks/synth.js";

const ORG = "org: {name: demo, region: us-east-1, tags: {team: physics}}\n";

function orgStack(more = "") {
  const stack = synthesise(ORG + more)["muster_demo"];
  if (stack === undefined) throw new Error("no org stack");
  return stack;
}
const stack = orgStack();

/** A policy's statements, by Sid. */
function statements(policy: string): Record<string, unknown> {
  const { Statement } = JSON.parse(policy) as { Statement: { Sid: string }[] };
  return Object.fromEntries(Statement.map((statement) => [statement.Sid, statement]));
}

describe("network", () => {
  test("has a VPC with DNS, and a quarter of its range for each subnet", () => {
    expect(stack.only("aws_vpc")).toMatchObject({
      cidr_block: "10.20.0.0/16",
      enable_dns_hostnames: true,
      enable_dns_support: true,
    });
    expect(stack.all("aws_subnet").map(({ cidr_block }) => cidr_block)).toEqual([
      "10.20.0.0/18",
      "10.20.64.0/18",
      "10.20.128.0/18",
      "10.20.192.0/18",
    ]);
  });

  test("gives no instance a public address", () => {
    for (const subnet of stack.all("aws_subnet")) expect(subnet["map_public_ip_on_launch"]).toBe(false);
  });

  test("spreads each tier over two zones, which stay when AWS lists others", () => {
    const zone = (id: string) => stack.named("aws_subnet", id)["availability_zone"];
    expect(zone("network_private-1")).toBe(zone("network_public-1"));
    expect(zone("network_private-1")).not.toBe(zone("network_private-2"));
    expect(stack.all("aws_subnet").map(({ lifecycle }) => lifecycle)).toEqual(
      Array(4).fill({ ignore_changes: ["availability_zone"] }),
    );
  });

  test("takes the zones of muster.yaml, and then looks for none", () => {
    const chosen = synthesise(
      "org: {name: demo, region: us-east-1, network: {cidr: 10.9.0.0/24, zones: [us-east-1c, us-east-1d]}}",
    )["muster_demo"];
    expect(
      chosen?.all("aws_subnet").map((subnet) => [subnet["cidr_block"], subnet["availability_zone"]]),
    ).toEqual([
      ["10.9.0.0/26", "us-east-1c"],
      ["10.9.0.64/26", "us-east-1d"],
      ["10.9.0.128/26", "us-east-1c"],
      ["10.9.0.192/26", "us-east-1d"],
    ]);
    expect(chosen?.json.data).not.toHaveProperty("aws_availability_zones");
  });

  test("lets private subnets out by one NAT gateway, and to S3 and DynamoDB without it", () => {
    const nat = stack.only("aws_nat_gateway");
    expect(nat["subnet_id"]).toContain("network_public-1");
    expect(nat["allocation_id"]).toContain("aws_eip");
    expect(stack.named("aws_route", "network_private-out")).toMatchObject({
      destination_cidr_block: "0.0.0.0/0",
      nat_gateway_id: expect.stringContaining("aws_nat_gateway"),
    });
    const endpoints = stack.all("aws_vpc_endpoint");
    expect(endpoints.map(({ service_name }) => service_name)).toEqual([
      "com.amazonaws.us-east-1.dynamodb",
      "com.amazonaws.us-east-1.s3",
    ]);
    for (const endpoint of endpoints) {
      expect(endpoint["vpc_endpoint_type"]).toBe("Gateway");
      expect(endpoint["route_table_ids"].join()).toContain("network_private-routes");
    }
  });
});

describe("security groups", () => {
  test("let the file system's clients reach it over NFS, and allow nothing else: clients can't reach each other", () => {
    expect(stack.all("aws_vpc_security_group_ingress_rule")).toEqual([
      {
        security_group_id: expect.stringMatching(/^\$\{aws_security_group\.security_file-system_\w+\.id\}$/),
        referenced_security_group_id: expect.stringMatching(
          /^\$\{aws_security_group\.security_file-system-clients_\w+\.id\}$/,
        ),
        description: "NFS from the nodes of clusters",
        ip_protocol: "tcp",
        from_port: 2049,
        to_port: 2049,
      },
    ]);
    expect(stack.all("aws_vpc_security_group_egress_rule")).toEqual([]);
    const groups = stack.all("aws_security_group");
    expect(groups.map(({ name }) => name).sort()).toEqual([
      "muster-demo-file-system",
      "muster-demo-file-system-clients",
    ]);
    for (const group of groups) {
      expect(group["description"]).not.toBe("");
      for (const inline of ["ingress", "egress"]) expect(group).not.toHaveProperty(inline);
    }
  });

  test("close the default group", () => {
    const group = stack.only("aws_default_security_group");
    expect(group).not.toHaveProperty("ingress");
    expect(group).not.toHaveProperty("egress");
  });
});

describe("what is stored", () => {
  const key = expect.stringMatching(/^\$\{aws_kms_key\..*\.arn\}$/);

  test("the key is rotated and has the alias that follows from the org's name", () => {
    expect(stack.only("aws_kms_key")).toMatchObject({
      enable_key_rotation: true,
      deletion_window_in_days: 7,
    });
    expect(stack.only("aws_kms_alias")).toMatchObject({ name: "alias/muster-demo" });
  });

  test("files are encrypted, and mounted over TLS", () => {
    expect(stack.only("aws_efs_file_system")).toMatchObject({ encrypted: true, kms_key_id: key });
    expect(statements(stack.only("aws_efs_file_system_policy")["policy"])["TlsOnly"]).toMatchObject({
      Effect: "Deny",
      Action: "*",
      Condition: { Bool: { "aws:SecureTransport": "false" } },
    });
  });

  test("the only access point is that of the folder which clusters share by choice", () => {
    expect(stack.only("aws_efs_access_point")).toMatchObject({
      posix_user: { uid: 1500, gid: 1500 },
      root_directory: {
        path: "/org",
        creation_info: { owner_uid: 1500, owner_gid: 1500, permissions: "0755" },
      },
      tags: { Name: "muster-demo-org" },
    });
  });

  test("each private subnet has a mount target, destroyed after everything that refers to the file system", () => {
    const targets = stack.all("aws_efs_mount_target");
    expect(targets.map(({ subnet_id }) => subnet_id)).toEqual([
      expect.stringContaining("network_private-1"),
      expect.stringContaining("network_private-2"),
    ]);
    for (const { security_groups } of targets) {
      expect(security_groups).toEqual([expect.stringContaining("security_file-system")]);
    }
    const { value } = stack.json.output["file_system_id"] ?? {};
    for (const id of Object.keys(stack.json.resource["aws_efs_mount_target"] ?? {})) {
      expect(value).toContain(`aws_efs_mount_target.${id}.file_system_id`);
    }
    expect(stack.only("aws_efs_access_point")["file_system_id"]).toBe(value);
  });

  test("the log bucket is private, versioned, encrypted, and for TLS only", () => {
    expect(stack.only("aws_s3_bucket_public_access_block")).toMatchObject({
      block_public_acls: true,
      block_public_policy: true,
      ignore_public_acls: true,
      restrict_public_buckets: true,
    });
    expect(stack.only("aws_s3_bucket_versioning")["versioning_configuration"]).toEqual({ status: "Enabled" });
    expect(stack.only("aws_s3_bucket_server_side_encryption_configuration")["rule"]).toEqual([
      {
        apply_server_side_encryption_by_default: { sse_algorithm: "aws:kms", kms_master_key_id: key },
        bucket_key_enabled: true,
      },
    ]);
    expect(stack.only("aws_s3_bucket_ownership_controls")["rule"]).toEqual({
      object_ownership: "BucketOwnerEnforced",
    });
    expect(statements(stack.only("aws_s3_bucket_policy")["policy"])["TlsOnly"]).toMatchObject({
      Effect: "Deny",
      Principal: "*",
      Action: "s3:*",
      Condition: { Bool: { "aws:SecureTransport": "false" } },
    });
  });

  test.each([
    [false, true],
    [true, false],
  ])("logs.keep %s: destroy empties the bucket: %s", (keep, forceDestroy) => {
    const kept = synthesise(`org: {name: demo, region: us-east-1, logs: {keep: ${keep}}}`)["muster_demo"];
    expect(kept?.only("aws_s3_bucket")["force_destroy"]).toBe(forceDestroy);
  });

  test("the longest org name leaves a bucket prefix that Terraform takes", () => {
    const name = "a".repeat(32);
    const long = synthesise(`org: {name: ${name}, region: us-east-1}`)[`muster_${name}`];
    expect(long?.only("aws_s3_bucket")["bucket_prefix"]).toHaveLength(37);
  });

  test("the registry is on demand, restorable, encrypted, and has the contract's keys and indexes", () => {
    expect(stack.only("aws_dynamodb_table")).toMatchObject({
      name: "muster-demo-registry",
      billing_mode: "PAY_PER_REQUEST",
      hash_key: "pk",
      range_key: "sk",
      point_in_time_recovery: { enabled: true },
      server_side_encryption: { enabled: true, kms_key_arn: key },
      global_secondary_index: [
        {
          name: "clusters-by-status",
          hash_key: "clusterStatus",
          range_key: "pk",
          projection_type: "KEYS_ONLY",
        },
        {
          name: "jobs-by-queue",
          hash_key: "queue",
          range_key: "submittedAt",
          projection_type: "INCLUDE",
          non_key_attributes: ["id", "status", "phase", "leaseGeneration", "cancelRequested"],
        },
        {
          name: "usage-by-month",
          hash_key: "month",
          range_key: "pk",
          projection_type: "INCLUDE",
          non_key_attributes: [
            "clusterUuid",
            "clusterName",
            "instanceType",
            "nodes",
            "from",
            "to",
            "jobId",
            "submittedBy",
          ],
        },
      ],
      ttl: { attribute_name: "expiresAtSeconds", enabled: true },
    });
    // Terraform refuses attributes that are no key, and keys that are no attribute.
    expect(stack.only("aws_dynamodb_table")["attribute"]).toEqual(
      ["pk", "sk", "clusterStatus", "queue", "submittedAt", "month"].map((name) => ({ name, type: "S" })),
    );
  });
});

describe("the stack", () => {
  test("tags everything with the org, and configures the providers with org and region alone", () => {
    expect(stack.json.provider).toEqual({
      aws: [{ region: "us-east-1", default_tags: [{ tags: { "muster:org": "demo", team: "physics" } }] }],
      muster: [{ org: "demo", region: "us-east-1" }],
    });
  });

  test("names everything that only a name distinguishes", () => {
    const taggable = [
      "aws_vpc",
      "aws_subnet",
      "aws_nat_gateway",
      "aws_eip",
      "aws_internet_gateway",
      "aws_route_table",
    ];
    const more = [
      "aws_security_group",
      "aws_vpc_endpoint",
      "aws_efs_file_system",
      "aws_kms_key",
      "aws_s3_bucket",
    ];
    for (const block of [...taggable, ...more].flatMap((type) => stack.all(type))) {
      expect(block["tags"]["Name"]).toMatch(/^muster-demo/);
    }
  });

  test("has a guard that depends on every other resource, so that a refused destroy has changed nothing", () => {
    const others = Object.entries(stack.json.resource)
      .filter(([type]) => type !== "muster_teardown_guard")
      .flatMap(([type, blocks]) => Object.keys(blocks).map((id) => `${type}.${id}`));
    const { depends_on, ...own } = stack.only("muster_teardown_guard");
    expect([...depends_on].sort()).toEqual(others.sort());
    // The outputs too: Terraform drops them before it asks a guard that refuses at apply.
    expect(own).toEqual({ refuse_at: "plan" });
  });

  test("does not depend on the clusters", () => {
    const withClusters = orgStack("clusters: [{name: alpha, nodes: 2}, {name: beta, nodes: 3, zone: 2}]\n");
    expect(withClusters.json).toEqual(stack.json);
  });

  test.each([
    ["local by default", "", { local: { path: "/project/muster-state/demo/org.tfstate" } }],
    [
      "in S3, locked and encrypted",
      "state: {type: s3, bucket: acme, prefix: teams/x}\n",
      {
        s3: {
          bucket: "acme",
          key: "teams/x/demo/org.tfstate",
          region: "us-east-1",
          encrypt: true,
          use_lockfile: true,
        },
      },
    ],
  ])("keeps its state %s", (_name, more, backend) => {
    expect(orgStack(more).json.terraform["backend"]).toEqual(backend);
  });
});
