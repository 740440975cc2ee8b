import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { parseDocument } from "yaml";
import { goDown, goUp, type Journey } from "../../../scripts/journey/run.js";
import { cloudEnvironment, readRunning } from "../../../scripts/local/state.js";
import { setUp } from "../../../scripts/setup/set-up.js";
import { startTestJourney } from "../../support/journey.js";
import { type NewUser, startNewUser } from "../../support/package/new-user.js";

const ROOT = resolve(__dirname, "../../..");
const MINUTE_MS = 60_000;
const ORG = "first";
const CLOUD = "test-new-user";

let user: NewUser;
let isDeployed = false;
let journey: Journey;
/** A cloud of its own is the person's AWS: in another org's, nodes of both would have the same addresses. */
beforeAll(async () => {
  journey = await startTestJourney(CLOUD);
  await goDown(journey);
  await goUp(journey);
  const state = readRunning(CLOUD);
  if (state === null) throw new Error(`the local cloud ${CLOUD} does not run`);
  const { terraform, awsProviderMirror } = await setUp({ projectRoot: ROOT, say: () => undefined });
  user = await startNewUser({ aws: cloudEnvironment(state), terraform, awsProvider: awsProviderMirror });
}, 6 * MINUTE_MS);
afterAll(async () => {
  if (isDeployed) await user.type(["npx", "cdktf", "destroy", "*", "--auto-approve"]);
  await user?.remove();
  if (journey !== undefined) await goDown(journey);
}, 3 * MINUTE_MS);

/** Attaches a notebook to the cluster that `muster init` has declared, beside which jobs run, and makes it smaller, as a person edits the file. */
async function edit(): Promise<void> {
  const file = parseDocument(await readFile(join(user.folder, "muster.yaml"), "utf8"));
  file.setIn(["clusters", 0, "nodes"], 1);
  file.setIn(["clusters", 0, "shareWithNotebooks"], true);
  file.setIn(["clusters", 0, "notebooks"], [{ name: "explore" }]);
  await user.write("muster.yaml", file.toString());
}

test(
  "from an empty folder to a job, a notebook and back to nothing, with the package and nothing else",
  async () => {
    // GIVEN a project that the packed command has written, and what npm installs there
    await user.done("muster", "init", "--org", ORG, "--region", "us-east-1");
    await user.done("npm", "install", "--prefer-offline");
    expect(await user.done("npx", "muster", "doctor")).toContain("Nothing that is needed is missing.");
    await edit();
    expect(await user.done("npx", "muster", "check")).toContain("no problems");

    // WHEN it is deployed THEN a job runs on every core, and ends as the program does
    isDeployed = true;
    await user.done("npx", "cdktf", "deploy", "*", "--auto-approve");
    await user.write("pi.py", await readFile(join(ROOT, "examples/pi.py"), "utf8"));
    const job = await user.done("npx", "muster", "job", "run", "pi.py");
    expect(job.match(/rank [01] of 2 on ip-\S+: pi = 3\.14159265/g)).toHaveLength(2);
    await user.write("exits-3.py", 'print("the last thing it said", flush=True)\nraise SystemExit(3)\n');
    const failed = await user.type(["npx", "muster", "job", "run", "exits-3.py"]);
    expect(failed).toMatchObject({ exitCode: 3, stdout: expect.stringContaining("the last thing it said") });

    // AND a notebook is opened until a Ctrl-C
    const open = ["npx", "muster", "notebook", "open", "explore", "--via", "ssm", "--no-browser"] as const;
    const opened = await user.type([...open], /http:\/\/127\.0\.0\.1:\d+/);
    expect(opened.lines).toMatch(/http:\/\/127\.0\.0\.1:\d+/);

    // AND what was used is counted, the notebook's node too
    const usage = JSON.parse((await user.type(["npx", "muster", "usage", "--json"])).stdout) as object;
    expect(usage).toMatchObject({ org: ORG, rows: [{ instanceTypes: ["c5.xlarge", "m6i.large"] }] });

    // WHEN it is destroyed THEN nothing is left
    await user.done("npx", "cdktf", "destroy", "*", "--auto-approve");
    isDeployed = false;
    expect(await user.done("npx", "muster", "leftovers")).toContain(`Nothing of org ${ORG} is left`);
  },
  8 * MINUTE_MS,
);
