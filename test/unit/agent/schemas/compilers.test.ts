import { expect, test } from "@jest/globals";
import { Type } from "@sinclair/typebox";
import { fastify } from "fastify";
import { schemaController } from "../../../../agent/schemas/compilers.js";

const Reply = Type.Object({ name: Type.String() });

function app() {
  const made = fastify({ schemaController });
  const params = Type.Object({ id: Type.String({ pattern: "^[a-z]+$" }) });
  made.get("/things/:id", { schema: { params, response: { 200: Reply, 202: Reply } } }, (request, reply) => {
    const { id } = request.params as { readonly id: string };
    return reply.code(id === "later" ? 202 : 200).send({ name: id, secret: "not in the schema" });
  });
  return made;
}

test("a reply has what its schema says, each time", async () => {
  const made = app();
  for (const [id, status] of [
    ["a", 200],
    ["later", 202],
    ["b", 200],
  ] as const) {
    const { statusCode, body } = await made.inject(`/things/${id}`);
    expect([statusCode, JSON.parse(body)]).toEqual([status, { name: id }]);
  }
});

test("a request that breaks its schema is refused with the place, the value and the rule", async () => {
  const { statusCode, body } = await app().inject("/things/A1");
  expect(statusCode).toBe(400);
  expect(JSON.parse(body).message).toContain(`params.id: got "A1"; expected string to match '^[a-z]+$'`);
});

test("a request with a choice that its schema does not list is refused", async () => {
  const made = fastify({ schemaController });
  const body = Type.Object({ action: Type.String({ enum: ["take", "release"] }) });
  made.post("/things", { schema: { body } }, () => ({}));
  const ask = (action: string) => made.inject({ method: "POST", url: "/things", payload: { action } });
  expect((await ask("take")).statusCode).toBe(200);
  const refused = await ask("steal");
  expect(refused.statusCode).toBe(400);
  expect(refused.json().message).toContain('body.action: got "steal"; expected one of take, release');
});
