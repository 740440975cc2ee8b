/** A kernel or a terminal of JupyterLab. */
interface JupyterSession {
  readonly id: string;
  /** By this node's clock. */
  readonly lastActivity: Date;
}
interface JupyterKernel extends JupyterSession {
  /** "idle", "busy", "starting", "dead" and so on. */
  readonly state: string;
}

/** What JupyterLab has open. */
export interface JupyterSessions {
  readonly kernels: readonly JupyterKernel[];
  readonly terminals: readonly JupyterSession[];
}

/** JupyterLab's own API on this node. Calls are bounded in time and bytes, and count as no activity there; they reject where it does not answer. */
export interface JupyterApi {
  /** Whether it answers, and knows its token. */
  check(): Promise<void>;
  sessions(): Promise<JupyterSessions>;
  /** Starts a kernel, has it compute something, and ends it. Rejects where there is no answer, or a wrong one. */
  tryKernel(): Promise<void>;
}

/** JupyterLab's unit, as systemd has it. */
export interface JupyterState {
  readonly isRunning: boolean;
  /** Of this start: another one has another. Null: it was never started. */
  readonly invocation: string | null;
}

/** JupyterLab as a unit of systemd. It does not end with the agent. */
export interface JupyterUnit {
  state(): Promise<JupyterState>;
  /** Starts it with a token of its own, or keeps the one that it runs with. May run twice. */
  start(): Promise<void>;
  /** Terminals in which a program runs, or has been left running. */
  busyTerminals(): Promise<number>;
}
