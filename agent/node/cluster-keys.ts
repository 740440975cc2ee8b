import type { Logger } from "pino";
import {
  acceptedSecrets,
  type ClusterSecret,
  retiredSecret,
  sentSecret,
} from "../contract/cluster-secret.js";
import {
  type Authority,
  authorityCertificate,
  deriveAuthority,
  issueServerIdentity,
  isToRenew,
  type ServedNode,
  type ServerIdentity,
} from "../contract/tls/authority.js";
import { roleToken } from "../contract/tokens.js";
import { reasonOf } from "../errors.js";
import type { Clock } from "../time/clock.js";
import { createLoop, type Loop } from "../time/loop.js";

export interface ClusterKeysDeps {
  /** As it was read at the start. */
  readonly secret: ClusterSecret;
  /** The secret, where it is not `known` any more; null: it still is. Bounded. */
  readNewer(known: ClusterSecret): Promise<ClusterSecret | null>;
  readonly node: ServedNode;
  readonly clock: Clock;
  readonly log: Logger;
}

/** What this node shows others and accepts of them. All of it follows from the cluster's secret, and goes along with its rotations. */
export interface ClusterKeys {
  /** The secrets whose tokens count now. */
  accepted(): readonly string[];
  /** The one of them that this node uses: the newest that the other nodes are sure to know. */
  sent(): string;
  /** That of before the last rotation, once its tokens count no more. */
  retired(): string | null;
  /** What this node shows other agents. */
  peerToken(): string;
  /** The certificates of the authorities that this node trusts, as PEM. */
  trusted(): readonly string[];
  /** What this node serves TLS with. */
  identity(): ServerIdentity;
  /** Hears each identity that comes after. One comes with each change of the secrets above. */
  onIdentity(heard: (identity: ServerIdentity) => void): void;
  /** Since when the secret is what it is, in Unix milliseconds: what tells one from another without a word of it. */
  secretAt(): number;
  /** The same of the head's: another one makes this node look soon. Cheap. */
  noteSecretAt(secretAt: number): void;
  /** Something speaks for a rotation, such as a refused token: it looks soon, every ten seconds at most. Cheap. */
  doubt(): void;
  /** Begins to look for rotations, and to renew the certificate. The head looks often, and for the others: `isHead` says who it is. */
  start(isHead: () => boolean): void;
  stop(): Promise<void>;
}

/** Only the head asks SSM often: 1,000 nodes would ask more than SSM answers. */
const LOOK_MS = { head: 60_000, other: 600_000, doubted: 10_000 } as const;
const TICK_MS = 10_000;

export function createClusterKeys(deps: ClusterKeysDeps): ClusterKeys {
  const { clock, log, node } = deps;
  const authorities = new Map<string, { readonly authority: Authority; readonly pem: string }>();
  const listeners: ((identity: ServerIdentity) => void)[] = [];
  let secret = deps.secret;
  let lookedAtMs = clock.monotonicMs();
  let pauseFactor = spread();
  let isDoubted = false;
  let isHead = (): boolean => false;
  /** The secrets that the identity below is made for. */
  let served = accepted();
  let sentThen = sent();
  let identity = issue();

  function accepted(): readonly [string, ...string[]] {
    return acceptedSecrets(secret, clock.now());
  }

  function sent(): string {
    return sentSecret(secret, clock.now());
  }

  function authorityOf(value: string) {
    const known = authorities.get(value);
    if (known !== undefined) return known;
    const authority = deriveAuthority(value, node.clusterUuid);
    const made = { authority, pem: authorityCertificate(authority) };
    authorities.set(value, made);
    return made;
  }

  function issue(): ServerIdentity {
    const [value, before] = served;
    const older = before === undefined ? null : authorityOf(before).authority;
    return issueServerIdentity(authorityOf(value).authority, node, { now: clock.now(), older });
  }

  /** Another identity, where the secrets or the time call for one. */
  function renew(): void {
    const now = accepted();
    const isSame = sent() === sentThen && now.join() === served.join();
    if (isSame && !isToRenew(identity, clock.now())) return;
    sentThen = sent();
    for (const value of authorities.keys()) if (!now.includes(value)) authorities.delete(value);
    served = now;
    identity = issue();
    for (const heard of listeners) heard(identity);
  }

  const nextLookMs = (): number => {
    const { head, other, doubted } = LOOK_MS;
    return lookedAtMs + (isDoubted ? doubted : (isHead() ? head : other) * pauseFactor);
  };

  async function look(): Promise<void> {
    lookedAtMs = clock.monotonicMs();
    pauseFactor = spread();
    // A look that fails is made again soon.
    isDoubted = true;
    const newer = await deps.readNewer(secret);
    isDoubted = false;
    if (newer === null) return;
    // What was the secret until now is the one before, although its version may be gone.
    secret = { ...newer, previous: newer.previous ?? secret.value };
    log.info({ version: secret.version }, "the cluster's secret was rotated");
    renew();
  }

  const loop: Loop = createLoop({
    async step() {
      renew();
      if (clock.monotonicMs() >= nextLookMs()) await look();
      return Math.max(0, Math.min(TICK_MS, nextLookMs() - clock.monotonicMs()));
    },
    retryMs: TICK_MS,
    onOutage: (error) =>
      log.warn({ reason: reasonOf(error) }, "the cluster's secret can't be looked at; trying again"),
    clock,
  });

  function doubt(): void {
    isDoubted = true;
    loop.wake();
  }

  return {
    accepted,
    sent,
    doubt,
    retired: () => retiredSecret(secret, clock.now()),
    peerToken: () => roleToken(sent(), "peer"),
    trusted: () => accepted().map((value) => authorityOf(value).pem),
    identity: () => identity,
    onIdentity: (heard) => void listeners.push(heard),
    secretAt: () => secret.since.getTime(),
    noteSecretAt(secretAt) {
      if (secretAt !== secret.since.getTime()) doubt();
    },
    start(asked) {
      isHead = asked;
      void loop.start();
    },
    stop: loop.stop,
  };
}

/** So that the nodes of a cluster don't all ask at the same moment. */
const spread = (): number => 0.8 + 0.4 * Math.random();
