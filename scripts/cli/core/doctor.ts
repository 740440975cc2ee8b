import type { ProgramEnd } from "./programs.js";

/**
 * A thing that Muster's commands, or a deploy, need on this machine. `warning`: only some commands need it, or it may surprise.
 * `missing`: it is not there, or can't be used.
 */
export interface Finding {
  readonly name: string;
  readonly state: "ok" | "warning" | "missing";
  /** What was found: a version, an ARN, or the cause why there is none. */
  readonly found: string;
  /** What to do next; null: nothing. */
  readonly next: string | null;
}

type Version = readonly [major: number, minor: number];

/** A program that is looked for. */
export interface WantedProgram {
  /** For people. */
  readonly name: string;
  /** Prints its version. */
  readonly argv: readonly [string, ...string[]];
  /** Undefined: any version will do. */
  readonly oldest?: Version;
  /** What is wrong where it is not there, or too old. */
  readonly without: "warning" | "missing";
  readonly next: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Older ones lack what Muster uses: of Terraform, and of OpenTofu, write-only attributes, which keep secrets out of the state. */
export const OLDEST = { node: [22, 0], terraform: [1, 11] } as const satisfies Record<string, Version>;

/** Terraform or OpenTofu, as cdktf finds it: TERRAFORM_BINARY_NAME, else terraform. */
const terraformName = (env: Environment): string => env["TERRAFORM_BINARY_NAME"] || "terraform";

/** The programs to look for. `has`: whether PATH has one. Pure. */
export function wantedPrograms(env: Environment, has: (name: string) => boolean): readonly WantedProgram[] {
  const terraform = terraformName(env);
  const isTofuThere = !has(terraform) && has("tofu");
  return [
    {
      ...{ name: "Node.js", argv: ["node", "--version"], oldest: OLDEST.node, without: "missing" },
      next: "Install Node.js 22 or newer, and put it on PATH: https://nodejs.org/en/download",
    },
    {
      ...{ name: "Terraform or OpenTofu", argv: [terraform, "version"], oldest: OLDEST.terraform },
      without: "missing",
      next: isTofuThere
        ? "OpenTofu is there: cdktf takes it with `export TERRAFORM_BINARY_NAME=tofu`."
        : "Install Terraform 1.11 or newer (https://developer.hashicorp.com/terraform/install), or OpenTofu 1.11 or newer and set TERRAFORM_BINARY_NAME=tofu.",
    },
    {
      ...{ name: "cdktf", argv: ["npx", "--no-install", "cdktf", "--version"], without: "missing" },
      next: "Run this in the project's folder, after `npm install` there.",
    },
    {
      ...{ name: "git", argv: ["git", "--version"], without: "warning" },
      next: "Only to keep your project: https://git-scm.com/downloads",
    },
    {
      ...{ name: "AWS CLI", argv: ["aws", "--version"], without: "warning" },
      next: "Only for `aws sso login`, and for sessions: https://docs.aws.amazon.com/cli/latest/userguide/getting-started-install.html",
    },
    {
      ...{
        name: "session-manager-plugin",
        argv: ["session-manager-plugin", "--version"],
        without: "warning",
      },
      next: "Only for `muster cluster ssh` without a route to the nodes: https://docs.aws.amazon.com/systems-manager/latest/userguide/session-manager-working-with-install-plugin.html",
    },
  ];
}

/** What a program's answer means; null: PATH does not have it. Pure. */
export function judgeProgram(wanted: WantedProgram, end: ProgramEnd | null): Finding {
  const { name, argv, oldest, without, next } = wanted;
  const bad = (found: string): Finding => ({ name, state: without, found, next });
  if (end === null) return bad(`${argv[0]} is not on PATH`);
  if (end.isLate) return bad(`\`${argv.join(" ")}\` did not answer in time`);
  if (end.exitCode !== 0) {
    const [line] = `${end.stderr}\n${end.stdout}`.split("\n").filter((text) => text.trim() !== "");
    return bad(`\`${argv.join(" ")}\` ended with exit status ${end.exitCode}: ${line ?? "no output"}`);
  }
  const version = /(\d+)\.(\d+)(?:\.\d+)?(?:\.\d+)?/.exec(end.stdout);
  if (version === null) return bad(`\`${argv.join(" ")}\` shows no version`);
  const [text, major, minor] = version;
  if (oldest !== undefined && isOlder([Number(major), Number(minor)], oldest))
    return bad(`${text} is too old: ${oldest.join(".")} or newer is needed`);
  return { name, state: "ok", found: /OpenTofu/.test(end.stdout) ? `OpenTofu ${text}` : text, next: null };
}

const isOlder = ([major, minor]: Version, [thanMajor, thanMinor]: Version): boolean =>
  major < thanMajor || (major === thanMajor && minor < thanMinor);

/** The region that commands work in, and where it comes from. Pure. */
export function judgeRegion(typed: string | undefined, declared: string | null, env: Environment): Finding {
  const name = "AWS region";
  const sources = [
    [typed, "--region"],
    [declared, "muster.yaml"],
    [env["AWS_REGION"], "AWS_REGION"],
    [env["AWS_DEFAULT_REGION"], "AWS_DEFAULT_REGION"],
  ] as const;
  const found = sources.find(([region]) => region !== undefined && region !== null && region !== "");
  return found === undefined
    ? {
        name,
        state: "missing",
        found: "none is set",
        next: "Set AWS_REGION, or write a muster.yaml: `muster init`.",
      }
    : { name, state: "ok", found: `${found[0]} (${found[1]})`, next: null };
}

/** Where AWS calls go. Endpoint variables are right for the local cloud, and a surprise elsewhere. Pure. */
export function judgeEndpoints(env: Environment): Finding {
  const name = "AWS endpoint";
  const set = Object.entries(env)
    .filter(([key, value]) => key.startsWith("AWS_ENDPOINT_URL") && value !== undefined && value !== "")
    .map(([key, value]) => `${key}=${withoutUserInfo(value ?? "")}`)
    .sort();
  if (set.length === 0) return { name, state: "ok", found: "AWS's own", next: null };
  return {
    ...{ name, state: "warning", found: set.join(", ") },
    next: "Commands and deploys talk to this instead of AWS: unset it for AWS itself.",
  };
}

const withoutUserInfo = (url: string): string => url.replace(/\/\/[^/@]*@/, "//");

/** What can be known of how Terraform finds providers. */
export interface ProviderSources {
  /** The text of TF_CLI_CONFIG_FILE's file, else of Terraform's own; null: it is not there, or can't be read. */
  readonly config: string | null;
  /** Whether the project here has the package, whose app puts the provider beside each stack. */
  readonly hasPackage: boolean;
}

/** Whether Terraform finds Muster's provider. Pure. */
export function judgeProvider(env: Environment, { config, hasPackage }: ProviderSources): Finding {
  const name = "Muster's provider";
  const path = env["TF_CLI_CONFIG_FILE"] ?? "";
  const shown = path === "" ? "Terraform's own configuration" : `${path} (TF_CLI_CONFIG_FILE)`;
  const bad = (found: string): Finding => ({
    ...{ name, state: "warning", found },
    next: "Write Terraform's CLI configuration: `npx muster tfrc > muster.tfrc` (in a checkout `npm run --silent tfrc > muster.tfrc`), then `export TF_CLI_CONFIG_FILE=$PWD/muster.tfrc`.",
  });
  if (path !== "" && config === null) return bad(`${shown} can't be read`);
  // Where it says how providers are installed, Terraform looks nowhere else.
  if (config !== null && /\bprovider_installation\b/.test(config))
    return /muster/.test(config)
      ? { name, state: "ok", found: shown, next: null }
      : bad(`${shown} says where providers are, and does not name it`);
  return hasPackage
    ? { name, state: "ok", found: "the package's own, in node_modules/muster", next: null }
    : bad("there is no package muster in node_modules, and TF_CLI_CONFIG_FILE does not name it");
}
