import { holdAlone } from "../only-run.mjs";
import takeDown from "./take-down.mjs";

/** jest's hook before the e2e project's files: no other run uses their clouds, and what a killed run has left of them is gone. */
export default async function begin() {
  await holdAlone("e2e");
  takeDown();
}
