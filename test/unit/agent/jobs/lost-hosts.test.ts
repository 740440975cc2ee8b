import { describe, expect, test } from "@jest/globals";
import { createLostHosts, type Sign } from "../../../../agent/jobs/lost-hosts.js";

const HOSTS = ["10.0.0.1", "10.0.0.2"];
const [FIRST = "", SECOND = ""] = HOSTS;

/** A job on two hosts. `world` is what the head sees; a question is answered when `sign` is set, or waits. */
function scene() {
  const world = {
    nowMs: 0,
    heard: new Set(HOSTS) as ReadonlySet<string> | null,
    inTouch: new Set(HOSTS) as ReadonlySet<string> | null,
    sign: "none" as Sign | "waits",
    asked: [] as string[],
    news: 0,
  };
  const losses = createLostHosts(HOSTS, {
    view: { heard: () => world.heard, inTouch: () => world.inTouch },
    reach: {
      reach(address) {
        world.asked.push(address);
        return world.sign === "waits" ? new Promise(() => {}) : Promise.resolve(world.sign);
      },
    },
    clock: { monotonicMs: () => world.nowMs },
    onNews: () => {
      world.news += 1;
    },
  });
  /** Looks, and again after the questions that it has led to. */
  async function look(nowMs: number) {
    world.nowMs = nowMs;
    losses.look();
    await new Promise((resolve) => setImmediate(resolve));
    return losses.look();
  }
  return { world, look };
}
const silence = (world: ReturnType<typeof scene>["world"]) => {
  world.heard = new Set([FIRST]);
  world.inTouch = new Set([FIRST]);
};

describe("a host that is not heard", () => {
  test("is asked, and lost when no sign comes", async () => {
    const { world, look } = scene();
    expect(await look(0)).toEqual({ lost: null, missing: null });
    silence(world);
    expect(await look(1_000)).toEqual({ lost: SECOND, missing: SECOND });
    expect(world).toMatchObject({ asked: [SECOND], news: 1 });
  });

  test("is missing, and not lost, while the question waits", async () => {
    const { world, look } = scene();
    silence(world);
    world.sign = "waits";
    expect(await look(1_000)).toEqual({ lost: null, missing: SECOND });
    await look(5_000);
    expect(world.asked).toEqual([SECOND]);
  });

  test.each<Sign>(["refuses", "answers"])("and %s is lost after a minute: its ranks run on", async (sign) => {
    const { world, look } = scene();
    silence(world);
    world.sign = sign;
    expect(await look(0)).toEqual({ lost: null, missing: SECOND });
    expect(await look(59_999)).toEqual({ lost: null, missing: SECOND });
    expect(await look(60_000)).toEqual({ lost: SECOND, missing: SECOND });
  });

  test("is asked again, each half second, until it gives no sign any more", async () => {
    const { world, look } = scene();
    silence(world);
    world.sign = "refuses";
    await look(0);
    await look(499);
    expect(world.asked).toHaveLength(1);
    world.sign = "none";
    expect(await look(500)).toEqual({ lost: SECOND, missing: SECOND });
  });

  test("and comes back begins afresh", async () => {
    const { world, look } = scene();
    silence(world);
    world.sign = "refuses";
    await look(0);
    world.heard = world.inTouch = new Set(HOSTS);
    expect(await look(50_000)).toEqual({ lost: null, missing: null });
    silence(world);
    expect(await look(60_000)).toEqual({ lost: null, missing: SECOND });
  });
});

describe("a host that is heard", () => {
  test("and fails a probe is lost after a minute, and is not asked", async () => {
    const { world, look } = scene();
    world.inTouch = new Set([FIRST]);
    expect(await look(0)).toEqual({ lost: null, missing: SECOND });
    expect(await look(59_999)).toEqual({ lost: null, missing: SECOND });
    expect(await look(60_000)).toEqual({ lost: SECOND, missing: SECOND });
    expect(world.asked).toEqual([]);
  });

  test("until it falls silent is judged by its silence from then on", async () => {
    const { world, look } = scene();
    world.inTouch = new Set([FIRST]);
    await look(0);
    world.heard = new Set([FIRST]);
    world.sign = "refuses";
    expect(await look(60_000)).toEqual({ lost: null, missing: SECOND });
  });
});

test("nothing changes while the head does not know its nodes", async () => {
  const { world, look } = scene();
  silence(world);
  world.sign = "refuses";
  await look(0);
  world.heard = world.inTouch = null;
  expect(await look(30_000)).toEqual({ lost: null, missing: SECOND });
});
