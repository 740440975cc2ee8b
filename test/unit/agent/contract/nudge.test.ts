import { X509Certificate } from "node:crypto";
import { describe, expect, test } from "@jest/globals";
import type { ClusterSecret } from "../../../../agent/contract/cluster-secret.js";
import {
  type AgentPlace,
  type AgentRequest,
  approachHead,
  type NudgeContact,
  nudgeAfter,
  offerSoon,
} from "../../../../agent/contract/nudge.js";
import type { Offered } from "../../../../agent/contract/offer.js";
import { deriveAuthority } from "../../../../agent/contract/tls/authority.js";
import { roleToken } from "../../../../agent/contract/tokens.js";
import { queuedJob } from "../../../support/agent/jobs.js";

const JOB = { id: "job-1" };
const NOW = new Date("2026-01-01T00:00:00Z");
const SECRET: ClusterSecret = { value: "s3cret", version: 2, since: new Date("2025-06-01"), previous: "0ld" };

function world(overrides: Partial<NudgeContact> = {}) {
  const sent: AgentRequest[] = [];
  const reached: AgentPlace[] = [];
  const asked: string[] = [];
  const contact: NudgeContact = {
    readLease: async () => ({ holderAddress: "10.0.0.7", released: false }),
    readSecret: async (uuid) => {
      asked.push(uuid);
      return SECRET;
    },
    reach: async (place) => void reached.push(place),
    send: async (request) => {
      sent.push(request);
      return "";
    },
    now: () => NOW,
    ...overrides,
  };
  return { sent, reached, asked, contact };
}
const written = async () => true;

test("the head is nudged after the write, with a token that allows nothing else", async () => {
  const { sent, reached, contact } = world();
  let sentBefore = 0;
  const write = async () => {
    await new Promise((resolve) => setImmediate(resolve));
    sentBefore = sent.filter(({ method }) => method === "POST").length;
    return true;
  };
  const { isWritten, nudged } = await nudgeAfter(JOB, write, approachHead("c-1", contact));
  await nudged;
  expect([isWritten, sentBefore]).toEqual([true, 0]);
  expect(reached).toEqual([{ host: "10.0.0.7", port: 8470 }]);
  expect(sent).toMatchObject([
    { method: "GET", url: "https://10.0.0.7:8470/healthz", headers: {} },
    {
      method: "POST",
      url: "https://10.0.0.7:8470/v1/nudge",
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
    ["no route to the head", { reach: fail }, 0],
    ["no right to read the secret", { readSecret: fail }, 0],
    ["no secret", { readSecret: async () => null }, 0],
    ["an agent that is not of the cluster", { send: fail }, 1],
  ])("%s", async (_name, overrides, readings) => {
    const { sent, asked, contact } = world(overrides);
    const { isWritten, nudged } = await nudgeAfter(JOB, written, approachHead("c-1", contact));
    await nudged;
    expect(isWritten).toBe(true);
    // Nothing asks for the secret before the head can be reached.
    expect([sent, asked.length]).toEqual([[], readings]);
  });
});

describe("what a nudge trusts and shows", () => {
  const names = ({ authorities }: AgentRequest) =>
    authorities.map((pem) => new X509Certificate(pem).subject.split("CN=")[1]);
  const nameOf = (secret: string) => deriveAuthority(secret, "c-1").name;
  const minutesAgo = (minutes: number) => new Date(NOW.getTime() - minutes * 60_000);

  test.each<[string, number, readonly string[], string]>([
    ["just after a rotation, the token of before and both authorities", 1, ["s3cret", "0ld"], "0ld"],
    ["half an hour later, the new token and both authorities", 31, ["s3cret", "0ld"], "s3cret"],
    ["an hour later, the new one alone", 61, ["s3cret"], "s3cret"],
  ])("%s", async (_name, minutes, trusted, shown) => {
    const { sent, contact } = world({ readSecret: async () => ({ ...SECRET, since: minutesAgo(minutes) }) });
    await (await nudgeAfter({ id: null }, written, approachHead("c-1", contact))).nudged;
    expect(sent.map(names)).toEqual([trusted.map(nameOf), trusted.map(nameOf)]);
    expect(sent).toMatchObject([
      { headers: {} },
      { headers: { authorization: `Bearer ${roleToken(shown, "nudge")}` }, body: "{}" },
    ]);
  });
});

describe("a new job that is offered to the head", () => {
  const job = queuedJob();
  const answering = (answer: string) =>
    world({ send: async ({ url, body }) => (url.endsWith("/v1/offers") ? answer : `${body}`) });

  test("goes there whole, with a token that allows nothing else", async () => {
    const { sent, contact } = world();
    expect(await offerSoon(job, approachHead("c-1", contact))).toBeNull();
    expect(sent.slice(1)).toMatchObject([
      {
        method: "POST",
        url: "https://10.0.0.7:8470/v1/offers",
        headers: { authorization: `Bearer ${roleToken("s3cret", "submitter")}` },
        body: JSON.stringify({ job }),
      },
    ]);
  });

  test.each<[string, string, Offered]>([
    ["is started", JSON.stringify({ offered: { is: "started", job } }), { is: "started", job }],
    ["is known", '{"offered": {"is": "known"}}', { is: "known" }],
    ["is not taken", '{"offered": null}', null],
    ["gets an answer that is none", "<html>", null],
    ["gets an answer of another kind", '{"offered": {"is": "else"}}', null],
  ])("%s", async (_name, answer, offered) => {
    expect(await offerSoon(job, approachHead("c-1", answering(answer).contact))).toEqual(offered);
  });

  test.each<[string, Partial<NudgeContact>]>([
    ["there is no head", { readLease: async () => null }],
    ["the head does not answer", { send: () => Promise.reject(new Error("HTTP 500")) }],
    ["the way to the head is not found in a moment", { reach: () => new Promise(() => {}) }],
  ])("is left to its submitter where %s", async (_name, overrides) => {
    expect(await offerSoon(job, approachHead("c-1", world(overrides).contact))).toBeNull();
  });

  test("is not offered by a way that is found after its submitter has gone on", async () => {
    let arrive = (): void => {};
    const { sent, contact } = world({
      reach: () =>
        new Promise((resolve) => {
          arrive = resolve;
        }),
    });
    const reached = approachHead("c-1", contact);
    expect(await offerSoon(job, reached)).toBeNull();
    arrive();
    await reached;
    expect(sent.map(({ method }) => method)).toEqual(["GET"]);
  });
});
