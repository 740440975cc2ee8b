import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";

/** A declaration of an org and its cluster, and its folder with everything that Terraform writes. */
export interface Workspace {
  readonly folder: string;
  readonly org: string;
  readonly region: string;
  readonly clusterName: string;
  /** The path of the muster.yaml, for cdktf. */
  readonly configFile: string;
  /** What `cdktf --output` names: the synthesised stacks. */
  readonly outputFolder: string;
}

export interface WorkspaceSettings {
  readonly folder: string;
  readonly org: string;
  readonly region: string;
  readonly clusterName: string;
  readonly nodes: number;
  /** When failing nodes are replaced. @default that of muster.yaml */
  readonly replacement?: {
    readonly afterMinutes: number;
    readonly bootMinutes: number;
    readonly perHour: number;
  };
  /** @default none */
  readonly jobDefinitions?: readonly WorkspaceDefinition[];
  /**
   * The public keys that may log in to the nodes, and the ranges that ssh may come from.
   * @default none
   */
  readonly access?: { readonly sshKeys: readonly string[]; readonly allowFrom: readonly string[] };
  /**
   * The notebooks that are attached to the cluster, as muster.yaml has them.
   * @default none
   */
  readonly notebooks?: readonly WorkspaceNotebook[];
}

/** A notebook of the declaration. */
interface WorkspaceNotebook {
  readonly name: string;
  readonly instanceType?: string;
}

/** A job definition of the declaration, as muster.yaml has it. */
export interface WorkspaceDefinition {
  readonly name: string;
  /** The Python file's absolute path. */
  readonly file: string;
  readonly timeoutMinutes: number;
  /** Whether deploy waits for the end of its job. */
  readonly wait: boolean;
  /** @default "on_change" */
  readonly run?: "on_change" | "manual";
}

/** Where the parts of a workspace are; nothing is written. */
export function locateWorkspace({
  folder,
  org,
  region,
  clusterName,
}: Pick<WorkspaceSettings, "folder" | "org" | "region" | "clusterName">): Workspace {
  return {
    folder,
    org,
    region,
    clusterName,
    configFile: join(folder, "muster.yaml"),
    outputFolder: join(folder, "cdktf.out"),
  };
}

/** Writes muster.yaml; with other settings for the same folder, it changes the declaration as a person would. */
export function writeWorkspace(settings: WorkspaceSettings): Workspace {
  const workspace = locateWorkspace(settings);
  mkdirSync(workspace.folder, { recursive: true });
  const declaration = {
    org: { name: settings.org, region: settings.region },
    state: { type: "local", path: "state" },
    clusters: [
      {
        name: settings.clusterName,
        nodes: settings.nodes,
        ...(settings.replacement === undefined ? {} : { replacement: settings.replacement }),
        jobDefinitions: settings.jobDefinitions ?? [],
        access: settings.access ?? {},
        notebooks: settings.notebooks ?? [],
      },
    ],
  };
  writeFileSync(workspace.configFile, stringify(declaration));
  return workspace;
}
