import type { Command } from "commander";
import { deployRoleName } from "../../../agent/contract/rights/trust.js";
import { type AccessKeys, AccountRefusal } from "../core/account.js";
import { assumeYoungRole, type ConnectedRole, connectRole } from "../core/account-connect.js";
import { ACCOUNT_PROBLEMS } from "../core/account-problems.js";
import { CommandError, EXIT, failure, unusable } from "../core/exit.js";
import type { World } from "../core/world.js";
import { accountIdOf, boundaryOf, keptExternalId, readAccount, writeAccount } from "./account-file.js";
import { findPrincipal, withPrincipal } from "./account-options.js";
import { type OrgContext, onOrg, orgCommand, type Session } from "./context.js";

interface Options {
  readonly principal?: string;
  readonly roleName?: string;
  readonly permissionsBoundary?: string;
}

/** `muster account connect` */
export function addAccountConnect(group: Command, session: Session): void {
  const command = withPrincipal(
    orgCommand(group, "connect", {
      summary: "makes the role with access keys of the account, once, and writes it to muster.yaml",
      more: [
        "The keys are asked for, or read from stdin (a line each: access key id, secret access key and, for keys that expire, session",
        "token). They are never an argument, are kept in memory alone, and are forgotten at the end. Your own credentials then assume the role,",
        "with the external id and without it: a role that is given without it is not used. May run again: what is there and right stays.",
      ].join("\n"),
      example: "muster account connect --principal arn:aws:iam::210987654321:role/ci <keys.txt",
    }),
  )
    .option("--role-name <name>", "the role's name; default: deploy-ORG-REGION")
    .option(
      "--permissions-boundary <arn>",
      "the ARN of a policy that limits the role, and each role that it makes; default: muster.yaml's",
    );
  onOrg<Options>(command, session, async (context, options) => {
    try {
      return await connect(context, options);
    } catch (error) {
      if (!(error instanceof AccountRefusal)) throw error;
      const { next } = ACCOUNT_PROBLEMS[error.code];
      throw failure(`${error.message.replace(/\.?$/, ".")} ${next} (${error.code})`);
    }
  });
}

async function connect(context: OrgContext, options: Options): Promise<number> {
  const { world, access, out, place } = context;
  const { roleName = deployRoleName(place) } = options;
  const permissionsBoundary = options.permissionsBoundary ?? readAccount(world).permissionsBoundaryArn;
  if (!/^[\w+=,.@-]{1,60}$/.test(roleName))
    throw unusable([`--role-name is "${roleName}": give 1 to 60 letters, digits and +=,.@_-`]);
  const own = access.account.as({ by: "own" });
  const principal = await findPrincipal(options.principal, place.region, own);
  const externalId = await keptExternalId(world);
  const keys = await readKeys(world);
  const withKeys = access.account.as({ by: "keys", ...keys });
  await refuseOtherAccount(context, (await withKeys.identity()).account);
  const wanted = { name: roleName, principal, externalId, place, permissionsBoundary };
  const made = await connectRole(withKeys, wanted);
  const { arn } = made.role;
  const isProven = await prove(context, made, externalId);
  await writeAccount(world, {
    ...{ id: made.accountId, roleArn: arn, externalId },
    ...boundaryOf({ permissionsBoundaryArn: permissionsBoundary }),
  });
  await out.print([arn]);
  await out.document({
    account: made.accountId,
    roleArn: arn,
    externalId,
    wasThere: made.wasThere,
    isProven,
  });
  out.say(
    `${made.wasThere ? "The role was there" : "The role is made"}, and muster.yaml names it. The keys are not needed any more: deactivate or delete them in IAM.`,
  );
  return EXIT.done;
}

/** Whether the own credentials assume the role with the external id, and not without it; false: it could not be proven. */
async function prove(
  { world, access, out, signal }: OrgContext,
  { role }: ConnectedRole,
  externalId: string,
): Promise<boolean> {
  const own = access.account.as({ by: "own" });
  const waiting = { now: world.now, sleep: world.sleep, signal };
  let isAssumed = true;
  try {
    await assumeYoungRole(own, role, externalId, waiting);
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof AccountRefusal || error instanceof CommandError)) throw error;
    // What connects may be another principal than the pipeline.
    out.say(
      `Your own credentials could not assume the role: ${error.message} Try \`muster account check\` where it is used.`,
    );
    isAssumed = false;
  }
  try {
    await own.assume({ roleArn: role.arn, externalId: null });
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof AccountRefusal || error instanceof CommandError) return isAssumed;
    throw error;
  }
  throw new AccountRefusal(
    "open-without-external-id",
    `${role.arn} is assumed without the external id; muster.yaml does not name it`,
  );
}

async function refuseOtherAccount({ world }: OrgContext, account: string): Promise<void> {
  const declared = accountIdOf(readAccount(world));
  if (declared === null || declared === account) return;
  throw new AccountRefusal(
    "other-account",
    `The keys are of account ${account}, and muster.yaml names ${declared}; nothing was made`,
  );
}

/** The keys, by prompts or from stdin. Throws a CommandError that repeats nothing of them. */
async function readKeys(world: World): Promise<AccessKeys> {
  const [accessKeyId = "", secretAccessKey = "", sessionToken = "", ...more] = world.canAsk
    ? await askForKeys(world)
    : (await world.readSecret("")).split(/\r?\n/).map((line) => line.trim());
  if (more.some((line) => line !== ""))
    throw unusable(["stdin has more than three lines: give one key a line"]);
  const problems = [
    ...(/^[A-Z0-9]{16,128}$/.test(accessKeyId)
      ? []
      : ["the access key id is not one: it has 16 to 128 capital letters and digits"]),
    ...(/^[\w/+=-]{16,256}$/.test(secretAccessKey)
      ? []
      : ["the secret access key is not one: it has 16 characters at least, and no blanks"]),
    ...(accessKeyId.startsWith("ASIA") && sessionToken === ""
      ? ["the session token is missing: keys that start with ASIA expire, and need theirs"]
      : []),
  ];
  if (problems.length > 0) throw unusable(problems);
  return { accessKeyId, secretAccessKey, sessionToken: sessionToken === "" ? null : sessionToken };
}

async function askForKeys(world: World): Promise<readonly string[]> {
  const accessKeyId = (await world.readSecret("Access key id of the account: ")).trim();
  const secretAccessKey = (await world.readSecret("Its secret access key: ")).trim();
  const isTemporary = accessKeyId.startsWith("ASIA");
  return [
    accessKeyId,
    secretAccessKey,
    isTemporary ? (await world.readSecret("Its session token: ")).trim() : "",
  ];
}
