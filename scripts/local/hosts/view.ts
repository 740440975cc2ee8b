/** The parts of the emulated account that the hosts act on. */
export interface CloudView {
  /** Pending and running ones. */
  readonly instances: readonly Instance[];
  /** Ids of those that are stopped: they keep their disks. */
  readonly stopped: readonly string[];
  readonly fileSystemIds: readonly string[];
  readonly accessPoints: readonly AccessPoint[];
}

export interface Instance {
  readonly id: string;
  readonly isRunning: boolean;
  /** What it boots. */
  readonly imageId: string;
  readonly address: string;
  /** Fully qualified, e.g. ip-10-0-1-5.ec2.internal. */
  readonly privateDnsName: string;
  readonly type: string;
  readonly cpu: Cpu;
}

/** An instance type's processor. */
export interface Cpu {
  readonly vCpus: number;
  readonly threadsPerCore: number;
}

export interface AccessPoint {
  readonly id: string;
  readonly fileSystemId: string;
  /** Absolute inside the file system. */
  readonly path: string;
  /** The root directory's owner when it is made on first use; null = it must exist. */
  readonly creation: { readonly uid: number; readonly gid: number; readonly mode: number } | null;
}
