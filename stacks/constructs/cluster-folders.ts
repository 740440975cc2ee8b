import { Construct } from "constructs";
import { clusterFolderPath } from "../../agent/contract/names.js";
import { FileSystemFolder } from "./file-system-folder.js";

export interface ClusterFoldersProps {
  readonly clusterUuid: string;
  /** The org's. */
  readonly fileSystemId: string;
  /** The folder's name is appended to the Name tag. */
  readonly tags: Readonly<Record<"Name", string>> & Readonly<Record<string, string>>;
}

/**
 * A cluster's own folders on the org's file system. `shared` is for users: nodes mount it at /shared, and jobs may do anything
 * in it. `agents` has the files that the agents must trust: jobs' output and records, and probes' files; no job owns them.
 * Neither folder shows the other, or another cluster's. The folders stay when the access points are deleted.
 */
export class ClusterFolders extends Construct {
  readonly shared: FileSystemFolder;
  readonly agents: FileSystemFolder;

  constructor(scope: Construct, id: string, props: ClusterFoldersProps) {
    super(scope, id);
    const folder = (name: "shared" | "agents", owner: "jobs" | "agents", permissions: string) =>
      new FileSystemFolder(this, name, {
        fileSystemId: props.fileSystemId,
        path: clusterFolderPath(props.clusterUuid, name),
        owner,
        permissions,
        tags: { ...props.tags, Name: `${props.tags.Name}-${name}` },
      });
    this.shared = folder("shared", "jobs", "0755");
    this.agents = folder("agents", "agents", "0700");
  }
}
