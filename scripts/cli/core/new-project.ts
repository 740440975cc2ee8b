import { stringify } from "yaml";
import { NAME_PATTERN } from "../../../agent/contract/names.js";
import { type PipelineKind, renderPipeline } from "./pipeline-example.js";
import { type OwnPackage, packageFile, renderPackageJson } from "./project-package.js";

/** What a new project declares. */
export interface NewProject {
  readonly org: string;
  readonly region: string;
  readonly pipeline: PipelineKind;
  /** An existing S3 bucket for Terraform's state; null: files beside muster.yaml. */
  readonly stateBucket: string | null;
}

export interface NewFile {
  /** Below the project's folder. */
  readonly path: string;
  readonly text: string | Uint8Array;
}

/** Where the project's package `muster` comes from: a file of the project's own, as npm packs it, or what npm calls a spec. */
export type PackageSource = { readonly packed: Uint8Array } | { readonly spec: string };

/** The files of a new project. `id` is cdktf's own of it, a UUID. Pure. */
export function projectFiles(
  project: NewProject,
  { id, own, source }: { readonly id: string; readonly own: OwnPackage; readonly source: PackageSource },
): readonly NewFile[] {
  const pipeline = renderPipeline(project.pipeline, project);
  const file = packageFile(own);
  const spec = "spec" in source ? source.spec : `file:${file}`;
  return [
    { path: "muster.yaml", text: renderMusterYaml(project) },
    { path: "cdktf.json", text: renderCdktfJson(id) },
    { path: "package.json", text: renderPackageJson(own, spec) },
    { path: ".gitignore", text: IGNORED },
    ...("packed" in source ? [{ path: file, text: source.packed }] : []),
    ...(pipeline === null ? [] : [pipeline]),
  ];
}

/** What npm, cdktf and Terraform make. */
const IGNORED = `node_modules/
cdktf.out/
cdktf.log
# Terraform's state, where it is in files: keep them, and not here.
muster-state/
`;

/** So that a name such as `null` stays a text. */
const yamlText = (value: string): string => stringify(value).trim();

const renderMusterYaml = ({
  org,
  region,
  stateBucket,
}: NewProject): string => `# yaml-language-server: $schema=./node_modules/muster/stacks/muster.schema.json
#
# An org and its clusters. \`npx cdktf deploy '*'\` creates what this file declares, \`npx cdktf destroy '*'\` removes it.
# Commented-out keys show the defaults. The schema, which editors read, has all keys.

org:
  name: ${yamlText(org)} # part of the names of all shared resources: another name is another org
  region: ${yamlText(region)}

${stateBucket === null ? LOCAL_STATE : renderState(stateBucket)}
# The image that nodes boot, baked in this account: needed unless an account shares one with it.
# images:
#   - family: mpi
#     version: "1.0.0"

clusters:
  - name: alpha
    nodes: 2
    # instanceType: c5.xlarge
    # idleTimeoutMinutes: 60 # without activity until its nodes are given up, until there is work again; default: never
`;

const renderState = (bucket: string): string => `state: # where Terraform keeps its state
  type: s3
  bucket: ${yamlText(bucket)} # must already exist
  # region: the bucket's, if it is not the org's
  # prefix: muster
`;
const LOCAL_STATE = `state: # where Terraform keeps its state: a pipeline, or a team, needs a bucket (type: s3)
  type: local
  # path: muster-state
`;

/** The package's own app declares what muster.yaml says. */
const renderCdktfJson = (projectId: string): string =>
  `${JSON.stringify(
    {
      language: "typescript",
      app: "node node_modules/muster/dist/stacks/main.cjs",
      projectId,
      sendCrashReports: "false",
      terraformProviders: [],
      terraformModules: [],
      context: {},
    },
    null,
    2,
  )}\n`;

/** Why a value can't be used; null: it can. muster.yaml's own rules are the same. Pure. */
export const orgNameProblem = (name: string): string | null =>
  new RegExp(NAME_PATTERN).test(name)
    ? null
    : `the org's name is "${name}": a name has 2 to 32 lower-case letters, digits and hyphens, a letter first, no hyphen last`;
export const regionProblem = (region: string): string | null =>
  /^[a-z]{2}(?:-[a-z]+)+-[0-9]$/.test(region)
    ? null
    : `the region is "${region}": give an AWS region, such as us-east-1`;
export const bucketProblem = (bucket: string): string | null =>
  /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket)
    ? null
    : `the state's bucket is "${bucket}": give the name of an existing S3 bucket, such as acme-terraform-state`;
