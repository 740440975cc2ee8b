import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { jobIdFor } from "../../../agent/contract/job.js";
import { AGENT_PORT, jobFolder } from "../../../agent/contract/names.js";
import { AGENT_JOURNAL } from "../../../agent/system/journal.js";
import { goDown } from "../../../scripts/journey/run.js";
import { type AttackedCluster, startAttackedCluster } from "../../support/hostile/cluster.js";
import {
  CAUGHT,
  type Expected,
  LAUNCH_REFUSALS,
  LEFT_PROCESSES,
  MISCHIEF,
  NETWORK,
  OTHERS,
  RIGHTS,
} from "../../support/hostile/expected.js";
import { mark, type NodeState, shell } from "../../support/hostile/node-state.js";
import { attempts, program, programText, type Report, reportsIn } from "../../support/hostile/programs.js";
import { runInNode } from "../../support/journey.js";

const NODES = 2;
const MINUTE_MS = 60_000;
/** Root listens where a file system's tunnel would, so that a job which is kept away is kept from something. */
const TUNNEL =
  "systemd-run --quiet --unit=tunnel python3 -m http.server 20049 --bind 127.0.0.1 --directory /var/empty";

/** The agent has the ranks' program compiled some seconds after its start, which no job has changed then. */
const AWAIT_COMPILED = `tries=0; until [ -e /usr/lib/muster/__pycache__/rank_program.*.pyc ]; do tries=$((tries + 1)); [ $tries -lt 150 ]; sleep 0.2; done`;

let attacked: AttackedCluster;
let before: NodeState[];
beforeAll(async () => {
  attacked = await startAttackedCluster("test-hostile", NODES);
  const { journey, cluster } = attacked;
  for (const node of cluster.nodes) {
    await shell(journey.place, node, `mkdir -p /var/empty; ${TUNNEL}; ${AWAIT_COMPILED}`);
    await mark(journey.place, node);
  }
  // The first job makes the agents' folders.
  await attacked.run(program("witness", ["first", "0"]));
  before = await attacked.observe();
  for (const { changed, strangeRecords } of before) expect([...changed, ...strangeRecords]).toEqual([]);
}, 10 * MINUTE_MS);
afterAll(async () => {
  if (attacked !== undefined) await goDown(attacked.journey);
}, 5 * MINUTE_MS);

/** After whatever a job did: nothing of it is left, nothing that it may not change has changed, and the next job is right. */
async function expectUnharmed(nextKey: string = randomUUID()): Promise<void> {
  await attacked.awaitNothingLeft();
  const { uuid } = attacked.cluster;
  const { job, log } = await attacked.run(program("witness", [nextKey, "3"]), nextKey);
  expect(job).toMatchObject({ status: "FAILED", exitCode: 3, ranks: 2 * NODES });
  const folder = jobFolder(jobIdFor(uuid, nextKey));
  const lines = Array.from(
    { length: 2 * NODES },
    (_, rank) => `rank ${rank} of ${2 * NODES}: ${nextKey} 1500 ${folder}`,
  );
  expect(log.trimEnd().split("\n").sort()).toEqual(lines);
  await attacked.awaitNothingLeft();
  expect(await attacked.observe()).toEqual(before);
}

/** The attempts of some files, made by one job, each judged by a test of its own. */
function describeAttempts(
  title: string,
  files: readonly string[],
  expected: readonly Expected[],
  more: () => void = () => undefined,
): void {
  describe(title, () => {
    let reports: Report[] = [];
    beforeAll(async () => {
      const { job, log } = await attacked.run(attempts(files, attacked.variables()));
      reports = reportsIn(log);
      expect({ status: job.status, reason: job.reason }).toEqual({ status: "FINISHED", reason: null });
    }, 8 * MINUTE_MS);

    test("makes every attempt on every node", () => {
      const names = expected.flatMap(([name]) => Array<string>(NODES).fill(name));
      expect(reports.map(({ name }) => name).sort()).toEqual(names.sort());
    });
    test.each(expected)("may try to %s", (name, outcome) => {
      for (const report of reports.filter((each) => each.name === name)) {
        expect(report).toEqual({
          ...report,
          outcome: typeof outcome === "string" ? outcome : expect.stringMatching(outcome),
        });
      }
    });
    more();
    test("leaves nothing, changes nothing, and does the next job no harm", async () => {
      // Its load may have made a probe fail; the next job gets every rank when all nodes are ready again.
      await attacked.awaitNothingLeft();
      await attacked.awaitWhole();
      await expectUnharmed();
    });
  });
}

test("the agent comes before jobs, by itself and by its session", async () => {
  const look = `agent=$(systemctl show --property MainPID --value muster-agent)
echo $(ps --no-headers -o ni -p "$agent") $(awk '{ print $NF }' "/proc/$agent/autogroup" 2>/dev/null || echo -15)`;
  for (const node of attacked.cluster.nodes)
    expect(await shell(attacked.journey.place, node, look)).toEqual(["-15 -15"]);
});

describeAttempts("a job that looks for rights", ["rights"], RIGHTS);
describeAttempts("a job that looks into others", ["others"], OTHERS);
describeAttempts("a job that tries the network and the launcher", ["network"], NETWORK);
describeAttempts("a job that leaves processes on every node", ["processes"], LEFT_PROCESSES);
describeAttempts("a job that catches the agent's errands", ["catch", "hunt"], CAUGHT, () => {
  test(
    "may answer in their place and keep them: its own node gets unready, and ready again",
    async () => {
      const { job, log } = await attacked.run(attempts(["catch", "harass"], attacked.variables()));
      expect(["FINISHED", "FAILED"]).toContain(job.status);
      expect(reportsIn(log).map(({ outcome }) => outcome)).not.toContain("did it lives on");
      await attacked.awaitWhole();
    },
    5 * MINUTE_MS,
  );
});

describe("a job that leaves /shared as", () => {
  test.each(MISCHIEF)("%s: %s", async (MISCHIEF_NAME) => {
    const nextKey = randomUUID();
    const variables = { ...attacked.variables(nextKey), MISCHIEF: MISCHIEF_NAME };
    const { log } = await attacked.run(attempts(["shared"], variables));
    expect(reportsIn(log).map(({ outcome }) => outcome)).toContain("did done");
    await expectUnharmed(nextKey);
    await attacked.awaitWhole();
  });
});

describe("a job's words", () => {
  test("that look like Muster's, and files named like its records, change neither log nor exit code", async () => {
    const { job, log } = await attacked.run(program("forged"));
    expect(job).toMatchObject({ status: "FAILED", exitCode: 6 });
    for (const line of ["ended 0", "HYDRA_LAUNCH_END", "\u001b[2JApply complete!"])
      expect(log).toContain(line);
    await expectUnharmed();
  });

  test("in a node's journal have the agent's unit, and are not in what Muster keeps of it", async () => {
    const { job } = await attacked.run(program("journal"));
    expect(job.status).toBe("FINISHED");
    for (const node of attacked.cluster.nodes) {
      const count = (words: readonly string[]) =>
        shell(
          attacked.journey.place,
          node,
          `journalctl --boot --no-pager --output=cat ${words.join(" ")} | grep -c 'forged by a job' || true`,
        );
      // A rank on each of two cores.
      expect(await count(["--unit=muster-agent"])).toEqual(["6"]);
      expect(await count(AGENT_JOURNAL)).toEqual(["0"]);
    }
  });

  test("in its environment reach its ranks, and neither mpiexec nor the launcher", async () => {
    const environment = {
      ...{
        PATH: "/shared/evil",
        LD_PRELOAD: "/shared/evil.so",
        LD_LIBRARY_PATH: "/shared",
        LD_DEBUG: "statistics",
      },
      ...{ PYTHONMALLOC: "debug", MPIEXEC_TIMEOUT: "1", MPIEXEC_PREFIX_DEFAULT: "1", UCX_LOG_LEVEL: "fatal" },
    };
    const { job, log } = await attacked.run(program("witness", ["env", "3"], environment));
    expect(job).toMatchObject({ status: "FAILED", exitCode: 3, ranks: 2 * NODES });
    expect(log.match(/rank \d of 4: env 1500 /g)).toHaveLength(2 * NODES);
    expect(log).not.toMatch(/muster:|not found|\/bin\/sh/);
    await expectUnharmed();
  });

  test("to mpiexec, as garbage at its port, end that job at most", async () => {
    const { job } = await attacked.run(attempts(["garbage"], {}));
    expect(["FINISHED", "FAILED"]).toContain(job.status);
    await expectUnharmed();
  });
});

describe("a person on a node", () => {
  /** What the launcher's socket answers to who runs as that user. */
  const post = async (user: string, body: string): Promise<string> => {
    const [node] = attacked.cluster.nodes;
    if (node === undefined) throw new Error("no node");
    const words = ["curl", "--silent", "--show-error", "--unix-socket", "/run/muster/launch.sock"];
    const headers = [
      ...[
        "--header",
        `muster-launch-id: ${randomUUID()}`,
        "--header",
        "content-type: application/octet-stream",
      ],
      ...["--data-binary", "@-", "--max-time", "20", "http://localhost/v1/launch"],
    ];
    const argv = ["runuser", "-u", user, "--", ...words, ...headers] as [string, ...string[]];
    const end = await runInNode(attacked.journey.place, node.id, argv, body.replaceAll("HOST", node.address));
    return end.stdout + end.stderr;
  };

  test.each(LAUNCH_REFUSALS)("who may start ranks starts none by %s", async (_name, body, refusal) => {
    const answer = await post("muster", body);
    expect(answer).toMatch(/^refused\n/);
    expect(answer).toMatch(refusal);
  });

  test("who may not start ranks reaches no launcher", async () => {
    expect(await post("nobody", "garbage")).toContain("Could not connect");
  });

  test("who runs as the job user, and swaps all there is on /shared, ends nothing but jobs", async () => {
    const { journey, cluster } = attacked;
    const nextKey = randomUUID();
    const races = programText("races", attacked.variables(nextKey));
    const start =
      "cat >/tmp/races.py && systemd-run --quiet --collect --unit=races --uid=muster python3 /tmp/races.py";
    for (const node of cluster.nodes) await shell(journey.place, node, start, races);
    try {
      for (const key of [nextKey, randomUUID(), randomUUID()]) {
        const { job } = await attacked.run(program("witness", ["races", "3"]), key);
        expect(job.status).toBe("FAILED");
        expect(job.reason).toMatch(/^(source failed|mpiexec exited)/);
      }
      expect(await attacked.observe()).toEqual(before);
    } finally {
      const stop = "systemctl kill --signal=KILL races; sleep 0.2";
      for (const node of cluster.nodes) await shell(journey.place, node, stop);
    }
    await expectUnharmed();
    await attacked.awaitWhole();
  });

  test("who listens at the agent's port while the agent is away hears nothing", async () => {
    const { journey, cluster } = attacked;
    const [asking, away] = cluster.nodes;
    if (asking === undefined || away === undefined) throw new Error("fewer than two nodes");
    const listen = `systemctl stop muster-agent
systemd-run --quiet --collect --unit=squatter --uid=muster python3 -m http.server ${AGENT_PORT} --bind ${away.address} --directory /var/empty
until ss -Hltn | grep -q ':${AGENT_PORT} '; do sleep 0.1; done
curl --silent --max-time 2 --output /dev/null http://${away.address}:${AGENT_PORT}/ && echo heard || echo silence`;
    expect(await shell(journey.place, away, listen)).toEqual(["silence"]);
    const ask = `curl --silent --max-time 2 --output /dev/null http://${away.address}:${AGENT_PORT}/ && echo heard || echo silence`;
    expect(await shell(journey.place, asking, ask)).toEqual(["silence"]);
    await shell(journey.place, away, "systemctl stop squatter; systemctl start muster-agent");
    await attacked.awaitWhole();
  });
});
