import type { Plan } from "./accept.js";
import { deploySteps, lifeSteps } from "./cluster-steps.js";
import { BUSY } from "./declaration.js";
import { jobSteps } from "./job-steps.js";
import { openingSteps } from "./opening-steps.js";
import { done, type Stage } from "./stage.js";
import type { Step } from "./step.js";

/** All that `npm run acceptance` plays, the same in every place. */
export const acceptancePlan = (stage: Stage): Plan => ({
  opening: openingSteps(stage),
  steps: [...deploySteps(stage), ...jobSteps(stage), notebookStep(stage), ...lifeSteps(stage)],
  teardown: teardownSteps(stage),
  closing: [
    { ...{ name: "close", title: `${stage.place.name} is as it was` }, run: () => stage.place.close() },
  ],
});

const notebookStep = (stage: Stage): Step => ({
  ...{ name: "notebook", title: "a notebook is opened" },
  leftOut: stage.place.sessions?.leftOut ?? null,
  async run(signal) {
    const ways = ["--via", "ssm", "--no-browser"] as const;
    const address = /http:\/\/127\.0\.0\.1:\d+/;
    const { lines } = await stage.type(
      ["npx", "--no-install", "muster", "notebook", "open", BUSY.notebook, ...ways],
      {
        ...{ signal, ctrlCAt: address },
      },
    );
    const found = address.exec(lines)?.[0];
    if (found === undefined) throw new Error(`it has no address:\n${lines}`);
    return found;
  },
});

function teardownSteps(stage: Stage): readonly Step[] {
  const { aws, project } = stage;
  return [
    {
      ...{ name: "destroy", title: "cdktf destroy" },
      async run(signal) {
        const destroy = ["npx", "--no-install", "cdktf", "destroy", "*", "--auto-approve"] as const;
        const first = await stage.type(destroy, { signal });
        if (first.exitCode === 0) return "";
        stage.say("   it failed; once more");
        await done(stage, destroy, signal);
        return "at the second try";
      },
    },
    {
      ...{ name: "bucket", title: "the jobs' bucket is removed" },
      async run() {
        await aws.removeBucket(project.bucket);
        return project.bucket;
      },
    },
    {
      ...{ name: "leftovers", title: "muster leftovers" },
      async run(signal) {
        const { lines } = await done(stage, ["npx", "--no-install", "muster", "leftovers"], signal);
        return lines.trim().split("\n").at(-1) ?? "";
      },
    },
  ];
}
