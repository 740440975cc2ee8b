import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

// Answers as S3 does, at once, and keeps nothing: what is measured is the agent, and not an emulator.

const UPLOAD = "<InitiateMultipartUploadResult><UploadId>1</UploadId></InitiateMultipartUploadResult>";
const COMPLETE = '<CompleteMultipartUploadResult><ETag>"1"</ETag></CompleteMultipartUploadResult>';
const LIST = "<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>";

const server = createServer((request, reply) => {
  request.resume().on("end", () => {
    reply.setHeader("etag", '"1"');
    if (request.method === "GET") reply.end(LIST);
    else if (request.method === "POST") reply.end(request.url?.includes("uploads") ? UPLOAD : COMPLETE);
    else reply.end();
  });
});
server.listen(0, "127.0.0.1", () => process.send?.({ port: (server.address() as AddressInfo).port }));
process.on("disconnect", () => process.exit(0));
