import { expect, test } from "@jest/globals";
import { lockedProviders, renderLockFile } from "../../../../stacks/packaged/lock-file.js";

const AWS = { address: "registry.terraform.io/hashicorp/aws", version: "5.100.0", hashes: null };
const OWN = { address: "registry.terraform.io/muster/muster", version: "0.1.0", hashes: ["h1:abc="] };
const WRITTEN = `# Muster's app writes what is missing here, and "terraform init" the checksums.

provider "registry.terraform.io/hashicorp/aws" {
  version     = "5.100.0"
  constraints = "5.100.0"
}

provider "registry.terraform.io/muster/muster" {
  version     = "0.1.0"
  constraints = "0.1.0"
  hashes = [
    "h1:abc=",
  ]
}
`;
/** As Terraform writes it. */
const INITIALISED = WRITTEN.replace(
  'constraints = "5.100.0"\n',
  'constraints = "5.100.0"\n  hashes = [\n    "h1:aws=",\n    "zh:00",\n  ]\n',
);

test.each([
  ["aws", "registry.terraform.io/hashicorp/aws"],
  ["hashicorp/aws", "registry.terraform.io/hashicorp/aws"],
  ["muster/muster", "registry.terraform.io/muster/muster"],
  ["terraform.acme.example/acme/own", "terraform.acme.example/acme/own"],
])("the source %s is %s", (source, address) => {
  const stack = JSON.stringify({ terraform: { required_providers: { x: { source, version: "1.2.3" } } } });
  expect(lockedProviders(stack, new Map([[`${address} 1.2.3`, ["h1:x="]]]))).toEqual([
    { address, version: "1.2.3", hashes: ["h1:x="] },
  ]);
  expect(lockedProviders(stack, new Map([[`${address} 1.2.4`, ["h1:x="]]]))).toEqual([
    { address, version: "1.2.3", hashes: null },
  ]);
});

test("a provider of no exact version is not locked: Terraform chooses it", () => {
  const providers = { a: { source: "aws", version: "~> 5.0" }, b: { source: "null" } };
  const stack = JSON.stringify({ terraform: { required_providers: providers } });
  expect(lockedProviders(stack, new Map())).toEqual([]);
  expect(lockedProviders("{}", new Map())).toEqual([]);
});

test("a new file has each provider, sorted, with the checksums that are known", () => {
  expect(renderLockFile("", [OWN, AWS])).toBe(WRITTEN);
});

test("checksums that Terraform has written stay", () => {
  expect(renderLockFile(INITIALISED, [AWS, OWN])).toBe(INITIALISED);
  expect(renderLockFile(WRITTEN, [AWS, OWN])).toBe(WRITTEN);
});

test("our own checksums are the package's, also after another build of the same version", () => {
  const rebuilt = { ...OWN, hashes: ["h1:new="] };
  expect(renderLockFile(INITIALISED, [AWS, rebuilt])).toBe(INITIALISED.replace("h1:abc=", "h1:new="));
});

test("another version has none of the checksums of the one before", () => {
  const newer = { ...AWS, version: "5.101.0" };
  expect(renderLockFile(INITIALISED, [newer, OWN])).toBe(WRITTEN.replaceAll("5.100.0", "5.101.0"));
});

test("a provider that is no longer required goes", () => {
  expect(renderLockFile(INITIALISED, [OWN])).not.toContain("hashicorp/aws");
});
