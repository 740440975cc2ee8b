import { createServer } from "node:http";
import { type AddressInfo, createServer as createTcpServer, type Server as NetServer } from "node:net";
import { afterEach, expect, test } from "@jest/globals";
import { createProxy } from "../../../scripts/local/lan/proxy.js";
import { runProgram } from "../../../scripts/system/program.js";

const servers: NetServer[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

async function listen(server: NetServer): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

/** A mirror that says which host it was asked for. */
const mirror = () =>
  listen(
    createServer((request, response) => {
      response
        .writeHead(request.url === "/missing" ? 404 : 200)
        .end(`${request.headers.host} ${request.url}\n`);
    }),
  );

async function curl(proxyPort: number, ...args: string[]): Promise<{ status: number | null; said: string }> {
  const lines: string[] = [];
  const { exitCode } = await runProgram(
    ["curl", "-s", "-m", "10", "--proxy", `http://127.0.0.1:${proxyPort}`, ...args],
    { env: { PATH: process.env["PATH"] ?? "" }, onLine: (line) => void lines.push(line) },
  );
  return { status: exitCode, said: lines.join("\n") };
}

test("passes requests on, with the mirror's status", async () => {
  const port = await mirror();
  const proxy = await listen(createProxy({}));
  const host = `127.0.0.1:${port}`;
  expect(await curl(proxy, `http://${host}/debian`)).toEqual({ status: 0, said: `${host} /debian` });
  expect(await curl(proxy, "-w", "%{http_code}", "-o", "/dev/null", `http://${host}/missing`)).toEqual({
    status: 0,
    said: "404",
  });
});

test("opens tunnels, and goes by this machine's own proxy where it has one", async () => {
  const port = await mirror();
  const outer = await listen(createProxy({}));
  const own = { http_proxy: `http://127.0.0.1:${outer}`, https_proxy: `127.0.0.1:${outer}` };
  const inner = await listen(createProxy(own));
  const host = `127.0.0.1:${port}`;
  for (const proxy of [outer, inner]) {
    expect(await curl(proxy, "--proxytunnel", `http://${host}/simple/`)).toEqual({
      status: 0,
      said: `${host} /simple/`,
    });
    expect(await curl(proxy, `http://${host}/debian`)).toEqual({ status: 0, said: `${host} /debian` });
  }
});

test("a mirror that can't be reached is an error that names it, and ends the tunnel", async () => {
  const gone = createTcpServer();
  const port = await listen(gone);
  await new Promise((resolve) => gone.close(resolve));
  const proxy = await listen(createProxy({}));
  expect((await curl(proxy, `http://127.0.0.1:${port}/`)).said).toMatch(/^127\.0\.0\.1:\d+ can't be reached/);
  expect((await curl(proxy, "--proxytunnel", `http://127.0.0.1:${port}/`)).status).not.toBe(0);
});
