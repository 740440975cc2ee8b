import { expect, test } from "@jest/globals";
import { unlessHere } from "../../../../agent/launcher/here.js";
import type { LaunchEnd } from "../../../../agent/launcher/launches.js";

const HERE = "10.0.0.1";
const LAUNCH = { id: "l-1", argv: ["/usr/bin/hydra_pmi_proxy"], controlNode: "i-a" };
const WAIT = { type: "ranksWait", runningRanks: null } as never;

/** Launches of this node and of others, which end as told. */
function launching(end: LaunchEnd | null) {
  const calls: string[] = [];
  const forward = unlessHere(
    HERE,
    {
      hold: async (id, argv, _gone, onEvent) => {
        calls.push(`here ${id} ${argv.join(" ")}`);
        onEvent?.(WAIT);
        return end;
      },
    },
    async (host, { id }) => {
      calls.push(`${host} ${id}`);
      return { exitCode: 7, output: "" };
    },
  );
  return { calls, forward };
}
const never = new AbortController().signal;

test("a launch on this node is held here, and its events are heard", async () => {
  const { calls, forward } = launching({ exitCode: 0, output: "" });
  const events: unknown[] = [];
  expect(await forward(HERE, LAUNCH, never, (event) => events.push(event))).toEqual({
    exitCode: 0,
    output: "",
  });
  expect(calls).toEqual(["here l-1 /usr/bin/hydra_pmi_proxy"]);
  expect(events).toEqual([WAIT]);
});

test("a launch on another node goes there", async () => {
  const { calls, forward } = launching(null);
  expect(await forward("10.0.0.2", LAUNCH, never, () => undefined)).toMatchObject({ exitCode: 7 });
  expect(calls).toEqual(["10.0.0.2 l-1"]);
});

test("a launch that nothing waits for any more has no end", async () => {
  await expect(launching(null).forward(HERE, LAUNCH, never, () => undefined)).rejects.toMatchObject({
    code: "launch-failed",
  });
});
