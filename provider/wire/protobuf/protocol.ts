/** A .proto file as the build compiles it in: all names resolved, so that a start need not parse or look up anything. */
export interface Protocol {
  /** Each by its full name: "tfplugin6.Schema.Attribute". */
  readonly messages: Readonly<Record<string, readonly Field[]>>;
  readonly services: Readonly<Record<string, readonly Method[]>>;
}

export interface Method {
  readonly name: string;
  readonly request: string;
  readonly response: string;
}

/** A message's field. Its value is null, or the default of its kind, if a message does not contain it. */
export interface Field {
  readonly name: string;
  readonly id: number;
  readonly type: FieldType;
  /** A repeated field is an array, a map a record with string keys. */
  readonly shape: "one" | "repeated" | "map";
  /** It is in a oneof, or optional: an absent field differs from its default, and is then undefined. */
  readonly hasPresence: boolean;
}

export type FieldType =
  | { readonly kind: "string" | "bytes" | "bool" | "int32" | "int64" }
  | { readonly kind: "enum"; readonly values: Readonly<Record<string, number>> }
  | { readonly kind: "message"; readonly name: string };
