import { DynamodbTable } from "@cdktf/provider-aws/lib/dynamodb-table/index.js";
import { Construct } from "constructs";
import { tableName } from "../../agent/contract/names.js";
import { EXPIRY_ATTRIBUTE, INDEXES, PARTITION_KEY, SORT_KEY } from "../../agent/contract/registry.js";

export interface RegistryTableProps {
  readonly orgName: string;
  /** ARN of the KMS key that encrypts the table. */
  readonly keyArn: string;
}

/** The org's registry: paid per request, restorable to any second of the last 35 days, encrypted with the org's key. */
export class RegistryTable extends Construct {
  readonly arn: string;

  constructor(scope: Construct, id: string, props: RegistryTableProps) {
    super(scope, id);
    const keys = [PARTITION_KEY, SORT_KEY, ...INDEXES.flatMap((index) => [index.hashKey, index.rangeKey])];
    const table = new DynamodbTable(this, "table", {
      name: tableName(props.orgName),
      billingMode: "PAY_PER_REQUEST",
      hashKey: PARTITION_KEY,
      rangeKey: SORT_KEY,
      attribute: [...new Set(keys)].map((name) => ({ name, type: "S" })),
      globalSecondaryIndex: INDEXES.map((index) => ({
        name: index.name,
        hashKey: index.hashKey,
        rangeKey: index.rangeKey,
        ...(index.attributes.length === 0
          ? { projectionType: "KEYS_ONLY" }
          : { projectionType: "INCLUDE", nonKeyAttributes: [...index.attributes] }),
      })),
      ttl: { attributeName: EXPIRY_ATTRIBUTE, enabled: true },
      pointInTimeRecovery: { enabled: true },
      serverSideEncryption: { enabled: true, kmsKeyArn: props.keyArn },
      tags: { Name: tableName(props.orgName) },
    });
    this.arn = table.arn;
  }
}
