import { describe, expect, test } from "@jest/globals";
import { createReadyLaunches } from "../../../../agent/system/ready-launch.js";

/** A launch that is held, whose steps are written down; time goes on when `pass` is called. */
function world() {
  const steps: string[] = [];
  let pass: () => void = () => undefined;
  const clock = {
    sleep: () =>
      new Promise<void>((resolve) => {
        pass = resolve;
      }),
  };
  const ready = createReadyLaunches<{ name: string; drop(): Promise<void> }>(clock);
  const work = (name: string) => async () => {
    steps.push(`begin ${name}`);
    return {
      name,
      drop: async () => {
        steps.push(`drop ${name}`);
      },
    };
  };
  return { ready, steps, work, pass: () => pass() };
}
const aMoment = () => new Promise((resolve) => setImmediate(resolve));
/** Whether a launcher of the job goes on now: "waits" where that is not known. */
const now = (answer: Promise<boolean>) => Promise.race([answer, aMoment().then(() => "waits" as const)]);

describe("a launch that was got ready", () => {
  test("keeps its launchers waiting until it is opened, and is had once", async () => {
    const { ready, steps, work } = world();
    ready.begin("job-1", "plan", work("first"));
    const launcher = ready.mayLaunch("job-1");
    expect(await now(launcher)).toBe("waits");
    const taken = await ready.take("job-1", "plan", work("second"));
    expect(taken).toMatchObject({ name: "first" });
    expect(await now(launcher)).toBe("waits");
    expect(await now(ready.mayLaunch("job-1"))).toBe("waits");
    taken.open();
    expect(await launcher).toBe(true);
    expect(await ready.mayLaunch("job-1")).toBe(true);
    expect(await ready.take("job-1", "plan", work("second"))).toMatchObject({ name: "second" });
    expect(steps).toEqual(["begin first", "begin second"]);
  });

  test("stays where the same is got ready again", async () => {
    const { ready, steps, work } = world();
    ready.begin("job-1", "plan", work("first"));
    ready.begin("job-1", "plan", work("second"));
    expect(await ready.take("job-1", "plan", work("third"))).toMatchObject({ name: "first" });
    expect(steps).toEqual(["begin first"]);
  });

  test("keeps no other job's launchers waiting", async () => {
    const { ready, work } = world();
    ready.begin("job-1", "plan", work("first"));
    expect(await ready.mayLaunch("job-2")).toBe(true);
  });

  test.each([
    ["plan", "job-1", "another plan"],
    ["job", "job-2", "plan"],
  ])(
    "is dropped where the %s is another, and its launchers are refused only then",
    async (_what, jobId, key) => {
      const { ready, steps, work } = world();
      ready.begin("job-1", "plan", work("first"));
      const launcher = ready.mayLaunch("job-1").then((mayLaunch) => steps.push(`launcher ${mayLaunch}`));
      const taken = await ready.take(jobId, key, work("second"));
      expect(taken).toMatchObject({ name: "second" });
      await launcher;
      expect(steps).toEqual(["begin first", "drop first", "launcher false", "begin second"]);
      const other = ready.mayLaunch(jobId);
      expect(await now(other)).toBe("waits");
      taken.open();
      expect(await other).toBe(true);
    },
  );

  test("is dropped by who has taken it", async () => {
    const { ready, steps, work } = world();
    ready.begin("job-1", "plan", work("first"));
    const launcher = ready.mayLaunch("job-1");
    await (await ready.take("job-1", "plan", work("second"))).drop();
    expect(await launcher).toBe(false);
    expect(steps).toEqual(["begin first", "drop first"]);
  });

  test("is dropped before another begins", async () => {
    const { ready, steps, work } = world();
    ready.begin("job-1", "plan", work("first"));
    const launcher = ready.mayLaunch("job-1");
    ready.begin("job-2", "plan", work("second"));
    expect(await ready.take("job-2", "plan", work("third"))).toMatchObject({ name: "second" });
    expect(await launcher).toBe(false);
    expect(steps).toEqual(["begin first", "drop first", "begin second"]);
  });

  test("is dropped when nobody takes it in time, and not once it is taken", async () => {
    const { ready, steps, work, pass } = world();
    ready.begin("job-1", "plan", work("first"));
    await aMoment();
    pass();
    await aMoment();
    expect(steps).toEqual(["begin first", "drop first"]);
    ready.begin("job-2", "plan", work("second"));
    const taken = await ready.take("job-2", "plan", work("third"));
    pass();
    await aMoment();
    taken.open();
    expect(steps).toEqual(["begin first", "drop first", "begin second"]);
  });

  test("is begun anew where it could not be begun; what fails then is thrown, and no launcher waits", async () => {
    const { ready, steps, work } = world();
    const failing = () => Promise.reject(new Error("no process"));
    ready.begin("job-1", "plan", failing);
    expect(await ready.take("job-1", "plan", work("second"))).toMatchObject({ name: "second" });
    ready.begin("job-2", "plan", failing);
    await expect(ready.take("job-2", "plan", failing)).rejects.toThrow("no process");
    expect(await ready.mayLaunch("job-2")).toBe(true);
    expect(steps).toEqual(["begin second"]);
  });
});
