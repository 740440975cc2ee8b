import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "@jest/globals";
import { createNoticeReader } from "../../../../agent/system/notices.js";

const SPOT = '{"action": "terminate", "time": "2017-09-18T08:22:00Z"}';
let server: Server;
let asked: string[];
afterEach(() => {
  server.close();
  delete process.env["AWS_EC2_METADATA_SERVICE_ENDPOINT"];
});

/** An instance whose metadata has these values; `asked` are the last words of the paths that it is asked for. */
async function instance(values: Record<string, string>): Promise<void> {
  asked = [];
  server = createServer(({ method, url = "" }, reply) => {
    if (method === "PUT") return reply.end("TOKEN");
    const name = url.split("/").at(-1) ?? "";
    asked.push(name);
    const value = values[name];
    return value === undefined ? reply.writeHead(404).end() : reply.end(value);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  process.env["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = `http://127.0.0.1:${port}`;
}

test.each<[string, Record<string, string>, number]>([
  ["a spot instance, every five seconds", { "instance-life-cycle": "spot" }, 12],
  ["one that does not say what it is, as often", {}, 12],
  ["another, every 15 seconds", { "instance-life-cycle": "on-demand" }, 4],
])("an interruption is looked for on %s", async (_what, values, times) => {
  await instance(values);
  let nowMs = 0;
  const read = createNoticeReader(() => nowMs);
  for (; nowMs < 60_000; nowMs += 5_000) await read();
  const count = (name: string) => asked.filter((one) => one === name).length;
  expect(["instance-life-cycle", "instance-action", "rebalance", "scheduled"].map(count)).toEqual([
    1,
    times,
    4,
    1,
  ]);
});

test("what is not due is as it was read last, and a notice that is taken back is gone with the next look", async () => {
  const values: Record<string, string> = { "instance-life-cycle": "on-demand", "instance-action": SPOT };
  await instance(values);
  let nowMs = 0;
  const read = createNoticeReader(() => nowMs);
  expect(await read()).toEqual({ spot: SPOT, maintenance: null, rebalance: null });
  delete values["instance-action"];
  nowMs = 5_000;
  expect(await read()).toMatchObject({ spot: SPOT });
  nowMs = 15_000;
  expect(await read()).toMatchObject({ spot: null });
});
