import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { benchSmall, partsIn } from "../../support/bench/run.js";
import { SHARED_CLOUD } from "../../support/shared-cluster/place.js";
import {
  leaveSharedCluster,
  type SharedJourney,
  useSharedCluster,
} from "../../support/shared-cluster/use.js";

const MINUTE_MS = 60_000;
const PARTS = ["boot", "launch", "queue", "idle", "reduce", "notebook"];

let journey: SharedJourney;
beforeAll(async () => {
  ({ journey } = await useSharedCluster());
}, 6 * MINUTE_MS);
afterAll(async () => {
  if (journey !== undefined) await leaveSharedCluster(journey);
}, 2 * MINUTE_MS);

test(
  "each part of the benchmark that needs a cluster runs, has figures, and leaves the cluster as it was",
  async () => {
    expect(partsIn(await benchSmall(PARTS, "--cloud", SHARED_CLOUD))).toEqual(
      PARTS.map((part) => `${part}: figures`),
    );
  },
  5 * MINUTE_MS,
);
