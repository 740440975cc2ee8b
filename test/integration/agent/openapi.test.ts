import { execFileSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { buildSync } from "esbuild";
import type { FastifyInstance, InjectOptions } from "fastify";
import { roleToken } from "../../../agent/contract/tokens.js";
import { buildApp } from "../../../agent/http/app.js";
import { appDeps } from "../../support/agent/app-deps.js";
import { temporaryFolder } from "../../support/agent/job-user.js";
import { CLUSTER_SECRET } from "../../support/agent/tls.js";

const DOCUMENT = resolve("docs/reference/openapi.json");
const GENERATOR = join(dirname(require.resolve("swagger-typescript-api/package.json")), "dist/cli.cjs");

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let app: FastifyInstance;
beforeAll(async () => {
  folder = await temporaryFolder();
  app = await buildApp(appDeps({ openApiDocument: () => readFile(DOCUMENT) }));
});
afterAll(async () => {
  await app?.close();
  await folder?.remove();
});

/** The app, in place of a node that one reaches by network. */
const reach: typeof fetch = async (url, init = {}) => {
  const { pathname, search } = new URL(String(url));
  const reply = await app.inject({
    method: (init.method ?? "GET") as NonNullable<InjectOptions["method"]>,
    url: `${pathname}${search}`,
    headers: init.headers as Record<string, string>,
    ...(init.body === undefined || init.body === null ? {} : { payload: String(init.body) }),
  });
  return new Response(reply.rawPayload, {
    status: reply.statusCode,
    headers: { "content-type": "application/json" },
  });
};

interface Answer {
  readonly status: number;
  readonly data: Readonly<Record<string, unknown>>;
}
type Call = (...parameters: readonly unknown[]) => Promise<Answer>;
type Client = Readonly<Record<"v1" | "readyz", Readonly<Record<string, Call>>>>;

/** A client that a generator has made of the document alone. */
function generatedClient(): Client {
  const made = ["generate", "--path", DOCUMENT, "--output", folder.path, "--name", "client.ts", "--silent"];
  execFileSync(process.execPath, [GENERATOR, ...made], { stdio: "pipe", timeout: 60_000 });
  const outfile = join(folder.path, "client.cjs");
  buildSync({ entryPoints: [join(folder.path, "client.ts")], outfile, format: "cjs", logLevel: "silent" });
  const { Api } = require(outfile) as { Api: new (options: object) => Client };
  const authorization = `Bearer ${roleToken(CLUSTER_SECRET, "operator")}`;
  return new Api({
    baseUrl: "https://node",
    customFetch: reach,
    baseApiParams: { headers: { authorization }, format: "json" },
  });
}

test("a client that is generated from it submits a job, reads it, and gets an error as the document says", async () => {
  const { v1, readyz } = generatedClient();
  const request = { command: "pi.py 3", script: { name: "pi.py", content: "print(3)" } };
  const sent = await v1["submitJob"]?.(request, { headers: { "idempotency-key": "once" } });
  expect(sent).toMatchObject({ status: 201, data: { status: "NEW", request: { command: ["pi.py", "3"] } } });
  const id = String(sent?.data["id"]);
  expect(await v1["getJob"]?.(id)).toMatchObject({ status: 200, data: { id } });
  expect(await v1["listJobs"]?.({ status: "NEW", limit: "5" })).toMatchObject({ data: { jobs: [{ id }] } });
  expect(await readyz["isReady"]?.()).toMatchObject({ data: { ready: true, failing: [] } });
  expect(await v1["getStatus"]?.()).toMatchObject({ data: { cluster: { clusterStatus: "FINISHED" } } });
  expect(await v1["cancelJob"]?.(id)).toMatchObject({ data: { id } });
  await expect(v1["getJob"]?.("none")).rejects.toMatchObject({
    status: 404,
    error: { error: { code: "job-not-found" } },
  });
  expect(await v1["getDocument"]?.()).toMatchObject({ data: { openapi: "3.1.0" } });
}, 120_000);

test("an agent that has no document says so", async () => {
  const bare = await buildApp(appDeps());
  const headers = { authorization: `Bearer ${roleToken(CLUSTER_SECRET, "reader")}` };
  const reply = await bare.inject({ url: "/v1/openapi.json", headers });
  expect([reply.statusCode, reply.json().error.code]).toEqual([404, "not-found"]);
  await bare.close();
});
