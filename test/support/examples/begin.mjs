import { begin } from "../clouds/hooks.mjs";

/** jest's hook before the examples. */
export default () => begin("examples");
