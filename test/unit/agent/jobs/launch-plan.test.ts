import { describe, expect, test } from "@jest/globals";
import { because } from "../../../../agent/contract/reasons.js";
import type { JobRequest } from "../../../../agent/contract/registry.js";
import { renderHostfile } from "../../../../agent/head/hostfile.js";
import { roleVariables } from "../../../../agent/jobs/job-role.js";
import { hostsOf, planLaunch, withEnvironment } from "../../../../agent/jobs/launch-plan.js";
import { runtimesFor } from "../../../../agent/jobs/runtimes.js";
import { HOSTFILE, queuedJob, SETTINGS } from "../../../support/agent/jobs.js";

/** What the plan's mpiexec gives to the ranks. */
function rankVariables(plan: ReturnType<typeof planLaunch>): Record<string, string> {
  if ("reason" in plan) throw new Error(plan.reason);
  const argv = plan.mpiexec("/run/hosts");
  return Object.fromEntries(
    argv.flatMap((word, index) =>
      word === "-genv" ? [[argv[index + 1] ?? "", argv[index + 2] ?? ""] as const] : [],
    ),
  );
}

describe("the launch plan", () => {
  test("is mpiexec on the hostfile's copy, every core, through the agents' launcher", () => {
    const job = queuedJob("k", { command: ["pi.py", "--steps", "10; rm -rf /"] });
    const plan = planLaunch(job, HOSTFILE, SETTINGS);
    if ("reason" in plan) throw new Error(plan.reason);
    const argv = plan.mpiexec("/run/hosts");
    const firstVariable = argv.indexOf("-genv");
    const rank = argv.indexOf("/usr/lib/muster/rank");
    expect([...argv.slice(0, firstVariable), ...argv.slice(rank)]).toEqual([
      ...[
        "/usr/bin/mpiexec",
        "-launcher",
        "ssh",
        "-launcher-exec",
        "/usr/lib/muster/launch",
        "-localhost",
        "10.0.0.1",
      ],
      ...["-n", "4", "-f", "/run/hosts", "-wdir", `/shared/.muster/jobs/${job.id}`, "-genvnone"],
      ...["/usr/lib/muster/rank", "python", "/usr/lib/muster/rank.py", "pi.py", "--steps", "10; rm -rf /"],
    ]);
    expect(plan).toMatchObject({
      ranks: 4,
      hosts: HOSTFILE.nodes,
      hostfile: "10.0.0.1:2\n10.0.0.2:2\n",
    });
  });

  test("takes fewer processes where asked", () => {
    const plan = planLaunch(queuedJob("k", { processes: 3 }), HOSTFILE, SETTINGS);
    expect(plan).toMatchObject({ ranks: 3 });
  });

  test("runs the ranks in the job's own Python environment, as if it were activated", () => {
    const plan = planLaunch(queuedJob(), HOSTFILE, withEnvironment(SETTINGS, "/environments/key"));
    if ("reason" in plan) throw new Error(plan.reason);
    expect(plan.mpiexec("/run/hosts")).toContain("/environments/key/bin/python");
    expect(rankVariables(plan)).toMatchObject({
      VIRTUAL_ENV: "/environments/key",
      PATH: expect.stringMatching(/^\/environments\/key\/bin:\/usr\/local\/sbin:/),
    });
    expect(JSON.stringify(plan.environment)).not.toContain("/environments");
    expect(withEnvironment(SETTINGS, null)).toBe(SETTINGS);
  });

  test("gives the ranks a fixed environment, then the request's own, and nothing of the agent's", () => {
    process.env["AWS_SECRET_ACCESS_KEY"] ??= "not for jobs";
    const job = queuedJob("k", { environment: { OMP_NUM_THREADS: "1", HOME: "/scratch" } });
    const plan = planLaunch(job, HOSTFILE, SETTINGS);
    const variables = rankVariables(plan);
    expect(variables).toMatchObject({ OMP_NUM_THREADS: "1", HOME: "/scratch", MUSTER_JOB_ID: job.id });
    expect(Object.keys(variables).sort()).toEqual([
      "BODO_SPAWN_MODE",
      "HOME",
      "LANG",
      "LOGNAME",
      "MUSTER_CLUSTER_UUID",
      "MUSTER_JOB_ID",
      "OMP_NUM_THREADS",
      "PATH",
      "PWD",
      "PYTHONUNBUFFERED",
      "SHELL",
      "USER",
    ]);
  });

  describe("on a cluster with a job role", () => {
    const settings = { ...SETTINGS, roleVariables: roleVariables({ jobRoleArn: "arn:role" }, "us-east-1") };
    const of = (request: Partial<JobRequest>) => planLaunch(queuedJob("k", request), HOSTFILE, settings);

    test("ranks and programs without MPI learn where its credentials are, and mpiexec does not", () => {
      const plan = of({});
      expect(rankVariables(plan)).toMatchObject(settings.roleVariables);
      expect(JSON.stringify("reason" in plan || plan.environment)).not.toContain("AWS_");
      const alone = of({ mpi: false });
      const words = Object.entries(settings.roleVariables).map(([name, value]) => `${name}=${value}`);
      expect("reason" in alone || alone.alone).toEqual(expect.arrayContaining(words));
    });

    test("a request's own AWS variables win", () => {
      const environment = { AWS_REGION: "eu-west-1", AWS_CONTAINER_CREDENTIALS_FULL_URI: "" };
      expect(rankVariables(of({ environment }))).toMatchObject(environment);
    });
  });

  describe("with Intel MPI", () => {
    const planOf = (request: Partial<JobRequest>, settings = SETTINGS) => {
      const plan = planLaunch(queuedJob("k", request), HOSTFILE, settings);
      if ("reason" in plan) throw new Error(plan.reason);
      return plan;
    };

    test("its own mpiexec starts every node's ranks through the launcher, from this node", () => {
      const plan = planOf({ runtime: "intel" });
      expect(plan.mpiexec("/run/hosts").slice(0, 6)).toEqual([
        "/usr/lib/muster/intel-mpi/bin/mpiexec.hydra",
        ...["-launcher", "ssh", "-launcher-exec", "/usr/lib/muster/launch", "-localhost"],
      ]);
      expect(plan.environment).toMatchObject({
        I_MPI_HYDRA_BOOTSTRAP_AUTOFORK: "0",
        I_MPI_HYDRA_BRANCH_COUNT: "100000",
      });
      expect(plan.environment).not.toHaveProperty("HYDRA_LAUNCHER_AUTOFORK");
    });

    test("is refused where the nodes' processors have none, but for a job without MPI", () => {
      const settings = { ...SETTINGS, runtimes: runtimesFor("arm64", false), runtime: "intel" as const };
      const why = "the nodes' image has no intel: it has mpich";
      expect(planLaunch(queuedJob(), HOSTFILE, settings)).toEqual(because("runtime-missing", why));
      expect(planOf({ runtime: "mpich" }, settings).mpiexec("/h")[0]).toBe("/usr/bin/mpiexec");
      expect(planOf({ mpi: false }, settings).alone).not.toBeNull();
    });

    test("is also what a cluster may choose, and a job may choose MPICH there", () => {
      const settings = { ...SETTINGS, runtime: "intel" as const };
      expect(planOf({}, settings).mpiexec("/h")[0]).toMatch(/mpiexec\.hydra$/);
      expect(planOf({ runtime: "mpich" }, settings).mpiexec("/h")[0]).toBe("/usr/bin/mpiexec");
    });

    test("its library comes before what a job has, else each rank would be a world of its own", () => {
      const environment = { LD_LIBRARY_PATH: "/shared/lib", I_MPI_FABRICS: "shm:ofi" };
      expect(rankVariables(planOf({ runtime: "intel", environment }))).toMatchObject({
        LD_LIBRARY_PATH: "/usr/lib/muster/intel-mpi/lib:/shared/lib",
        I_MPI_ROOT: "/usr/lib/muster/intel-mpi",
        I_MPI_FABRICS: "shm:ofi",
      });
      expect(rankVariables(planOf({ runtime: "intel" }))["LD_LIBRARY_PATH"]).toBe(
        "/usr/lib/muster/intel-mpi/lib",
      );
    });
  });

  test("prints are not kept back, unless the request says so", () => {
    const variablesOf = (environment: Record<string, string>) =>
      rankVariables(planLaunch(queuedJob("k", { environment }), HOSTFILE, SETTINGS));
    expect(variablesOf({})["PYTHONUNBUFFERED"]).toBe("1");
    expect(variablesOf({ PYTHONUNBUFFERED: "" })["PYTHONUNBUFFERED"]).toBe("");
  });

  test("Bodo's ranks are its workers, unless the request says that it starts some itself", () => {
    const variablesOf = (environment: Record<string, string>) =>
      rankVariables(planLaunch(queuedJob("k", { environment }), HOSTFILE, SETTINGS));
    expect(variablesOf({})["BODO_SPAWN_MODE"]).toBe("0");
    expect(variablesOf({ BODO_SPAWN_MODE: "1" })["BODO_SPAWN_MODE"]).toBe("1");
  });

  test("lets nothing of the request into the environment of mpiexec and its launcher", () => {
    const environment = {
      PATH: "/opt/mine/bin",
      ...{ LD_PRELOAD: "/nonexistent.so", LD_LIBRARY_PATH: "/opt/mine", LD_DEBUG: "all" },
      ...{ PYTHONPATH: "/opt/mine", PYTHONHOME: "/opt", PYTHONSTARTUP: "/opt/x.py" },
      ...{ MPIEXEC_TIMEOUT: "1", MPIEXEC_PREFIX_DEFAULT: "1", MPIR_CVAR_DEBUG_SUMMARY: "1" },
      ...{ UCX_TLS: "tcp", MPICH_ASYNC_PROGRESS: "1", FI_PROVIDER: "tcp", OMP_NUM_THREADS: "1" },
    };
    const job = queuedJob("k", { environment });
    const plan = planLaunch(job, HOSTFILE, SETTINGS);
    expect(plan).toMatchObject({
      environment: {
        PATH: "/usr/sbin:/usr/bin:/sbin:/bin",
        LANG: "C.UTF-8",
        HYDRA_LAUNCHER_AUTOFORK: "0",
        MUSTER_LAUNCH_SOCKET: SETTINGS.launchSocket,
        MUSTER_JOB_ID: job.id,
      },
    });
    expect(Object.keys("reason" in plan ? {} : plan.environment)).toHaveLength(5);
    expect(rankVariables(plan)).toMatchObject(environment);
  });

  test("places as many ranks on each node as asked, in a hostfile of the job's own", () => {
    const plan = planLaunch(queuedJob("k", { processesPerNode: 1 }), HOSTFILE, SETTINGS);
    expect(plan).toMatchObject({ ranks: 2, hostfile: "10.0.0.1:1\n10.0.0.2:1\n" });
    const three = { ...HOSTFILE, nodes: [...HOSTFILE.nodes, { address: "10.0.0.3", cores: 4 }] };
    const five = planLaunch(queuedJob("k", { processesPerNode: 2, processes: 5 }), three, SETTINGS);
    expect(five).toMatchObject({ ranks: 5, hostfile: "10.0.0.1:2\n10.0.0.2:2\n10.0.0.3:2\n" });
  });

  test("lets the others run on where a failed rank is not to end them", () => {
    const job = queuedJob("k", { onRankFailure: "continue" });
    const plan = planLaunch(job, HOSTFILE, SETTINGS);
    const argv = "reason" in plan ? [] : plan.mpiexec("/run/hosts");
    expect(argv).toContain("-disable-auto-cleanup");
    expect(argv.slice(argv.indexOf("/usr/bin/env"))).toEqual([
      ...[
        "/usr/bin/env",
        "--ignore-signal=USR1",
        "/usr/lib/muster/rank",
        "python",
        "/usr/lib/muster/rank.py",
        "pi.py",
      ],
    ]);
    expect(rankVariables(plan)["MUSTER_ON_RANK_FAILURE"]).toBe("continue");
    const usual = planLaunch(queuedJob("k", { onRankFailure: "abort" }), HOSTFILE, SETTINGS);
    expect("reason" in usual ? [] : usual.mpiexec("/run/hosts")).not.toContain("-disable-auto-cleanup");
    expect(rankVariables(usual)).not.toHaveProperty("MUSTER_ON_RANK_FAILURE");
  });

  test("of a job without MPI is its program alone, on the head, with a rank's environment", () => {
    const environment = { LD_PRELOAD: "/x.so", LINES: "a\nb" };
    const job = queuedJob("k", { mpi: false, command: ["prepare.py", "-n"], environment });
    const plan = planLaunch(job, HOSTFILE, SETTINGS);
    expect(plan).toMatchObject({ ranks: 1, hosts: [{ address: "10.0.0.1" }], hostfile: "10.0.0.1:1\n" });
    const argv = "reason" in plan ? [] : (plan.alone ?? []);
    expect(argv.slice(0, 3)).toEqual(["/usr/bin/env", "-i", `--chdir=/shared/.muster/jobs/${job.id}`]);
    expect(argv).toEqual(expect.arrayContaining(["LD_PRELOAD=/x.so", "LINES=a\nb", "HOME=/home/muster"]));
    expect(argv.slice(-3)).toEqual(["python", "prepare.py", "-n"]);
    expect("reason" in plan ? {} : plan.environment).not.toHaveProperty("LD_PRELOAD");
    expect(planLaunch(queuedJob(), HOSTFILE, SETTINGS)).toMatchObject({ alone: null });
  });

  test.each([
    [
      "no head in the hostfile, for a job without MPI",
      { ...HOSTFILE, nodes: HOSTFILE.nodes.slice(1) },
      { mpi: false },
      because("no-nodes", "the head node 10.0.0.1, where a job without MPI runs, is not in the hostfile"),
    ],
    ["no hostfile", null, {}, because("no-nodes", "the hostfile lists no node")],
    ["an empty hostfile", { path: "/x", nodes: [] }, {}, because("no-nodes", "the hostfile lists no node")],
    [
      "more processes than cores",
      HOSTFILE,
      { processes: 5 },
      because("too-many-processes", "processes is 5, but the hostfile's 2 nodes have 4 cores"),
    ],
    [
      "more processes on a node than it has cores",
      HOSTFILE,
      { processesPerNode: 3 },
      because("too-many-processes", "processesPerNode is 3, but node 10.0.0.1 has 2 cores"),
    ],
    [
      "more processes than the nodes take with that number each",
      HOSTFILE,
      { processesPerNode: 1, processes: 3 },
      because("too-many-processes", "processes is 3, but the hostfile's 2 nodes with 1 each take 2"),
    ],
  ])("fails on %s", (_name, hostfile, request, why) => {
    expect(planLaunch(queuedJob("k", request), hostfile, SETTINGS)).toEqual(why);
  });
});

describe("the hostfile's copy", () => {
  test("is read back as written, without what is no line of it", () => {
    const text = renderHostfile(HOSTFILE.nodes) ?? "";
    expect(text).toBe("10.0.0.1:2\n10.0.0.2:2\n");
    expect(hostsOf(`# by hand\n${text}garbage\n`)).toEqual(HOSTFILE.nodes);
  });
});
