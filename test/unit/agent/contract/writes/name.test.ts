import { expect, test } from "@jest/globals";
import { nameWrites } from "../../../../../agent/contract/writes/name.js";
import { renderPut } from "../../../../../agent/contract/writes/render.js";
import { clusterItem } from "../../../../support/agent/cluster-item.js";

const conditionOf = (stale: string | null) => {
  const { ConditionExpression, ExpressionAttributeNames, ExpressionAttributeValues } = renderPut(
    nameWrites.keep(clusterItem(), stale),
  );
  return [ConditionExpression, ExpressionAttributeNames, ExpressionAttributeValues];
};

test("a name is taken only where no cluster has it", () =>
  expect(conditionOf(null)).toEqual(["attribute_not_exists(#0)", { "#0": "pk" }, undefined]));

test("a name that a cluster left behind is taken over only from that cluster", () =>
  expect(conditionOf("gone")).toEqual(["#0 = :0", { "#0": "clusterUuid" }, { ":0": "gone" }]));
