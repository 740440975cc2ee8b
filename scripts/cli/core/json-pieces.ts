import { visibleJson } from "./visible-json.js";

/** A piece is written when it is this long. */
const PIECE_CHARS = 65_536;

/**
 * The text of JSON.stringify(value), in pieces: of a document with lists, such as `{jobs: [...]}`, an item's text is made when the one before it
 * is in a piece, and where a list comes as it is read, its next item is asked for then. So a list of any length never is one text, and a reader that
 * is slow holds one piece. Throws what such a list throws.
 */
export async function* jsonPieces(value: unknown): AsyncGenerator<string> {
  let piece = "";
  for await (const text of texts(value)) {
    piece += visibleJson(text);
    if (piece.length < PIECE_CHARS) continue;
    yield piece;
    piece = "";
  }
  if (piece !== "") yield piece;
}

async function* texts(value: unknown): AsyncGenerator<string> {
  if (!isPlain(value)) {
    yield JSON.stringify(value);
    return;
  }
  yield "{";
  let comma = "";
  for (const [key, of] of Object.entries(value)) {
    if (!isList(of)) {
      // Undefined values have no text, and no place.
      const text = JSON.stringify({ [key]: of }).slice(1, -1);
      if (text === "") continue;
      yield `${comma}${text}`;
    } else {
      yield `${comma}${JSON.stringify(key)}:[`;
      let before = "";
      for await (const item of of) {
        yield `${before}${JSON.stringify(item) ?? "null"}`;
        before = ",";
      }
      yield "]";
    }
    comma = ",";
  }
  yield "}";
}

const isList = (value: unknown): value is readonly unknown[] | AsyncIterable<unknown> =>
  Array.isArray(value) || (typeof value === "object" && value !== null && Symbol.asyncIterator in value);

/** Whether JSON.stringify takes it by its own keys alone. */
const isPlain = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value) && !("toJSON" in value);
