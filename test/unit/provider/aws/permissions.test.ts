import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { QUEUE_INDEX, STATUS_INDEX } from "../../../../agent/contract/keys.js";
import { clusterParameterPath, TAG, tableName } from "../../../../agent/contract/names.js";
import * as compute from "../../../../provider/aws/sdk/compute.js";
import * as org from "../../../../provider/aws/sdk/org.js";
import * as preflight from "../../../../provider/aws/sdk/preflight.js";
import * as prices from "../../../../provider/aws/sdk/prices.js";

interface Policy {
  readonly Statement: readonly { readonly Action: string | readonly string[] }[];
}

/** The policy that the provider's page shows. */
function documentedPolicy(): { readonly text: string; readonly actions: readonly string[] } {
  const page = readFileSync(resolve(__dirname, "../../../../docs/index.md"), "utf8");
  const text = /```json\n([\s\S]*?)```/.exec(page)?.[1] ?? "";
  const { Statement } = JSON.parse(text) as Policy;
  return { text, actions: Statement.flatMap(({ Action }) => Action) };
}

/** DynamoDB's document client calls its operations otherwise; a transaction asks for the rights of what it puts. */
const OPERATIONS: Readonly<Record<string, string>> = {
  TransactWrite: "PutItem",
  BatchWrite: "BatchWriteItem",
  Delete: "DeleteItem",
  Get: "GetItem",
  Put: "PutItem",
  Update: "UpdateItem",
};

/** The operations of AWS that the provider has a command or a paginator of. */
const used = Object.keys({ ...compute, ...org, ...preflight, ...prices }).flatMap((name) => {
  const [, verb] = /^(?:paginate)?(\w+?)(?:Command)?$/.exec(name) ?? [];
  return verb === undefined || name.endsWith("Client") ? [] : [OPERATIONS[verb] ?? verb];
});

describe("the rights that the provider's page asks for", () => {
  test("are those that it uses, and the key's", () => {
    const { actions } = documentedPolicy();
    const ofServices = actions.filter((action) => !["kms:Encrypt", "kms:Decrypt"].includes(action));
    expect(new Set(ofServices.map((action) => action.split(":")[1]))).toEqual(new Set(used));
  });

  test("are on the things that the contract names", () => {
    const { text } = documentedPolicy();
    for (const name of [
      `table/${tableName("acme")}/index/${STATUS_INDEX.name}`,
      `table/${tableName("acme")}/index/${QUEUE_INDEX.name}`,
      `parameter${clusterParameterPath("acme", "*")}`,
      `aws:ResourceTag/${TAG.ORG}`,
    ]) {
      expect(text).toContain(name);
    }
  });
});
