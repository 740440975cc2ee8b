import { expect, test } from "@jest/globals";
import { UNKNOWN } from "../../../../../provider/core/value.js";
import { jobDefinitionResource } from "../../../../../provider/resources/job-definition/resource.js";
import { CLUSTER_UUID } from "../../../../support/agent/cluster-item.js";

const here = { org: "acme", region: "us-east-1" };

/** What a plan says of a new definition, where the registry has one of its name by this owner; undefined: it has none. */
async function planned(owner: string | undefined, given: object = {}) {
  const read = async () => (owner === undefined ? null : { owner });
  const context = { client: { ...here, definitions: { read } } } as never;
  const plan = { ...here, cluster_uuid: CLUSTER_UUID, name: "nightly", ...given } as never;
  return jobDefinitionResource.planCreate?.(plan, context);
}

test("the plan of a new definition warns that one of its name is there", async () => {
  const [diagnostic] = (await planned("o-other")) ?? [];
  expect(`${diagnostic?.summary} ${diagnostic?.detail}`).toContain(`Job definition ${CLUSTER_UUID}/nightly`);
});

test.each<[string, string | undefined, object]>([
  ["none of its name is there", undefined, {}],
  ["its cluster is not known yet", "o-other", { cluster_uuid: UNKNOWN }],
  ["its name is not known yet", "o-other", { name: UNKNOWN }],
])("it says nothing where %s", async (_name, owner, given) => {
  expect(await planned(owner, given)).toEqual([]);
});
