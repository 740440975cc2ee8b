import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { demo, RPCS, type Rpc } from "../../support/provider/echo-rpcs.js";
import { buildTestMirror, type TestMirror } from "../../support/provider/mirror.js";
import { MALFORMED_VALUES, ODD_VALUES, UNKNOWN_VALUES } from "../../support/provider/odd-values.js";
import {
  decoded,
  type PluginClient,
  type Reply,
  startPlugin,
  value,
} from "../../support/provider/plugin-client.js";

let mirror: TestMirror;
let plugin: PluginClient;
beforeAll(async () => {
  mirror = await buildTestMirror("test/fixtures/provider/echo.ts");
  plugin = await startPlugin(mirror.program);
  await plugin.call("ConfigureProvider", { config: demo });
});
afterAll(async () => {
  plugin?.disconnect();
  plugin?.process.kill("SIGTERM");
  await mirror?.remove();
});

const filled = (fields: readonly string[], content: object): object =>
  Object.fromEntries(fields.map((field) => [field, content]));

test("every call of the protocol is here", () => {
  expect(Object.keys(RPCS).sort()).toEqual([...plugin.methods].sort());
});

describe.each(Object.entries(RPCS))("%s", (method, { ordinary, answer, values = [], ...rpc }) => {
  const { given = values, carried, type } = rpc;
  const told = async (request: object): Promise<readonly Reply[]> => {
    const { diagnostics } = await plugin.call(method, request);
    // No stack, no path of this machine, and short enough to be read.
    expect(JSON.stringify(diagnostics)).not.toMatch(/ at .*:\d+|node_modules|\.[jt]s\b/);
    expect(JSON.stringify(diagnostics).length).toBeLessThan(2000);
    return diagnostics;
  };

  test("answers what Terraform asks, and an empty request", async () => {
    expect(await plugin.call(method, ordinary)).toMatchObject(answer);
    await plugin.call(method, {});
  });

  test("takes no message that is not its own", async () => {
    const path = `/tfplugin6.Provider/${method}`;
    for (const message of [Buffer.from([0x0a, 0xff]), Buffer.alloc(100_000, 0x7b), Buffer.from('{"a":1}')]) {
      await expect(plugin.callRaw(path, message)).rejects.toThrow(/^13 INTERNAL: /);
    }
  });

  if (type !== undefined) {
    test("knows no type but its own", async () => {
      for (const name of [
        "muster_nothing",
        "",
        "__proto__",
        "constructor",
        "größe\0",
        "x".repeat(1_000_000),
      ]) {
        const diagnostics = await told({ ...ordinary, [type]: name });
        expect(diagnostics).toMatchObject([
          { severity: "ERROR", summary: expect.stringMatching(/^No .* type "/) },
        ]);
      }
    });
  }

  if (values.length > 0) {
    test.each(ODD_VALUES)("carries %s", async (_name, attributes) => {
      const whole = { name: "demo", ...attributes };
      const reply = await plugin.call(method, { ...ordinary, ...filled(given, value(whole)) });
      expect(reply.diagnostics).toEqual([]);
      if (carried !== undefined) expect(decoded(reply[carried])).toMatchObject(whole);
    });

    test("shows what is malformed, and where", async () => {
      for (const field of values) {
        for (const { name, wire, detail, place } of MALFORMED_VALUES) {
          const steps = expect.arrayContaining([expect.objectContaining({ attribute_name: place })]);
          expect({ field, name, told: await told({ ...ordinary, [field]: wire }) }).toMatchObject({
            field,
            name,
            told: [
              {
                severity: "ERROR",
                summary: expect.stringMatching(/^Malformed value: can't /),
                detail: expect.stringContaining(detail),
                attribute: place === null ? null : { steps },
              },
            ],
          });
        }
      }
    });
  }
});

test.each(["PlanResourceChange", "ValidateResourceConfig", "ValidateProviderConfig", "ConfigureProvider"])(
  "%s takes what is not known yet",
  async (method) => {
    const { ordinary, values = [], given = values, carried } = RPCS[method] as Rpc;
    for (const [, attributes] of UNKNOWN_VALUES) {
      const reply = await plugin.call(method, {
        ...ordinary,
        ...filled(given, value({ name: "a", ...attributes })),
      });
      expect(reply.diagnostics).toEqual([]);
      if (carried === undefined) continue;
      const planned = decoded(reply[carried]);
      for (const name of Object.keys(attributes)) {
        expect(JSON.stringify(planned[name])).toContain('"type":0');
      }
    }
  },
);

test.each([
  "/plugin.GRPCStdio/StreamStdio",
  "/plugin.GRPCBroker/StartStream",
  "/grpc.health.v1.Health/Check",
  "/tfplugin5.Provider/GetSchema",
  "/tfplugin6.Provider/NoSuchCall",
])("%s is not there, which Terraform can live with", async (path) => {
  await expect(plugin.callRaw(path, Buffer.alloc(0))).rejects.toThrow(/UNIMPLEMENTED/);
});
