import { randomUUID } from "node:crypto";
import type { Operation } from "./operation.js";

/** A whole HTTP reply. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** An element's content: text, children by name (a list repeats the element), or nothing. */
export type XmlContent =
  | string
  | number
  | boolean
  | undefined
  | { readonly [name: string]: XmlContent | readonly XmlContent[] };

/** Children as XML. undefined leaves the element out. */
export function renderXml(content: XmlContent): string {
  if (content === undefined) return "";
  if (typeof content !== "object") return escapeXml(String(content));
  return Object.entries(content)
    .flatMap(([name, value]) =>
      (Array.isArray(value) ? value : [value]).map((item: XmlContent) => ({ name, item })),
    )
    .filter(({ item }) => item !== undefined)
    .map(({ name, item }) => `<${name}>${renderXml(item)}</${name}>`)
    .join("");
}

/** Text as an element's content. */
export const escapeXml = (text: string): string =>
  text.replace(/[<>&"']/g, (char) => `&#${char.charCodeAt(0)};`);

/** A successful EC2 reply: `<ActionResponse><requestId/>...children</ActionResponse>`. */
export function ec2Reply(action: string, content: XmlContent): Reply {
  const body = renderXml({ requestId: randomUUID() }) + renderXml(content);
  return xml(
    200,
    `<${action}Response xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">${body}</${action}Response>`,
  );
}

/** A successful reply of a Query service: `<ActionResponse><ActionResult>...</ActionResult>...`. */
export function queryReply(action: string, namespace: string, result: XmlContent): Reply {
  const body = renderXml({ [`${action}Result`]: result, ResponseMetadata: { RequestId: randomUUID() } });
  return xml(200, `<${action}Response xmlns="${namespace}">${body}</${action}Response>`);
}

const JSON_SERVICES = new Set([
  "dynamodb",
  "ssm",
  "kms",
  "logs",
  "events",
  "secretsmanager",
  "servicequotas",
  "elasticfilesystem",
]);

/** An error as the operation's own protocol writes it: EC2's XML, S3's, the Query services', or JSON. */
export function errorReply(operation: Operation, status: number, code: string, message: string): Reply {
  const requestId = randomUUID();
  if (operation.service === "ec2") {
    return xml(
      status,
      `<Response>${renderXml({ Errors: { Error: { Code: code, Message: message } }, RequestID: requestId })}</Response>`,
    );
  }
  if (operation.service === "s3") {
    return xml(status, `<Error>${renderXml({ Code: code, Message: message, RequestId: requestId })}</Error>`);
  }
  if (JSON_SERVICES.has(operation.service)) {
    const headers = { "content-type": "application/x-amz-json-1.1", "x-amzn-errortype": code };
    return { status, headers, body: JSON.stringify({ __type: code, message, Message: message }) };
  }
  const error = { Type: status < 500 ? "Sender" : "Receiver", Code: code, Message: message };
  return xml(status, `<ErrorResponse>${renderXml({ Error: error, RequestId: requestId })}</ErrorResponse>`);
}

export const jsonReply = (status: number, value: unknown): Reply => ({
  status,
  headers: { "content-type": "application/json" },
  body: `${JSON.stringify(value)}\n`,
});

const xml = (status: number, body: string): Reply => ({
  status,
  headers: { "content-type": "text/xml; charset=utf-8" },
  body: `<?xml version="1.0" encoding="UTF-8"?>\n${body}`,
});
