import { describe, expect, test } from "@jest/globals";
import { errorReply, renderXml } from "../../../../scripts/local/gateway/reply.js";

describe("XML", () => {
  test.each([
    ["text is escaped", { a: '<&">' }, "<a>&#60;&#38;&#34;&#62;</a>"],
    [
      "a list repeats its element",
      { set: { item: [{ n: 1 }, { n: 2 }] } },
      "<set><item><n>1</n></item><item><n>2</n></item></set>",
    ],
    ["an empty list leaves the parent", { set: { item: [] } }, "<set></set>"],
    ["undefined leaves the element out", { a: undefined, b: true }, "<b>true</b>"],
  ])("%s", (_, content, xml) => {
    expect(renderXml(content)).toBe(xml);
  });
});

test.each([
  ["ec2", /<Response><Errors><Error><Code>Busy<\/Code>/],
  ["s3", /<Error><Code>Busy<\/Code>/],
  ["autoscaling", /<ErrorResponse><Error><Type>Receiver<\/Type><Code>Busy<\/Code>/],
  ["dynamodb", /"__type":"Busy"/],
])("an error of %s is written in its protocol", (service, body) => {
  const reply = errorReply({ service, action: "Any", region: "eu-west-1" }, 503, "Busy", "later");
  expect(reply.status).toBe(503);
  expect(reply.body).toMatch(body);
});
