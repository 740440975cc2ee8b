import { begin } from "../clouds/hooks.mjs";

/** jest's hook before the e2e project's files. */
export default () => begin("e2e");
