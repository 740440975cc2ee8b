import { describe, expect, test } from "@jest/globals";
import { renderDelete, renderPut, renderUpdate } from "../../../../../agent/contract/writes/render.js";
import {
  absent,
  all,
  any,
  atMost,
  type Condition,
  equal,
  isNumber,
  not,
  oneOf,
  present,
  update,
} from "../../../../../agent/contract/writes/write.js";

const key = { pk: "CLUSTER#1", sk: "META" };

describe("an update in DynamoDB's words", () => {
  test("sets and removes, each name and value by a placeholder, a name once only", () => {
    const write = update(
      key,
      { set: { status: "FAILED", name: "x" }, remove: ["queue"] },
      equal("status", "NEW"),
    );
    expect(renderUpdate(write)).toEqual({
      Key: key,
      UpdateExpression: "SET #0 = :0, #1 = :1 REMOVE #2",
      ConditionExpression: "#0 = :2",
      ExpressionAttributeNames: { "#0": "status", "#1": "name", "#2": "queue" },
      ExpressionAttributeValues: { ":0": "FAILED", ":1": "x", ":2": "NEW" },
    });
  });

  test("may set what is inside an attribute, which has to be there", () => {
    const within = { times: { ended: "now" } };
    expect(renderUpdate(update(key, { set: { a: 1 }, within }, present("times")))).toEqual({
      Key: key,
      UpdateExpression: "SET #0 = :0, #1.#2 = :1",
      ConditionExpression: "attribute_exists(#1)",
      ExpressionAttributeNames: { "#0": "a", "#1": "times", "#2": "ended" },
      ExpressionAttributeValues: { ":0": 1, ":1": "now" },
    });
  });

  test("that only removes has no value", () => {
    expect(renderUpdate(update(key, { set: {}, remove: ["fleet"] }, present("pk")))).toEqual({
      Key: key,
      UpdateExpression: "REMOVE #0",
      ConditionExpression: "attribute_exists(#1)",
      ExpressionAttributeNames: { "#0": "fleet", "#1": "pk" },
    });
  });

  test("that changes nothing is a bug", () =>
    expect(() => renderUpdate(update(key, { set: {} }, null))).toThrow("changes nothing"));
});

test("a put carries its keys, a delete has only them", () => {
  const parts = { key, condition: null };
  expect(renderPut({ write: "put", item: { a: 1 }, ...parts })).toEqual({ Item: { a: 1, ...key } });
  expect(renderDelete({ write: "delete", ...parts })).toEqual({ Key: key });
});

test.each<[Condition, string]>([
  [absent("a"), "attribute_not_exists(#0)"],
  [isNumber("a"), "attribute_type(#0, :0)"],
  [atMost("a", 3), "#0 <= :0"],
  [oneOf("a", ["x", "y"]), "#0 IN (:0, :1)"],
  [equal(["a", "b"], "x"), "#0.#1 = :0"],
  [not(present("a")), "NOT (attribute_exists(#0))"],
  [
    all(present("a"), any(absent("b"), equal("a", 1))),
    "attribute_exists(#0) AND (attribute_not_exists(#1) OR #0 = :0)",
  ],
])("the condition %j is %s", (condition, expected) => {
  expect(renderDelete({ write: "delete", key, condition }).ConditionExpression).toBe(expected);
});
