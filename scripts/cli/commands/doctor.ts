import type { Command } from "commander";
import { findDeclared } from "../core/declared.js";
import {
  type Finding,
  judgeEndpoints,
  judgeProgram,
  judgeProvider,
  judgeRegion,
  type WantedProgram,
  wantedPrograms,
} from "../core/doctor.js";
import { CommandError, EXIT } from "../core/exit.js";
import type { World } from "../core/world.js";
import { renderFindings, renderVerdict } from "../render/doctor.js";
import { type MachineContext, onMachine, orgCommand, type Session } from "./context.js";

/** npx and cdktf take some seconds on a slow machine. */
const ANSWER_MS = 60_000;
/** Where STS is asked when no region is set: it answers the same everywhere. */
const ANY_REGION = "us-east-1";

/** In the project's folder. */
const PACKAGED_PROVIDER = "node_modules/muster/dist/terraform-mirror";

interface Options {
  readonly org?: string;
  readonly region?: string;
}

/** `muster doctor` */
export function addDoctor(parent: Command, session: Session): void {
  const command = orgCommand(parent, "doctor", {
    summary: "says what this machine lacks for Muster, and the next step for each",
    more: "Run it in the project's folder. It changes nothing. Exit status: 1 if something that is needed is missing.",
    example: "muster doctor",
  });
  onMachine<Options>(command, session, async (context, { org, region }) => {
    const { world, out } = context;
    const { programs, env } = world;
    const declared = findDeclared(world.readFile, env);
    const isDeclared = org === undefined || org === declared.org;
    const place = judgeRegion(region, isDeclared ? declared.region : null, env);
    const [found, credentials] = await Promise.all([
      Promise.all(wantedPrograms(env, programs.has).map((wanted) => look(wanted, context))),
      whose(place.state === "ok" ? (place.found.split(" ")[0] ?? ANY_REGION) : ANY_REGION, context),
    ]);
    const provider = judgeProvider(env, {
      config: textOf(world, env["TF_CLI_CONFIG_FILE"] || `${env["HOME"] ?? ""}/.terraformrc`),
      hasPackage: isThere(world, PACKAGED_PROVIDER),
    });
    const findings = [...found, provider, credentials, place, judgeEndpoints(env)];
    await out.print(renderFindings(findings));
    const isComplete = findings.every(({ state }) => state !== "missing");
    await out.document({ isComplete, findings });
    out.say(renderVerdict(findings));
    return isComplete ? EXIT.done : EXIT.failed;
  });
}

async function look(wanted: WantedProgram, { world, signal }: MachineContext): Promise<Finding> {
  const { programs } = world;
  if (!programs.has(wanted.argv[0])) return judgeProgram(wanted, null);
  const end = await programs.run(wanted.argv, { timeoutMs: ANSWER_MS, signal });
  signal.throwIfAborted();
  return judgeProgram(wanted, end);
}

/** Whose credentials there are. */
async function whose(region: string, { open, signal }: MachineContext): Promise<Finding> {
  const name = "AWS credentials";
  try {
    const { arn } = await (await open({ org: "none", region })).account.identify();
    return { name, state: "ok", found: arn, next: null };
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof CommandError)) throw error;
    const next =
      "Set credentials that the AWS SDKs find: environment variables, AWS_PROFILE, SSO, or a role.";
    return { name, state: "missing", found: error.message, next };
  }
}

function textOf({ readFile }: Pick<World, "readFile">, path: string): string | null {
  try {
    return Buffer.from(readFile(path)).toString("utf8");
  } catch {
    return null;
  }
}

function isThere({ listFolder }: Pick<World, "listFolder">, folder: string): boolean {
  try {
    return listFolder(folder).length > 0;
  } catch {
    return false;
  }
}
