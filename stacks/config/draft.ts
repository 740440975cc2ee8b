import type { MusterFile } from "./schema.js";

/** The part of the file that the schema accepts: refused values are left out, so that rules need not check them again. */
export type Draft = DeepPartial<MusterFile>;
export type DeepPartial<T> = T extends readonly (infer Item)[]
  ? (DeepPartial<Item> | undefined)[]
  : T extends object
    ? { [Key in keyof T]?: DeepPartial<T[Key]> | undefined }
    : T;
