import { describe, expect, test } from "@jest/globals";
import {
  type AgentRequest,
  approachHead,
  type NudgeContact,
  nudgeAfter,
} from "../../../../agent/contract/nudge.js";
import { roleToken } from "../../../../agent/contract/tokens.js";

const JOB = { id: "job-1" };

function world(overrides: Partial<NudgeContact> = {}) {
  const sent: AgentRequest[] = [];
  const asked: string[] = [];
  const contact: NudgeContact = {
    readLease: async () => ({ holderAddress: "10.0.0.7", released: false }),
    readSecret: async (uuid) => {
      asked.push(uuid);
      return "s3cret";
    },
    send: async (request) => void sent.push(request),
    ...overrides,
  };
  return { sent, asked, contact };
}
const written = async () => true;

test("the head is nudged after the write, with a token that allows nothing else", async () => {
  const { sent, contact } = world();
  let sentBefore = 0;
  const write = async () => {
    await new Promise((resolve) => setImmediate(resolve));
    sentBefore = sent.filter(({ method }) => method === "POST").length;
    return true;
  };
  const { isWritten, nudged } = await nudgeAfter(JOB, write, approachHead("c-1", contact));
  await nudged;
  expect([isWritten, sentBefore]).toEqual([true, 0]);
  expect(sent).toMatchObject([
    { method: "GET", url: "http://10.0.0.7:8470/healthz", headers: {} },
    {
      method: "POST",
      url: "http://10.0.0.7:8470/v1/nudge",
      headers: { authorization: `Bearer ${roleToken("s3cret", "nudge")}` },
      body: '{"jobId":"job-1"}',
    },
  ]);
});

test("nothing is nudged where nothing was written, and a write that fails stays a failure", async () => {
  const { sent, contact } = world();
  const { isWritten, nudged } = await nudgeAfter(JOB, async () => false, approachHead("c-1", contact));
  await nudged;
  expect(isWritten).toBe(false);
  expect(sent.filter(({ method }) => method === "POST")).toEqual([]);
  const fail = () => Promise.reject(new Error("throttled"));
  await expect(nudgeAfter(JOB, fail, approachHead("c-1", contact))).rejects.toThrow("throttled");
});

describe("a nudge that is not possible fails nothing", () => {
  const fail = () => Promise.reject(new Error("no"));
  test.each<[string, Partial<NudgeContact>, number]>([
    ["no head", { readLease: async () => null }, 0],
    ["a released lease", { readLease: async () => ({ holderAddress: "10.0.0.7", released: true }) }, 0],
    [
      "a name for an address",
      { readLease: async () => ({ holderAddress: "x.example", released: false }) },
      0,
    ],
    ["a registry that does not answer", { readLease: fail }, 0],
    ["no route to the head", { send: fail }, 0],
    ["no right to read the secret", { readSecret: fail }, 1],
    ["no secret", { readSecret: async () => null }, 1],
  ])("%s", async (_name, overrides, requests) => {
    const { sent, asked, contact } = world(overrides);
    const { isWritten, nudged } = await nudgeAfter(JOB, written, approachHead("c-1", contact));
    await nudged;
    expect(isWritten).toBe(true);
    // Without a token: nothing asks for the secret before the head has answered.
    expect(sent.map(({ method }) => method)).toEqual(Array(requests).fill("GET"));
    expect(asked).toEqual([]);
  });
});
