import { describe, expect, test } from "@jest/globals";
import { accept, EXIT_STATUS, type Plan } from "../../../scripts/acceptance/accept.js";
import type { Step } from "../../../scripts/acceptance/step.js";
import { createStops } from "../../../scripts/acceptance/stops.js";

/** A world in which each step notes its name, and what was asked and said. */
function world(
  over: Partial<{ usdPerHour: number | null; agrees: boolean; after: (act: () => void) => void }> = {},
) {
  const { usdPerHour = 1, agrees = true, after = () => undefined } = over;
  const [ran, said, offers, limits]: [string[], string[], object[], number[]] = [[], [], [], []];
  const stops = createStops(
    (line) => void said.push(line),
    () => 0,
  );
  const step = (name: string, run: Step["run"] = async () => ""): Step => ({
    ...{ name, title: `the ${name}` },
    run: (signal) => {
      ran.push(name);
      return run(signal);
    },
  });
  const plan = (steps: readonly Step[], more: Partial<Plan> = {}): Plan => ({
    ...{
      opening: [step("open")],
      steps,
      teardown: [step("destroy"), step("leftovers")],
      closing: [step("close")],
    },
    ...more,
  });
  const play = (of: Plan, ceiling = { hours: 2, usd: 5 }) =>
    accept(of, ceiling, stops, {
      ...{ say: (line: string) => void said.push(line), monotonicMs: () => 0, usdPerHour: () => usdPerHour },
      agree: async (offer) => {
        offers.push(offer);
        return agrees;
      },
      after: (ms, act) => {
        limits.push(ms);
        after(act);
        return () => limits.push(-1);
      },
    });
  return { ran, said, offers, limits, stops, step, plan, play };
}

/** Goes on until its signal aborts. */
const untilEnded: Step["run"] = (signal) =>
  new Promise((_, reject) => signal.addEventListener("abort", () => reject(new Error("exit status 130"))));
const fails = (why: string) => async (): Promise<string> => {
  throw new Error(why);
};

describe("an acceptance", () => {
  test("plays all steps in order, and takes everything back", async () => {
    const { play, plan, step, ran, limits } = world();
    const outcome = await play(plan([step("deploy"), step("job", async () => "4 ranks")]));
    expect(ran).toEqual(["open", "deploy", "job", "destroy", "leftovers", "close"]);
    expect(outcome).toMatchObject({ result: "passed", why: null, isLeft: false });
    expect(outcome.steps.find(({ name }) => name === "job")).toMatchObject({
      result: "passed",
      why: "4 ranks",
    });
    // 2 h are less than 5 USD at 1 USD an hour; half an hour is the teardown's. Then the timer was taken back.
    expect(limits).toEqual([1.5 * 3_600_000, -1]);
  });

  test("whose step fails plays no later one, and the teardown", async () => {
    const { play, plan, step, ran } = world();
    const outcome = await play(plan([step("deploy"), step("job", fails("exit status 3")), step("fault")]));
    expect(ran).toEqual(["open", "deploy", "job", "destroy", "leftovers", "close"]);
    expect(outcome).toMatchObject({ result: "failed", isLeft: false });
    expect(outcome.steps.map(({ name, result, why }) => [name, result, why]).slice(2, 4)).toEqual([
      ["job", "failed", "exit status 3"],
      ["fault", "not reached", null],
    ]);
  });

  test("whose step has no place here passes, and lists it as left out with the reason", async () => {
    const { play, plan, step, ran } = world();
    const outcome = await play(
      plan([{ ...step("git"), leftOut: "no repository is reached" }, step("usage")]),
    );
    expect(ran).not.toContain("git");
    expect(outcome).toMatchObject({ result: "passed" });
    expect(outcome.steps[1]).toMatchObject({
      result: "left out",
      why: "no repository is reached",
      seconds: 0,
    });
  });

  test("whose destroy fails looks for leftovers all the same, and says that something may be left", async () => {
    const { play, plan, step, ran } = world();
    const teardown = [step("destroy", fails("a lock")), step("leftovers")];
    const outcome = await play(plan([step("deploy")], { teardown }));
    expect(ran).toEqual(["open", "deploy", "destroy", "leftovers", "close"]);
    expect(outcome).toMatchObject({ result: "failed", isLeft: true });
  });

  test.each([
    ["the opening fails", {}, "the open: no credentials. Nothing was made.", "unusable"],
    ["a price is not known", { usdPerHour: null }, "A price is not known", "unusable"],
    [
      "the ceiling is below an hour's teardown",
      { usdPerHour: 100 },
      "A ceiling of 2 h and 5 USD",
      "unusable",
    ],
    ["the answer is no", { agrees: false }, "Nothing was made.", "refused"],
  ] as const)("makes nothing when %s", async (what, over, why, result) => {
    const { play, plan, step, ran } = world(over);
    const opening = [step("open", what === "the opening fails" ? fails("no credentials") : undefined)];
    const outcome = await play(plan([step("deploy")], { opening }));
    expect(ran).toEqual(["open", "close"]);
    expect(outcome).toMatchObject({ result, isLeft: false, why: expect.stringContaining(why) });
    expect(outcome.steps.find(({ name }) => name === "destroy")?.result).toBe("not reached");
  });

  test("that is asked about names what it costs at most", async () => {
    const { play, plan, offers } = world({ usdPerHour: 0.5 });
    await play(plan([]), { hours: 4, usd: 5 });
    expect(offers).toEqual([{ usdPerHour: 0.5, usdAtMost: 2, ceiling: { hours: 4, usd: 5 } }]);
  });
});

describe("an acceptance that is ended early", () => {
  test("by its ceiling ends the step, and takes everything back", async () => {
    const { play, plan, step, ran } = world({ after: (act) => void setImmediate(act) });
    const outcome = await play(plan([step("deploy", untilEnded), step("job")]));
    expect(ran).toEqual(["open", "deploy", "destroy", "leftovers", "close"]);
    expect(outcome).toMatchObject({ result: "failed", why: "the ceiling is reached", isLeft: false });
    expect(outcome.steps[1]).toMatchObject({
      name: "deploy",
      result: "failed",
      why: "the ceiling is reached",
    });
  });

  test("by a signal ends the step, and takes everything back", async () => {
    const { play, plan, step, ran, stops } = world();
    const deploy = step("deploy", (signal) => {
      setImmediate(() => stops.interrupt("SIGTERM"));
      return untilEnded(signal);
    });
    const outcome = await play(plan([deploy, step("job")]));
    expect(ran).toEqual(["open", "deploy", "destroy", "leftovers", "close"]);
    expect(outcome).toMatchObject({ result: "failed", why: "interrupted by SIGTERM", isLeft: false });
  });

  test("by a second signal ends the teardown, and says that something may be left", async () => {
    const { play, plan, step, ran, stops, said } = world();
    const destroy = step("destroy", (signal) => {
      setImmediate(() => stops.interrupt("SIGINT"));
      return untilEnded(signal);
    });
    const outcome = await play(
      plan([step("job", fails("lost"))], { teardown: [destroy, step("leftovers")] }),
    );
    expect(ran).toEqual(["open", "job", "destroy"]);
    expect(outcome).toMatchObject({ result: "failed", isLeft: true });
    expect(said.join("\n")).toContain("SIGINT: the teardown ends; what is left is listed.");
  });

  test("by a signal before the answer makes nothing", async () => {
    const { play, plan, step, ran, stops } = world();
    const opening = [step("open", async () => "")];
    stops.interrupt("SIGINT");
    expect(await play(plan([step("deploy")], { opening }))).toMatchObject({
      result: "unusable",
      isLeft: false,
    });
    expect(ran).toEqual(["close"]);
  });
});

test("a signal that comes twice at once is one, and a later one is another", () => {
  let nowMs = 0;
  const stops = createStops(
    () => undefined,
    () => nowMs,
  );
  stops.interrupt("SIGINT");
  nowMs = 200;
  stops.interrupt("SIGINT");
  expect([stops.steps.aborted, stops.teardown.aborted]).toEqual([true, false]);
  nowMs = 5_000;
  stops.interrupt("SIGINT");
  expect(stops.teardown.aborted).toBe(true);
});

test("exit statuses are those of the command's help", () => {
  expect(EXIT_STATUS).toEqual({ passed: 0, failed: 1, unusable: 2, refused: 3 });
});
