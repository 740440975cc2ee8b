import { stringify } from "yaml";
import { NAME_PATTERN } from "../../../agent/contract/names.js";
import { type PipelineKind, renderPipeline } from "./pipeline-example.js";

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
  readonly text: string;
}

/** The files of a new project. `id` is cdktf's own of it, a UUID. Pure. */
export function projectFiles(project: NewProject, id: string): readonly NewFile[] {
  const pipeline = renderPipeline(project.pipeline, project);
  return [
    { path: "muster.yaml", text: renderMusterYaml(project) },
    { path: "cdktf.json", text: renderCdktfJson(id) },
    ...(pipeline === null ? [] : [pipeline]),
  ];
}

/** So that a name such as `null` stays a text. */
const yamlText = (value: string): string => stringify(value).trim();

const renderMusterYaml = ({
  org,
  region,
  stateBucket,
}: NewProject): string => `# yaml-language-server: $schema=./muster/stacks/muster.schema.json
#
# An org and its clusters. \`npx cdktf deploy '*'\` creates what this file declares, \`npx cdktf destroy '*'\` removes it.
# Commented-out keys show the defaults; muster/examples/muster.yaml has all keys.

org:
  name: ${yamlText(org)} # part of the names of all shared resources: another name is another org
  region: ${yamlText(region)}

${stateBucket === null ? LOCAL_STATE : renderState(stateBucket)}
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

/** Muster's sources are in \`muster\`, and its modules are linked: see docs/guides/orgs.md. */
const renderCdktfJson = (projectId: string): string =>
  `${JSON.stringify(
    {
      language: "typescript",
      app: "node --import tsx muster/stacks/main.ts",
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
