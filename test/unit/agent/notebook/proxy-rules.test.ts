import { describe, expect, test } from "@jest/globals";
import { type ProxiedRequest, proxyRefusal } from "../../../../agent/notebook/proxy-rules.js";

const OWN = "10.0.0.9";
const refusal = (over: Partial<ProxiedRequest>) =>
  proxyRefusal(
    {
      ...{ url: "/notebook/lab", host: "127.0.0.1:4000", origin: undefined, fetchSite: undefined },
      ...over,
    },
    OWN,
  )?.code ?? null;

describe("a request to JupyterLab passes", () => {
  test.each<[string, Partial<ProxiedRequest>]>([
    ["from a program", {}],
    ["from its own page", { origin: "http://127.0.0.1:4000", fetchSite: "same-origin" }],
    ["from a person's address bar", { fetchSite: "none" }],
    ["by name", { host: "localhost:4000", origin: "http://localhost:4000" }],
    ["over IPv6", { host: "[::1]:4000", origin: "http://[::1]:4000" }],
    ["at the node itself", { host: `${OWN}:8471`, origin: `https://${OWN}:8471` }],
    ["with a query of any kind", { url: "/notebook/lab?next=..%2f..%2f" }],
    ["to a file with dots in its name", { url: "/notebook/api/contents/a..b/...txt" }],
    ["to a file with a space and umlauts", { url: "/notebook/api/contents/%20%C3%A4" }],
  ])("%s", (_case, over) => expect(refusal(over)).toBeNull());
});

describe("another site's request is refused", () => {
  test.each<[string, Partial<ProxiedRequest>]>([
    ["a foreign origin", { origin: "https://evil.example" }],
    ["a blank one, as some proxies send", { origin: "" }],
    ["null, as a sandboxed page sends", { origin: "null" }],
    ["another port of this machine", { origin: "http://127.0.0.1:4001" }],
    ["an origin that begins like ours", { origin: "http://127.0.0.1:4000.evil.example" }],
    ["a link or a form of another site", { fetchSite: "cross-site" }],
    ["a page at another port", { fetchSite: "same-site" }],
    ["a name that was rebound, with its own origin", { host: "evil.example", origin: "http://evil.example" }],
    ["a host that begins like ours", { host: "127.0.0.1.evil.example:4000" }],
    ["another node's address", { host: "10.0.0.8:8471" }],
    ["no host", { host: undefined }],
    ["two hosts in one", { host: "127.0.0.1:4000, evil.example" }],
  ])("%s", (_case, over) => expect(refusal(over)).toBe("cross-site"));
});

describe("a path that leads elsewhere is refused", () => {
  test.each([
    "/v1/status",
    "/",
    "/notebook",
    "/notebookx/lab",
    "http://127.0.0.1:8888/notebook/lab",
    "//evil.example/notebook/",
    "/notebook/../v1/status",
    "/notebook/./lab",
    "/notebook/%2e%2e/v1",
    "/notebook/.%2E/v1",
    "/notebook/a%2f..%2fb",
    "/notebook/a%5c..%5cb",
    "/notebook/..\\v1",
    "/notebook/a%00b",
    "/notebook/a\tb",
    "/notebook/%zz",
    "/notebook/%ff",
  ])("%s", (url) => expect(refusal({ url })).toBe("path-refused"));
});
