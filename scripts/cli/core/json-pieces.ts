import { visibleJson } from "./visible-json.js";

/** A piece is written when it is this long. */
const PIECE_CHARS = 65_536;

/**
 * The text of JSON.stringify(value), in pieces: of a document with lists, such as `{jobs: [...]}`, an item's text is made when the one before it
 * is in a piece. So a list of any length never is one text, and a reader that is slow holds one piece. Pure.
 */
export function* jsonPieces(value: unknown): Generator<string> {
  let piece = "";
  for (const text of texts(value)) {
    piece += visibleJson(text);
    if (piece.length < PIECE_CHARS) continue;
    yield piece;
    piece = "";
  }
  if (piece !== "") yield piece;
}

function* texts(value: unknown): Generator<string> {
  if (!isPlain(value)) {
    yield JSON.stringify(value);
    return;
  }
  yield "{";
  let comma = "";
  for (const [key, of] of Object.entries(value)) {
    if (!Array.isArray(of)) {
      // Undefined values have no text, and no place.
      const text = JSON.stringify({ [key]: of }).slice(1, -1);
      if (text === "") continue;
      yield `${comma}${text}`;
    } else {
      yield `${comma}${JSON.stringify(key)}:[`;
      for (const [index, item] of of.entries())
        yield `${index === 0 ? "" : ","}${JSON.stringify(item) ?? "null"}`;
      yield "]";
    }
    comma = ",";
  }
  yield "}";
}

/** Whether JSON.stringify takes it by its own keys alone. */
const isPlain = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value) && !("toJSON" in value);
