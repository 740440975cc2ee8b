import type { FastifyInstance } from "fastify";
import { findDeclared } from "../../core/declared.js";
import { CommandError } from "../../core/exit.js";
import type { ImagesView, OnboardingStep, PlaceView, SettingsView } from "../api.js";
import type { RouteDeps } from "../deps.js";
import { problemOf } from "../problems.js";
import { configPath, hasProject } from "./config-file.js";
import { findOnboarding } from "./onboarding.js";

/** Where the console works, the onboarding list, images and settings. */
export function addHomeRoutes(app: FastifyInstance, deps: RouteDeps): void {
  const { access, place, version, isReadOnly, images, world } = deps;
  const caller = once(() => access.account.caller());
  app.get("/api/place", async (): Promise<PlaceView> => {
    const config = hasProject(deps) ? { path: configPath(deps) } : null;
    return { ...place, version, isReadOnly, caller: await caller(), config };
  });
  app.get("/api/onboarding", async (): Promise<readonly OnboardingStep[]> => findOnboarding(deps));
  app.get("/api/images", async (): Promise<ImagesView> => ({ images: await images() }));
  app.get("/api/settings", async (): Promise<SettingsView> => {
    const who = await access.account.identify().catch((error: unknown) => {
      if (error instanceof CommandError) return error;
      throw error;
    });
    const isKnown = !(who instanceof Error);
    const { role } = findDeclared(world.readFile, world.env);
    return {
      account: isKnown ? who.account : null,
      caller: isKnown ? who.arn : null,
      problem: isKnown ? null : problemOf(who),
      role: role === null ? null : { arn: role.roleArn, externalId: role.externalId },
      ...place,
      config: hasProject(deps) ? configPath(deps) : null,
      cleanup: cleanupCommands(place),
    };
  });
}

/** The page does not run them: what they remove does not come back, and they ask. */
function cleanupCommands({ org, region }: RouteDeps["place"]): SettingsView["cleanup"] {
  const at = `--org ${org} --region ${region}`;
  return [
    { command: `muster cleanup ${at} --dry-run`, does: "says what would be removed; changes nothing" },
    {
      command: `muster cleanup ${at}`,
      does: "destroys the org's shared resources in the region, and proves that nothing is left; refused while there is a cluster or a notebook",
    },
    { command: `muster leftovers ${at}`, does: "looks for what is left of the org in the account" },
  ];
}

/** Asked once; where it gave nothing, it is asked again. */
function once<T>(run: () => Promise<T | null>): () => Promise<T | null> {
  let known: T | null = null;
  return async () => {
    known ??= await run();
    return known;
  };
}
