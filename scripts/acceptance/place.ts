/** Where an acceptance takes place: all that differs between one AWS and another. */
export interface Place {
  /** As in a report: "the local cloud", "AWS". */
  readonly name: string;
  /** Makes it usable, and gives the environment that names it to the person's shell. May run once. */
  open(say: (line: string) => void): Promise<NodeJS.ProcessEnv>;
  /** Takes back what `open` has made on this machine. Fails with what stays. */
  close(): Promise<string>;
  /** Null: AWS's price list. Otherwise a file of prices, by its absolute path; there after `open`. */
  readonly prices: string | null;
  /** A public repository, and the file in it that runs as a job; or why there is none. */
  readonly git: GitJob | LeftOut;
  /** Whether Session Manager reaches the nodes; or why not. */
  readonly sessions: null | LeftOut;
  /** What a person types to remove what is left, a line each. */
  howToRemove(project: Project): readonly string[];
}

/** What an acceptance makes. */
export interface Project {
  /** With muster.yaml and Terraform's state. */
  readonly folder: string;
  readonly org: string;
  readonly region: string;
  /** Of jobs' sources. */
  readonly bucket: string;
}

export interface GitJob {
  readonly url: string;
  readonly file: string;
}

/** Why something has no place here, in words that follow "left out: ". */
interface LeftOut {
  readonly leftOut: string;
}
