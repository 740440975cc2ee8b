import { holdAlone } from "../only-run.mjs";

/** jest's hook before the examples: no other run uses their cloud. */
export default () => holdAlone("examples");
