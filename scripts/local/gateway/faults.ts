import { randomUUID } from "node:crypto";
import { type Static, Type } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import type { Operation } from "./operation.js";

/** What happens instead of, or before, the real reply. */
const FaultResponse = Type.Union([
  Type.Object(
    {
      code: Type.String({ minLength: 1 }),
      message: Type.String(),
      status: Type.Integer({ minimum: 400, maximum: 599 }),
    },
    { additionalProperties: false, description: "an error in the operation's own protocol" },
  ),
  Type.Object(
    { delayMs: Type.Integer({ minimum: 1, maximum: 600_000 }) },
    { additionalProperties: false, description: "the real reply, after this delay" },
  ),
  Type.Object(
    {
      noCapacity: Type.Literal(true),
      available: Type.Optional(
        Type.Integer({ minimum: 0, description: "instances that can still be started; default 0" }),
      ),
      message: Type.Optional(
        Type.String({
          minLength: 1,
          description: "the message in the group's history; default: no capacity",
        }),
      ),
    },
    { additionalProperties: false, description: "of ec2 RunInstances: Auto Scaling's launches fail too" },
  ),
]);

/** A fault to inject: into `service` (its signing name) and `action` ("*" = all), `times` times (default: until removed). */
export const FaultRule = Type.Object(
  {
    service: Type.String({ minLength: 1 }),
    action: Type.String({ minLength: 1 }),
    times: Type.Optional(Type.Integer({ minimum: 1 })),
    response: FaultResponse,
  },
  { additionalProperties: false },
);
export type FaultRule = Static<typeof FaultRule>;

export interface ActiveFault extends FaultRule {
  readonly id: string;
  /** How often it was used. */
  readonly hits: number;
}

/** The rules in force, in memory only: a restarted daemon has none. */
export interface Faults {
  add(rule: FaultRule): ActiveFault;
  list(): readonly ActiveFault[];
  /** Removes one, or all; false if there is none with that id. */
  remove(id?: string): boolean;
  /**
   * The first matching rule of the kind, or undefined: "capacity" means the noCapacity rules, "reply" all others.
   * `strike` counts a use; a used-up rule matches no more, but stays listed.
   */
  find(operation: Pick<Operation, "service" | "action">, kind: "capacity" | "reply"): ActiveFault | undefined;
  strike(id: string): void;
}

/** Every problem of a rule, in words; empty = it is valid. */
export function faultProblems(value: unknown): string[] {
  const problems = [...Value.Errors(FaultRule, value)];
  return problems.map(
    ({ path, message, value: got }) => `${path || "/"}: ${message}, got ${JSON.stringify(got)}`,
  );
}

export function createFaults(): Faults {
  const rules = new Map<string, ActiveFault>();
  return {
    add(rule) {
      const fault = { ...rule, id: randomUUID().slice(0, 8), hits: 0 };
      rules.set(fault.id, fault);
      return fault;
    },
    list: () => [...rules.values()],
    remove(id) {
      if (id !== undefined) return rules.delete(id);
      rules.clear();
      return true;
    },
    find: ({ service, action }, kind) =>
      [...rules.values()].find(
        (rule) =>
          "noCapacity" in rule.response === (kind === "capacity") &&
          rule.service === service &&
          (rule.action === "*" || rule.action === action) &&
          (rule.times === undefined || rule.hits < rule.times),
      ),
    strike(id) {
      const rule = rules.get(id);
      if (rule !== undefined) rules.set(id, { ...rule, hits: rule.hits + 1 });
    },
  };
}
