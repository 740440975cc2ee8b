import { describe, expect, test } from "@jest/globals";
import { readInputs, requirementsPlace } from "../../../../agent/environments/inputs.js";
import { environmentKey } from "../../../../agent/environments/key.js";
import { ENVIRONMENT_LIMITS } from "../../../../agent/environments/limits.js";
import { projectReferences, referencesOf } from "../../../../agent/environments/requirements-file.js";
import { queuedJob } from "../../../support/agent/jobs.js";

const NEVER = new AbortController().signal;

describe("what a list of requirements refers to", () => {
  test.each<[string, string[], string[]]>([
    ["numpy==2.4.6\n# -r no.txt\npandas[excel]>=2 ; python_version > '3'", [], []],
    [
      "-r base.txt\n-c limits.txt\n--requirement=a/b.txt\n--constraint c.txt\n-rclose.txt",
      ["base.txt", "limits.txt", "a/b.txt", "c.txt", "close.txt"],
      [],
    ],
    ["-r https://example.com/r.txt", [], []],
    ["-e .\n--editable ./lib[extra]\n-e git+https://example.com/x.git", [], [".", "./lib"]],
    ["--find-links ./wheels\n-f more\n-f https://example.com/wheels", [], ["./wheels", "more"]],
    [
      "./lib ; python_version > '3'\nwheels/a-1-py3-none-any.whl\nb-1.tar.gz",
      [],
      ["./lib", "wheels/a-1-py3-none-any.whl", "b-1.tar.gz"],
    ],
    [
      "mine @ file:///shared/lib\nother @ https://example.com/o.whl\nthird@./third",
      [],
      ["/shared/lib", "./third"],
    ],
    ["numpy \\\n  --hash=sha256:00\n--no-index\n--index-url https://example.com/simple", [], []],
  ])("%j", (text, lists, paths) => {
    expect(referencesOf(text)).toEqual({ lists, paths });
  });

  test("is a project's own folder where a dependency is in it", () => {
    expect(projectReferences('dependencies = ["numpy"]\n').paths).toEqual([]);
    expect(projectReferences('[tool.uv.sources]\nlib = { path = "lib" }\n').paths).toEqual(["."]);
    expect(projectReferences('dependencies = ["lib @ file:///shared/lib"]\n').paths).toEqual(["."]);
  });
});

describe("the inputs of an environment", () => {
  const sourceOf = (files: Readonly<Record<string, string>>) => {
    const digested: (readonly string[])[] = [];
    const reader = {
      read: async (path: string) => files[path] ?? null,
      async digest(_folder: string, paths: readonly string[]) {
        digested.push(paths);
        return `digest of ${paths.join(" ")}`;
      },
    };
    return { reader, digested };
  };
  const read = (files: Readonly<Record<string, string>>, file = "requirements.txt") =>
    readInputs({ folder: "/s", file }, "image", sourceOf(files).reader, NEVER);

  test("are the file, what it includes at any depth, once each, and no more", async () => {
    const files = {
      "/s/requirements.txt": "-r a/base.txt\nnumpy\n",
      "/s/a/base.txt": "-c limits.txt\n-r base.txt\n",
      "/s/a/limits.txt": "numpy<3\n",
      "/s/other.txt": "pandas\n",
    };
    const inputs = await read(files);
    expect("files" in inputs && [...inputs.files.keys()]).toEqual([
      "requirements.txt",
      "a/base.txt",
      "a/limits.txt",
    ]);
    expect(inputs).toMatchObject({ packages: null, image: "image" });
  });

  test("are the contents of the packages that it names in the source", async () => {
    const { reader, digested } = sourceOf({ "/s/requirements.txt": "./lib\n-f wheels\n" });
    const inputs = await readInputs({ folder: "/s", file: "requirements.txt" }, "image", reader, NEVER);
    expect(inputs).toMatchObject({ packages: "digest of ./lib wheels" });
    expect(digested).toEqual([["./lib", "wheels"]]);
  });

  test("of a project are its lock too; of a list, the project beside it only where it has uv's settings", async () => {
    const project = { "/s/pyproject.toml": "[project]\n", "/s/uv.lock": "version = 1\n" };
    const ofProject = await read(project, "pyproject.toml");
    expect("files" in ofProject && [...ofProject.files.keys()]).toEqual(["pyproject.toml", "uv.lock"]);
    const list = { ...project, "/s/requirements.txt": "numpy\n" };
    const ofList = await read(list);
    expect("files" in ofList && [...ofList.files.keys()]).toEqual(["requirements.txt"]);
    const settings = { ...list, "/s/pyproject.toml": "[tool.uv]\nno-index = true\n", "/s/uv.toml": "" };
    const withSettings = await read(settings);
    expect("files" in withSettings && [...withSettings.files.keys()]).toEqual([
      "requirements.txt",
      "uv.toml",
      "pyproject.toml",
    ]);
  });

  test.each([
    ["is missing", {}, /^the source has no file requirements\.txt \(in \/s\)$/],
    ["includes a missing one", { "/s/requirements.txt": "-r base.txt" }, /no file base\.txt/],
    [
      "includes too many",
      Object.fromEntries(
        Array.from({ length: ENVIRONMENT_LIMITS.files + 1 }, (_, n) => [
          n === 0 ? "/s/requirements.txt" : `/s/${n}.txt`,
          `-r ${n + 1}.txt`,
        ]),
      ),
      /includes more than 32 files/,
    ],
  ])("of a file that %s are a failure", async (_name, files, reason) => {
    expect(await read(files)).toMatchObject({
      reasonCode: "requirements-failed",
      reason: expect.stringMatching(reason),
    });
  });

  test.each<[string, object]>([
    ["a file's text", { files: new Map([["requirements.txt", "numpy==2"]]) }],
    ["a file's name", { files: new Map([["more.txt", "numpy"]]) }],
    ["a package in the source", { packages: "another" }],
    ["the image", { image: "another" }],
  ])("give another key with another %s", (_name, change) => {
    const inputs = { files: new Map([["requirements.txt", "numpy"]]), packages: null, image: "image" };
    expect(environmentKey(inputs)).toMatch(/^[0-9a-f]{32}$/);
    expect(environmentKey({ ...inputs })).toBe(environmentKey(inputs));
    expect(environmentKey({ ...inputs, ...change })).not.toBe(environmentKey(inputs));
  });

  test("give the same key in any order of the files", () => {
    const files = [
      ["a.txt", "1"],
      ["b.txt", "2"],
    ] as const;
    const keys = [files, files.toReversed()].map((each) =>
      environmentKey({ files: new Map(each), packages: null, image: "" }),
    );
    expect(keys[0]).toBe(keys[1]);
  });
});

test.each([
  ["requirements.txt", "/shared/.muster/jobs/", "requirements.txt"],
  ["a/b/requirements.txt", "/shared/.muster/jobs/", "requirements.txt"],
])("the place of %s is in the job's own folder", (path, start, file) => {
  const job = queuedJob();
  const inner = path.slice(0, -file.length).replace(/\/$/, "");
  const folder = `${start}${job.id}${inner === "" ? "" : `/${inner}`}`;
  expect(requirementsPlace(job, path)).toEqual({ folder, file });
});

test("the place of files on /shared is where they are", () => {
  const job = queuedJob("k", { source: { shared: { path: "/shared/app/" } } });
  expect(requirementsPlace(job, "env/requirements.txt")).toEqual({
    folder: "/shared/app/env",
    file: "requirements.txt",
  });
});
