import { takeDown } from "../clouds/hooks.mjs";

/** jest's hook after the e2e project's files. */
export default () => takeDown("e2e");
