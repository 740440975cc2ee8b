import type { Command } from "commander";
import { orgUse } from "../../../agent/contract/org-in-use.js";
import { CDKTF_ENV, planDestroy, STOP_MS } from "../core/cdktf.js";
import { findDeclared } from "../core/declared.js";
import { EXIT, refusal, unusable } from "../core/exit.js";
import { readProject } from "../core/project.js";
import { watchForLock } from "../core/state-lock.js";
import { renderProof } from "../render/cleanup.js";
import { cleanWithoutState, type WithoutStateOptions } from "./cleanup-without-state.js";
import { confirmRemoval } from "./confirm-removal.js";
import { type OrgContext, onOrg, orgCommand, type Session } from "./context.js";
import { prove } from "./proof.js";
import { untilStopped } from "./until-stopped.js";

interface Options extends WithoutStateOptions {
  readonly dryRun?: boolean;
  readonly withoutState?: boolean;
  readonly withClusters?: boolean;
}

/** `muster cleanup` */
export function addCleanup(parent: Command, session: Session): void {
  const command = orgCommand(parent, "cleanup", {
    summary: "destroys an org's shared resources in a region, and proves that nothing is left",
    more: [
      "It is refused while the org has a cluster there, FAILED ones included, or a notebook. Run it in the project's folder: it runs `cdktf",
      "destroy` of the org's stack, then looks for all that is left by tag and by name. Where the state is lost, --without-state removes what has",
      "the org's tag, in order. Both begin once you have typed the org's name. Exit status: 1 if something is left, 3 if it is refused.",
    ].join("\n"),
    example: "muster cleanup --org demo --region us-east-1 --dry-run",
  })
    .option("--dry-run", "only say what would be removed")
    .option("--without-state", "the state is lost: find what has the org's tag, and remove it")
    .option("--with-clusters", "with --without-state: also where clusters are there, whose state is lost too")
    .option("--confirm <org>", "the org's name, instead of typing it when asked")
    .option(
      "--keep <kind or id>",
      "with --without-state: leave these; may be repeated. One that names nothing is an error, and nothing is removed",
      (word: string, before: readonly string[]) => [...before, word],
      [],
    );
  onOrg<Options>(command, session, async (context, options) => {
    const { withoutState = false, dryRun = false, withClusters = false } = options;
    const problems = optionProblems(options);
    if (problems.length > 0) throw unusable(problems);
    if (!withoutState) checkProject(context);
    await refuseWhileUsed(context, withoutState, withClusters);
    return untilStopped(context, "nothing more is begun.", (stop) =>
      withoutState
        ? cleanWithoutState(context, options, dryRun, stop)
        : cleanByTerraform(context, options, stop),
    );
  });
}

const optionProblems = ({ withoutState, withClusters, keep }: Options): readonly string[] =>
  withoutState
    ? []
    : [
        ...(withClusters ? ["--with-clusters: give it with --without-state"] : []),
        ...(keep.length === 0
          ? []
          : ["--keep: give it with --without-state; Terraform destroys what its state has"]),
      ];

/** Terraform destroys what the project here declares, so that must be this org in this region. */
function checkProject(context: OrgContext): void {
  readProject(context);
  const { place, world } = context;
  const { region } = findDeclared(world.readFile, world.env);
  if (region === place.region) return;
  throw unusable([
    `--region is ${place.region}, and the muster.yaml here declares ${region ?? "none"}: run this in the project of ${place.region}, or add --without-state if there is none any more`,
  ]);
}

async function refuseWhileUsed(
  { access, place }: OrgContext,
  isWithoutState: boolean,
  withClusters: boolean,
): Promise<void> {
  const { clusters, notebooks } = await access.cleanup.users();
  const use = orgUse(clusters, notebooks);
  if (use === null || withClusters) return;
  throw refusal(
    [
      `Org ${place.org} still has ${use.count} in ${place.region}:`,
      ...use.lines,
      "Next: destroy these first, each by the configuration that made it (`npx cdktf destroy`), then clean up again. Nothing was changed.",
      ...(isWithoutState
        ? ["If their state is lost too, add --with-clusters: nodes, jobs and files go."]
        : []),
    ].join("\n"),
  );
}

async function cleanByTerraform(
  context: OrgContext,
  { dryRun: isDryRun = false, confirm }: Options,
  stop: AbortSignal,
): Promise<number> {
  const { world, out, place, access } = context;
  const argv = planDestroy(`muster_${place.org}`);
  if (isDryRun) {
    const { leftovers, pendingDeletion } = await access.account.findLeftovers();
    await out.print([
      `would run: ${argv.join(" ")}`,
      ...leftovers.map(({ kind, id }) => `there: ${kind} ${id}`),
    ]);
    await out.document({ isDryRun, argv, leftovers, pendingDeletion });
    return EXIT.done;
  }
  const what = `The network, the files, the logs and the registry of org ${place.org} in ${place.region}`;
  await confirmRemoval({ shown: [], what }, confirm, context);
  stop.throwIfAborted();
  out.say(`Running ${argv.join(" ")}`);
  const lock = watchForLock();
  const exitCode = await world.programs.follow(argv, {
    env: CDKTF_ENV,
    onLine: (line) => {
      lock.hear(line);
      out.say(`cdktf | ${line}`);
    },
    stop,
    graceMs: STOP_MS,
  });
  stop.throwIfAborted();
  for (const line of lock.explain(place.org)) out.say(line);
  const proof = await prove(context, stop, { isPatient: exitCode === 0 });
  await out.print(renderProof(proof, place));
  await out.document({ isDryRun, exitCode, ...proof });
  if (exitCode !== 0)
    out.say(
      `cdktf ended with exit status ${exitCode}: its lines are above. Mend the cause and run this again.`,
    );
  else if (proof.leftovers.length > 0)
    out.say(
      "Next: what Terraform's state does not have, `muster cleanup --without-state --dry-run` explains, and removes without --dry-run.",
    );
  return exitCode === 0 && proof.leftovers.length === 0 ? EXIT.done : EXIT.failed;
}
