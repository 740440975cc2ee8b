import type { IResolvable } from "cdktf";
import type { Attribute, Mode, Schema, ValueOfType } from "../core/types.js";

/** Terraform's `ready_nodes` as cdktf's `readyNodes`. */
type CamelCase<Name> = Name extends `${infer Head}_${infer Tail}`
  ? `${Head}${Capitalize<CamelCase<Tail>>}`
  : Name;

type NullableKeys<T> = { [K in keyof T]: null extends T[K] ? K : never }[keyof T];

/** A value as the user gives it: objects in camel case with their optional members (undefined: left out), booleans also as tokens. */
type Given<T> = T extends boolean
  ? boolean | IResolvable
  : T extends readonly (infer E)[]
    ? readonly Given<E>[]
    : T extends object
      ? GivenObject<T>
      : T;

type GivenObject<T> = string extends keyof T
  ? { readonly [K in keyof T]: Given<T[K]> }
  : { readonly [K in Exclude<keyof T, NullableKeys<T>> as CamelCase<K>]: Given<T[K]> } & {
      readonly [K in NullableKeys<T> as CamelCase<K>]?: Given<NonNullable<T[K]>> | undefined;
    };

type KeysOf<S extends Schema, M extends Mode> = {
  [K in keyof S["attributes"]]: S["attributes"][K]["mode"] extends M ? K : never;
}[keyof S["attributes"]];

type AttributeValue<A> = A extends Attribute<infer T> ? T : never;

type BlockProps<S extends Schema> =
  NonNullable<S["blocks"]> extends infer B
    ? { readonly [K in keyof B as CamelCase<K>]?: Given<ValueOfType<B[K]>> }
    : unknown;

/** A construct's props: required attributes, optional attributes, and blocks, but not computed attributes. */
export type Props<S extends Schema> = {
  readonly [K in KeysOf<S, "required"> as CamelCase<K>]: Given<AttributeValue<S["attributes"][K]>>;
} & {
  readonly [K in KeysOf<S, "optional" | "defaulted" | "filled" | "writeOnly"> as CamelCase<K>]?:
    | Given<AttributeValue<S["attributes"][K]>>
    | undefined;
} & BlockProps<S>;

/** A construct's outputs: every attribute as a reference, known when applied. */
export type References<S extends Schema> = {
  readonly [K in keyof S["attributes"] as CamelCase<K>]: Reference<AttributeValue<S["attributes"][K]>>;
};

type Reference<T> = T extends boolean
  ? IResolvable
  : T extends readonly string[]
    ? string[]
    : T extends readonly unknown[]
      ? IResolvable
      : T extends Readonly<Record<string, string | null>>
        ? { [key: string]: string }
        : T;
