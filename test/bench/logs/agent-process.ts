import { open } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { S3Client } from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";
import { createLogBucket } from "../../../agent/aws/log-bucket.js";
import { attemptOf } from "../../../agent/contract/job-attempt.js";
import { buildApp } from "../../../agent/http/app.js";
import { createLogDelivery } from "../../../agent/logs/delivery.js";
import { createLogViews } from "../../../agent/logs/views.js";
import { createJobRecords } from "../../../agent/system/job-records.js";
import { systemClock as clock } from "../../../agent/time/clock.js";
import { appDeps } from "../../support/agent/app-deps.js";
import { CLUSTER_UUID } from "../../support/agent/cluster-item.js";
import { queuedJob } from "../../support/agent/jobs.js";

// The part of the agent that looks after logs, in a process with the agent's own bounds. Messages: "ship" begins what it does while a job
// runs; "deliver" is the job's end; "upload" is the peer: the whole file at the end, by the SDK's own uploader. Without an endpoint there is no S3.

const LOOK_MS = 1_000;
const [, , folder = "", endpoint = ""] = process.argv;
const credentials = { accessKeyId: "test", secretAccessKey: "test" };
const at = endpoint === "" ? {} : { endpoint };
const client = new S3Client({ region: "us-east-1", ...at, credentials, forcePathStyle: true });
const bucket = createLogBucket({ client, bucket: "logs", clusterUuid: CLUSTER_UUID });
const records = createJobRecords(folder);
const { outputs } = records;
const delivery = createLogDelivery({ clusterUuid: CLUSTER_UUID, outputs, bucket, clock });
const job = { ...queuedJob(), status: "INPROGRESS", phase: "running", attempt: 1 } as const;
const of = { jobId: job.id, attempt: 1 };
const unending = new AbortController().signal;

async function ship(): Promise<void> {
  for (;;) {
    await delivery.ship(of, unending);
    await sleep(LOOK_MS);
  }
}

/** What is loaded at its first use is no cost of a gigabyte. */
async function warmUp(): Promise<void> {
  const first = { jobId: "job-first", attempt: 1 };
  const { output, close } = await records.begin(first);
  await output.write("first\n");
  await close();
  await delivery.deliver({ ...first, exitCode: 0 }, unending);
  await upload(first.jobId);
}

async function upload(jobId: string): Promise<void> {
  const file = await open(`${folder}/${jobId}/1/output.log`);
  const params = { Bucket: "logs", Key: "whole", Body: file.createReadStream() };
  await new Upload({ client, params, queueSize: 1, partSize: 8_388_608 }).done();
}

async function main(): Promise<void> {
  const views = createLogViews({
    ...{ outputs, bucket, clock },
    readJob: async () => job,
    readAttempt: async () => attemptOf(job),
  });
  const app = await buildApp(appDeps({ logs: { views, clock } }));
  await app.listen({ host: "127.0.0.1", port: 0 });
  process.on("message", async (what) => {
    if (what === "ship") return void ship();
    const startedAtMs = performance.now();
    await (what === "deliver" ? delivery.deliver({ ...of, exitCode: 0 }, unending) : upload(job.id));
    process.send?.({ seconds: (performance.now() - startedAtMs) / 1_000 });
  });
  process.on("disconnect", () => process.exit(0));
  if (endpoint !== "") await warmUp();
  process.send?.({ port: (app.server.address() as AddressInfo).port, jobId: job.id });
}

void main();
