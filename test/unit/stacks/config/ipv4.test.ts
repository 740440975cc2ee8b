import { describe, expect, test } from "@jest/globals";
import { type Ipv4Range, parseCidr, quartersOf, usableAddresses } from "../../../../stacks/config/ipv4.js";

function range(text: string): Ipv4Range {
  const parsed = parseCidr(text);
  if (parsed === null) throw new Error(`not a range: ${text}`);
  return parsed;
}

describe("parseCidr", () => {
  test.each(["0.0.0.0/0", "10.20.0.0/16", "192.168.255.255/32", "255.255.255.0/24"])("keeps %s", (text) => {
    expect(`${range(text)}`).toBe(text);
  });

  test.each([
    ["10.20.3.4/16", "10.20.0.0/16"],
    ["200.1.2.255/25", "200.1.2.128/25"],
    ["1.2.3.4/0", "0.0.0.0/0"],
    ["1.2.3.4/32", "1.2.3.4/32"],
  ])("%s is in %s", (given, expected) => {
    expect(`${range(given)}`).toBe(expected);
  });

  test.each([
    "10.0.0.0",
    "10.0.0/16",
    "10.0.0.256/24",
    "10.0.0.0/33",
    "10.0.0.0/",
    "10.0.0.0/08",
    "10.0.0.0/255.255.0.0",
    "10.0.0.0/16/16",
    "010.0.0.0/16",
    "0x0a.0.0.0/16",
    "::/0",
    " 10.0.0.0/8",
    "",
  ])("refuses '%s'", (text) => {
    expect(parseCidr(text)).toBeNull();
  });
});

test.each([
  ["10.20.0.0/16", ["10.20.0.0/18", "10.20.64.0/18", "10.20.128.0/18", "10.20.192.0/18"]],
  ["192.168.7.0/24", ["192.168.7.0/26", "192.168.7.64/26", "192.168.7.128/26", "192.168.7.192/26"]],
  ["255.255.255.0/24", ["255.255.255.0/26", "255.255.255.64/26", "255.255.255.128/26", "255.255.255.192/26"]],
])("quarters of %s", (whole, quarters) => {
  expect(quartersOf(range(whole)).map(String)).toEqual(quarters);
});

test.each([
  ["10.0.0.0/8", "10.255.0.0/16", true],
  ["10.0.0.0/8", "11.0.0.0/16", false],
  ["172.16.0.0/12", "172.31.0.0/16", true],
  ["172.16.0.0/12", "172.32.0.0/16", false],
  ["10.0.0.0/16", "10.0.0.0/15", false],
])("%s contains %s: %s", (outer, inner, expected) => {
  expect(range(outer).contains(range(inner))).toBe(expected);
});

test("AWS keeps five addresses of each subnet", () => {
  expect(usableAddresses(range("10.0.0.0/26"))).toBe(59);
});
