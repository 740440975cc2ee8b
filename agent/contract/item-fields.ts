import { Type } from "@sinclair/typebox";
import type { ReasonCode } from "./reasons.js";

/** One of these texts, as a string in the JSON Schema. */
export const enumOf = <T extends string>(values: readonly T[], description?: string) =>
  Type.Unsafe<T>(Type.String({ enum: [...values], ...(description === undefined ? {} : { description }) }));
/** A moment. */
export const Time = Type.String({ description: "ISO 8601, UTC" });
/** Any key: an open record would accept any value for keys that a pattern does not match. */
export const TextByName = Type.Record(Type.String({ pattern: "^[\\s\\S]*$" }), Type.String(), {
  additionalProperties: false,
});
/** The schema, or null. */
export const Nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Union([schema, Type.Null()]);
/** Null exactly where there is no reason. Any text is read: a newer version may know more codes. */
export const Code = <T extends ReasonCode>() =>
  Nullable(Type.Unsafe<T>(Type.String({ description: "a code of reasons.ts; null: there is no reason" })));
