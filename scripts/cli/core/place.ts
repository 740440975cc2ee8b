import { NAME_PATTERN, type OrgPlace, UUID_PATTERN } from "../../../agent/contract/names.js";
import { NOTEBOOK_SOCKET_VARIABLE } from "../../../agent/contract/notebook.js";
import type { Declared } from "./declared.js";
import { unusable } from "./exit.js";

/** The place as typed. */
export interface PlaceOptions {
  /** Of the shared AWS configuration. */
  readonly profile?: string;
  readonly org?: string;
  readonly cluster?: string;
  readonly region?: string;
}

/** Where a command works that is about one cluster. */
export interface ClusterPlace extends OrgPlace {
  /** A cluster's name or UUID. */
  readonly cluster: string;
}

const UUID = new RegExp(UUID_PATTERN);
/** Whether a cluster is named by its UUID. */
export const isUuid = (text: string): boolean => UUID.test(text);

/** The cluster of a place in a notebook's terminal: the one that the notebook is attached to, whatever its name. */
export const ATTACHED = "(attached)";
/** Where commands work in a notebook's terminal, unless another place is typed. */
export const ATTACHED_PLACE: ClusterPlace = { org: "", region: "", cluster: ATTACHED };

/** The socket of the notebook whose terminal this is; null: it is none, or another place is typed. Pure. */
export function attachedSocket({ org, cluster, region }: PlaceOptions, env: Environment): string | null {
  const isTyped = [org, cluster, region].some((value) => value !== undefined);
  return isTyped ? null : env[NOTEBOOK_SOCKET_VARIABLE] || null;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The org and its region: as typed, else from muster.yaml, else the environment's region. `after`: what was typed after the command's first
 * argument, which belongs to a script. Throws CommandError.
 */
export function resolveOrg(
  options: PlaceOptions,
  declared: Declared,
  env: Environment,
  after: readonly string[] = [],
): OrgPlace {
  const { org, region, problems } = readOrg(options, declared, env);
  if (problems.length > 0) throw unusable([...problems, ...misplaced(after)]);
  return { org, region };
}

/** As resolveOrg, with the cluster: muster.yaml's if it has exactly one and declares the same org. */
export function resolveCluster(
  options: PlaceOptions,
  declared: Declared,
  env: Environment,
  after: readonly string[] = [],
): ClusterPlace {
  const { org, region, problems } = readOrg(options, declared, env);
  const cluster = options.cluster ?? (org === declared.org ? declared.cluster : null);
  const all = [...problems, ...clusterProblems(cluster, declared)];
  if (cluster === null || all.length > 0) throw unusable([...all, ...misplaced(after)]);
  return { org, region, cluster };
}

const PLACE_OPTIONS = ["--org", "--region", "--cluster", "--profile"];

/** Why what is missing seems to be there. */
function misplaced(after: readonly string[]): readonly string[] {
  const options = PLACE_OPTIONS.filter((option) =>
    after.some((word) => word === option || word.startsWith(`${option}=`)),
  );
  return options.length === 0
    ? []
    : [`what follows FILE is the script's, so ${options.join(", ")} too: give muster's options before FILE`];
}

function readOrg(options: PlaceOptions, declared: Declared, env: Environment) {
  const org = options.org ?? declared.org;
  // Another org's region does not apply to this org.
  const declaredRegion = org === declared.org ? declared.region : null;
  const region = options.region ?? declaredRegion ?? env["AWS_REGION"] ?? env["AWS_DEFAULT_REGION"] ?? "";
  // Also where all is typed: without the file's account.roleArn a command would act with the shell's own credentials, in another account.
  if (declared.problem !== null)
    return { org: "", region, problems: [`${declared.problem}. Mend it, or work in another folder`] };
  const problems = [
    ...(org === null
      ? ["the org is missing: give --org, or run this in the folder of the org's muster.yaml"]
      : nameProblems("org", org)),
    ...(region === "" ? ["the region is missing: give --region, or set AWS_REGION"] : []),
  ];
  return { org: org ?? "", region, problems };
}

function clusterProblems(cluster: string | null, { problem }: Declared): readonly string[] {
  if (cluster === null)
    return problem === null
      ? [
          "the cluster is missing: give --cluster, or run this in the folder of a muster.yaml with exactly one",
        ]
      : [];
  return isUuid(cluster) ? [] : nameProblems("cluster", cluster);
}

const nameProblems = (option: string, value: string): readonly string[] =>
  new RegExp(NAME_PATTERN).test(value)
    ? []
    : [
        `--${option} is "${value}": a name has 2 to 32 lower-case letters, digits and hyphens, a letter first`,
      ];

/** Options to repeat in further commands on the same place: only those that were typed in this one. */
export function placeFlags({ org, cluster, region, profile }: PlaceOptions): string {
  const flags = Object.entries({ org, cluster, region, profile }).filter(([, value]) => value !== undefined);
  return flags.map(([name, value]) => ` --${name} ${value}`).join("");
}
