import type { Command } from "commander";
import { CDKTF_ENV, DEPLOY, STOP_MS } from "../core/cdktf.js";
import { EXIT, refusal, unusable } from "../core/exit.js";
import { readProject } from "../core/project.js";
import { watchForLock } from "../core/state-lock.js";
import { type OrgContext, onOrg, orgCommand, type Session } from "./context.js";
import { untilStopped } from "./until-stopped.js";

/** `muster deploy` */
export function addDeploy(parent: Command, session: Session): void {
  const command = orgCommand(parent, "deploy", {
    summary: "deploys what muster.yaml declares, and explains a state that is locked",
    more: [
      "Run it in the project's folder: it runs `cdktf deploy` of all stacks. A Ctrl-C or a SIGTERM reaches Terraform once, which finishes the call",
      "that it is at, writes its state and gives its lock back; ten minutes later it is killed. Without a terminal --yes is needed.",
    ].join("\n"),
    example: "muster deploy --yes",
  }).option("--yes", "do not ask");
  onOrg<{ yes?: boolean }>(command, session, async (context, { yes = false }) => {
    readProject(context);
    if (!yes) await confirm(context);
    const saying = "Terraform is asked to stop. It finishes its call and writes its state.";
    return untilStopped(context, saying, (stop) => deploy(context, stop));
  });
}

async function deploy({ world, out, place }: OrgContext, stop: AbortSignal): Promise<number> {
  const lock = watchForLock();
  out.say(`Running ${DEPLOY.join(" ")}`);
  const exitCode = await world.programs.follow(DEPLOY, {
    env: CDKTF_ENV,
    onLine: (line) => {
      lock.hear(line);
      out.say(line);
    },
    stop,
    graceMs: STOP_MS,
  });
  stop.throwIfAborted();
  await out.document({ org: place.org, region: place.region, exitCode });
  if (exitCode === 0) return EXIT.done;
  out.say(`cdktf ended with exit status ${exitCode}: its lines are above. Mend the cause, and deploy again.`);
  for (const line of lock.explain(place.org)) out.say(line);
  return EXIT.failed;
}

async function confirm({ world, place }: OrgContext): Promise<void> {
  if (!world.canAsk) throw unusable(["there is no terminal to ask at: give --yes"]);
  const answer = await world.ask(
    `Deploy what muster.yaml declares into org ${place.org} in ${place.region}? \`muster plan\` shows it. Type the org's name: `,
  );
  if (answer.trim() !== place.org) throw refusal("That is not the org's name. Nothing was changed.");
}
