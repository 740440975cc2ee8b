import { beforeEach, describe, expect, test } from "@jest/globals";
import { IMAGE_TAG } from "../../../../../agent/contract/image/names.js";
import { TAG } from "../../../../../agent/contract/names.js";
import type { Outcome } from "../../../../../provider/core/apply.js";
import { ImageStory, report } from "../../../../support/provider/image-story.js";
import { BASE } from "../../../../support/provider/memory-images.js";

let story: ImageStory;
beforeEach(() => {
  story = new ImageStory();
});
const shown = ({ diagnostics }: Outcome) =>
  diagnostics.map(({ code, reasonCode = null }) => [code, reasonCode]);
/** Nothing that costs anything, and nothing that a cluster could boot. */
function expectNothingLeft(): void {
  expect(story.memory.live()).toEqual([]);
  expect(story.memory.amis).toEqual([]);
}

describe("a bake", () => {
  test("starts a builder, waits, makes the AMI, ends the builder, and marks the AMI as whole", async () => {
    const state = await story.applied({ packages: ["gdb"], steps: [{ name: "motd", script: "true" }] });
    const id = String(state["id"]);
    expect(id).toMatch(/^mpi-1\.0\.0-[0-9a-f]{8}$/);
    expect(state).toMatchObject({
      image_id: "ami-1",
      base_image_id: BASE.id,
      images: { "us-east-1": "ami-1" },
      shares: [],
    });
    const [ami] = story.memory.amis;
    expect(ami?.tags).toMatchObject({
      [TAG.ORG]: "acme",
      [TAG.IMAGE]: "mpi",
      [IMAGE_TAG.BUILD]: id,
      [IMAGE_TAG.VERSION]: "1.0.0",
      Name: `muster-acme-${id}`,
    });
    expect(story.memory.live()).toEqual([]);
    expect([...story.memory.texts.keys()]).toEqual([
      `images/builds/${id}/steps/01-packages`,
      `images/builds/${id}/steps/02-motd`,
    ]);
    expect(await story.refreshed(state)).toEqual(state);
    expect(
      story.plan(state, { packages: ["gdb"], steps: [{ name: "motd", script: "true" }] }).planned,
    ).toEqual(state);
  });

  test("gives the builder a token, tags, and a script with the bucket", async () => {
    const state = await story.applied();
    const launch = story.memory.builders.get("i-0")?.launch;
    expect(launch).toMatchObject({
      image: state["id"],
      base: BASE,
      encryption: null,
      instanceProfile: "builder",
    });
    expect(launch?.tags).not.toHaveProperty(TAG.IMAGE);
    expect(launch?.userData).toContain("muster-acme-logs-1");
  });

  test("says how far it is", async () => {
    story.builder = (image, seconds) => {
      if (seconds >= 60) story.finish(image);
      else story.memory.reports.set(image, report(image, { at: seconds, step: "Python packages" }));
    };
    await story.applied();
    expect(story.logged).toContainEqual(expect.stringContaining("recipe: Python packages (0 steps done)"));
  });

  test("bears a builder that boots for 14 minutes before it says anything, and one that is silent for 4 after that", async () => {
    story.builder = (image, seconds) => {
      if (seconds === 840) story.memory.reports.set(image, report(image, { at: seconds }));
      if (seconds >= 1_080) story.finish(image);
    };
    await story.applied();
  });

  test.each([
    [55, []],
    [60, [["image-bake-failed", "image-builder-lost"]]],
  ])("bears an instance that EC2 does not know for %d s, of a minute at most", async (seconds, expected) => {
    const { readBuilder } = story.memory.port;
    let now = 0;
    story.builder = (image, at) => {
      now = at;
      if (at > seconds) story.finish(image);
    };
    Object.assign(story.memory.port, {
      readBuilder: async (id: string) => (now <= seconds ? null : readBuilder(id)),
    });
    expect(shown(await story.apply())).toEqual(expected);
  });

  test("waits until EC2 knows the AMI, and has made it", async () => {
    const { list } = story.memory.port;
    const left: (string | null)[] = [null, "pending"];
    Object.assign(story.memory.port, {
      list: async (...args: Parameters<typeof list>) => {
        const amis = await list(...args);
        const state = amis.length === 0 ? undefined : left.shift();
        return state === undefined ? amis : state === null ? [] : amis.map((ami) => ({ ...ami, state }));
      },
    });
    const { image_id } = await story.applied();
    expect(image_id).toBe("ami-1");
    for (const progress of ["not known yet", "pending"])
      expect(story.logged).toContainEqual(expect.stringMatching(new RegExp(`the AMI ami-1 .*${progress}`)));
  });

  test.each<[string, (image: string, seconds: number) => void, string, RegExp]>([
    [
      "a failed step, with its last lines",
      (image) =>
        void story.memory.reports.set(
          image,
          report(image, {
            ok: false,
            phase: "steps",
            step: "02-motd",
            steps: [{ name: "02-motd", seconds: 1, exitCode: 7 }],
            lastLines: "no such file",
          }),
        ),
      "image-step-failed",
      /The step "02-motd" has failed with exit code 7\.[\s\S]*no such file[\s\S]*Next: /,
    ],
    [
      "a failed check",
      (image) =>
        void story.memory.reports.set(image, report(image, { ok: false, phase: "checks", step: "MPI" })),
      "image-check-failed",
      /"MPI"/,
    ],
    [
      "a builder that was terminated",
      (image) => story.setBuilder(image, "terminated", "Client.UserInitiatedShutdown"),
      "image-builder-lost",
      /Client\.UserInitiatedShutdown[\s\S]*Kernel panic/,
    ],
    [
      "a builder that says nothing",
      () => undefined,
      "image-builder-silent",
      /put no report for 15m[\s\S]*Kernel panic/,
    ],
    [
      "a builder that stands still",
      (image, seconds) =>
        void (seconds < 60 && story.memory.reports.set(image, report(image, { at: seconds }))),
      "image-builder-silent",
      /for 5m/,
    ],
    [
      "one that takes too long",
      (image, seconds) => void story.memory.reports.set(image, report(image, { at: seconds })),
      "image-not-ready-in-time",
      /1h30m|90m/,
    ],
  ])("%s fails, and leaves nothing", async (_, builder, reasonCode, words) => {
    story.builder = builder;
    const outcome = await story.apply();
    expect(shown(outcome)).toEqual([["image-bake-failed", reasonCode]]);
    expect(outcome.diagnostics[0]?.detail).toMatch(words);
    // What the builder itself says of a failure needs no console.
    const isItsOwnWord = ["image-step-failed", "image-check-failed"].includes(reasonCode);
    expect(outcome.diagnostics[0]?.detail?.includes("Kernel panic")).toBe(!isItsOwnWord);
    expect(outcome.diagnostics[0]?.detail?.includes("Its last lines:")).toBe(
      reasonCode === "image-step-failed",
    );
    expectNothingLeft();
    // What the state has of it is deleted by the next apply.
    expect((await story.destroy(outcome.state ?? {})).state).toBeNull();
  });

  test.each([
    [null, "EC2 gives no reason"],
    ["Client.InternalError", "Client.InternalError"],
  ])(
    "an AMI that EC2 can't make fails with EC2's reason, and is deregistered: %s",
    async (stateReason, words) => {
      story.memory.newState = "failed";
      const { list } = story.memory.port;
      Object.assign(story.memory.port, {
        list: async (...args: Parameters<typeof list>) =>
          (await list(...args)).map((ami) => ({ ...ami, stateReason })),
      });
      const outcome = await story.apply();
      expect(shown(outcome)).toEqual([["image-bake-failed", "image-snapshot-failed"]]);
      expect(outcome.diagnostics[0]?.detail).toContain(`The AMI ami-1 is failed: ${words}.`);
      expectNothingLeft();
    },
  );

  test("an AMI that stays pending fails when the time is up, and is deregistered", async () => {
    story.memory.newState = "pending";
    const outcome = await story.apply();
    expect(shown(outcome)).toEqual([["image-bake-failed", "image-not-ready-in-time"]]);
    expect(outcome.diagnostics[0]?.detail).toMatch(
      /waiting for the AMI ami-1 of image mpi.*last seen: pending/,
    );
    expectNothingLeft();
  });

  test.each(["putRecipe", "startBuilder", "readBuilder", "readReport", "createAmi", "endBuilder", "tag"])(
    "whatever fails leaves nothing: %s",
    async (call) => {
      story.memory.failing.set(call, "a reason");
      const outcome = await story.apply();
      expect(outcome.diagnostics[0]?.detail).toContain("a reason");
      expectNothingLeft();
    },
  );

  test.each(["startBuilder", "createAmi", "endBuilder", "tag"])(
    "a call that is done, but whose answer is lost, leaves nothing: %s",
    async (call) => {
      story.memory.lost.add(call);
      const outcome = await story.apply();
      expect(outcome.diagnostics[0]?.detail).toContain("a reason");
      expectNothingLeft();
    },
  );

  test("a Ctrl-C at any moment leaves nothing", async () => {
    story.builder = () => story.interrupt();
    const outcome = await story.apply();
    expect(shown(outcome)).toEqual([["interrupted", null]]);
    expectNothingLeft();
  });

  test("what can't be removed is said", async () => {
    story.builder = (image) => story.setBuilder(image, "terminated");
    story.memory.failing.set("readBuilder", "one");
    const first = story.memory.port.removeUnfinished;
    let calls = 0;
    Object.assign(story.memory.port, {
      removeUnfinished: async (...args: Parameters<typeof first>) => {
        calls += 1;
        if (calls === 2) story.memory.failing.set("removeUnfinished", "another");
        return first(...args);
      },
    });
    const outcome = await story.apply();
    expect(outcome.diagnostics.map(({ code }) => code)).toEqual(["aws-refused", "image-not-cleared"]);
  });

  test("begins with removing what a bake of the family has left that was killed", async () => {
    await story.memory.port.startBuilder({
      image: "mpi-0.9.0-00000000",
    } as Parameters<typeof story.memory.port.startBuilder>[0]);
    await story.applied();
    expect(story.memory.builders.get("i-0")?.state).toBe("terminated");
    expect(story.memory.live()).toEqual([]);
  });
});

describe("what a bake begins with", () => {
  test.each<[string, () => void, object, string]>([
    ["no base", () => (story.memory.base = null), {}, "image-base-missing"],
    [
      "a base for another processor",
      () => (story.memory.base = { ...BASE, architecture: "arm64" }),
      {},
      "image-base-unfit",
    ],
    [
      "AWS's own key, and accounts",
      () => undefined,
      { encrypted: true, accounts: ["222222222222"] },
      "image-key-not-shareable",
    ],
    [
      "an alias of AWS's own, and accounts",
      () => undefined,
      { encrypted: true, accounts: ["222222222222"], kms_key_ids: { "us-east-1": "alias/aws/ebs" } },
      "image-key-not-shareable",
    ],
    [
      "an account that encrypts each disk",
      () => (story.memory.isEncryptedByDefault = true),
      { accounts: ["222222222222"] },
      "image-key-not-shareable",
    ],
  ])("%s is refused before anything is started", async (_, prepare, change, code) => {
    prepare();
    expect(shown(await story.apply(change as never))).toEqual([[code, null]]);
    expect(story.memory.builders.size).toBe(0);
  });

  test("an image that can't be shared is refused with its accounts and the regions that have no key", async () => {
    const { diagnostics } = await story.apply({
      ...{ encrypted: true, accounts: ["222222222222", "333333333333"], regions: ["us-west-2"] },
      kms_key_ids: { "us-east-1": "alias/ours" },
    });
    expect(diagnostics.map(({ detail }) => detail)).toEqual([
      "accounts is 222222222222, 333333333333, but kms_key_ids has no key of your own for us-west-2. Nothing was started.",
    ]);
  });

  test.each([
    ["that was asked for, at its attribute", "ami-0gone", [["base_ami"]], "ami-0gone is not there"],
    ["of Debian's, at none", null, [[]], "The newest official Debian 13 for x86_64 is not there"],
  ])("a base %s is shown to be missing", async (_name, base_ami, paths, detail) => {
    story.memory.base = null;
    const { diagnostics } = await story.apply({ base_ami } as never);
    expect(diagnostics.map(({ path }) => path ?? [])).toEqual(paths);
    expect(diagnostics[0]?.detail).toContain(detail);
  });

  test("a builder that EC2 would not start is refused with all that is in the way, and nothing is started or put anywhere", async () => {
    story.account = {
      ...story.account,
      quotas: new Map([["L-1216C47A", { value: 1 }]]),
      offerings: { value: [] },
    };
    const outcome = await story.apply();
    expect(shown(outcome)).toEqual([["image-builder-hopeless", null]]);
    expect(outcome.diagnostics[0]?.detail).toMatch(
      /^vcpus: .*2 vCPUs for the builder of image mpi[\s\S]*\noffering: /,
    );
    expect(story.memory.builders.size).toBe(0);
    expect(story.asked[0]?.builders).toEqual([
      {
        ...{ family: "mpi", instanceType: "m6i.large", baseAmi: null },
        place: { subnetIds: ["subnet-0123456789abcdef0"] },
      },
    ]);
  });

  test("checks of the builder are skipped by name, and what can't be asked stops nothing", async () => {
    story.account = {
      ...story.account,
      quotas: new Map([["L-1216C47A", { value: 1 }]]),
      offerings: { unknown: { why: "no right", right: "ec2:DescribeInstanceTypeOfferings" } },
    };
    expect(shown(await story.apply({ skip_checks: ["image"] }))).toEqual([["image-builder-hopeless", null]]);
    await story.applied({ skip_checks: ["vcpus"] });
    expect(story.logged).toContainEqual(expect.stringContaining("offering was not checked"));
    const before = story.asked.length;
    await story.applied({ skip_checks: ["vcpus", "offering", "image"] });
    expect(story.asked).toHaveLength(before);
  });

  test("a deprecated base is used, with a warning", async () => {
    story.memory.base = { ...BASE, isDeprecated: true };
    const { state, diagnostics } = await story.apply({ base_ami: BASE.id });
    expect(diagnostics).toMatchObject([{ severity: "warning", code: "image-base-deprecated" }]);
    expect(state).toMatchObject({ base_image_id: BASE.id });
  });
});
