import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { FakeWorld } from "../../../../support/cli/fake-world.js";
import { ask, sendCode, session } from "../../../../support/console/ask.js";
import { type ServedConsole, startConsole } from "../../../../support/console/console.js";
import { someClusters, uuidOf } from "../../../../support/console/seeds.js";

const PAGE = { script: "let x;", style: "p{}" };

let world: FakeWorld;
let served: ServedConsole;
beforeEach(async () => {
  world = new FakeWorld();
  world.clusters.push(...someClusters());
  served = await startConsole(world, PAGE);
});
afterEach(() => served.close());

describe("a request from elsewhere", () => {
  test.each([
    ["GET", "/api/clusters"],
    ["POST", `/api/clusters/${uuidOf(1)}/park`],
    ["GET", "/"],
    ["GET", "/assets/console.js"],
    ["DELETE", "/api/clusters"],
  ])("%s %s with another Host fails, whatever its Origin says", async (method, path) => {
    const { headers } = await session(served);
    const evil = { host: "evil.example", origin: "http://evil.example" };
    const answer = await ask(served, path, { method, headers: { ...headers, ...evil } });
    expect(answer.status).toBe(403);
    expect(answer.text).not.toContain("alpha");
  });

  test("an upgrade with another Host fails, and so does any other", async () => {
    const { headers } = await session(served);
    const upgrade = { connection: "Upgrade", upgrade: "websocket" };
    const evil = await ask(served, "/api/clusters", {
      headers: { ...headers, ...upgrade, host: "evil.example", origin: "http://evil.example" },
    });
    expect(evil.status).toBe(403);
    const own = await ask(served, "/api/clusters", {
      headers: { ...headers, ...upgrade, origin: `http://127.0.0.1:${served.port}` },
    });
    expect(own.status).toBe(400);
  });

  test.each([
    ["Origin", { origin: "http://evil.example" }],
    ["Origin of another port", { origin: "http://127.0.0.1:1" }],
    ["Origin null", { origin: "null" }],
    ["Sec-Fetch-Site", { "sec-fetch-site": "cross-site" }],
    ["Sec-Fetch-Site of the same site", { "sec-fetch-site": "same-site" }],
  ])("with another %s it fails, even with a session", async (_what, foreign) => {
    const { post } = await session(served);
    const answer = await post(`/api/clusters/${uuidOf(2)}/park`, { cancelJobs: false }, foreign);
    expect(answer.status).toBe(403);
    expect(world.noted).toEqual([]);
  });

  test("a form of another page can't send a change: its body is no JSON", async () => {
    const { post } = await session(served);
    const answer = await post(`/api/clusters/${uuidOf(2)}/park`, {}, { "content-type": "text/plain" });
    expect(answer.status).toBe(400);
    expect(answer.json()).toMatchObject({ code: "invalid" });
  });
});

describe("the session", () => {
  test("without one there is the code's page, and nothing of the org", async () => {
    const start = await ask(served, "/");
    expect(start.status).toBe(200);
    expect(start.text).toContain("A code is in the terminal");
    expect(world.said.filter((line) => line.startsWith("code: "))).toHaveLength(1);
    for (const path of ["/api/clusters", "/api/place", "/api/settings"])
      expect(await ask(served, path)).toMatchObject({ status: 401 });
  });

  test("a code is exchanged for a cookie that scripts and other sites do not have", async () => {
    const answer = await sendCode(served, served.newCode());
    expect(answer.status).toBe(200);
    const [cookie = ""] = answer.headers["set-cookie"] ?? [];
    expect(cookie).toMatch(
      new RegExp(`^muster-console-${served.port}=[\\w-]{43}; Path=/; HttpOnly; SameSite=Strict$`),
    );
  });

  test("a code is good once", async () => {
    const code = served.newCode();
    expect(await sendCode(served, code)).toMatchObject({ status: 200 });
    expect(await sendCode(served, code)).toMatchObject({ status: 403 });
  });

  test("a code comes from a file too, whose origin is null", async () => {
    const [, code = ""] = /name="code" value="([^"]+)"/.exec(served.openingPage()) ?? [];
    const answer = await sendCode(served, code, { origin: "null", "sec-fetch-site": "cross-site" });
    expect(answer.status).toBe(200);
  });

  test("guesses end all codes", async () => {
    const code = served.newCode();
    for (let guess = 0; guess < 10; guess++) await sendCode(served, `guess-${guess}`);
    expect(await sendCode(served, code)).toMatchObject({ status: 403 });
  });

  test("no secret is in an address or an answer", async () => {
    const { get } = await session(served);
    const all = await Promise.all(
      ["/api/clusters", `/api/clusters/${uuidOf(1)}`, "/api/place", "/api/settings", "/"].map(get),
    );
    for (const { text, headers } of all) {
      expect(text).not.toContain("secret-owner");
      expect(text).not.toContain(world.secret.value);
      expect(headers["location"]).toBeUndefined();
    }
  });
});

describe("every answer", () => {
  test.each(["/", "/api/clusters", "/assets/console.js", "/assets/console.css", "/nothing", "/session"])(
    "%s: no script from elsewhere, none inline, no frame around it, nothing kept",
    async (path) => {
      const { headers } = await ask(served, path);
      const policy = String(headers["content-security-policy"]);
      expect(policy).toContain("default-src 'none'");
      expect(policy).toContain("script-src 'self'");
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).not.toContain("unsafe-inline");
      expect(headers).toMatchObject({
        ...{
          "cache-control": "no-store",
          "referrer-policy": "no-referrer",
          "x-content-type-options": "nosniff",
        },
      });
    },
  );

  test("the pages have no script of their own", async () => {
    const { get } = await session(served);
    for (const { text } of [await ask(served, "/"), await get("/")])
      expect(text).not.toMatch(/<script(?![^>]* src=)|\son\w+=|style=/);
  });
});

describe("--read-only", () => {
  const CHANGES = [
    `/api/clusters/${uuidOf(2)}/park`,
    `/api/clusters/${uuidOf(4)}/resume`,
    `/api/clusters/${uuidOf(2)}/resize`,
    `/api/clusters/${uuidOf(2)}/keep-alive`,
    `/api/jobs/${uuidOf(2)}`,
    `/api/jobs/${uuidOf(2)}/job-1/cancel`,
    `/api/jobs/${uuidOf(2)}/job-1/again`,
    "/api/notebooks/explore/open",
    "/api/notebooks/explore/enter",
    "/api/notebooks/explore/start",
    "/api/notebooks/explore/stop",
    "/api/declared/plan",
    "/api/declared/apply",
    "/api/declared/deploy",
    "/api/tasks/00000000-0000-4000-8000-000000000000/stop",
    "/api/of-a-later-version",
  ];

  test.each(CHANGES)("%s is refused", async (path) => {
    const only = await startConsole(world, PAGE, { isReadOnly: true });
    try {
      const { post, get } = await session(only);
      const answer = await post(path);
      expect(answer.status).toBe(403);
      expect(answer.json()).toMatchObject({ code: "read-only" });
      expect(await get("/api/clusters")).toMatchObject({ status: 200 });
    } finally {
      await only.close();
    }
  });
});

test("a port that is taken is an error that says what to do", async () => {
  await expect(startConsole(world, PAGE, {}, served.port)).rejects.toThrow(
    `Port ${served.port} of 127.0.0.1 can't be used: another program listens there. Give another one with --port, or none.`,
  );
});
