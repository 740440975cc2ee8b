/** The oldest major version of Node.js that the shipped programs run on; package.json's `engines` and the starters say the same. */
export const OLDEST_NODE = 22;
