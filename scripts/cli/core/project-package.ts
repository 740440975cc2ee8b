/** What a new project takes of the package that the command is part of. */
export interface OwnPackage {
  readonly version: string;
  /** The package's files and folders, as npm packs them, below its folder. */
  readonly files: readonly string[];
  /** The versions that it is made with, exactly: what a project must have once only. */
  readonly peers: Readonly<Record<string, string>>;
  /** npm's `overrides` for cdktf's command. */
  readonly overrides: Readonly<Record<string, string>>;
}

const PEERS = ["@cdktf/provider-aws", "cdktf", "cdktf-cli", "constructs"] as const;
/** cdktf's own pseudo-terminal has no build for newer versions of Node.js: it would be compiled, where there is a compiler. */
const OVERRIDDEN = ["@cdktf/node-pty-prebuilt-multiarch"] as const;
/** npm packs these always. */
const ALWAYS = ["package.json", "README.md", "LICENSE"] as const;

/** From the text of its package.json. Throws where that lacks something, which no release does. Pure. */
export function readOwnPackage(text: string): OwnPackage {
  const { version, files, devDependencies, overrides } = JSON.parse(text) as {
    version: string;
    files: readonly string[];
    devDependencies: Readonly<Record<string, string>>;
    overrides: Readonly<Record<string, string>>;
  };
  return {
    version,
    files: [...ALWAYS, ...files],
    peers: chosen(devDependencies, PEERS),
    overrides: chosen(overrides, OVERRIDDEN),
  };
}

function chosen(all: Readonly<Record<string, string>>, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    names.map((name) => {
      const value = all[name];
      if (value === undefined) throw new Error(`package.json does not say which ${name} is used`);
      return [name, value];
    }),
  );
}

/** The name of the package's file, as `npm pack` names it. Pure. */
export const packageFile = ({ version }: Pick<OwnPackage, "version">): string => `muster-${version}.tgz`;

/** The project's package.json. `spec`: where npm finds the package `muster`. Pure. */
export const renderPackageJson = ({ peers, overrides }: OwnPackage, spec: string): string =>
  `${JSON.stringify({ private: true, dependencies: { ...peers, muster: spec }, overrides }, null, 2)}\n`;

/**
 * Why npm can't be asked for it as the package `muster`; null: it can. A bare version, range or tag would be looked up in the public registry,
 * where that name is another project's. Pure.
 */
export const packageSpecProblem = (spec: string): string | null =>
  /^(?:npm:@[a-z0-9._-]+\/[a-z0-9._-]+@\S+|file:\S+|https:\/\/\S+|git\+(?:https|ssh):\/\/\S+)$/.test(spec)
    ? null
    : `--package is "${spec}": give npm:@SCOPE/NAME@VERSION, file:PATH, https://... or git+https://...; in the public registry "muster" is another project's name`;
