import { expect, test } from "@jest/globals";
import { CANNOT_START, NotebookStory } from "../../../support/provider/notebook-story.js";

test("the console of a notebook's node that has said something is not taken for its state", async () => {
  const story = new NotebookStory();
  // Of an earlier start of the agent, which could not; it starts again by itself.
  story.console = [CANNOT_START];
  let looks = 0;
  story.meanwhile = () => {
    looks += 1;
    story.observe(looks < 60 ? { phase: "readiness-probes", failingProbes: ["jupyter"] } : {});
  };
  const { diagnostics } = await story.apply(story.plan());
  expect([diagnostics, story.item?.status, looks]).toEqual([[], "FINISHED", 60]);
});
