import { describe, expect, test } from "@jest/globals";
import { socketJobs } from "../../../../scripts/cli/access/terminal/jobs.js";
import type { AgentSocket } from "../../../../scripts/cli/access/terminal/socket.js";

/** An agent with so many jobs, which counts what it is asked. */
function agentWith(count: number) {
  const asked: string[] = [];
  const socket: AgentSocket = {
    ask: async () => null,
    async json<T>(path: string) {
      asked.push(path);
      const limit = Number(new URL(path, "http://agent").searchParams.get("limit"));
      const listing = Array.from({ length: Math.min(count, limit) }, (_, index) => ({ id: `j-${index}` }));
      return (limit > 0 ? { jobs: listing } : { id: path.split("/").at(-1) }) as T;
    },
  };
  const jobs = socketJobs(socket, (what) => {
    throw new Error(what);
  });
  return { jobs, asked };
}

describe("a list of jobs in a notebook's terminal", () => {
  test("asks for those that are shown and one more, and reads no others", async () => {
    const { jobs, asked } = agentWith(10_000);
    expect(await Array.fromAsync(jobs.list("u", { limit: 20 }))).toHaveLength(21);
    expect(asked[0]).toBe("/v1/jobs?limit=21");
    expect(asked).toHaveLength(1 + 21);
  });

  test("has the agent choose by status", async () => {
    const { jobs, asked } = agentWith(3);
    expect(await Array.fromAsync(jobs.list("u", { status: "FAILED", limit: 20 }))).toHaveLength(3);
    expect(asked).toEqual([
      "/v1/jobs?limit=21&status=FAILED",
      "/v1/jobs/j-0",
      "/v1/jobs/j-1",
      "/v1/jobs/j-2",
    ]);
  });

  test("is bounded, whatever is wanted", async () => {
    const { jobs, asked } = agentWith(10_000);
    expect(await Array.fromAsync(jobs.list("u", { limit: 999_999 }))).toHaveLength(200);
    expect(asked[0]).toBe("/v1/jobs?limit=200");
  });
});
