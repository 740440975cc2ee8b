/** A program and its arguments. */
export type Argv = readonly [string, ...string[]];

/** cdktf's call that deploys everything that muster.yaml declares. */
export const DEPLOY: Argv = [
  ...(["npx", "--no-install", "cdktf", "deploy", "*"] as const),
  ...["--auto-approve", "--skip-provider-lock"],
];
/** cdktf's call that destroys one stack, and nothing else. Pure. */
export const planDestroy = (stack: string): Argv => [
  ...(["npx", "--no-install", "cdktf", "destroy", stack, "--auto-approve"] as const),
  ...["--skip-provider-lock", "--ignore-missing-stack-dependencies"],
];
/** cdktf's call that makes Terraform's configuration of every stack, in cdktf.out. */
export const SYNTH: Argv = ["npx", "--no-install", "cdktf", "synth"];

/** What cdktf and Terraform run with: a pipeline has no terminal, and a log no colours. */
export const CDKTF_ENV = { CI: "1", FORCE_COLOR: "0" } as const;

/** So long may cdktf take to end after its SIGINT: Terraform finishes the call that it is at, and writes its state. */
export const STOP_MS = 10 * 60_000;

/** A stack that cdktf has synthesised, as its manifest says. */
export interface SynthesisedStack {
  readonly name: string;
  /** Where Terraform runs. */
  readonly folder: string;
  /** The stacks whose outputs it reads. */
  readonly dependencies: readonly string[];
}

/** The stacks of cdktf.out/manifest.json, each after those that it depends on. Throws on what is no manifest. Pure. */
export function readStacks(manifest: string): readonly SynthesisedStack[] {
  const { stacks } = JSON.parse(manifest) as {
    readonly stacks: Readonly<
      Record<string, { readonly workingDirectory: string; readonly dependencies: readonly string[] }>
    >;
  };
  const all = Object.entries(stacks).map(([name, { workingDirectory, dependencies }]) => ({
    ...{ name, folder: `cdktf.out/${workingDirectory}`, dependencies },
  }));
  const ordered: SynthesisedStack[] = [];
  const take = (stack: SynthesisedStack): void => {
    if (ordered.includes(stack)) return;
    for (const before of all) if (stack.dependencies.includes(before.name)) take(before);
    ordered.push(stack);
  };
  for (const stack of all) take(stack);
  return ordered;
}

/** Terraform's calls that plan a stack. A plan writes no state, so it takes no lock: it may be killed and leaves none. Pure. */
export const planCalls = (folder: string, terraform: string) => {
  const at = [terraform, `-chdir=${folder}`] as const;
  const quiet = ["-input=false", "-no-color"] as const;
  return {
    init: [...at, "init", ...quiet] satisfies Argv,
    plan: [...at, "plan", ...quiet, "-lock=false", "-out=muster.plan"] satisfies Argv,
    show: [...at, "show", "-json", "muster.plan"] satisfies Argv,
  };
};
