import { afterEach, describe, expect, test } from "@jest/globals";
import { fastify } from "fastify";
import { pino } from "pino";
import { replyErrors } from "../../../../agent/http/reply-errors.js";
import { createHomeRenewal } from "../../../../agent/notebook/home-renewal.js";
import { addHomesRoute, createHomeLeases } from "../../../../agent/notebook/homes.js";
import { boundedValidator } from "../../../../agent/schemas/compilers.js";
import { mountedHomes } from "../../../../agent/system/notebook-mounts.js";
import { manualClock } from "../../../support/manual-clock.js";

const log = pino({ level: "silent" });
const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});
const settle = () => new Promise((resolve) => setImmediate(resolve));

function node(own: string | null = null, mounted: string[] = []) {
  const clock = manualClock();
  const calls: string[] = [];
  const state = { attached: ["explore", "other"], problem: null as Error | null };
  const leases = createHomeLeases({
    mounts: {
      mounted: async () => mounted,
      async mount({ name, accessPointId }) {
        calls.push(`mount ${name} ${accessPointId}`);
        if (state.problem !== null) throw state.problem;
        mounted.push(name);
      },
      async unmount(name) {
        calls.push(`unmount ${name}`);
        mounted.splice(mounted.indexOf(name), 1);
      },
    },
    own,
    isAttached: async (name) => state.attached.includes(name),
    clock,
    log,
  });
  stops.push(leases.stop);
  return { clock, calls, state, leases, mounted };
}
const HOME = { name: "explore", accessPointId: "fsap-0a" };

describe("a notebook's home on a node of its cluster", () => {
  test("is mounted once, however many ask at once", async () => {
    const { leases, calls } = node();
    await Promise.all([leases.renew(HOME), leases.renew(HOME)]);
    await leases.renew(HOME);
    expect(calls).toEqual(["mount explore fsap-0a"]);
  });

  test("is unmounted five minutes after the last request, and not before", async () => {
    const { leases, calls, clock } = node();
    leases.start();
    await leases.renew(HOME);
    for (let minute = 0; minute < 20; minute += 1) {
      clock.advance(60_000);
      await leases.renew(HOME);
      await settle();
    }
    expect(calls).toEqual(["mount explore fsap-0a"]);
    for (let seconds = 0; seconds < 4 * 60; seconds += 15) {
      clock.advance(15_000);
      await settle();
    }
    expect(calls).toHaveLength(1);
    for (let seconds = 0; seconds < 90; seconds += 15) {
      clock.advance(15_000);
      await settle();
    }
    expect(calls).toEqual(["mount explore fsap-0a", "unmount explore"]);
  });

  test("of an agent of before is kept for a lease, and the node's own for ever", async () => {
    const { leases, calls, clock } = node("own", ["own", "explore"]);
    leases.start();
    await settle();
    for (let seconds = 0; seconds < 600; seconds += 15) {
      clock.advance(15_000);
      await settle();
    }
    expect(calls).toEqual(["unmount explore"]);
    await leases.renew({ ...HOME, name: "own" });
    expect(calls).toHaveLength(1);
  });

  test("fails where the notebook is not attached, the mount fails, or too many are there", async () => {
    const { leases, calls, state } = node();
    await expect(leases.renew({ ...HOME, name: "foreign" })).rejects.toThrow(
      "no notebook foreign is attached",
    );
    expect(calls).toEqual([]);
    state.problem = new Error("mount: access denied");
    await expect(leases.renew(HOME)).rejects.toMatchObject({ code: "home-refused" });
    state.problem = null;
    await leases.renew(HOME);
    const full = node(
      null,
      Array.from({ length: 16 }, (_, n) => `n${n}`),
    );
    await expect(full.leases.renew(HOME)).rejects.toThrow("16 homes");
  });

  test.each([
    [{ name: "../etc", accessPointId: "fsap-0a" }],
    [{ name: "a/b", accessPointId: "fsap-0a" }],
    [{ name: "explore", accessPointId: "fsap-0a,nosuid" }],
    [{ name: "explore", accessPointId: "fsap-0a", path: "/etc" }],
    [{}],
  ])("is refused for %j", async (payload) => {
    const app = fastify();
    app.setValidatorCompiler(boundedValidator);
    replyErrors(app);
    addHomesRoute(app, { renew: () => Promise.reject(new Error("nothing may be mounted")) });
    const reply = await app.inject({ method: "POST", url: "/v1/notebook/homes", payload });
    expect([reply.statusCode, reply.json().error.code]).toEqual([400, "request-invalid"]);
  });

  test("is found among the node's mounts", () => {
    const line = (path: string) => `36 35 0:45 / ${path} rw,nosuid,nodev - nfs4 127.0.0.1:/ rw`;
    const text = ["/", "/shared", "/homes/explore", "/homes/explore/deeper", "/homes/Bad", "/homesx/a"].map(
      line,
    );
    expect(mountedHomes(text.join("\n"))).toEqual(["explore"]);
  });
});

describe("a notebook's agent", () => {
  function renewal(hosts: () => readonly string[], fails: (address: string) => boolean = () => false) {
    const clock = manualClock();
    const asked: string[] = [];
    let atOnce = 0;
    let most = 0;
    const renewed = createHomeRenewal({
      hosts: async () => hosts(),
      async ask(address) {
        asked.push(address);
        atOnce += 1;
        most = Math.max(most, atOnce);
        await settle();
        atOnce -= 1;
        if (fails(address)) throw new Error("HTTP 409");
      },
      clock,
      log,
    });
    stops.push(renewed.stop);
    return { clock, asked, renewed, most: () => most };
  }

  test("asks each node once a minute, and one that has come at once", async () => {
    const hosts = ["10.0.0.1", "10.0.0.2"];
    const { renewed, asked, clock } = renewal(() => hosts);
    await renewed.renewAll();
    await renewed.renewAll();
    expect(asked).toEqual(["10.0.0.1", "10.0.0.2"]);
    hosts.push("10.0.0.3");
    await renewed.renewAll();
    expect(asked.slice(2)).toEqual(["10.0.0.3"]);
    clock.advance(60_000);
    await renewed.renewAll();
    expect(asked).toHaveLength(6);
  });

  test("asks sixteen at a time", async () => {
    const { renewed, asked, most } = renewal(() => Array.from({ length: 100 }, (_, n) => `10.0.1.${n}`));
    await renewed.renewAll();
    expect([asked.length, most()]).toEqual([100, 16]);
  });

  test("names a node that has it not, and asks that again", async () => {
    const { renewed, asked } = renewal(
      () => ["10.0.0.1", "10.0.0.2"],
      (address) => address === "10.0.0.2",
    );
    await expect(renewed.renewAll()).rejects.toThrow("not mounted on 10.0.0.2 (HTTP 409)");
    await expect(renewed.renewAll()).rejects.toThrow("10.0.0.2");
    expect(asked).toEqual(["10.0.0.1", "10.0.0.2", "10.0.0.2"]);
  });
});
