import { resolve } from "node:path";
import SwaggerParser from "@apidevtools/swagger-parser";
import { beforeAll, describe, expect, test } from "@jest/globals";
import { ACCESS } from "../../../agent/http/app.js";
import { agentApiDocument } from "../../../scripts/docs/agent-api/document.js";

interface Described {
  readonly operationId: string;
  readonly security: readonly object[];
  readonly description: string;
  readonly responses: Readonly<Record<string, object>>;
}

describe("the agent's OpenAPI document", () => {
  let paths: Readonly<Record<string, Readonly<Record<string, Described>>>>;
  beforeAll(async () => {
    ({ paths } = (await agentApiDocument("1.2.3")) as { paths: typeof paths });
  });
  const operations = () =>
    Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, it]) => [
        `${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ":$1")}`,
        it,
      ]),
    ) as [string, Described][];

  test("is valid, as docs/ has it", async () => {
    const file = resolve("docs/reference/openapi.json");
    expect(await SwaggerParser.validate(file)).toMatchObject({ openapi: "3.1.0" });
  });

  test("has exactly the routes that are not for agents alone", () => {
    const forClients = Object.entries(ACCESS).filter(
      ([, roles]) => roles === "open" || roles.includes("operator"),
    );
    expect(
      operations()
        .map(([route]) => route)
        .sort(),
    ).toEqual(forClients.map(([route]) => route).sort());
  });

  test("says of each route who may use it, and how an error looks", () => {
    for (const [route, { security, description, responses }] of operations()) {
      const roles = ACCESS[route] ?? "open";
      expect(security).toEqual(roles === "open" ? [] : [{ token: [] }]);
      expect(description).toContain(roles === "open" ? "No token" : `Roles: ${roles.join(", ")}.`);
      expect(responses["default"]).toMatchObject({
        content: { "application/json": { schema: { required: ["error"] } } },
      });
    }
  });

  test("each operation has a name of its own", () => {
    const names = operations().map(([, { operationId }]) => operationId);
    expect(new Set(names).size).toBe(names.length);
  });
});
