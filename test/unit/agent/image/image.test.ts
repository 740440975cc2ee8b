import { readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { JOB_ROLE_PORT } from "../../../../agent/contract/job-role.js";
import { AGENT_PORT, PROBES_PORT } from "../../../../agent/contract/names.js";
import {
  AGENTS_OWNER,
  JOB_USER,
  LAUNCH_USER,
  LOGIN_GROUP,
} from "../../../../agent/contract/node-accounts.js";

const recipe = readFileSync("agent/image/recipe.sh", "utf8");

describe("the recipe's accounts are the contract's", () => {
  test("groups", () => {
    const made = [...recipe.matchAll(/groupadd --gid (\d+) (\S+)/g)].map(([, gid, name]) => [
      name,
      Number(gid),
    ]);
    expect(made).toEqual([JOB_USER, LAUNCH_USER, LOGIN_GROUP].map(({ name, gid }) => [name, gid]));
  });

  test("users, with their group and home", () => {
    const made = [...recipe.matchAll(/useradd --uid (\d+) --gid (\d+) (.*)$/gm)].map(
      ([, uid, gid, rest = ""]) => ({
        name: rest.split(" ").at(-1),
        uid: Number(uid),
        gid: Number(gid),
        home: /--home-dir (\S+)/.exec(rest)?.[1] ?? `/home/${rest.split(" ").at(-1)}`,
      }),
    );
    expect(made).toEqual([JOB_USER, LAUNCH_USER]);
  });

  test("the owner of the agents' folder is none of them", () => {
    expect(recipe).not.toContain(String(AGENTS_OWNER.uid));
    expect(recipe).not.toContain(String(AGENTS_OWNER.gid));
  });
});

test("only root can listen where the job role's credentials are, and where the probes are without TLS", () => {
  for (const port of [JOB_ROLE_PORT, PROBES_PORT]) expect(port).toBeLessThan(1_024);
  expect(PROBES_PORT).not.toBe(JOB_ROLE_PORT);
  expect(readFileSync("agent/image/files/etc/sysctl.d/50-muster.conf", "utf8")).not.toContain(
    "unprivileged_port",
  );
});

test("the packet filter lets root alone answer at the agents' port", () => {
  const rules = readFileSync("agent/image/files/etc/nftables.conf", "utf8");
  expect(rules).toContain(`tcp sport ${AGENT_PORT} meta skuid != 0 counter drop`);
});
