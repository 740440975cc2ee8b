/** The cluster's Auto Scaling group. Each call throws the SDK's errors after its own bounded retries. */
export interface GroupControl {
  /** The instances that the group has, and that are not on their way out, by id. */
  instances(name: string): Promise<readonly string[]>;
  /** Sets how many instances the group is to have, at most the maximum that its fleet has set. */
  setSize(name: string, instances: number): Promise<void>;
  /**
   * Ends an instance of the group. `isReplaced`: the group starts another one; else it becomes smaller by one. One that is gone
   * already is no error of Auto Scaling's if it is still listed, and ValidationError if not.
   */
  end(instanceId: string, isReplaced: boolean): Promise<void>;
}
