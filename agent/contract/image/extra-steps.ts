/** A step that the user adds to the recipe: `script` is shell, run as root by `sh -eu` on the builder. */
export interface ExtraStep {
  readonly name: string;
  readonly script: string;
}

/** An extra step with the name of its file: they run in the order of these names. */
export interface StepFile extends ExtraStep {
  readonly file: string;
}

/** What a declaration may add. */
export const STEP_LIMITS = { steps: 20, scriptCharacters: 65_536, packages: 200 } as const;
/** A step's name. */
export const STEP_NAME_PATTERN = "^[a-z0-9][a-z0-9-]{0,39}$";
/**
 * A Debian package, with a version if needed: `gdb`, `libhdf5-dev`, `gdb=16.3-1`.
 * @see https://www.debian.org/doc/debian-policy/ch-controlfields.html#source
 */
export const PACKAGE_PATTERN = "^[a-z0-9][a-z0-9+.-]{1,79}(?:=[A-Za-z0-9.+:~-]{1,79})?$";

/** The extra steps in order, packages first, which so are there for the user's own steps. Pure. */
export function extraSteps(packages: readonly string[], steps: readonly ExtraStep[]): readonly StepFile[] {
  const all =
    packages.length === 0 ? steps : [{ name: "packages", script: installScript(packages) }, ...steps];
  return all.map((step, index) => ({ ...step, file: `${String(index + 1).padStart(2, "0")}-${step.name}` }));
}

const installScript = (packages: readonly string[]): string =>
  [
    "export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8",
    "apt-get -qq update",
    `apt-get -qq install --no-install-recommends -o Dpkg::Use-Pty=0 ${packages.join(" ")}`,
    "",
  ].join("\n");
