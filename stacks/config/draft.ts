import type { MusterFile } from "./schema.js";

/** The file as far as the schema accepts it: what it refused is left out, so that rules need not look again. */
export type Draft = DeepPartial<MusterFile>;
export type DeepPartial<T> = T extends readonly (infer Item)[]
  ? (DeepPartial<Item> | undefined)[]
  : T extends object
    ? { [Key in keyof T]?: DeepPartial<T[Key]> | undefined }
    : T;
