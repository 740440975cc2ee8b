import { beforeEach, describe, expect, test } from "@jest/globals";
import { fastify } from "fastify";
import { type Awaited, addAwaitedRoute, createAwaited } from "../../../../agent/launcher/awaited.js";
import { LAUNCH_ID } from "../../../support/agent/launcher.js";

let nowMs: number;
let awaited: Awaited;
beforeEach(() => {
  nowMs = 0;
  awaited = createAwaited({ monotonicMs: () => nowMs });
  // Every launch.sh from before has reconnected, or never will.
  nowMs = 25_000;
});

describe("a launch", () => {
  test("is awaited while a launch.sh waits, and not any more once that has gone", () => {
    const end = awaited.begin(LAUNCH_ID);
    expect(awaited.isAwaited(LAUNCH_ID)).toBe(true);
    end(true);
    expect(awaited.isAwaited(LAUNCH_ID)).toBe(false);
  });

  test("may be awaited again for 25 s after an agent was lost, for launch.sh reconnects", () => {
    awaited.begin(LAUNCH_ID)(false);
    expect(awaited.isAwaited(LAUNCH_ID)).toBeNull();
    nowMs += 24_999;
    expect(awaited.isAwaited(LAUNCH_ID)).toBeNull();
    nowMs += 1;
    expect(awaited.isAwaited(LAUNCH_ID)).toBe(false);
  });

  test("is forgotten once ten thousand others have lost their agent since", () => {
    for (let n = 0; n < 10_000; n += 1) awaited.begin(`launch-${n}`)(false);
    expect(awaited.isAwaited("launch-0")).toBeNull();
    awaited.begin(LAUNCH_ID)(false);
    expect([awaited.isAwaited("launch-0"), awaited.isAwaited(LAUNCH_ID)]).toEqual([false, null]);
  });

  test("is awaited again once launch.sh has reconnected, and is over when that goes", () => {
    awaited.begin(LAUNCH_ID)(false);
    const end = awaited.begin(LAUNCH_ID);
    expect(awaited.isAwaited(LAUNCH_ID)).toBe(true);
    end(true);
    expect(awaited.isAwaited(LAUNCH_ID)).toBe(false);
  });

  test("is awaited until the last of two waits ends", () => {
    const [first, second] = [awaited.begin(LAUNCH_ID), awaited.begin(LAUNCH_ID)];
    first(true);
    expect(awaited.isAwaited(LAUNCH_ID)).toBe(true);
    second(true);
    expect(awaited.isAwaited(LAUNCH_ID)).toBe(false);
  });

  test("that an agent has not heard of since it began may still be awaited", () => {
    const restarted = createAwaited({ monotonicMs: () => nowMs });
    expect(restarted.isAwaited(LAUNCH_ID)).toBeNull();
  });
});

test("POST /v1/launch/awaited answers another node", async () => {
  const app = fastify();
  addAwaitedRoute(app, awaited);
  awaited.begin(LAUNCH_ID);
  const ask = async (payload: object) =>
    (await app.inject({ method: "POST", url: "/v1/launch/awaited", payload })).json();
  expect(await ask({ id: LAUNCH_ID })).toEqual({ awaited: true });
  expect(await ask({ id: "another" })).toEqual({ awaited: false });
});
