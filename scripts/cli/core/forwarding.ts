/** The agent of a notebook's node, and how it is known. Keep it in memory only. */
export interface NotebookUpstream {
  /** Where to connect to: the node, or this machine's end of a tunnel to it. */
  readonly host: string;
  readonly port: number;
  /** The node's IPv4 address, which its certificate is for, whatever the way to it. */
  readonly address: string;
  /** PEM: nothing goes out before the agent has shown a certificate of one of these authorities. */
  readonly authorities: readonly string[];
  /** The operator's. */
  readonly token: string;
}

/** What the agent said to a first question. `silent`: nothing. `untrusted`: it is not the cluster's. `status`: an HTTP status that is no 2xx. */
export type UpstreamAnswer =
  | { readonly is: "good" }
  | { readonly is: "silent" | "untrusted"; readonly why: string }
  | { readonly is: "status"; readonly status: number };

/** What the forwarder is made with. Functions are called while it serves. */
export interface Serving {
  /** 0: a free one. */
  readonly port: number;
  /** Null: the notebook can't be reached at the moment. */
  upstream(): NotebookUpstream | null;
  /** A request did not reach the notebook, or its token was refused. Called often: it must be cheap. */
  onFailure(why: string): void;
  /** A browser without a session asks for a code, and this one is good now. */
  onCode(code: string): void;
  now(): Date;
}

/** A notebook's pages on this machine, at http://127.0.0.1:PORT/. */
export interface Forwarder {
  readonly port: number;
  /** A code for a person. It gives one browser a session, once, within CODE_SECONDS. */
  newCode(): string;
  /** A page that takes such a code to the forwarder, so that it is in no address. It is a secret as long as the code is good. */
  openingPage(): string;
  /** Ends all connections. May run twice. */
  close(): Promise<void>;
}

/** How long a code is good for. */
export const CODE_SECONDS = 60;

/** What `muster notebook open` needs of the network. */
export interface Forwarding {
  /** Whether something takes a connection there in time. Says nothing to it. */
  reach(place: { readonly host: string; readonly port: number }, timeoutMs: number): Promise<boolean>;
  /** Asks the agent for JupyterLab's status, with the token. Never throws. */
  ask(upstream: NotebookUpstream, timeoutMs: number): Promise<UpstreamAnswer>;
  /** Listens on 127.0.0.1. Throws a CommandError where the port is taken. */
  serve(serving: Serving): Promise<Forwarder>;
}

/** The person's web browser. */
export interface Browser {
  /** Shows a page with this text, from a file that only this user may read. Gives what removes the file; null: there is no browser here. */
  show(html: string): Promise<(() => Promise<void>) | null>;
}
