/** Why a call has no answer, as gRPC's clients see it. */
export class GrpcError extends Error {
  readonly status: GrpcStatus;

  constructor(status: GrpcStatus, message: string) {
    super(message);
    this.status = status;
  }
}

/** The statuses that this server answers with; 0 is success. @see https://grpc.io/docs/guides/status-codes/ */
export const STATUS = { ok: 0, unimplemented: 12, internal: 13 } as const;
type GrpcStatus = (typeof STATUS)[keyof typeof STATUS];

/** Before a message's bytes: whether it is compressed, and its length. */
const HEAD_BYTES = 5;

/** What comes before a message of that many bytes. */
export function messageHead(length: number): Buffer {
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUInt32BE(length, 1);
  return head;
}

/** The one message of a unary call's body. Throws GrpcError for anything else. */
export function onlyMessage(body: Buffer): Buffer {
  if (body.length < HEAD_BYTES) throw new GrpcError(STATUS.internal, "The request has no message.");
  // No client does it that was not told that the server can.
  if (body[0] !== 0) throw new GrpcError(STATUS.unimplemented, "The request is compressed.");
  const length = body.readUInt32BE(1);
  if (body.length !== HEAD_BYTES + length) {
    throw new GrpcError(
      STATUS.internal,
      `The request has ${body.length - HEAD_BYTES} bytes, and says that it has one message of ${length}.`,
    );
  }
  return body.subarray(HEAD_BYTES);
}

/** A text as the trailer `grpc-message` carries it: visible ASCII, the rest as percent and bytes. */
export const encodedText = (text: string): string =>
  text.replace(/[^ -$&-~]+/gu, (rest) =>
    Buffer.from(rest).reduce(
      (encoded, byte) => `${encoded}%${byte.toString(16).toUpperCase().padStart(2, "0")}`,
      "",
    ),
  );
