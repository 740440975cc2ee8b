import { describe, expect, test } from "@jest/globals";
import type { ScalingActivity } from "../../../../provider/client/ports.js";
import { InterruptedError } from "../../../../provider/core/diagnostic.js";
import type { GroupContext } from "../../../../provider/resources/fleet/context.js";
import { watchLaunches } from "../../../../provider/resources/fleet/launches.js";
import { manualClock } from "../../../support/manual-clock.js";

const LASTING = "The image id '[ami-0bad]' does not exist. Launching EC2 instance failed.";
const SHORTAGE =
  "We currently do not have sufficient c5.xlarge capacity in the Availability Zone you requested (us-east-1a).";
const activity = (id: string, message: string, status = "Failed"): ScalingActivity => ({
  ...{ id, message, status, at: "" },
});

/** A resize of ten minutes, so that a shortage is borne for two and a half; `seen` are the group's activities, newest first. */
async function watched(before: readonly ScalingActivity[] | Error = []) {
  const clock = manualClock();
  const world: { seen: readonly ScalingActivity[] | Error; asked: number } = { seen: before, asked: 0 };
  const log = { debug: () => {}, info: () => {}, warn: () => {} };
  const activities = async () => {
    world.asked += 1;
    if (world.seen instanceof Error) throw world.seen;
    return world.seen;
  };
  const context = { clock, log, client: { groups: { activities } } } as unknown as GroupContext;
  const { look } = await watchLaunches("nodes", 600_000, context);
  return {
    world,
    async lookAfter(ms: number, seen: readonly ScalingActivity[] | Error) {
      clock.advance(ms);
      world.seen = seen;
      await look();
    },
  };
}

describe("the watch on a group's launches", () => {
  test("fails at once for what waiting does not help, with the code and the next step", async () => {
    const { lookAfter } = await watched();
    await expect(lookAfter(0, [activity("1", LASTING)])).rejects.toMatchObject({
      message: `the Auto Scaling group can't start instances: ${LASTING}`,
      reasonCode: "launch-image-missing",
      next: expect.stringContaining("Give an image that exists"),
    });
  });

  test("does not mind what failed before the resize", async () => {
    const { lookAfter } = await watched([activity("1", LASTING)]);
    await lookAfter(0, [activity("1", LASTING)]);
  });

  test("bears a shortage for a quarter of the time-out, counted from when it was first seen", async () => {
    const { lookAfter } = await watched();
    await lookAfter(100_000, [activity("1", SHORTAGE)]);
    await lookAfter(149_999, [activity("1", SHORTAGE)]);
    await expect(lookAfter(5_001, [activity("1", SHORTAGE)])).rejects.toThrow("sufficient c5.xlarge");
  });

  test("fails when the quarter is just over", async () => {
    const { lookAfter } = await watched();
    await lookAfter(0, [activity("1", SHORTAGE)]);
    await expect(lookAfter(150_000, [activity("1", SHORTAGE)])).rejects.toThrow("sufficient c5.xlarge");
  });

  test("begins to count anew when an instance came in between", async () => {
    const { lookAfter } = await watched();
    const came = activity("2", "Launching a new EC2 instance: i-1", "Successful");
    await lookAfter(0, [activity("1", SHORTAGE)]);
    await lookAfter(140_000, [came, activity("1", SHORTAGE)]);
    await lookAfter(140_000, [activity("3", SHORTAGE), came, activity("1", SHORTAGE)]);
  });

  test("asks AWS every five seconds at most", async () => {
    const { world, lookAfter } = await watched();
    const asked: number[] = [];
    for (const ms of [0, 4_999, 1]) {
      await lookAfter(ms, []);
      asked.push(world.asked);
    }
    expect(asked).toEqual([2, 2, 3]);
  });

  test("says nothing where the activities before the resize can't be listed, and goes on where later ones can't", async () => {
    const blind = await watched(new Error("AccessDenied"));
    await blind.lookAfter(0, [activity("1", LASTING)]);
    const { lookAfter } = await watched();
    await lookAfter(0, new Error("AccessDenied"));
  });

  test("ends when Terraform is stopped", async () => {
    const { lookAfter } = await watched();
    await expect(lookAfter(0, new InterruptedError("Stopped."))).rejects.toThrow("Stopped.");
  });
});
