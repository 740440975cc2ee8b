import { expect, test } from "@jest/globals";
import {
  DEFINITION_STATE_ATTRIBUTES,
  JOB_STATE_ATTRIBUTES,
} from "../../../../agent/contract/job-attributes.js";
import { JobDefinitionItem, JobItem } from "../../../../agent/contract/registry.js";

const without = (item: { readonly properties: object }, ...left: readonly string[]): readonly string[] =>
  Object.keys(item.properties).filter((name) => !left.includes(name));

test("the attributes that a list reads are those of the schemas, but for what may be long", () => {
  expect(JOB_STATE_ATTRIBUTES).toEqual(without(JobItem, "request"));
  expect(DEFINITION_STATE_ATTRIBUTES).toEqual(without(JobDefinitionItem, "request", "triggers"));
});
