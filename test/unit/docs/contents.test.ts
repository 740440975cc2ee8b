import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { trackedFiles } from "../../support/docs/import-graph.js";
import { tableRows } from "../../support/docs/tables.js";

const contents = readFileSync("docs/README.md", "utf8");
const linked = [...contents.matchAll(/\]\(([^)#]+)/g)].map(([, path = ""]) => join("docs", path));

describe("the contents of the documentation", () => {
  test("lead to every page, and to none that there is not", () => {
    const pages = trackedFiles("docs").filter(
      (file) => /\.(md|json)$/.test(file) && file !== "docs/README.md",
    );
    expect(pages.filter((page) => !linked.includes(page))).toEqual([]);
    expect(linked.filter((path) => !existsSync(path))).toEqual([]);
  });

  test("are found from the project's first page", () => {
    expect(readFileSync("README.md", "utf8")).toContain("](docs/README.md)");
  });
});

describe("the guide from Bodo's platform", () => {
  const guide = readFileSync("docs/guides/from-bodo.md", "utf8");
  /** The titles of the platform's documentation, in its order. */
  const SECTIONS = [
    "Registration",
    "Setting AWS Credentials",
    "Create a Cross-Account IAM Role",
    "Create the IAM Role Manually",
    "Let the Bodo Platform create the IAM Role",
    "Creating Clusters",
    "Attaching a Notebook to a Cluster",
    "Connecting to a Cluster",
    "Connecting with a Notebook Terminal",
    "SSH From Your Machine",
    "Verify your Connection",
    "Running a Job",
    "Resources Created in Your AWS Environment",
    "AWS Account Cleanup",
    "Billing",
  ];

  test("has each section of that documentation, and leads to a page for it", () => {
    const rows = tableRows(guide, "## Section by section");
    expect(rows.map(([section]) => section)).toEqual(SECTIONS);
    for (const [, here = ""] of rows) expect(here).toMatch(/\]\([\w-]+\.md/);
  });
});
