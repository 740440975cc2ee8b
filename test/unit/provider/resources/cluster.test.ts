import { describe, expect, test } from "@jest/globals";
import { applyChange } from "../../../../provider/core/apply.js";
import { DiagnosticError, errorDiagnostic, InterruptedError } from "../../../../provider/core/diagnostic.js";
import { openPrivateState } from "../../../../provider/core/private-state.js";
import type { AnyResource } from "../../../../provider/core/resource.js";
import { UNKNOWN } from "../../../../provider/core/value.js";
import { clusterResource } from "../../../../provider/resources/cluster/resource.js";
import type { MusterClient } from "../../../../provider/resources/ports.js";
import { fakeRuntime } from "../../../support/provider/runtime.js";

/** A registry whose answer to a new cluster is `error`, and no other port. */
const failingClient = (error: Error): MusterClient =>
  ({
    org: "acme",
    region: "us-east-1",
    settings: { defaultTags: null },
    registry: { createCluster: () => Promise.reject(error) },
  }) as unknown as MusterClient;

const createWith = (error: Error) =>
  applyChange(
    {
      typeName: "muster_cluster",
      resource: clusterResource as AnyResource<MusterClient>,
      client: failingClient(error),
      privateState: openPrivateState(""),
      runtime: fakeRuntime(),
    },
    { prior: null, planned: { name: "demo", tags: null, uuid: UNKNOWN, id: UNKNOWN }, config: null },
  );

const awsError = (transient: boolean): Error =>
  new DiagnosticError([errorDiagnostic("Could not create it", "No.")], { transient });

describe("a muster_cluster whose item can't be written", () => {
  test("is nothing when AWS refused it", async () => {
    const { state, diagnostics } = await createWith(awsError(false));
    expect(state).toBeNull();
    expect(diagnostics).toHaveLength(1);
  });

  test.each([
    ["no answer came", awsError(true)],
    ["Terraform stopped meanwhile", new InterruptedError("Stopped.")],
  ])("is kept with its UUID when %s: it may be there", async (_name, error) => {
    const { state, diagnostics } = await createWith(error);
    expect(state).toMatchObject({
      name: "demo",
      uuid: expect.stringMatching(/^[0-9a-f-]{36}$/),
      org: "acme",
    });
    expect(diagnostics).toHaveLength(1);
  });
});
