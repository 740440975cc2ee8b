// From quick to slow: `unit` needs nothing, `integration` needs the emulator and Terraform,
// `e2e` needs root for local nodes. scripts/test runs these three. `examples` is `npm run examples`: every example, on local nodes too.
const shared = {
  rootDir: import.meta.dirname,
  testEnvironment: "node",
  transform: {
    "^.+\\.(ts|js)$": [
      "@swc/jest",
      { jsc: { target: "es2024", parser: { syntax: "typescript" } }, module: { type: "commonjs" } },
    ],
  },
  // What is ESM only is compiled too.
  transformIgnorePatterns: ["/node_modules/(?!(p-map)/)"],
  // Sources import with the .js ending that Node's ESM asks for; under jest the file is the .ts beside it.
  moduleNameMapper: { "^(\\.{1,2}/.*)\\.js$": "$1" },
  moduleFileExtensions: ["ts", "js", "cjs", "mjs", "json", "node"],
  setupFilesAfterEnv: ["<rootDir>/test/support/patience.ts"],
};

export default {
  testSequencer: "<rootDir>/test/support/longest-first.mjs",
  projects: [
    { ...shared, displayName: "unit", testMatch: ["<rootDir>/test/unit/**/*.test.ts"] },
    { ...shared, displayName: "integration", testMatch: ["<rootDir>/test/integration/**/*.test.ts"] },
    {
      ...shared,
      displayName: "e2e",
      testMatch: ["<rootDir>/test/e2e/**/*.test.ts"],
      globalSetup: "<rootDir>/test/support/shared-cluster/begin.mjs",
      globalTeardown: "<rootDir>/test/support/shared-cluster/take-down.mjs",
    },
    {
      ...shared,
      displayName: "examples",
      testMatch: ["<rootDir>/test/examples/**/*.test.ts"],
      globalSetup: "<rootDir>/test/support/examples/begin.mjs",
    },
  ],
};
