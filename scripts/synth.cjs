// What cdktf runs in a checkout: stacks/main.ts, compiled in memory as one file. To have tsx compile each file takes twice as long.
const { join } = require("node:path");
const { setSourceMapsSupport } = require("node:module");
const { buildSync } = require("esbuild");

const main = join(__dirname, "../stacks/main.ts");
const { outputFiles } = buildSync({
  ...{ entryPoints: [main], bundle: true, platform: "node", format: "cjs", packages: "external" },
  ...{ outfile: main, write: false, sourcemap: "inline", logLevel: "warning" },
});
// Not for the packages: to read all of their maps takes as long as the rest.
setSourceMapsSupport?.(true, { nodeModules: false });
module._compile(outputFiles[0].text, main);
