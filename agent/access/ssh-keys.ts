import { renderAuthorizedKeys } from "./authorized-keys.js";
import { clusterKey } from "./cluster-key.js";

export interface SshKeysDeps {
  /** Keys of the cluster's declaration. */
  readonly people: readonly string[];
  /** See ClusterKeys. */
  readonly keys: {
    accepted(): readonly string[];
    sent(): string;
    onIdentity(heard: () => void): void;
  };
  readonly files: {
    /** Replaces the keys that may log in. */
    writeAuthorizedKeys(text: string): Promise<void>;
    /** Replaces the cluster's own key. */
    writeClusterKey(privateKey: string): Promise<void>;
  };
  /** Hears why the files can't be written. */
  onFailure(error: unknown): void;
}

/**
 * Keeps the files of who may log in, and of the key that goes from node to node, which follows from the cluster's secret and goes along with
 * its rotations: a node takes the keys of all secrets that count, and uses the one that all nodes know. Resolves when they have been
 * written, or could not be.
 */
export function keepSshKeys({ people, keys, files, onFailure }: SshKeysDeps): Promise<void> {
  let writing = Promise.resolve();

  async function write(): Promise<void> {
    const taken = keys.accepted().map((secret) => clusterKey(secret).publicKey);
    await files.writeClusterKey(clusterKey(keys.sent()).privateKey);
    await files.writeAuthorizedKeys(renderAuthorizedKeys(people, taken));
  }

  // One after the other: the last one counts.
  const writeNext = (): Promise<void> => {
    writing = writing.then(write).catch(onFailure);
    return writing;
  };

  keys.onIdentity(() => void writeNext());
  return writeNext();
}
