import { failure } from "./diagnostic.js";

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json | undefined };

/**
 * What a resource remembers about one object besides its attributes. Terraform stores it unencrypted in the state, without
 * showing it, so never put a secret there. It stays with the object through plan, apply, read and failures; a new object, even a
 * replacement, begins with none.
 */
export interface PrivateState {
  /** Null: nothing is stored under that key. */
  get(key: string): Json;
  /** Stores a copy of `value`; null removes it. Throws if everything together would exceed MAX_BYTES as JSON. */
  set(key: string, value: Json): void;
}

/** The private state of one object while a call works on it. */
interface OpenPrivateState extends PrivateState {
  /** For the next call; "" = nothing is stored. */
  stored(): string;
}

/** Each state file contains it: enough for ids, times and digests. */
const MAX_BYTES = 64 * 1024;

/**
 * Opens what an earlier call stored, "" for nothing. It is parsed at the first use; unused, it passes unchanged. The resource's
 * keys are in a member of their own, so that they can't collide with the core's.
 */
export function openPrivateState(stored: string): OpenPrivateState {
  let opened: { readonly others: object; readonly entries: Map<string, Json> } | null = null;
  const open = () => {
    opened ??= parse(stored);
    return opened;
  };
  const written = (): string => {
    if (opened === null) return stored;
    const { others, entries } = opened;
    const isEmpty = entries.size === 0 && Object.keys(others).length === 0;
    return isEmpty ? "" : JSON.stringify({ ...others, resource: Object.fromEntries(entries) });
  };
  return {
    get: (key) => open().entries.get(key) ?? null,
    set(key, value) {
      const { entries } = open();
      const before = entries.get(key) ?? null;
      keep(entries, key, JSON.parse(JSON.stringify(value)) as Json);
      const bytes = Buffer.byteLength(written());
      if (bytes <= MAX_BYTES) return;
      keep(entries, key, before);
      throw new RangeError(
        `with "${key}" the private state would have ${bytes} bytes, more than ${MAX_BYTES}: keep a digest or an id of it`,
      );
    },
    stored: written,
  };
}

function keep(entries: Map<string, Json>, key: string, value: Json): void {
  if (value === null) entries.delete(key);
  else entries.set(key, value);
}

function parse(stored: string): { readonly others: object; readonly entries: Map<string, Json> } {
  if (stored === "") return { others: {}, entries: new Map() };
  try {
    const { resource = {}, ...others } = JSON.parse(stored) as { readonly resource?: Record<string, Json> };
    return { others, entries: new Map(Object.entries(resource)) };
  } catch {
    throw failure(
      "private-state-unreadable",
      "Unreadable private state",
      'What the state file keeps as "private" of this object was not written by this provider. Restore the file from a backup.',
    );
  }
}
