import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { RPCS } from "../../support/provider/echo-rpcs.js";
import { buildTestMirror, type TestMirror } from "../../support/provider/mirror.js";
import { MALFORMED_VALUES } from "../../support/provider/odd-values.js";
import {
  decoded,
  type PluginClient,
  type Reply,
  startPlugin,
  UNKNOWN,
  value,
} from "../../support/provider/plugin-client.js";

const PIN = "Zugang-größe-4711";
const PASSWORD = `hunter2"with 'quotes'`;
const nothing = value(null);
const demo = value({ name: "demo" });

let mirror: TestMirror;
let plugin: PluginClient;
beforeAll(async () => {
  mirror = await buildTestMirror("test/fixtures/provider/echo.ts");
  plugin = await startPlugin(mirror.program);
});
afterAll(async () => {
  plugin?.disconnect();
  plugin?.process.kill("SIGTERM");
  await mirror?.remove();
});

/** Creates one, which behaves as `attributes` say. */
const create = (attributes: object, limits = {}): Promise<Reply> => {
  const planned_state = value({ told: UNKNOWN, name: "demo", ...attributes });
  const config = value({ name: "demo", ...attributes, password: PASSWORD });
  const request = { type_name: "muster_echo", prior_state: nothing, planned_state, config };
  return plugin.call("ApplyResourceChange", request, limits);
};

// In the order of a session: it is one process, which is stopped in the end.
describe("one session", () => {
  test.each([
    "ReadResource",
    "ApplyResourceChange",
    "ReadDataSource",
    "OpenEphemeralResource",
    "RenewEphemeralResource",
    "CloseEphemeralResource",
  ])("%s before ConfigureProvider fails and says so", async (method) => {
    const { diagnostics } = await plugin.call(method, RPCS[method]?.ordinary);
    expect(diagnostics).toMatchObject([{ severity: "ERROR", summary: "The provider is not configured" }]);
  });

  test("is configured again and again; what fails changes nothing", async () => {
    for (const name of ["demo", "other"]) {
      expect(await plugin.call("ConfigureProvider", { config: value({ name }) })).toEqual({
        diagnostics: [],
      });
    }
    for (const name of [null, "much too long"]) {
      const { diagnostics } = await plugin.call("ConfigureProvider", { config: value({ name }) });
      expect(diagnostics).toMatchObject([{ severity: "ERROR" }]);
    }
    expect((await create({})).diagnostics).toEqual([]);
  });

  test("a hundred thousand problems are reported as a hundred", async () => {
    const texts = Array.from({ length: 100_000 }, () => null);
    const config = value({ name: "demo", texts });
    const request = { type_name: "muster_echo", config };
    const { diagnostics } = await plugin.call("ValidateResourceConfig", request);
    expect(diagnostics).toHaveLength(101);
    expect(diagnostics[0]).toMatchObject({
      summary: "Missing texts[0]",
      attribute: { steps: [{ attribute_name: "texts" }, { element_key_int: 0 }] },
    });
  });

  test.each(MALFORMED_VALUES.filter(({ place }) => place === null))(
    "an apply over $name gives the state and the private state back as they were sent",
    async ({ wire }) => {
      const prior_state = { msgpack: Buffer.alloc(0), json: Buffer.alloc(0), ...wire };
      const planned_private = Buffer.from([0xff, 0]);
      const request = { type_name: "muster_echo", prior_state, planned_state: demo, planned_private };
      const reply = await plugin.call("ApplyResourceChange", request);
      expect(reply.diagnostics).toHaveLength(1);
      expect(Buffer.from(reply.new_state.msgpack)).toEqual(Buffer.from(prior_state.msgpack));
      expect(Buffer.from(reply.new_state.json)).toEqual(Buffer.from(prior_state.json));
      expect(reply.private).toEqual(planned_private);
    },
  );

  test("an apply of nothing onto nothing is nothing", async () => {
    const request = { type_name: "muster_echo", prior_state: nothing, planned_state: nothing };
    const { new_state, diagnostics } = await plugin.call("ApplyResourceChange", request);
    expect(diagnostics).toEqual([]);
    expect(decoded(new_state)).toBeNull();
  });

  test("a create that throws keeps what was saved, reports why, and redacts secrets", async () => {
    const { new_state, diagnostics } = await create({ behaviour: "quotes", pin: PIN });
    expect(decoded(new_state)).toMatchObject({ name: "demo", told: "begun demo", password: null });
    const detail = "bad credentials (a sensitive value) and (a sensitive value)";
    expect(diagnostics).toMatchObject([
      { summary: "Could not create muster_echo", detail: expect.stringContaining(detail) },
    ]);
  });

  test("a hundred calls at once get their own answers", async () => {
    const names = Array.from({ length: 100 }, (_, index) => `n${index}`);
    const replies = await Promise.all(names.map((name) => create({ name, text: name.repeat(1000) })));
    expect(replies.map(({ new_state }) => decoded(new_state).told)).toEqual(names);
  });

  test("a client that disconnects, or gives no time, harms no other call; StopProvider ends every wait", async () => {
    const waits = { behaviour: "waits" };
    const gone = new AbortController();
    const cancelled = create(waits, { signal: gone.signal });
    const waiting = create(waits);
    await expect(create(waits, { timeoutMs: 200 })).rejects.toThrow(/DEADLINE_EXCEEDED/);
    gone.abort();
    await expect(cancelled).rejects.toThrow(/CANCELLED/);
    expect((await create({})).diagnostics).toEqual([]);
    expect(await plugin.call("StopProvider")).toEqual({ Error: "" });
    const { new_state, diagnostics } = await waiting;
    expect(diagnostics).toMatchObject([{ summary: "Interrupted: create muster_echo" }]);
    expect(decoded(new_state)).toMatchObject({ told: "begun demo" });
  });

  test("after StopProvider the rest of the calls are answered", async () => {
    for (const [method, { ordinary, answer }] of Object.entries(RPCS)) {
      expect(await plugin.call(method, ordinary)).toMatchObject(answer);
    }
  });

  test("no secret of any call is in a log line or diagnostic", async () => {
    const secret = { name: "demo", pin: PIN };
    const json = Buffer.from(JSON.stringify(secret));
    const kept = Buffer.from(PIN);
    const told: Reply[] = [];
    for (const [method, { ordinary, values = [] }] of Object.entries(RPCS)) {
      const given = (wire: object): object => Object.fromEntries(values.map((field) => [field, wire]));
      const stored = { raw_state: { json }, source_state: { json }, private: kept, planned_private: kept };
      for (const wire of [value(secret), value({ ...secret, count: PIN }), { json: json.subarray(1) }]) {
        const { diagnostics = [] } = await plugin.call(method, { ...ordinary, ...given(wire), ...stored });
        told.push(...diagnostics);
      }
      const cut = { json: json.subarray(0, -1) };
      const { diagnostics = [] } = await plugin.call(method, {
        ...ordinary,
        raw_state: cut,
        source_state: cut,
      });
      told.push(...diagnostics);
    }
    expect(told.length).toBeGreaterThan(20);
    const logged = plugin.log();
    expect(logged).toContain('"@message":"begins demo"');
    expect(logged).toContain("bad credentials (a sensitive value)");
    for (const hidden of [PIN, "hunter2"]) {
      expect(logged).not.toContain(hidden);
      expect(JSON.stringify(told)).not.toContain(hidden);
    }
  });

  test("each line of the log is one that Terraform understands", () => {
    // What follows the last line's end is a line of which the rest is still to come.
    const lines = plugin.log().split("\n").slice(0, -1);
    const levels = lines.map((line) => (JSON.parse(line) as { "@level": string })["@level"]);
    expect(new Set(levels)).toEqual(new Set(["debug", "info", "warn"]));
  });
});
