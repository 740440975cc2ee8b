import { describe, expect, test } from "@jest/globals";
import { createClusterHold, type HoldRequest } from "../../../../agent/notebook/cluster-hold.js";
import { manualClock } from "../../../support/manual-clock.js";

function head() {
  const clock = manualClock(100_000);
  const state = {
    term: { generation: 3, startedAtMs: 0, isShared: false } as {
      generation: number;
      startedAtMs: number;
      isShared: boolean;
    } | null,
    job: null as string | null,
  };
  const hold = createClusterHold({ term: () => state.term, runningJob: () => state.job, clock });
  const ask = (action: HoldRequest["action"], notebook = "a", kernel = "kernel-1") =>
    hold.ask({ notebook, kernel, action });
  return { state, clock, ask, holder: hold.holder };
}

describe("the head gives the cluster to one MPI kernel", () => {
  test("and to another when that has let it go", () => {
    const { ask } = head();
    expect(ask("take").refused).toBeNull();
    expect(ask("take", "b", "kernel-2").refused).toBe("an MPI kernel of notebook a has it");
    expect(ask("take", "a", "kernel-2").refused).toBe("an MPI kernel of notebook a has it");
    expect(ask("keep", "b", "kernel-2").refused).not.toBeNull();
    ask("release", "b", "kernel-2");
    expect(ask("keep").refused).toBeNull();
    ask("release");
    expect(ask("take", "b", "kernel-2").refused).toBeNull();
  });

  test("and to another when nothing is heard of that for 40 s", () => {
    const { ask, clock } = head();
    ask("take");
    clock.advance(39_999);
    expect(ask("take", "b", "kernel-2").refused).not.toBeNull();
    clock.advance(1);
    expect(ask("take", "b", "kernel-2").refused).toBeNull();
  });

  test("and not while a job runs, which takes it from none that has it", () => {
    const { ask, state } = head();
    state.job = "j-1";
    expect(ask("take").refused).toBe("job j-1 runs there");
    state.job = null;
    ask("take");
    state.job = "j-2";
    expect([ask("keep").refused, ask("take").refused]).toEqual([null, null]);
  });

  test("and to all where it is shared", () => {
    const { ask, state } = head();
    state.term = { generation: 3, startedAtMs: 0, isShared: true };
    state.job = "j-1";
    expect([ask("take").refused, ask("take", "b", "kernel-2").refused]).toEqual([null, null]);
  });
});

test("jobs of the notebook whose kernel has it may begin, and of no other, until it is let go or forgotten", () => {
  const { ask, holder, clock, state } = head();
  expect(holder()).toBeNull();
  ask("take");
  expect(holder()).toBe("a");
  ask("release");
  expect(holder()).toBeNull();
  ask("take", "b", "kernel-2");
  clock.advance(40_000);
  expect(holder()).toBeNull();
  ask("take");
  state.term = null;
  expect(holder()).toBeNull();
});

describe("a new head", () => {
  test("first hears which kernel has it", () => {
    const { ask, state, clock } = head();
    ask("take");
    state.term = { generation: 4, startedAtMs: clock.monotonicMs(), isShared: false };
    expect(ask("take", "b", "kernel-2")).toMatchObject({ isEarly: true });
    expect(ask("keep").refused).toBeNull();
    clock.advance(12_500);
    expect(ask("take", "b", "kernel-2").refused).toBe("an MPI kernel of notebook a has it");
  });

  test("gives it where none says that it has it", () => {
    const { ask, state, clock } = head();
    ask("take");
    state.term = { generation: 4, startedAtMs: clock.monotonicMs(), isShared: false };
    clock.advance(12_500);
    expect(ask("take", "b", "kernel-2").refused).toBeNull();
  });

  test("is none any more: it gives nothing", () => {
    const { ask, state } = head();
    state.term = null;
    expect(() => ask("take")).toThrow(expect.objectContaining({ code: "not-head" }));
  });
});
