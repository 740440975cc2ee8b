import type { Because, ClusterReasonCode } from "../../../agent/contract/reasons.js";

/** A resize that no waiting brings to its end. The message is a reason, without a full stop. */
export class HopelessError extends Error {
  override readonly name = "HopelessError";
  readonly reasonCode: ClusterReasonCode;
  /** What the person has to do. */
  readonly next: string;
  /** Whose console tells more; null: no instance in particular. */
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
