/** A .proto file as the build hands it over: all names resolved, so that a start has nothing to parse or to look up. */
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

/** A message's field. Its value is null, or the default of its kind, where a message does not carry it. */
export interface Field {
  readonly name: string;
  readonly id: number;
  readonly type: FieldType;
  /** A repeated field is an array, a map a record with string keys. */
  readonly shape: "one" | "repeated" | "map";
  /** It is in a oneof, or optional: absent is not the same as its default, and then it is not there at all. */
  readonly hasPresence: boolean;
}

export type FieldType =
  | { readonly kind: "string" | "bytes" | "bool" | "int32" | "int64" }
  | { readonly kind: "enum"; readonly values: Readonly<Record<string, number>> }
  | { readonly kind: "message"; readonly name: string };
