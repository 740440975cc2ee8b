import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { STACK_ACTIONS } from "../../../agent/contract/rights/stack-actions.js";
import { ADDRESS_SERVICE } from "../../../scripts/cli/core/my-address.js";
import { GATEWAY_SERVICES } from "../../../stacks/constructs/org-network.js";
import { trackedFiles } from "../../support/docs/import-graph.js";
import { quotedIn, tableRows } from "../../support/docs/tables.js";

const guide = readFileSync(resolve(__dirname, "../../../docs/guides/closed-networks.md"), "utf8");
const REGION = "eu-west-1";

interface SdkClient {
  readonly config: { readonly endpointProvider: (of: object) => { readonly url: URL } };
}

/** The host of a package's calls in a region, by the SDK's own rules: `client-auto-scaling` -> `autoscaling.REGION.amazonaws.com`. */
function hostOf(name: string): string {
  const exported = require(`@aws-sdk/${name}`) as Readonly<Record<string, new (of: object) => SdkClient>>;
  const [, Client] = Object.entries(exported).find(([key]) => /^[A-Z]\w+Client$/.test(key)) ?? [];
  if (Client === undefined) throw new Error(`${name} has no client`);
  // The one service that Muster asks in another region (agent/contract/price-list.ts).
  const region = name === "client-pricing" ? "us-east-1" : REGION;
  const of = { Region: region, UseFIPS: false, UseDualStack: false, UseGlobalEndpoint: false };
  const { hostname } = new Client({ region }).config.endpointProvider(of).url;
  return hostname.replace(REGION, "REGION");
}

/** The packages of the SDK that make calls, as files below a folder import them. */
function clientsOf(folder: string): readonly string[] {
  const texts = trackedFiles(folder)
    .filter((file) => file.endsWith(".ts"))
    .map((file) => readFileSync(file, "utf8"));
  const names = texts.flatMap((text) =>
    [...text.matchAll(/"@aws-sdk\/(client-[a-z0-9-]+)"/g)].map(([, name = ""]) => name),
  );
  return [...new Set(names)].sort();
}

/** The client whose service has the actions of a prefix: `elasticfilesystem:` is client-efs. */
const CLIENT_OF_PREFIX: Readonly<Record<string, string>> = {
  ...{ autoscaling: "client-auto-scaling", cloudwatch: "client-cloudwatch", dynamodb: "client-dynamodb" },
  ...{ ec2: "client-ec2", elasticfilesystem: "client-efs", iam: "client-iam", kms: "client-kms" },
  ...{ logs: "client-cloudwatch-logs", s3: "client-s3", sts: "client-sts" },
};
const ofAwsProvider = (): readonly string[] => {
  const actions = Object.values(STACK_ACTIONS).flat();
  return [...new Set(actions.map((action) => action.split(":")[0] ?? ""))].map((prefix) => {
    const client = CLIENT_OF_PREFIX[prefix];
    if (client === undefined) throw new Error(`the AWS provider calls ${prefix}: which address is that?`);
    return client;
  });
};
const hostsOf = (clients: readonly string[]): string[] => [...new Set(clients.map(hostOf))].sort();

describe("the addresses of AWS", () => {
  const rows = tableRows(guide, "## AWS");
  const written = (column: number): string[] =>
    rows
      .filter((cells) => cells[column] === "yes")
      .map(([addresses = ""]) => quotedIn(addresses)[0] ?? "")
      .sort();

  test.each([
    ["nodes", 1, () => clientsOf("agent")],
    ["a deploy", 2, () => [...clientsOf("provider"), ...ofAwsProvider()]],
    ["the commands", 3, () => clientsOf("scripts/cli")],
  ] as const)("of %s are those of the clients in the code, and no others", (_who, column, clients) => {
    expect(hostsOf(clients()).length).toBeGreaterThan(4);
    expect(written(column)).toEqual(hostsOf(clients()));
  });

  test("include the other names of DynamoDB and S3", () => {
    const both = rows.map(([addresses = ""]) => quotedIn(addresses)).filter(({ length }) => length > 1);
    expect(both.map(([, other]) => other)).toEqual([
      "ACCOUNT.ddb.REGION.amazonaws.com",
      "BUCKET.s3.REGION.amazonaws.com",
    ]);
  });

  test("say of each who needs it, and what for", () => {
    for (const cells of rows) {
      expect(cells).toHaveLength(5);
      expect(cells.slice(1, 4)).toContain("yes");
      expect(cells[4]).toMatch(/\w/);
    }
  });
});

describe("a network without a way out", () => {
  const [, part = ""] = guide.split("## A network without a way out\n");
  const inPart = (name: string) => new RegExp(`\`${name}\``).test(part);

  test("gets an endpoint for each service that nodes call", () => {
    const services = hostsOf(clientsOf("agent")).map((host) => host.split(".")[0] ?? "");
    const gateways: readonly string[] = GATEWAY_SERVICES;
    expect(part).toMatch(/\*\*Gateway endpoints\*\* for S3 and DynamoDB/);
    expect(services.filter((name) => !gateways.includes(name) && !inPart(name))).toEqual([]);
    expect(services.filter((name) => gateways.includes(name))).toEqual([...GATEWAY_SERVICES].sort());
  });
});

describe("the other addresses", () => {
  const named = (heading: string): readonly string[] =>
    tableRows(guide, heading).flatMap(([addresses = ""]) => quotedIn(addresses));

  test("of the builder include every host that the recipe's scripts fetch from", () => {
    const scripts = trackedFiles("agent/image").filter((file) => file.endsWith(".sh"));
    const hosts = scripts.flatMap((file) =>
      [...readFileSync(file, "utf8").matchAll(/^\w+=https:\/\/([^/\s$]+)/gm)].map(([, host = ""]) => host),
    );
    expect(hosts.length).toBeGreaterThan(1);
    expect(named("## The builder of images")).toEqual(expect.arrayContaining(hosts));
  });

  test("of the commands include the service that says who calls", () => {
    expect(named("## The machine with the commands")).toContain(new URL(ADDRESS_SERVICE).hostname);
  });
});
