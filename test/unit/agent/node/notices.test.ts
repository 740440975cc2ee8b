import { expect, test } from "@jest/globals";
import { pino } from "pino";
import { createNoticeWatch } from "../../../../agent/node/notice-watch.js";
import { type NoticeTexts, readNotices } from "../../../../agent/node/notices.js";
import { manualClock } from "../../../support/manual-clock.js";

const none: NoticeTexts = { spot: null, maintenance: null, rebalance: null };
const SPOT = '{"action": "terminate", "time": "2017-09-18T08:22:00Z"}';
const event = (change: object) => ({
  NotBefore: "21 Jan 2019 09:00:43 GMT",
  Code: "system-reboot",
  Description: "scheduled reboot",
  EventId: "instance-event-0d59937288b749b32",
  NotAfter: "21 Jan 2019 09:17:23 GMT",
  State: "active",
  ...change,
});
const REBOOT = { kind: "maintenance", at: "2019-01-21T09:00:43.000Z", what: "system-reboot" };

test.each<[string, Partial<NoticeTexts>, object[]]>([
  ["nothing", {}, []],
  [
    "an interruption",
    { spot: SPOT },
    [{ kind: "spot-interruption", at: "2017-09-18T08:22:00.000Z", what: "terminate" }],
  ],
  ["maintenance", { maintenance: JSON.stringify([event({})]) }, [REBOOT]],
  ["no maintenance", { maintenance: "[]" }, []],
  ["maintenance that is over", { maintenance: JSON.stringify([event({ State: "completed" })]) }, []],
  [
    "two events, the earliest first",
    {
      maintenance: JSON.stringify([
        event({ NotBefore: "22 Jan 2019 09:00:43 GMT", Code: "instance-stop" }),
        event({}),
      ]),
    },
    [REBOOT, { kind: "maintenance", at: "2019-01-22T09:00:43.000Z", what: "instance-stop" }],
  ],
  [
    "a hint",
    { rebalance: '{"noticeTime": "2020-10-26T00:15:00Z"}' },
    [{ kind: "rebalance", at: null, what: "rebalance" }],
  ],
  [
    "an interruption in other words",
    { spot: "soon" },
    [{ kind: "spot-interruption", at: null, what: "unknown" }],
  ],
  ["what is no list of events", { maintenance: "<html>" }, []],
])("the metadata may say %s", (_name, texts, expected) => {
  expect(readNotices({ ...none, ...texts })).toEqual(expected);
});

test("a node reads them every 5 s; a change is told at once, and silence withdraws nothing", async () => {
  const clock = manualClock();
  const world = { texts: { ...none } as NoticeTexts | Error, changes: 0 };
  const watch = createNoticeWatch({
    async read() {
      if (world.texts instanceof Error) throw world.texts;
      return world.texts;
    },
    onChange: () => {
      world.changes += 1;
    },
    clock,
    log: pino({ level: "silent" }),
  });
  const next = async () => {
    for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
    clock.advance(5_000);
    for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
  };
  watch.start();
  await next();
  expect(world.changes).toBe(0);
  world.texts = { ...none, spot: SPOT };
  await next();
  await next();
  expect([watch.now()[0]?.kind, world.changes]).toEqual(["spot-interruption", 1]);
  world.texts = new Error("no answer");
  await next();
  expect(watch.now()).toHaveLength(1);
  world.texts = none;
  await next();
  expect([watch.now(), world.changes]).toEqual([[], 2]);
  const stopping = watch.stop();
  await next();
  await stopping;
});
