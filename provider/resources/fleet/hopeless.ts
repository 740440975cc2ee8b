import type { Because, LaunchReasonCode } from "../../../agent/contract/reasons.js";

/** Why no node comes: of a launch, or of an agent. A cluster and a notebook have both as a reason. */
type HopelessCode = LaunchReasonCode | "node-agent-cannot-start";

/** A resize that can't succeed, however long one waits. The message is a reason, without a full stop. */
export class HopelessError extends Error {
  override readonly name = "HopelessError";
  readonly reasonCode: HopelessCode;
  /** What the person must do. */
  readonly next: string;
  /** The instance whose console shows more; null: no particular one. */
  readonly instanceId: string | null;

  constructor({ reasonCode, reason }: Because<HopelessCode>, next: string, instanceId: string | null = null) {
    super(reason);
    this.reasonCode = reasonCode;
    this.next = next;
    this.instanceId = instanceId;
  }
}

/** What an error tells of its cause, for a diagnosis: nothing unless it is a HopelessError. Pure. */
export function knownCause(error: unknown): { readonly next?: string; readonly instanceId?: string } {
  if (!(error instanceof HopelessError)) return {};
  const { next, instanceId } = error;
  return { next, ...(instanceId === null ? {} : { instanceId }) };
}
