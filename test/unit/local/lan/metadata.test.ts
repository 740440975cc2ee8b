import { describe, expect, test } from "@jest/globals";
import {
  credentialsRole,
  type InstanceMetadata,
  metadataAt,
  renderCredentials,
} from "../../../../scripts/local/lan/metadata.js";
import { createSessionTokens } from "../../../../scripts/local/lan/session-tokens.js";

const instance: InstanceMetadata = {
  instanceId: "i-1",
  privateIp: "10.0.0.5",
  publicIp: "54.1.2.3",
  privateDnsName: "ip-10-0-0-5.ec2.internal",
  availabilityZone: "us-east-1a",
  region: "us-east-1",
  accountId: "123456789012",
  lifeCycle: "on-demand",
  instanceType: "c5.xlarge",
  imageId: "ami-1",
  launchTime: "2026-01-02T03:04:05.000Z",
  tags: { Name: "node" },
  userData: "#!/bin/sh\n",
  profile: { arn: "arn:p", id: "AIP1", roleName: "role", roleArn: "arn:r" },
};

describe("metadata", () => {
  test.each([
    ["meta-data/instance-id", "i-1"],
    ["meta-data/local-hostname", "ip-10-0-0-5.ec2.internal"],
    ["meta-data/public-ipv4", "54.1.2.3"],
    ["meta-data/placement/availability-zone", "us-east-1a"],
    ["meta-data/tags/instance/Name", "node"],
    ["user-data", "#!/bin/sh\n"],
    ["meta-data/placement/", "availability-zone\nregion"],
    ["meta-data/tags/", "instance/"],
    ["meta-data/iam/security-credentials/", "role"],
    ["", "dynamic/\nmeta-data/\nuser-data"],
  ])("%s", (path, text) => {
    expect(metadataAt(instance, path)).toBe(text);
  });

  test.each(["meta-data/nothing", "meta-data/instance", "user-data/x"])("%s is not there", (path) => {
    expect(metadataAt(instance, path)).toBeNull();
  });

  test("without public address, user data and profile there is none of them", () => {
    const bare = { ...instance, publicIp: null, userData: null, profile: null };
    expect(metadataAt(bare, "meta-data/public-ipv4")).toBeNull();
    expect(metadataAt(bare, "user-data")).toBeNull();
    expect(metadataAt(bare, "meta-data/iam/")).toBeNull();
  });

  test("the identity document has region and account", () => {
    const document = JSON.parse(metadataAt(instance, "dynamic/instance-identity/document") ?? "");
    expect(document).toMatchObject({ region: "us-east-1", accountId: "123456789012", instanceId: "i-1" });
  });
});

describe("role credentials", () => {
  test("have a path of their own", () => {
    expect(credentialsRole("meta-data/iam/security-credentials/role")).toBe("role");
    expect(credentialsRole("meta-data/iam/security-credentials/")).toBeNull();
    expect(credentialsRole("meta-data/iam/info")).toBeNull();
  });

  test("are written as SDKs read them", () => {
    const text = renderCredentials({
      accessKeyId: "A",
      secretAccessKey: "S",
      sessionToken: "T",
      issuedAt: new Date("2026-01-02T03:04:05.678Z"),
      expiresAt: new Date("2026-01-02T04:04:05.678Z"),
    });
    expect(JSON.parse(text)).toEqual({
      Code: "Success",
      LastUpdated: "2026-01-02T03:04:05Z",
      Type: "AWS-HMAC",
      AccessKeyId: "A",
      SecretAccessKey: "S",
      Token: "T",
      Expiration: "2026-01-02T04:04:05Z",
    });
  });
});

describe("session tokens", () => {
  test.each([undefined, "", "0", "-1", "21601", "1.5", "abc"])("a time to live of %s fails", (ttl) => {
    expect(createSessionTokens().issue("10.0.0.5", ttl)).toBeNull();
  });

  test("hold for their address until their time is up", () => {
    let nowMs = 1000;
    const tokens = createSessionTokens(() => nowMs);
    const token = tokens.issue("10.0.0.5", "60")?.token;
    expect(tokens.isValid("10.0.0.5", token)).toBe(true);
    expect(tokens.isValid("10.0.0.6", token)).toBe(false);
    expect(tokens.isValid("10.0.0.5", "other")).toBe(false);
    expect(tokens.isValid("10.0.0.5", undefined)).toBe(false);
    nowMs += 60_000;
    expect(tokens.isValid("10.0.0.5", token)).toBe(false);
  });
});
