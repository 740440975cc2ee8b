import { randomUUID } from "node:crypto";
import { type Command, Option } from "commander";
import { EXIT, failure, refusal, unusable } from "../core/exit.js";
import { type NewFile, type NewProject, type PackageSource, projectFiles } from "../core/new-project.js";
import { packPackage } from "../core/pack-package.js";
import { PIPELINES } from "../core/pipeline-example.js";
import { type OwnPackage, readOwnPackage } from "../core/project-package.js";
import { type MachineContext, onMachine, orgCommand, type Session } from "./context.js";
import { describeProject, type InitOptions } from "./init-answers.js";

/** `muster init` */
export function addInit(parent: Command, session: Session): void {
  const command = orgCommand(parent, "init", {
    summary: "writes a new org's project: muster.yaml, what npm and cdktf need, an example of a pipeline",
    more: [
      "The project needs nothing else: `npm install` there brings all that a deploy takes but Node.js and Terraform. Muster itself comes from a",
      "file that is written too, muster-VERSION.tgz; or from where --package says.",
      "It asks for what the options leave open. It looks in AWS whether the org's name is free in the account and region, and changes",
      "nothing there. It never writes over a file: if the folder has one of them, nothing is written.",
    ].join("\n"),
    example: "muster init --org demo --region us-east-1",
  })
    .argument("[folder]", "where to write them; it is made if it is not there", ".")
    .addOption(
      new Option(
        "--pipeline <kind>",
        "the example to write: GitHub Actions, GitLab CI, a shell script, or none",
      ).choices(PIPELINES),
    )
    .option(
      "--state-bucket <bucket>",
      "an existing S3 bucket for Terraform's state; without one, and with --pipeline none: local files",
    )
    .option(
      "--package <spec>",
      "where npm finds the package muster, such as npm:@acme/muster@0.1.0 in your company's registry; without it: a file in the project",
    )
    .option("--unchecked", "do not look in AWS whether the org's name is free");
  onMachine<InitOptions>(command, session, async (context, options, folder = ".") => {
    const { world, out } = context;
    const project = await describeProject(options, context);
    const files = projectFiles(project, { id: randomUUID(), ...(await findPackage(options, context)) });
    await checkFiles(files, folder, context);
    const there = await world.makeFiles(folder, files).catch((error: Error) => {
      throw failure(`Could not write to ${folder}: ${error.message}. Nothing was left there.`);
    });
    if (there.length > 0) {
      throw refusal(
        `${folder === "." ? "This folder" : folder} already has ${there.join(", ")}. Nothing was written. Give another folder (muster init FOLDER), or change what is there by hand.`,
      );
    }
    const paths = files.map(({ path }) => path);
    await out.print(paths.map((path) => `wrote ${folder === "." ? path : `${folder}/${path}`}`));
    await out.document({ folder, files: paths, ...project });
    for (const line of nextSteps(folder, project)) out.say(line);
    return EXIT.done;
  });
}

const nextSteps = (folder: string, { pipeline }: Pick<NewProject, "pipeline">): readonly string[] => [
  `Next${folder === "." ? "" : `, in ${folder}`}:`,
  "  npm install             # once; it writes package-lock.json: keep that with the project",
  "  npx muster doctor       # what this machine lacks",
  "  npx muster check        # what the account lacks of what muster.yaml asks for",
  "  npx cdktf deploy '*'    # the org, then its clusters",
  ...(pipeline === "github" || pipeline === "gitlab"
    ? [`The pipeline's roles: npx muster account pipeline ${pipeline} ${EXAMPLE_REPOSITORY[pipeline]}`]
    : []),
];
const EXAMPLE_REPOSITORY = { github: "OWNER/NAME", gitlab: "GROUP/NAME" } as const;

/** What the project takes of the package that this command is part of: it is dist/cli/muster.cjs there. */
async function findPackage(
  { package: spec }: InitOptions,
  { world }: MachineContext,
): Promise<{ own: OwnPackage; source: PackageSource }> {
  const folder = world.ownFolder.replace(/[/\\][^/\\]+[/\\][^/\\]+$/, "");
  try {
    const own = readOwnPackage(Buffer.from(world.readFile(`${folder}/package.json`)).toString("utf8"));
    const source = spec === undefined ? { packed: await packPackage(folder, own.files, world) } : { spec };
    return { own, source };
  } catch (error) {
    throw failure(
      `This muster comes without its package: ${(error as Error).message}. Install the package \`muster\`, or run \`npm ci && npm run build\` in a checkout. Nothing was written.`,
    );
  }
}

/** What is written must be what the stacks take. */
async function checkFiles(
  files: readonly NewFile[],
  folder: string,
  { world }: MachineContext,
): Promise<void> {
  // Loaded late: other commands need only the org's name.
  const { parseMusterConfig } = await import("../../../stacks/config/load.js");
  const { text = "" } = files.find(({ path }) => path === "muster.yaml") ?? {};
  try {
    parseMusterConfig(text.toString(), `${folder}/muster.yaml`, world.readFile);
  } catch (error) {
    throw unusable((error as Error).message.split("\n"));
  }
}
