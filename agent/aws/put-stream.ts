import { Readable } from "node:stream";
import { PutObjectCommand, type PutObjectCommandInput, type S3Client } from "@aws-sdk/client-s3";

/** What is put, but for its bytes. */
interface PutOf
  extends Required<Pick<PutObjectCommandInput, "Bucket" | "Key" | "ContentLength" | "ContentType">>,
    Pick<PutObjectCommandInput, "IfNoneMatch"> {
  /** Of the bytes, hex. */
  readonly sha256: string;
}

/**
 * Puts an object from a stream whose length and SHA-256 are known, with nothing of it in memory. Rejects as the client does, when
 * `signal` aborts, and with the stream's own error where that breaks. The stream is destroyed in any case.
 */
export async function putStream(
  client: S3Client,
  { sha256, ...of }: PutOf,
  bytes: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): Promise<void> {
  const Body = Readable.from(bytes, { objectMode: false });
  // The client does not listen to it: its error would end the process, and the call would wait for the rest.
  const broken = new AbortController();
  Body.once("error", (error) => broken.abort(error));
  const ChecksumSHA256 = Buffer.from(sha256, "hex").toString("base64");
  const command = new PutObjectCommand({ ...of, Body, ChecksumSHA256 });
  // Signed with the checksum that is known: else the signer would read the body first, which a stream can't give twice.
  command.middlewareStack.add(
    (next) => (args) => {
      (args.request as { headers: Record<string, string> }).headers["x-amz-content-sha256"] = sha256;
      return next(args);
    },
    { step: "build", name: "musterKnownChecksum" },
  );
  try {
    await client.send(command, { abortSignal: AbortSignal.any([signal, broken.signal]) });
  } catch (error) {
    broken.signal.throwIfAborted();
    throw error;
  } finally {
    // What was not sent is not read any more, and its file is closed.
    Body.destroy();
  }
}
