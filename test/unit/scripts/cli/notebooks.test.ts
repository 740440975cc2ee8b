import { beforeEach, describe, expect, test } from "@jest/globals";
import type { NotebookItem } from "../../../../agent/contract/notebook.js";
import { roleToken } from "../../../../agent/contract/tokens.js";
import { planBrowser } from "../../../../scripts/cli/core/browser.js";
import { portInLine } from "../../../../scripts/cli/core/tunnel.js";
import { CLUSTER_UUID, observedCluster } from "../../../support/agent/cluster-item.js";
import { FakeWorld } from "../../../support/cli/fake-world.js";
import { NOTEBOOK_GROUP as GROUP, notebookItem } from "../../../support/notebook-item.js";

const HERE = ["--org", "acme"] as const;

const PARKED = { status: "PARKED", phase: "parked", address: null } as const;
const STARTED = { status: "INPROGRESS", phase: "waiting-for-node", instanceId: null, address: null } as const;
const FAILED = {
  ...{ status: "FAILED", phase: "readiness-probes", failingProbes: ["jupyter"], address: null },
  ...{ reasonCode: "notebook-jupyter-down", reason: "JupyterLab ends with exit code 1" },
} as const satisfies Partial<NotebookItem>;

let world: FakeWorld;
const put = (overrides: Partial<NotebookItem> = {}): void =>
  world.notebooks.set("explore", notebookItem(overrides));
const stored = (): NotebookItem => world.notebooks.get("explore") as NotebookItem;
beforeEach(() => {
  world = new FakeWorld();
  world.clusters.push(observedCluster({ clusterStatus: "FINISHED", phase: "ready" }));
  world.onPath.add("aws").add("session-manager-plugin");
  put();
});

describe("list and show", () => {
  test("have each notebook with its cluster, its state and when it parks", async () => {
    expect(await world.run("notebook", "list", ...HERE)).toBe(0);
    expect(world.out).toBe(
      [
        "NOTEBOOK  CLUSTER  STATUS    STATE  TYPE        KERNELS  PARKS AT                  REASON CODE",
        "explore   demo     FINISHED  ready  m6i.xlarge  2        2026-01-01T01:08:00.000Z",
        "",
      ].join("\n"),
    );
  });

  test("say all of one that is ready", async () => {
    expect(await world.run("notebook", "show", "explore", ...HERE)).toBe(0);
    expect(world.out).toBe(
      [
        "notebook    explore",
        "status      FINISHED, ready, since 2026-01-01T00:05:00.000Z",
        `cluster     demo (${CLUSTER_UUID}), since 2026-01-01T00:00:00.000Z`,
        "node        i-7, 10.0.0.7, m6i.xlarge",
        "created     2026-01-01T00:00:00.000Z",
        "last seen   2026-01-01T00:09:30.000Z",
        "kernels     2, of which 0 work",
        "terminals   1",
        "idle since  2026-01-01T00:08:00.000Z",
        "parks at    2026-01-01T01:08:00.000Z",
        "MPI kernel  lets the cluster go at 2026-01-01T00:38:00.000Z",
        "",
      ].join("\n"),
    );
  });

  test("say which probe fails, why, and the next step", async () => {
    put(FAILED);
    expect(await world.run("notebook", "show", "explore", ...HERE)).toBe(0);
    expect(world.out).toContain("failing     jupyter\n");
    expect(world.out).toContain(
      "reason      JupyterLab ends with exit code 1 (notebook-jupyter-down). Nothing at first: it is started again by itself.",
    );
  });

  test("say what is not known: JupyterLab does not answer", async () => {
    const { activity } = notebookItem();
    if (activity === undefined) throw new Error("no activity");
    put({ activity: { ...activity, kernels: null, busyKernels: null, terminals: null, parksAt: null } });
    expect(await world.run("notebook", "show", "explore", ...HERE)).toBe(0);
    expect(world.out).toContain("kernels     JupyterLab does not say\nterminals   JupyterLab does not say\n");
    expect(world.out).toContain("parks at    not while something is active, or never\n");
  });

  test.each<[string, Partial<NotebookItem>, boolean]>([
    ["whose node is silent for minutes: it may be lost", { observedAt: "2026-01-01T00:07:30.000Z" }, true],
    ["whose node was heard a moment before that", { observedAt: "2026-01-01T00:07:31.000Z" }, false],
    ["that is parked", { ...PARKED, observedAt: "2026-01-01T00:00:00.000Z" }, false],
    ["whose next node is not there yet", { ...STARTED, observedAt: "2026-01-01T00:00:00.000Z" }, false],
  ])("of one %s", async (_name, change, isSilent) => {
    put(change);
    expect(await world.run("notebook", "list", ...HERE)).toBe(0);
    expect(world.out.includes("silent since 2026-01-01T00:07:30.000Z")).toBe(isSilent);
    expect(await world.run("notebook", "show", "explore", ...HERE)).toBe(0);
    expect(world.out.includes("and nothing since: its node may be lost")).toBe(isSilent);
  });

  test("give the registry's item with --json, and the cluster's name", async () => {
    expect(await world.run("notebook", "show", "explore", "--json", ...HERE)).toBe(0);
    expect(JSON.parse(world.out)).toEqual({ ...notebookItem(), clusterName: "demo" });
    world.written.length = 0;
    world.clusters.length = 0;
    expect(await world.run("notebook", "list", "--json", ...HERE)).toBe(0);
    expect(JSON.parse(world.out)).toEqual({ notebooks: [{ ...notebookItem(), clusterName: null }] });
  });

  test("say so where the org has none", async () => {
    world.notebooks.clear();
    expect(await world.run("notebook", "list", ...HERE)).toBe(0);
    expect(world.said).toEqual(["Org acme has no notebook in us-east-1."]);
  });

  test.each([
    ["exlore", 1, "Org acme has no notebook exlore in us-east-1. It has explore. Did you mean explore?"],
    ["other", 1, "Org acme has no notebook other in us-east-1. It has explore."],
    ["A/../B", 2, '"A/../B" is no notebook\'s name'],
  ])("fail for %s", async (name, exitCode, words) => {
    expect(await world.run("notebook", "show", name, ...HERE)).toBe(exitCode);
    expect(world.said.join("\n")).toContain(words);
  });
});

describe("start", () => {
  test("gives a parked one its node, and says what it waits for", async () => {
    put({ ...PARKED, instanceId: null });
    world.meanwhile = (look) => {
      if (look === 1)
        put({ status: "INPROGRESS", phase: "readiness-probes", failingProbes: ["head", "jupyter"] });
      if (look === 2) put({ status: "INPROGRESS", phase: "readiness-probes", failingProbes: ["jupyter"] });
      if (look === 3) put();
    };
    expect(await world.run("notebook", "start", "explore", ...HERE)).toBe(0);
    expect(world.said).toEqual([
      "notebook explore gets a node",
      "notebook explore: waiting for its node",
      "notebook explore: readiness probes: failing head, jupyter",
      "notebook explore: readiness probes: failing jupyter",
      "notebook explore is ready; open it with `muster notebook open explore --org acme`",
    ]);
    expect(world.sizes).toEqual([`${GROUP} 1`]);
  });

  test("does not wait with --no-wait", async () => {
    put({ ...PARKED, instanceId: null });
    expect(await world.run("notebook", "start", "explore", "--no-wait", "--json", ...HERE)).toBe(0);
    expect(JSON.parse(world.out)).toMatchObject({ status: "INPROGRESS", phase: "waiting-for-node" });
  });

  test.each([
    ["goes: what it says counts no more", true, "i-7"],
    ["stays, because it was not given up yet", false, null],
  ])("a node of before that %s", async (_name, isLeaving, retiring) => {
    put(PARKED);
    if (isLeaving) world.leaving.add("i-7");
    expect(await world.run("notebook", "start", "explore", "--no-wait", ...HERE)).toBe(0);
    expect(stored().retiring).toBe(retiring);
  });

  test("goes on where an earlier start ended before it set the size", async () => {
    put({ status: "INPROGRESS", phase: "waiting-for-node", instanceId: null, address: null });
    expect(await world.run("notebook", "start", "explore", "--no-wait", ...HERE)).toBe(0);
    expect(world.sizes).toEqual([`${GROUP} 1`]);
  });

  test("leaves one that has a node as it is", async () => {
    expect(await world.run("notebook", "start", "explore", ...HERE)).toBe(0);
    expect(world.sizes).toEqual([]);
    expect(stored()).toEqual(notebookItem());
  });

  test("starts one again that FAILED, and fails with reason and next step when it does so again", async () => {
    put(FAILED);
    world.meanwhile = () => put(FAILED);
    expect(await world.run("notebook", "start", "explore", ...HERE)).toBe(1);
    expect(world.said.at(-1)).toContain(
      "Notebook explore is FAILED: JupyterLab ends with exit code 1 (notebook-jupyter-down). Nothing at first",
    );
  });

  test.each([
    ["NEW", "created", 3, "Notebook explore is NEW: Terraform, which creates it, starts it."],
    ["REMOVING", "removing", 3, "Notebook explore is REMOVING: Terraform destroys it."],
  ] as const)("is refused where it is %s", async (status, phase, exitCode, words) => {
    put({ status, phase });
    expect(await world.run("notebook", "start", "explore", ...HERE)).toBe(exitCode);
    expect(world.said.join("\n")).toContain(words);
    expect(world.sizes).toEqual([]);
  });

  test("ends with exit status 4 when --timeout is over", async () => {
    put({ status: "INPROGRESS", phase: "readiness-probes", failingProbes: ["kernel"] });
    world.meanwhile = () => void new Date();
    expect(await world.run("notebook", "start", "explore", "--timeout", "1s", ...HERE)).toBe(4);
  });

  test("says that it was removed or stopped meanwhile", async () => {
    put({ ...PARKED, instanceId: null });
    world.meanwhile = () => world.notebooks.clear();
    expect(await world.run("notebook", "start", "explore", ...HERE)).toBe(1);
    expect(world.said.at(-1)).toBe("Notebook explore is gone.");
  });
});

describe("stop", () => {
  test("parks it, and says how it comes back", async () => {
    expect(await world.run("notebook", "stop", "explore", ...HERE)).toBe(0);
    expect(stored()).toMatchObject({ status: "PARKED", phase: "parked", address: null });
    expect(world.sizes).toEqual([`${GROUP} 0`]);
    expect(world.said).toEqual([
      "notebook explore is PARKED; `muster notebook open explore --org acme` starts it again",
    ]);
  });

  test("is refused while a kernel works, unless its end is asked for", async () => {
    const { activity } = notebookItem();
    if (activity === undefined) throw new Error("no activity");
    put({ activity: { ...activity, busyKernels: 1 } });
    expect(await world.run("notebook", "stop", "explore", ...HERE)).toBe(3);
    expect(world.said[0]).toContain("Notebook explore has a kernel that works");
    expect(world.sizes).toEqual([]);
    expect(await world.run("notebook", "stop", "explore", "--end-kernels", ...HERE)).toBe(0);
    expect(stored().status).toBe("PARKED");
  });

  test("of a parked one sets its size again: an earlier stop may have ended before that", async () => {
    put(PARKED);
    expect(await world.run("notebook", "stop", "explore", ...HERE)).toBe(0);
    expect(world.sizes).toEqual([`${GROUP} 0`]);
    expect(world.said).toEqual(["notebook explore has no node already"]);
  });

  test("lets a start win that comes in between", async () => {
    const { sizes } = world;
    const push = sizes.push.bind(sizes);
    sizes.push = (...items) => {
      if (items[0] === `${GROUP} 0`) put({ status: "INPROGRESS", phase: "waiting-for-node" });
      return push(...items);
    };
    expect(await world.run("notebook", "stop", "explore", ...HERE)).toBe(3);
    expect(world.said).toEqual(["Notebook explore keeps its node: it was started meanwhile."]);
    expect([...sizes]).toEqual([`${GROUP} 0`, `${GROUP} 1`]);
  });

  test("is refused for one that was never started", async () => {
    put({ status: "NEW", phase: "created" });
    expect(await world.run("notebook", "stop", "explore", ...HERE)).toBe(3);
  });
});

describe("open", () => {
  const TOKEN = roleToken("s3cret", "operator");
  const open = (...more: readonly string[]): Promise<number> =>
    world.run("notebook", "open", "explore", ...HERE, ...more);
  /** Ctrl-C at that look; the first is the one for the opened file. */
  const leaveAt = (look: number, before: (look: number) => void = () => undefined): void => {
    world.meanwhile = (now) => {
      before(now);
      if (now === look) world.interrupt();
    };
  };
  const direct = (): void => void world.reached.add("10.0.0.7:8471");
  const TUNNEL = [
    ...["aws", "ssm", "start-session", "--target", "i-7", "--region", "us-east-1"],
    ...["--document-name", "AWS-StartPortForwardingSession"],
    ...["--parameters", "portNumber=8471,localPortNumber=0"],
  ];
  /** A session that opens that port, and ends when it is asked to. */
  const tunnelled = (port = 5555): void => {
    world.follows = (_argv, onLine, stop) => {
      onLine("Starting session with SessionId: ada-0a1b2c");
      onLine(`Port ${port} opened for sessionId ada-0a1b2c.`);
      return new Promise((resolve) => stop.addEventListener("abort", () => resolve(130)));
    };
  };

  test("serves it until Ctrl-C, which says what goes on", async () => {
    direct();
    leaveAt(3);
    expect(await open()).toBe(130);
    expect(world.said).toEqual([
      "notebook explore is open at http://127.0.0.1:4321/",
      "if the browser shows nothing, open http://127.0.0.1:4321/ there: it asks for a code, which comes here",
      "notebook explore runs on, with its kernels, until it is idle; stop it with `muster notebook stop explore --org acme`",
      "Ended by SIGINT.",
    ]);
    expect(world.servings.map(({ isClosed }) => isClosed)).toEqual([true]);
    expect(world.ran).toEqual([]);
    expect([world.shownPages.length, world.pagesLeft, world.listens]).toEqual([1, 0, false]);
  });

  test("ends with SIGTERM's exit status, and another Ctrl-C is heard as one", async () => {
    direct();
    world.meanwhile = (look) => void (look === 3 && world.interrupt("SIGTERM"));
    expect(await open()).toBe(143);
  });

  test("asks the agent of the node with the operator's token, by the cluster's authority", async () => {
    direct();
    leaveAt(2);
    const asked: unknown[] = [];
    world.answers = (upstream) => {
      asked.push({ ...upstream, authorities: upstream.authorities.length });
      return { is: "good" };
    };
    await open("--port", "8888");
    expect(asked[0]).toEqual({
      host: "10.0.0.7",
      port: 8471,
      address: "10.0.0.7",
      token: TOKEN,
      authorities: 1,
    });
    expect(world.servings[0]?.port).toBe(8888);
  });

  test("starts a parked one first", async () => {
    direct();
    put({ ...PARKED, instanceId: null });
    leaveAt(4, (look) => void (look === 1 && put()));
    expect(await open()).toBe(130);
    expect(world.said.slice(0, 3)).toEqual([
      "notebook explore gets a node",
      "notebook explore: waiting for its node",
      "notebook explore is open at http://127.0.0.1:4321/",
    ]);
  });

  test("prints a code where no browser is wanted, or there is none", async () => {
    direct();
    for (const more of [["--no-browser"], []]) {
      world.hasBrowser = more.length > 0;
      leaveAt(2);
      expect(await open(...more)).toBe(130);
      expect(world.said).toContain(
        "code: code-of-a-person (for one browser, within 60 seconds; when its page is opened later, another one comes here)",
      );
      world = Object.assign(new FakeWorld(), { clusters: world.clusters });
      put();
      direct();
    }
    expect(world.shownPages).toEqual([]);
  });

  test("prints one document with --json, without anything secret", async () => {
    direct();
    leaveAt(2);
    await open("--json", "--no-browser");
    expect(JSON.parse(world.out)).toEqual({
      ...{ notebook: "explore", clusterUuid: CLUSTER_UUID },
      ...{ url: "http://127.0.0.1:4321/", via: "private" },
    });
  });

  test("goes through Session Manager where the node does not answer, and ends the session with itself", async () => {
    tunnelled();
    leaveAt(4);
    expect(await open()).toBe(130);
    expect(world.ran).toEqual([TUNNEL]);
    expect(world.servings[0]?.upstream()).toBeDefined();
    expect(world.said[0]).toBe(
      "notebook explore is open at http://127.0.0.1:4321/ (through Session Manager)",
    );
  });

  test.each([
    [
      "aws",
      "There is no program aws on PATH: node i-7 is reached through Session Manager: install the AWS CLI",
    ],
    ["session-manager-plugin", "There is no program session-manager-plugin on PATH"],
  ])("says what to install where %s is missing", async (program, words) => {
    world.onPath.delete(program);
    expect(await open()).toBe(2);
    expect(world.said.join("\n")).toContain(words);
    expect(world.ran).toEqual([]);
  });

  test("says what the AWS CLI said where there is no session", async () => {
    world.follows = (_argv, onLine) => {
      onLine(
        "An error occurred (TargetNotConnected) when calling the StartSession operation: i-7 is not connected.",
      );
      return 254;
    };
    expect(await open()).toBe(1);
    expect(world.said[0]).toContain(
      "Session Manager gives no way to node i-7: An error occurred (TargetNotConnected)",
    );
    expect(world.said[0]).toContain("ssm:StartSession");
  });

  test("--via private does not fall back, --via ssm does not try", async () => {
    expect(await open("--via", "private")).toBe(1);
    expect(world.said[0]).toContain(
      "Node i-7 (10.0.0.7) of notebook explore takes no connection at port 8471",
    );
    direct();
    tunnelled();
    leaveAt(4);
    await open("--via", "ssm");
    expect(world.ran).toEqual([TUNNEL]);
  });

  test.each([
    [
      { is: "untrusted", why: "self-signed certificate" },
      3,
      "does not prove to be of its cluster, so nothing was sent to it: self-signed",
    ],
    [{ is: "silent", why: "it takes too long" }, 1, "does not answer at port 8471: it takes too long"],
    [{ is: "status", status: 401 }, 1, "refuses the operator token (HTTP 401)"],
    [{ is: "status", status: 502 }, 1, "does not answer as it should (HTTP 502)"],
  ] as const)("fails where the agent answers %j", async (answer, exitCode, words) => {
    direct();
    world.answers = () => answer;
    expect(await open("--via", "private")).toBe(exitCode);
    expect(world.said[0]).toContain(words);
    expect(world.servings).toEqual([]);
  });

  test.each([
    [{ is: "untrusted", why: "self-signed certificate" }],
    [{ is: "silent", why: "socket hang up" }],
  ] as const)("goes through Session Manager where another network has the address (%j)", async (answer) => {
    direct();
    tunnelled();
    leaveAt(4);
    world.answers = ({ host }) => (host === "10.0.0.7" ? answer : { is: "good" });
    expect(await open()).toBe(130);
    expect(world.servings[0]?.upstream).toBeDefined();
    expect(world.ran).toEqual([TUNNEL]);
  });

  test("ends the session again whose other end does not prove to be the node", async () => {
    let isEnded = false;
    world.follows = (_argv, onLine, stop) => {
      onLine("Port 5555 opened for sessionId ada-0a1b2c.");
      return new Promise((resolve) =>
        stop.addEventListener("abort", () => {
          isEnded = true;
          resolve(130);
        }),
      );
    };
    world.answers = () => ({ is: "untrusted", why: "self-signed certificate" });
    expect(await open()).toBe(3);
    expect([isEnded, world.servings.length]).toEqual([true, 0]);
  });

  test("makes the session anew when it drops", async () => {
    const ends: (() => void)[] = [];
    world.follows = (_argv, onLine, stop) => {
      onLine(`Port ${5000 + ends.length} opened for sessionId ada-0a1b2c.`);
      return new Promise((resolve) => {
        ends.push(() => resolve(0));
        stop.addEventListener("abort", () => resolve(130));
      });
    };
    const ports: (number | undefined)[] = [];
    leaveAt(20, (look) => {
      ports.push(world.servings[0]?.upstream()?.port);
      if (look === 6) ends[0]?.();
    });
    expect(await open()).toBe(130);
    expect(world.said).toContain(
      "the connection to notebook explore has dropped (its session has ended), and is made again",
    );
    expect(world.said).toContain("notebook explore is connected again");
    expect(ports.at(-1)).toBe(5001);
    expect(world.ran).toEqual([TUNNEL, TUNNEL]);
  });

  test("finds the notebook's new node when the old one is gone, and says what it waits for", async () => {
    direct();
    let isGone = false;
    world.answers = ({ address }) =>
      isGone && address === "10.0.0.7" ? { is: "silent", why: "no route" } : { is: "good" };
    leaveAt(30, (look) => {
      if (look === 4) {
        isGone = true;
        put({ status: "INPROGRESS", phase: "readiness-probes", failingProbes: ["kernel"], address: null });
        world.servings[0]?.onFailure("connect EHOSTUNREACH");
      }
      if (look === 12) {
        put({ instanceId: "i-8", address: "10.0.0.8" });
        world.reached.add("10.0.0.8:8471");
      }
    });
    let last: string | undefined;
    const { meanwhile } = world;
    world.meanwhile = (look) => {
      if (look === 29) last = world.servings[0]?.upstream()?.address;
      meanwhile(look);
    };
    expect(await open()).toBe(130);
    expect(world.said).toContain(
      "the connection to notebook explore has dropped (no route), and is made again",
    );
    expect(world.said).toContain("notebook explore is not reached yet: readiness probes: failing kernel");
    expect(last).toBe("10.0.0.8");
  });

  test("goes on where a request failed and the agent answers", async () => {
    direct();
    leaveAt(8, (look) => void (look === 4 && world.servings[0]?.onFailure("socket hang up")));
    expect(await open()).toBe(130);
    expect(world.said.join("\n")).not.toContain("dropped");
  });

  test("follows a rotation of the secret while it is open, and stays the same without one", async () => {
    direct();
    const seen = new Set<unknown>();
    const tokens = new Set<string | undefined>();
    leaveAt(20, (look) => {
      if (look < 8) seen.add(world.servings[0]?.upstream());
      if (look === 8)
        world.secret = { value: "newer", version: 2, since: new Date("2025-06-01"), previous: "s3cret" };
      if (look > 12) tokens.add(world.servings[0]?.upstream()?.token);
    });
    expect(await open()).toBe(130);
    expect([...seen].filter((upstream) => upstream !== undefined)).toHaveLength(1);
    expect([...tokens]).toEqual([roleToken("newer", "operator")]);
  });

  test.each([
    [
      "parks",
      () => put(PARKED),
      "Notebook explore is PARKED: it has no node any more. Open it again with `muster notebook open explore`.",
    ],
    ["is destroyed", () => world.notebooks.clear(), "Notebook explore is gone: Terraform has destroyed it."],
  ])("ends when the notebook %s", async (_name, change, words) => {
    direct();
    world.meanwhile = (look) => {
      if (look !== 4) return;
      change();
      world.answers = () => ({ is: "silent", why: "connect ECONNREFUSED" });
      world.servings[0]?.onFailure("connect ECONNREFUSED");
    };
    expect(await open()).toBe(1);
    expect(world.said.at(-1)).toBe(words);
    expect(world.servings[0]?.isClosed).toBe(true);
  });

  test("no secret is in an argv, on stdout or on stderr", async () => {
    tunnelled();
    leaveAt(8);
    await open("--json");
    const all = JSON.stringify([world.ran, world.said, world.out]);
    for (const secret of ["s3cret", TOKEN, roleToken("s3cret", "peer"), "code-of-the-browser"])
      expect(all).not.toContain(secret);
    expect(world.shownPages.join()).not.toContain(TOKEN);
  });
});

describe("the programs of this machine", () => {
  test.each([
    ["linux", { DISPLAY: ":0" }, true, ["xdg-open"]],
    ["linux", { WAYLAND_DISPLAY: "wayland-0" }, true, ["xdg-open"]],
    ["linux", {}, true, null],
    ["linux", { DISPLAY: ":0" }, false, null],
    ["darwin", {}, true, ["open"]],
    ["win32", {}, true, ["cmd.exe", "/d", "/c", "start", ""]],
  ] as const)("on %s with %j a page is opened by its own", (platform, env, isThere, words) => {
    expect(planBrowser(platform, env, () => isThere)).toEqual(words);
  });

  test.each([
    ["Port 53211 opened for sessionId ada-0a1b2c3d.", 53_211],
    ["Port 0 opened for sessionId ada", null],
    ["Port 99999 opened for sessionId ada", null],
    ["Waiting for connections...", null],
  ])("%s", (line, port) => {
    expect(portInLine(line)).toBe(port);
  });
});
