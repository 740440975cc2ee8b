import { fieldsOf, parsed, textOf } from "./declared.js";
import type { DeclaredShares } from "./images.js";
import type { World } from "./world.js";

/** With whom muster.yaml shares the images of the org; none where there is no file, or it is another org's. Only `cdktf` checks it whole. */
export function findDeclaredShares(
  { readFile, env }: Pick<World, "readFile" | "env">,
  org: string,
): readonly DeclaredShares[] {
  try {
    return readDeclaredShares(
      Buffer.from(readFile(env["MUSTER_CONFIG"] ?? "muster.yaml")).toString("utf8"),
      org,
    );
  } catch {
    return [];
  }
}

/** The same, from the file's text. Pure. */
export function readDeclaredShares(text: string, org: string): readonly DeclaredShares[] {
  const file = fieldsOf(parsed(text));
  if (textOf(fieldsOf(file["org"])["name"]) !== org) return [];
  const images = Array.isArray(file["images"]) ? (file["images"] as readonly unknown[]) : [];
  return images.map(fieldsOf).flatMap(({ family, version, accounts }) => {
    const [its, which] = [textOf(family), textOf(version)];
    if (its === null || which === null) return [];
    const given = Array.isArray(accounts) ? (accounts as readonly unknown[]).map(textOf) : [];
    return [{ family: its, version: which, accounts: given.filter((account) => account !== null) }];
  });
}
