import type { Because, ClusterReasonCode } from "../../../agent/contract/reasons.js";

/** A resize that can't succeed, however long one waits. The message is a reason, without a full stop. */
export class HopelessError extends Error {
  override readonly name = "HopelessError";
  readonly reasonCode: ClusterReasonCode;
  /** What the person must do. */
  readonly next: string;
  /** The instance whose console shows more; null: no particular one. */
  readonly instanceId: string | null;

  constructor(
    { reasonCode, reason }: Because<ClusterReasonCode>,
    next: string,
    instanceId: string | null = null,
  ) {
    super(reason);
    this.reasonCode = reasonCode;
    this.next = next;
    this.instanceId = instanceId;
  }
}
