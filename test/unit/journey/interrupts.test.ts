import { describe, expect, test } from "@jest/globals";
import { createInterrupts } from "../../../scripts/journey/interrupts.js";

/** Work that goes on until its signal aborts. */
const open = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => signal.addEventListener("abort", () => resolve()));

describe("a Ctrl-C", () => {
  test("ends the journey, and says so once", () => {
    const ended: string[] = [];
    const interrupts = createInterrupts((name) => void ended.push(name));
    interrupts.interrupt("SIGINT");
    interrupts.interrupt("SIGTERM");
    expect([ended, interrupts.signal.aborted]).toEqual([["SIGINT"], true]);
  });

  test("while a notebook is open ends that alone; the next one ends the journey", async () => {
    const ended: string[] = [];
    const interrupts = createInterrupts((name) => void ended.push(name));
    const opened = interrupts.untilInterrupted(open);
    interrupts.interrupt("SIGINT");
    await opened;
    expect([ended, interrupts.signal.aborted]).toEqual([[], false]);
    interrupts.interrupt("SIGINT");
    expect(interrupts.signal.aborted).toBe(true);
  });

  test("while an open notebook is already closing ends the journey", () => {
    const interrupts = createInterrupts(() => undefined);
    void interrupts.untilInterrupted(() => new Promise(() => undefined));
    interrupts.interrupt("SIGINT");
    interrupts.interrupt("SIGINT");
    expect(interrupts.signal.aborted).toBe(true);
  });

  test("after a notebook that failed ends the journey", async () => {
    const interrupts = createInterrupts(() => undefined);
    const failing = interrupts.untilInterrupted(() => Promise.reject(new Error("no node")));
    await expect(failing).rejects.toThrow("no node");
    interrupts.interrupt("SIGINT");
    expect(interrupts.signal.aborted).toBe(true);
  });
});
