import { expect, test } from "@jest/globals";
import { proxyVariables } from "../../../../agent/contract/proxy.js";
import { clusterVariables } from "../../../../agent/jobs/cluster-variables.js";

const PROXY = { https: "http://proxy:3128", noProxy: ["169.254.169.254", ".acme.internal"], jobs: false };
const VARIABLES = {
  ...{ HTTPS_PROXY: "http://proxy:3128", https_proxy: "http://proxy:3128" },
  ...{ NO_PROXY: "169.254.169.254,.acme.internal", no_proxy: "169.254.169.254,.acme.internal" },
};

test("a proxy is given in both spellings, without the one that is not there", () => {
  expect(proxyVariables(PROXY)).toEqual(VARIABLES);
  expect(proxyVariables({ ...PROXY, http: "http://other:80" })).toMatchObject({
    http_proxy: "http://other:80",
  });
  expect(proxyVariables(undefined)).toEqual({});
});

test("jobs have it only where the cluster says so, beside their role", () => {
  expect(clusterVariables({ proxy: PROXY }, "us-east-1")).toEqual({});
  expect(clusterVariables({ proxy: { ...PROXY, jobs: true } }, "us-east-1")).toEqual(VARIABLES);
  const jobRoleArn = "arn:aws:iam::123456789012:role/jobs";
  const both = clusterVariables({ proxy: { ...PROXY, jobs: true }, jobRoleArn }, "us-east-1");
  expect(both).toMatchObject({ ...VARIABLES, AWS_REGION: "us-east-1" });
});
