// Exit status 0: node_modules holds what package-lock.json lists. Plain JavaScript: it runs before node_modules is there.
// npm keeps the list of what it installed in node_modules/.package-lock.json; packages for other platforms are not in it.
const { readFileSync } = require("node:fs");
const { join } = require("node:path");

const root = process.argv[2];

function readPackages(...path) {
  return JSON.parse(readFileSync(join(root, ...path), "utf8")).packages;
}

function isCurrent() {
  const wanted = readPackages("package-lock.json");
  const installed = readPackages("node_modules", ".package-lock.json");
  const isWanted = ([path, entry]) => wanted[path]?.version === entry.version;
  const isThere = ([path, entry]) => path === "" || entry.optional === true || path in installed;
  return Object.entries(installed).every(isWanted) && Object.entries(wanted).every(isThere);
}

try {
  process.exitCode = isCurrent() ? 0 : 1;
} catch {
  process.exitCode = 1; // a file is missing or incomplete: npm must install again
}
