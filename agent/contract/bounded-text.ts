/**
 * The whole text of a stream, UTF-8, where it has `maxBytes` at most. Throws where it has more, and reads no further: the stream is
 * destroyed. Throws the stream's own error too.
 */
export async function boundedText(stream: AsyncIterable<Uint8Array>, maxBytes: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of stream) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw new Error(`the answer has more than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}
