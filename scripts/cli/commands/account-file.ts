import { randomUUID } from "node:crypto";
import { accountOfArn } from "../../../stacks/config/account.js";
import type { AssumedRole } from "../core/account.js";
import {
  type AccountAddition,
  type DeclaredAccount,
  readDeclaredAccount,
  setAccount,
} from "../core/declared-account.js";
import { unusable } from "../core/exit.js";
import type { World } from "../core/world.js";

type Files = Pick<World, "env" | "readFile" | "writeFile">;
const NONE: DeclaredAccount = {
  id: null,
  roleArn: null,
  externalId: null,
  permissionsBoundaryArn: null,
  region: null,
};

const pathOf = ({ env }: Pick<World, "env">): string => env["MUSTER_CONFIG"] ?? "muster.yaml";

/** `account` of the muster.yaml; all null where there is no file. */
export function readAccount(world: Pick<World, "env" | "readFile">): DeclaredAccount {
  const text = readText(world);
  return text === null ? NONE : readDeclaredAccount(text);
}

/** Writes into `account` of muster.yaml, and keeps what else is there. Throws CommandError where there is no file. May run twice. */
export async function writeAccount(world: Files, addition: AccountAddition): Promise<void> {
  const text = readText(world);
  if (text === null)
    throw unusable([`${pathOf(world)} can't be read: run this in the folder of the org's muster.yaml`]);
  const changed = setAccount(text, addition);
  if (changed !== text) await world.writeFile(pathOf(world), changed);
}

/** The external id of muster.yaml; where there is none, makes one and writes it there. */
export async function keptExternalId(world: Files): Promise<string> {
  const { externalId } = readAccount(world);
  if (externalId !== null) return externalId;
  const made = `muster-${randomUUID()}`;
  await writeAccount(world, { externalId: made });
  return made;
}

/** What the role's policies require of each role that it makes. */
export const boundaryOf = ({
  permissionsBoundaryArn,
}: Pick<DeclaredAccount, "permissionsBoundaryArn">): Pick<AccountAddition, "permissionsBoundaryArn"> =>
  permissionsBoundaryArn === null ? {} : { permissionsBoundaryArn };

/** The role that is declared; null: none. */
export const roleOf = ({ roleArn, externalId, region }: DeclaredAccount): AssumedRole | null =>
  roleArn === null ? null : { roleArn, externalId, stsRegion: region };

/** The id of the account that is declared; null: none. */
export const accountIdOf = ({ id, roleArn }: DeclaredAccount): string | null =>
  id ?? (roleArn === null ? null : accountOfArn(roleArn));

function readText(world: Pick<World, "env" | "readFile">): string | null {
  try {
    return Buffer.from(world.readFile(pathOf(world))).toString("utf8");
  } catch {
    return null;
  }
}
