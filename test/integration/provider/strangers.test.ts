import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { connect } from "node:net";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import { buildTestMirror, type TestMirror } from "../../support/provider/mirror.js";
import { type PluginClient, startPlugin, value } from "../../support/provider/plugin-client.js";
import { COOKIE } from "../../support/provider/plugin-process.js";

let mirror: TestMirror;
const started: PluginClient[] = [];
const start = async (env: Readonly<Record<string, string>> = {}): Promise<PluginClient> => {
  const plugin = await startPlugin(mirror.program, env);
  started.push(plugin);
  return plugin;
};
const socketOf = ({ handshake }: PluginClient): string => handshake.split("|")[3] ?? "";

beforeAll(async () => {
  mirror = await buildTestMirror("test/fixtures/provider/echo.ts");
});
afterEach(() => {
  for (const { disconnect, process: child } of started.splice(0)) {
    disconnect();
    child.kill("SIGTERM");
  }
});
afterAll(() => mirror?.remove());

describe("a start that can't be", () => {
  test.each<[string, Readonly<Record<string, string>>, RegExp]>([
    ["by hand", {}, /^This is a Terraform provider: Terraform starts it, people don't\.\n/],
    ["by something else", { TF_PLUGIN_MAGIC_COOKIE: "x" }, /^This is a Terraform provider/],
    [
      "by a Terraform that is too old",
      { ...COOKIE, PLUGIN_PROTOCOL_VERSIONS: "4,5" },
      /plugin protocol 6; this Terraform speaks 4,5/,
    ],
    [
      "with a certificate that is none",
      { ...COOKIE, PLUGIN_CLIENT_CERT: "x" },
      /^PLUGIN_CLIENT_CERT is not a certificate/,
    ],
    ["without a folder for its socket", { ...COOKIE, TMPDIR: "/nowhere" }, /could not start: .*\/nowhere/],
  ])("%s ends with one plain sentence on stdout", (_name, env, message) => {
    const { status, stdout, stderr } = spawnSync(mirror.program, {
      encoding: "utf8",
      env: { PATH: process.env["PATH"], ...env },
    });
    expect({ status, stderr }).toEqual({ status: 1, stderr: "" });
    expect(stdout).toMatch(message);
    expect(stdout.trimEnd().split("\n").length).toBeLessThan(3);
    expect(stdout).not.toMatch(/ at .*:\d+/);
  });
});

describe("who is not Terraform", () => {
  test.each(["no certificate", "another certificate"] as const)("with %s is refused", async (certificate) => {
    const plugin = await start();
    await expect(plugin.callAsStranger("GetMetadata", certificate)).rejects.toThrow(/UNAVAILABLE/);
    expect(await plugin.call("GetMetadata")).toMatchObject({ resources: [{ type_name: "muster_echo" }] });
  });

  test.each([
    ["with TLS", {}],
    ["without", { PLUGIN_CLIENT_CERT: "" }],
  ])("and sends garbage to the socket does no harm, %s", async (_name, env) => {
    const plugin = await start(env);
    const http2 = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    for (const garbage of [
      "",
      "GET / HTTP/1.1\r\n\r\n",
      "\x16\x03\x01\xff\xff",
      http2,
      `${http2}${"\xff".repeat(100)}`,
    ]) {
      for (const leave of ["end", "destroy"] as const) {
        const socket = connect(socketOf(plugin)).on("error", () => undefined);
        await once(socket, "connect");
        // Not by once(): the provider may reset the connection, which is an error, and the end of it too.
        const closed = new Promise((resolve) => socket.once("close", resolve));
        socket.write(garbage, "latin1");
        socket.resume()[leave]();
        await closed;
      }
    }
    expect(await plugin.call("GetMetadata")).toMatchObject({ resources: [{ type_name: "muster_echo" }] });
    expect(plugin.log()).not.toMatch(/ at .*:\d+/);
  });
});

describe("a provider that serves", () => {
  test("continues when its log is not read, as after a killed Terraform", async () => {
    const plugin = await start();
    plugin.process.stderr?.destroy();
    plugin.process.stdout?.destroy();
    for (let call = 0; call < 3; call++) {
      const planned_state = value({ name: "demo" });
      const request = { type_name: "muster_echo", planned_state, config: planned_state };
      await plugin.call("ConfigureProvider", { config: value({ name: "demo" }) });
      expect(await plugin.call("ApplyResourceChange", request)).toMatchObject({ diagnostics: [] });
    }
  });

  test("ends at SIGTERM and takes its socket away", async () => {
    const plugin = await start();
    expect(existsSync(socketOf(plugin))).toBe(true);
    plugin.process.kill("SIGTERM");
    expect(await once(plugin.process, "exit")).toEqual([0, null]);
    expect(existsSync(socketOf(plugin))).toBe(false);
  });
});
