import type { Command } from "commander";
import {
  type GitCredentials,
  gitCredentialsProblems,
  isCredentialsName,
  knownHostsFor,
} from "../../../agent/contract/git-credentials.js";
import { EXIT, failure, unusable } from "../core/exit.js";
import type { World } from "../core/world.js";
import { renderTable } from "../render/table.js";
import { onOrg, orgCommand, type Session } from "./context.js";

interface SetOptions {
  readonly host: string;
  readonly username?: string;
  readonly sshKey?: string;
  readonly knownHosts?: string;
}

/** `muster git-credentials` */
export function addGitCredentials(program: Command, session: Session): void {
  const group = program
    .command("git-credentials")
    .summary("keeps what opens private Git repositories")
    .description("Keeps what opens private Git repositories for jobs.")
    .enablePositionalOptions();
  addSet(group, session);
  addList(group, session);
  addDelete(group, session);
}

function addSet(group: Command, session: Session): void {
  const command = orgCommand(group, "set", {
    summary: "keeps a password, a token or an ssh key for one Git host",
    more: [
      "The password or token is asked for, or read from stdin; it is never an argument. It is kept in SSM, under the org's key, and",
      "shown to that host alone. A cluster may use it if it lists the name under gitCredentials in muster.yaml.",
    ].join("\n"),
    example: "muster git-credentials set github --host github.com --username ada <token.txt",
  })
    .argument("<name>", "what jobs and muster.yaml call them")
    .requiredOption(
      "--host <host>",
      "the only host that they are for, with its port if it is not the usual one",
    )
    .option("--username <name>", "for https: the user that the password or token belongs to")
    .option("--ssh-key <file>", "for ssh: a private key without a passphrase, for this use alone")
    .option("--known-hosts <file>", "for ssh: the host's own keys, as in known_hosts (ssh-keyscan HOST)");
  onOrg<SetOptions>(command, session, async ({ access, out, world }, options, name = "") => {
    const problems = [...nameProblems(name), ...optionProblems(options)];
    if (problems.length > 0) throw unusable(problems);
    const credentials = await readCredentials(options, world);
    const wrong = gitCredentialsProblems(credentials);
    if (wrong.length > 0) throw unusable(wrong.map((problem) => `the Git credentials ${name}: ${problem}`));
    await access.gitCredentials.set(name, credentials);
    out.say(
      `Git credentials ${name}: a ${credentials.kind} for ${credentials.host}. Let a cluster use them: gitCredentials: [${name}] in muster.yaml.`,
    );
    await out.document({ name, kind: credentials.kind, host: credentials.host });
    return EXIT.done;
  });
}

function addList(group: Command, session: Session): void {
  const command = orgCommand(group, "list", {
    summary: "lists the org's Git credentials, without what is secret in them",
    example: "muster git-credentials list --org demo",
  });
  onOrg(command, session, async ({ access, out, place }) => {
    const found = await access.gitCredentials.list();
    if (found.length === 0) out.say(`Org ${place.org} has no Git credentials in ${place.region}.`);
    const rows = found.map(({ name, description, changedAt }) => [name, description, changedAt ?? ""]);
    await out.print(renderTable(["NAME", "WHAT", "CHANGED"], rows));
    await out.document({ gitCredentials: found });
    return EXIT.done;
  });
}

function addDelete(group: Command, session: Session): void {
  const command = orgCommand(group, "delete", {
    summary: "deletes Git credentials",
    more: "Jobs that name them fail from then on. Revoke the token or key at its host too.",
    example: "muster git-credentials delete github --org demo",
  }).argument("<name>", "their name");
  onOrg(command, session, async ({ access, out, place }, _options, name = "") => {
    const problems = nameProblems(name);
    if (problems.length > 0) throw unusable(problems);
    if (!(await access.gitCredentials.delete(name)))
      throw failure(
        `Org ${place.org} has no Git credentials ${name} in ${place.region}; \`muster git-credentials list\` lists them.`,
      );
    out.say(`Git credentials ${name} are deleted.`);
    await out.document({ name });
    return EXIT.done;
  });
}

const nameProblems = (name: string): readonly string[] =>
  isCredentialsName(name)
    ? []
    : [
        "the name is not allowed: give 1 to 32 lower-case letters, digits and hyphens, a letter first, no hyphen last",
      ];

function optionProblems({ username, sshKey, knownHosts }: SetOptions): readonly string[] {
  if (sshKey === undefined)
    return [
      ...(username === undefined ? ["--username is missing; or give --ssh-key and --known-hosts"] : []),
      ...(knownHosts === undefined ? [] : ["--known-hosts needs --ssh-key"]),
    ];
  return [
    ...(username === undefined
      ? []
      : ["--username: an ssh key needs none; the URL has the user (ssh://git@...)"]),
    ...(knownHosts === undefined
      ? ["--known-hosts is missing: an ssh key is shown only to a host whose own key is known"]
      : []),
  ];
}

async function readCredentials(options: SetOptions, world: World): Promise<GitCredentials> {
  const { username, sshKey = "", knownHosts = "" } = options;
  const host = options.host.toLowerCase();
  if (username !== undefined) {
    const password = await world.readSecret(`Password or token of ${username} at ${host}: `);
    return { kind: "password", host, username, password };
  }
  return {
    kind: "ssh-key",
    host,
    privateKey: `${readText(sshKey, world).replaceAll("\r\n", "\n").trimEnd()}\n`,
    knownHosts: knownHostsFor(readText(knownHosts, world), host),
  };
}

function readText(file: string, { readFile }: Pick<World, "readFile">): string {
  try {
    return Buffer.from(readFile(file)).toString("utf8");
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw unusable([code === "ENOENT" ? `${file} does not exist` : `${file} can't be read: ${message}`]);
  }
}
