import { describe, expect, test } from "@jest/globals";
import { parseMusterConfig } from "../../../stacks/config/load.js";
import { synthesise } from "../../support/stacks/synth.js";

const ROLE = "arn:aws:iam::123456789012:role/muster-account/deploy";
const declare = (account: string) =>
  `org: {name: demo, region: us-east-1}\n${account}\nclusters: [{name: alpha, nodes: 2}]\n`;

describe("account in muster.yaml", () => {
  test("leads both providers of every stack through the role, for an hour at a time, into that account alone", () => {
    const stacks = synthesise(declare(`account: {roleArn: "${ROLE}", externalId: x-1, region: us-west-2}`));
    expect(Object.keys(stacks)).toEqual(["muster_demo", "muster_demo_alpha"]);
    for (const { json } of Object.values(stacks)) {
      const role = { role_arn: ROLE, external_id: "x-1", session_name: "muster-demo", duration: "1h" };
      const common = { allowed_account_ids: ["123456789012"], sts_region: "us-west-2", region: "us-east-1" };
      expect(json.provider["aws"]?.[0]).toMatchObject({ ...common, assume_role: [role] });
      expect(json.provider["muster"]?.[0]).toMatchObject({ ...common, assume_role: role });
    }
  });

  test("without a role keeps other accounts out; without account nothing is set", () => {
    const guarded = synthesise(declare('account: {id: "123456789012"}'))["muster_demo"]?.json.provider;
    const free = synthesise(declare(""))["muster_demo"]?.json.provider;
    for (const name of ["aws", "muster"]) {
      expect(guarded?.[name]?.[0]).toMatchObject({ allowed_account_ids: ["123456789012"] });
      expect(guarded?.[name]?.[0]).not.toHaveProperty("assume_role");
      expect(free?.[name]?.[0]).not.toHaveProperty("allowed_account_ids");
      expect(free?.[name]?.[0]).not.toHaveProperty("assume_role");
    }
  });

  test.each([
    [
      "a role without an external id",
      `{roleArn: "${ROLE}"}`,
      [/account\.externalId: is missing; needed with/],
    ],
    [
      "another account's id",
      `{id: "210987654321", roleArn: "${ROLE}", externalId: x-1}`,
      [/account\.id.*123456789012/],
    ],
    [
      "a region for no role",
      "{region: us-west-2}",
      [/account\.region: got "us-west-2"; allowed: only with roleArn/],
    ],
    ["an id that YAML reads as a number", "{id: 123456789012}", [/account\.id/]],
    [
      "every problem at once",
      "{id: x, roleArn: deploy, externalId: '?', region: here, key: 1}",
      [/account\.id/, /account\.roleArn/, /account\.externalId/, /account\.region/, /account\.key/],
    ],
  ])("refuses %s", (_what, account, messages) => {
    const parse = () => parseMusterConfig(declare(`account: ${account}`), "/project/muster.yaml");
    for (const message of messages) expect(parse).toThrow(message);
  });
});
