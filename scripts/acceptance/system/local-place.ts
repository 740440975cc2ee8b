import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { emptyHome } from "../../journey/empty-home.js";
import { cloudDown } from "../../local/down.js";
import { cloudEnvironment } from "../../local/state.js";
import { cloudUp } from "../../local/up.js";
import { setUp } from "../../setup/set-up.js";
import { INSTANCE_TYPE } from "../declaration.js";
import type { Place } from "../place.js";

const CLOUD = "acceptance";
/** AWS's of us-east-1, so that a cost is said here too. */
const PRICES = {
  nodeHour: { [INSTANCE_TYPE]: 0.17 },
  ...{ natGatewayHour: 0.045, natGatewayGb: 0.045, publicAddressHour: 0.005 },
  ...{ kmsKeyMonth: 1, efsGbMonth: 0.3, volumeGbMonth: 0.08 },
} as const;

/** A cloud of its own on this machine, and a person with an empty home. Fails where one of an earlier acceptance runs. */
export async function localPlace(
  projectRoot: string,
  region: string,
  git: Place["git"] | null,
): Promise<Place> {
  const work = await mkdtemp(join(tmpdir(), "muster-acceptance-home-"));
  const prices = join(work, "prices.json");
  let isOurs = false;
  return {
    ...{ name: "the local cloud", prices, sessions: null },
    git: git ?? { leftOut: "nodes of the local cloud reach no public repository" },
    howToRemove: () => [`./scripts/local/cloud down --name ${CLOUD}`],
    async open(say) {
      const tell = (line: string): void => say(`   ${line}`);
      const { terraform, awsProviderMirror } = await setUp({ projectRoot, say: tell });
      await writeFile(prices, JSON.stringify({ region, ...PRICES }));
      const cloud = await cloudUp({ name: CLOUD, region, projectRoot, say: tell });
      if (cloud.alreadyRan)
        throw new Error(
          `The local cloud "${CLOUD}" runs already. Remove it: ./scripts/local/cloud down --name ${CLOUD}`,
        );
      isOurs = true;
      const aws = cloudEnvironment(cloud);
      Object.assign(process.env, aws);
      return emptyHome({ home: work, projectRoot, terraform, awsProvider: awsProviderMirror, aws });
    },
    async close() {
      await rm(work, { recursive: true, force: true });
      if (!isOurs) return "it was not begun";
      const { leftovers } = await cloudDown(CLOUD);
      if (leftovers.length > 0) throw new Error(`left on this machine: ${leftovers.join(", ")}`);
      return "nothing is left on this machine";
    },
  };
}
