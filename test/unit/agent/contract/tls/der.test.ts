import { expect, test } from "@jest/globals";
import { integer, tagged, time } from "../../../../../agent/contract/tls/der.js";

test.each([
  [0x7f, "047f"],
  [0x80, "048180"],
  [0xff, "0481ff"],
  [0x100, "04820100"],
])("content of %d bytes has the shortest length", (length, header) => {
  expect(tagged(0x04, Buffer.alloc(length)).toString("hex")).toBe(header + "00".repeat(length));
});

test.each([
  ["00", "020100"],
  ["0000", "020100"],
  ["7f", "02017f"],
  ["80", "02020080"],
  ["0080", "02020080"],
  ["000001", "020101"],
  ["000102", "02020102"],
  ["ff01", "020300ff01"],
])("the integer %s is positive and minimal", (bytes, expected) => {
  expect(integer(Buffer.from(bytes, "hex")).toString("hex")).toBe(expected);
});

test.each([
  ["2049-12-31T23:59:59.999Z", "\x17\x0d491231235959Z"],
  ["2050-01-01T00:00:00.000Z", "\x18\x0f20500101000000Z"],
])("%s has the form that X.509 demands", (moment, expected) => {
  expect(time(new Date(moment)).toString("latin1")).toBe(expected);
});
