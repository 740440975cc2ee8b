import { describe, expect, test } from "@jest/globals";
import { jobFolder } from "../../../../agent/contract/names.js";
import { SourceError } from "../../../../agent/jobs/ports.js";
import { fetchSource } from "../../../../agent/jobs/steps.js";
import { workingFolderOf } from "../../../../agent/jobs/working-folder.js";
import { queuedJob } from "../../../support/agent/jobs.js";

const SOURCE = { git: { url: "https://github.com/acme/tools", reference: "v1" } };

const running = () => ({ signal: new AbortController().signal });

/** The step with a workspace and sources that say what was asked of them. */
function step(fetch: () => Promise<{ version: string | null; folder: string }>) {
  const asked: string[] = [];
  const deps = {
    workspace: {
      prepare: async (folder: string) => void asked.push(`prepare ${folder}`),
      remove: async (folder: string) => void asked.push(`remove ${folder}`),
    },
    sources: {
      fetch: async (_job: unknown, folder: string, { version }: { version: string | null }) => {
        asked.push(`fetch ${folder} ${version}`);
        return fetch();
      },
    },
    environments: {
      install: async () => {
        asked.push("install");
        return null;
      },
      folderOf: () => null,
      prepare: async () => null,
    },
  };
  return { asked, deps };
}

describe("the step that fetches a job's source", () => {
  test("writes down which version it got and where it starts, and asks for that one again", async () => {
    const { asked, deps } = step(async () => ({ version: "c0ffee", folder: "examples" }));
    const job = queuedJob("k", { source: SOURCE });
    const { event, change } = await fetchSource(job, deps, running());
    expect({ event, change }).toEqual({
      event: { type: "prepared" },
      change: { sourceVersion: "c0ffee", sourceFolder: "examples" },
    });
    await fetchSource({ ...job, ...change }, deps, running());
    const folder = jobFolder(job.id);
    expect(asked).toEqual([
      `prepare ${folder}`,
      `fetch ${folder} null`,
      "install",
      `prepare ${folder}`,
      `fetch ${folder} c0ffee`,
      "install",
    ]);
  });

  test("fails with the source's own code, and removes what has come", async () => {
    const { asked, deps } = step(async () => {
      throw new SourceError("source-too-large", "it has more than 1 bytes");
    });
    const job = queuedJob("k", { source: SOURCE });
    expect((await fetchSource(job, deps, running())).event).toEqual({
      type: "failed",
      why: { reasonCode: "source-too-large", reason: "no source: it has more than 1 bytes" },
    });
    expect(asked.at(-1)).toBe(`remove ${jobFolder(job.id)}`);
  });

  test("throws what is no answer about the source, so that it is tried again", async () => {
    const { asked, deps } = step(async () => Promise.reject(new Error("socket hang up")));
    const job = queuedJob("k", { source: SOURCE });
    await expect(fetchSource(job, deps, running())).rejects.toThrow("socket hang up");
    expect(asked.at(-1)).toBe(`remove ${jobFolder(job.id)}`);
  });

  test("fetches nothing for a request that is hostile", async () => {
    const { asked, deps } = step(async () => ({ version: null, folder: "" }));
    const job = queuedJob("k", { source: { git: { url: "ext::sh" } } });
    expect((await fetchSource(job, deps, running())).event).toMatchObject({
      why: { reasonCode: "job-request-invalid" },
    });
    expect(asked).toEqual([]);
  });
});

describe("a job's working folder", () => {
  const job = queuedJob();
  test.each([
    ["of a script", job, jobFolder(job.id)],
    [
      "of a source's folder",
      { ...job, sourceFolder: "a/b", request: { ...job.request, source: SOURCE } },
      `${jobFolder(job.id)}/a/b`,
    ],
    [
      "below it",
      { ...job, sourceFolder: "a", request: { ...job.request, source: SOURCE, workingFolder: "b/c" } },
      `${jobFolder(job.id)}/a/b/c`,
    ],
    [
      "on /shared",
      { ...job, request: { ...job.request, source: { shared: { path: "/shared/x/" } } } },
      "/shared/x",
    ],
    [
      "below one on /shared",
      { ...job, request: { ...job.request, source: { shared: { path: "/shared" } }, workingFolder: "b" } },
      "/shared/b",
    ],
  ])("%s", (_name, placed, folder) => {
    expect(workingFolderOf(placed)).toBe(folder);
  });
});
