import type { BakedImageSettings } from "./baked-image.js";
import type { DeepPartial, Draft } from "./draft.js";
import { type Path, type Problem, renderValue } from "./problem.js";

type DraftImage = DeepPartial<BakedImageSettings>;

/** How the values of images must fit each other and the org. Pure. */
export const bakedImageProblems = ({ images = [], org }: Draft): Problem[] =>
  images.flatMap((image, index): Problem[] => {
    if (image === undefined) return [];
    const path: Path = ["images", index];
    const first = images.findIndex((other) => other?.family === image.family);
    return [
      ...(image.family === undefined || first === index
        ? []
        : [
            refuse(
              [...path, "family"],
              image.family,
              `a family that no other image has (images[${first}] has this one)`,
            ),
          ]),
      ...(org?.region !== undefined && (image.regions ?? []).includes(org.region)
        ? [refuse([...path, "regions"], org.region, "regions besides the org's own, which has it anyway")]
        : []),
      ...keyProblems(image, org?.region, path),
    ];
  });

/** AWS's own key for EBS can't be shared, which would be found after the bake. */
function keyProblems(
  { encrypted, accounts = [], kmsKeys = {}, regions = [] }: DraftImage,
  home: string | undefined,
  path: Path,
): Problem[] {
  if (encrypted !== true || accounts.length === 0 || home === undefined) return [];
  const without = [home, ...regions].filter(
    (region) => region !== undefined && kmsKeys[region] === undefined,
  );
  if (without.length === 0) return [];
  const message = `has no key for ${without.join(", ")}; needed because the image is encrypted and shared: other accounts can't use AWS's own key`;
  return [{ path: [...path, "kmsKeys"], message }];
}

const refuse = (path: Path, value: unknown, allowed: string): Problem => ({
  path,
  message: `got ${renderValue(value)}; allowed: ${allowed}`,
});
