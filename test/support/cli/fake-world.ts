import { Writable } from "node:stream";
import type { ClusterSecret } from "../../../agent/contract/cluster-secret.js";
import type { EventItem } from "../../../agent/contract/event.js";
import { placeAfter } from "../../../agent/contract/events-query.js";
import type { GitCredentials } from "../../../agent/contract/git-credentials.js";
import type { AttemptItem } from "../../../agent/contract/job-attempt.js";
import type { ScheduleItem } from "../../../agent/contract/job-schedule-state.js";
import { notebookSk } from "../../../agent/contract/keys.js";
import type { NodeAccess } from "../../../agent/contract/node-access.js";
import type { ObservedCluster } from "../../../agent/contract/nodes.js";
import type { NotebookItem } from "../../../agent/contract/notebook.js";
import { wakeForJob } from "../../../agent/contract/park.js";
import type { PreflightAsk } from "../../../agent/contract/preflight/ask.js";
import {
  attemptSk,
  type ClusterItem,
  definitionSk,
  type JobDefinitionItem,
  type JobItem,
  META_SK,
  partitionKeyed,
  scheduleSk,
} from "../../../agent/contract/registry.js";
import type { JobUsageItem, NotebookUsageItem, UsageItem } from "../../../agent/contract/usage.js";
import type { AccountCalls, Caller } from "../../../scripts/cli/core/account.js";
import type { FoundThing } from "../../../scripts/cli/core/cleanup.js";
import { CommandError, EXIT, NoRightsError } from "../../../scripts/cli/core/exit.js";
import type {
  Forwarder,
  NotebookUpstream,
  Serving,
  UpstreamAnswer,
} from "../../../scripts/cli/core/forwarding.js";
import type { ListedImage } from "../../../scripts/cli/core/images.js";
import type { Access, Opening, SizeControl } from "../../../scripts/cli/core/ports.js";
import type { Prices } from "../../../scripts/cli/core/prices.js";
import type { ProgramEnd, Programs } from "../../../scripts/cli/core/programs.js";
import type { FolderEntry, World } from "../../../scripts/cli/core/world.js";
import { runMuster } from "../../../scripts/cli/muster.js";
import { CLUSTER_UUID } from "../agent/cluster-item.js";
import { memoryJobItems, memorySubmissions } from "../memory-jobs.js";
import { memoryItems, memoryTable } from "../memory-table.js";
import { preflightFacts } from "../preflight.js";
import { memoryLogs } from "./memory-logs.js";
import { streamOf } from "./stream.js";

const NO_LIMITS = { timeoutMs: 1, signal: new AbortController().signal };

/** Where a job's first attempt has its log. */
export const LOG_PREFIX = "s3://logs/logs/c/job-1/1/";

/** A world in memory: what the command sees, what it said, and an org that a test changes as it likes. */
export class FakeWorld implements World {
  env: Record<string, string> = { AWS_REGION: "us-east-1" };
  readonly useProfile = (name: string): void => {
    this.env["AWS_PROFILE"] = name;
  };
  ownFolder = "/opt/muster/dist/cli";
  readonly files = new Map<string, Uint8Array>();
  /** Those of the files that may be executed, and those that are links. */
  readonly executables = new Set<string>();
  readonly links = new Set<string>();
  /** What is in buckets, by bucket and key. */
  readonly objects = new Map<string, Buffer>();
  readonly gitCredentials = new Map<string, GitCredentials>();
  readonly said: string[] = [];
  readonly written: Buffer[] = [];
  /** Set: the reader of stdout leaves at its next byte. */
  readerLeaves = false;
  coloured = { stdout: false, stderr: false };
  /** Set: stderr is a terminal, where this hears what is waited for. */
  waits: ((line: string) => void) | undefined = undefined;
  canAsk = false;
  readonly questions: string[] = [];
  answer = "";
  /** What a person answers first, one after another; then `answer`. */
  readonly firstAnswers: string[] = [];
  readonly clusters: ObservedCluster[] = [];
  /** Of every cluster, by time. */
  readonly events: EventItem[] = [];
  /** How the clusters' nodes are reached. */
  hosts: readonly NodeAccess[] = [];
  /** What is on PATH, what was run of it, and how it ends. */
  readonly onPath = new Set(["ssh"]);
  readonly ran: (readonly string[])[] = [];
  programEnds: (argv: readonly string[]) => Partial<ProgramEnd> = () => ({});
  /** What a program that is followed prints, and its exit status. */
  follows: (
    argv: readonly string[],
    onLine: (line: string) => void,
    stop: AbortSignal,
  ) => number | Promise<number> = () => 0;
  /** What each that was followed found in its environment, beside the world's. */
  readonly followedWith: Readonly<Record<string, string>>[] = [];
  /** What the programs found in their files. */
  readonly programFiles: string[] = [];
  service: (url: string) => string = () => "203.0.113.7\n";
  readonly #table = memoryTable();
  readonly jobs = memoryJobItems(this.#table);
  readonly definitions = memoryItems<JobDefinitionItem>(this.#table, definitionSk);
  readonly schedules = memoryItems<ScheduleItem>(this.#table, scheduleSk);
  /** The first attempt of each job, by the job's id. */
  readonly attempts = memoryItems<AttemptItem>(this.#table, (jobId) => attemptSk(jobId, 1));
  readonly logs = memoryLogs();
  secret: ClusterSecret = { value: "s3cret", version: 1, since: new Date("2025-01-01"), previous: null };
  /** Whose credentials the command has; null: STS does not say it. */
  caller: string | null = "arn:aws:iam::123456789012:user/ada";
  leftovers: Awaited<ReturnType<Access["account"]["findLeftovers"]>> = { leftovers: [], pendingDeletion: [] };
  /** What may be the org's in the account, and what a try to remove one of it comes to. */
  things: () => readonly FoundThing[] = () => [];
  removes: Access["cleanup"]["remove"] = async () => ({ is: "gone" });
  /** What shows that an org is there. */
  traces: (opening: Opening) => Awaited<ReturnType<Access["account"]["findTraces"]>> = () => [];
  /** The org's usage records, of every month, and AWS's price list; null: it does not answer. */
  readonly usage = {
    clusters: [] as UsageItem[],
    jobs: [] as JobUsageItem[],
    notebooks: [] as NotebookUsageItem[],
  };
  prices: Prices | null = { region: "us-east-1", nodeHour: {} };
  /** What the account has, and what was asked of it. */
  account = preflightFacts();
  readonly asked: [ask: PreflightAsk, patienceMs: number][] = [];
  /** Calls about an account, in the caller's name. */
  accountCalls: (caller: Caller) => AccountCalls = () => {
    throw new Error("no calls about an account are set");
  };
  openings: Opening[] = [];
  readonly #notebookTable = memoryTable();
  readonly notebooks = memoryItems<NotebookItem>(this.#notebookTable, notebookSk);
  /** The instances that their groups have given up. */
  readonly leaving = new Set<string>();
  /** What takes connections, as host:port. */
  readonly reached = new Set<string>();
  /** How the agent of a notebook answers. */
  answers: (upstream: NotebookUpstream) => UpstreamAnswer = () => ({ is: "good" });
  /** What was served, the last one last, and whether it was closed. */
  readonly servings: (Serving & { isClosed: boolean })[] = [];
  hasBrowser = true;
  /** The pages that the browser was shown, and how many of their files are left. */
  readonly shownPages: string[] = [];
  pagesLeft = 0;
  /** What the Auto Scaling groups were set to, each as "group size". */
  readonly sizes: string[] = [];
  /** The codes of what parks and resumes note. */
  readonly noted: string[] = [];
  /** What happens before each look but the first, with its number from 1. */
  meanwhile: (look: number) => void = () => undefined;
  #heard: ((signal: "SIGINT" | "SIGTERM") => void) | null = null;
  #sleeps = 0;

  readonly stdout = new Writable({
    autoDestroy: false,
    write: (chunk: Buffer, _encoding, done) => {
      if (this.readerLeaves) return done(Object.assign(new Error("write EPIPE"), { code: "EPIPE" }));
      this.written.push(chunk);
      done();
    },
  }).on("error", () => undefined);

  get out(): string {
    return Buffer.concat(this.written).toString();
  }

  readonly readFile = (path: string): Uint8Array => {
    const bytes = this.files.get(path);
    if (bytes !== undefined) return bytes;
    throw Object.assign(new Error(`ENOENT: no such file or directory, open '${path}'`), { code: "ENOENT" });
  };
  readonly writeFile = async (path: string, text: string): Promise<void> => {
    this.files.set(path, Buffer.from(text));
  };
  readonly makeFiles: World["makeFiles"] = async (folder, files) => {
    const at = (path: string) => (folder === "." ? path : `${folder}/${path}`);
    const there = files.filter(({ path }) => this.files.has(at(path)));
    if (there.length > 0) return there.map(({ path }) => path);
    for (const { path, text } of files)
      this.files.set(at(path), typeof text === "string" ? Buffer.from(text) : text);
    return [];
  };
  readonly askService = async (url: string): Promise<string> => this.service(url);
  readonly programs: Programs = {
    has: (name) => this.onPath.has(name),
    attach: async (argv) => (await this.programs.run(argv, NO_LIMITS)).exitCode ?? 130,
    run: async (argv) => {
      this.ran.push(argv);
      return { exitCode: 0, stdout: "", stderr: "", isLate: false, ...this.programEnds(argv) };
    },
    follow: async (argv, { env, onLine, stop }) => {
      stop.throwIfAborted();
      this.ran.push(argv);
      this.followedWith.push(env);
      return this.follows(argv, onLine, stop);
    },
    withFile: async (text, use) => {
      this.programFiles.push(text);
      return use("/tmp/file");
    },
  };
  readonly forwarding = {
    reach: async ({ host, port }: { host: string; port: number }) => this.reached.has(`${host}:${port}`),
    ask: async (upstream: NotebookUpstream) => this.answers(upstream),
    serve: async (serving: Serving): Promise<Forwarder> => {
      const served = { ...serving, isClosed: false };
      this.servings.push(served);
      return {
        port: serving.port === 0 ? 4321 : serving.port,
        newCode: () => "code-of-a-person",
        openingPage: () => "<form>code-of-the-browser</form>",
        close: async () => void Object.assign(served, { isClosed: true }),
      };
    },
  };
  readonly browser = {
    show: async (html: string) => {
      if (!this.hasBrowser) return null;
      this.shownPages.push(html);
      this.pagesLeft += 1;
      return async () => {
        this.pagesLeft -= 1;
      };
    },
  };
  /** As of a file system that holds nothing but the files. */
  readonly listFolder = (path: string): readonly FolderEntry[] => {
    const folder = path.endsWith("/") ? path : `${path}/`;
    const below = [...this.files].filter(([name]) => name.startsWith(folder));
    if (below.length === 0) throw Object.assign(new Error(`ENOENT: ${path}`), { code: "ENOENT" });
    const names = new Set(below.map(([name]) => name.slice(folder.length).split("/")[0] ?? ""));
    return [...names].map((name) => {
      const file = this.files.get(folder + name);
      const kind = file === undefined ? "folder" : this.links.has(folder + name) ? "link" : "file";
      return { name, kind, isProgram: this.executables.has(folder + name), bytes: file?.length ?? 0 };
    });
  };
  readonly readSecret = async (question: string): Promise<string> => {
    this.questions.push(question);
    return this.answer;
  };
  readonly say = (line: string): void => void this.said.push(line);
  readonly ask = async (question: string): Promise<string> => {
    this.questions.push(question);
    return this.firstAnswers.shift() ?? this.answer;
  };
  readonly onInterrupt = (heard: (signal: "SIGINT" | "SIGTERM") => void): (() => void) => {
    this.#heard = heard;
    return () => {
      this.#heard = null;
    };
  };
  /** Whether a Ctrl-C would be heard now, and not just end the process. */
  get listens(): boolean {
    return this.#heard !== null;
  }
  interrupt(signal: "SIGINT" | "SIGTERM" = "SIGINT"): void {
    this.#heard?.(signal);
  }

  images: readonly ListedImage[] = [];

  /** Whether the clock moves on while the command sleeps. */
  timePasses = false;
  #sleptMs = 0;
  readonly now = (): Date => new Date(Date.parse("2026-01-01T00:10:00Z") + this.#sleptMs);
  readonly sleep = async (ms: number): Promise<void> => {
    if (this.timePasses) this.#sleptMs += ms;
    this.#sleeps += 1;
    this.meanwhile(this.#sleeps);
    // Timers and answers of people come in between.
    await new Promise((resolve) => setImmediate(resolve));
  };

  /** The agent's socket, where there is one. */
  terminal: (socketPath: string, signal: AbortSignal) => Access = () => {
    throw new Error("This is no notebook's terminal.");
  };
  readonly openTerminal = async (socketPath: string, signal: AbortSignal): Promise<Access> =>
    this.terminal(socketPath, signal);
  readonly open = async (opening: Opening): Promise<Access> => this.openNow(opening);
  /** As `open`. */
  readonly openNow = (opening: Opening): Access => {
    this.openings.push(opening);
    const { jobs, definitions } = this;
    const submissions = memorySubmissions(this.#table);
    const all = () => [...jobs.values()];
    const listed = () => this.clusters.map(({ nodes: _, ...cluster }) => cluster);
    return {
      usage: {
        ofMonth: async (month) => ({
          clusters: this.usage.clusters.filter((one) => one.month === month),
          jobs: this.usage.jobs.filter((one) => one.month === month),
          notebooks: this.usage.notebooks.filter((one) => one.month === month),
        }),
        ofJobs: (uuid) => streamOf(() => all().filter(({ clusterUuid }) => clusterUuid === uuid)),
      },
      images: { list: async () => streamOf(() => this.images) },
      preflight: {
        observe: async (...asked) => {
          this.asked.push(asked);
          return this.account;
        },
      },
      prices: {
        listPrices: async () => {
          if (this.prices !== null) return this.prices;
          throw new CommandError(EXIT.failed, "Could not read the list price: no answer.");
        },
      },
      clusters: {
        list: () => streamOf(listed),
        named: async (wanted) => {
          const [found, ...others] = listed().filter(({ name }) => name === wanted);
          return found !== undefined && others.length === 0 ? found : null;
        },
        read: async (uuid) => listed().find((cluster) => cluster.uuid === uuid) ?? null,
        newestEvents: (_uuid, place, limit) =>
          streamOf(() => this.events.filter((event) => placeAfter(event) > place).slice(-limit)),
        eventsAfter: async (_uuid, place) => this.events.filter((event) => placeAfter(event) > place),
        hosts: async () => this.hosts,
        nodes: async ({ uuid }) => this.clusters.find((cluster) => cluster.uuid === uuid)?.nodes ?? [],
        repair: async (uuid) => {
          const index = this.clusters.findIndex((cluster) => cluster.uuid === uuid);
          const found = this.clusters[index];
          if (found === undefined) return false;
          this.clusters[index] = { ...found, replacements: [], protectedSince: null };
          return true;
        },
      },
      jobs: {
        approach: () => undefined,
        approached: async () => undefined,
        offer: async () => null,
        submit: submissions.submit,
        read: async (_uuid, id) => jobs.get(id) ?? null,
        observe: async (_uuid, id) => jobs.get(id) ?? null,
        summary: async (_uuid, id) => jobs.get(id) ?? null,
        each: () => streamOf(all),
        list: () => streamOf(() => all().reverse()),
        queue: submissions.queue,
        refuse: submissions.refuse,
        wake: (job) => wakeForJob(this.#parking(job.clusterUuid), job, this.now),
        attempts: async (_uuid, id) => [this.attempts.get(id) ?? []].flat(),
        definitions: () => streamOf(() => definitions.values()),
        definition: async (_uuid, name) => definitions.get(name) ?? null,
        schedules: async () => this.schedules.values(),
        cancelQueued: (_uuid, id, why, now) => submissions.cancelQueued(id, why, now),
        requestCancel: (_uuid, id) => submissions.requestCancel(id),
      },
      logs: this.logs.logs,
      secrets: {
        read: async () => this.secret,
        rotate: async () => {
          const { value, version } = this.secret;
          this.secret = { value: `${value}+`, version: version + 1, since: this.now(), previous: value };
          return version + 1;
        },
      },
      gitCredentials: {
        list: async () =>
          [...this.gitCredentials].map(([name, { kind, host }]) => ({
            name,
            description: `${kind} for ${host}`,
            changedAt: "2026-01-01T00:00:00.000Z",
          })),
        set: async (name, credentials) => void this.gitCredentials.set(name, credentials),
        delete: async (name) => this.gitCredentials.delete(name),
      },
      notebooks: {
        names: async () => [...this.notebooks.values()].map(({ name }) => name),
        list: () => streamOf(() => this.notebooks.values()),
        find: async (name) => this.notebooks.get(name) ?? null,
        perform: async (write) => this.#notebookTable.perform(write),
        setSize: async (group, nodes) => void this.sizes.push(`${group} ${nodes}`),
        isLeaving: async (_group, instanceId) => this.leaving.has(instanceId),
      },
      bundles: {
        has: async ({ bucket, key }) => this.objects.has(`${bucket}/${key}`),
        put: async ({ bucket, key }, body) => {
          const chunks: Buffer[] = [];
          for await (const chunk of body) chunks.push(chunk as Buffer);
          this.objects.set(`${bucket}/${key}`, Buffer.concat(chunks));
        },
      },
      account: {
        as: (caller) => this.accountCalls(caller),
        caller: async () => this.caller,
        identify: async () => {
          if (this.caller === null) throw new NoRightsError("there are no AWS credentials");
          return { account: "123456789012", arn: this.caller };
        },
        findTraces: async () => this.traces(opening),
        findLeftovers: async () => this.leftovers,
      },
      cleanup: {
        users: async () => ({
          clusters: this.clusters,
          notebooks: this.notebooks.values().map(({ name }) => name),
        }),
        find: async () => this.things(),
        remove: (thing) => this.removes(thing),
      },
      parking: (uuid) => this.#parking(uuid),
      settled: async () => undefined,
    };
  };

  /** The contract's writes of META, on the clusters that a test sees. */
  #parking(uuid: string): SizeControl {
    const at = () => this.clusters.findIndex((cluster) => cluster.uuid === uuid);
    const metas = memoryItems<ClusterItem>(this.#table, () => META_SK);
    return {
      readCluster: async () => this.clusters[at()] ?? null,
      perform: async (write) => {
        const cluster = this.clusters[at()];
        if (cluster === undefined) return false;
        metas.set("", { ...cluster });
        const key = write.write === "put" ? write.key : partitionKeyed(CLUSTER_UUID, META_SK);
        const isMade = this.#table.perform({ ...write, key });
        const written = metas.get("");
        if (written !== undefined) this.clusters[at()] = { ...written, nodes: cluster.nodes };
        return isMade;
      },
      setSize: async (group, instances) => void this.sizes.push(`${group} ${instances}`),
      resizeGroup: async (group, instances) => void this.sizes.push(`${group} ${instances} at most`),
      runningJobs: async () =>
        this.jobs.values().flatMap(({ id, status }) => (status === "INPROGRESS" ? [id] : [])),
      unendedJobs: async () =>
        this.jobs
          .values()
          .flatMap(({ id, status }) => (status === "NEW" || status === "INPROGRESS" ? [id] : [])),
      note: ({ code }) => void this.noted.push(code),
    };
  }

  /** Changes the latest job. */
  changeJob(values: Partial<JobItem>): void {
    const latest = [...this.jobs.values()].at(-1);
    if (latest !== undefined) this.jobs.set(latest.id, { ...latest, ...values });
  }

  run(...argv: string[]): Promise<number> {
    return runMuster(argv, this, "1.2.3");
  }
}
