import { renderDuration } from "../../../agent/contract/duration.js";

/** A terminal, as far as a line at its end needs it. */
export interface Screen {
  readonly columns?: number;
  write(text: string): unknown;
}

/** The last line of a terminal, which says what is waited for and for how long. */
export interface StatusLine {
  /** Shows it in place of the one before, whose time goes on if it is the same. */
  show(line: string): void;
  /** Takes it away: something else is to be written. May run twice. */
  clear(): void;
  /** Hears what the screen got besides: below an unfinished line nothing is shown, for that line would be overwritten. */
  wrote(chunk: Uint8Array): void;
}

const DRAW_EVERY_MS = 1_000;
const FRAMES = ["-", "\\", "|", "/"] as const;
const WIDTH = 80;
const NEW_LINE = 10;
/** To the line's begin, and all of it is erased. */
const ERASE = "\r\x1b[K";

/** `now`: milliseconds. Its timer keeps no process alive. */
export function createStatusLine(screen: Screen, now: () => number): StatusLine {
  let shown: { readonly line: string; readonly sinceMs: number } | null = null;
  let timer: NodeJS.Timeout | undefined;
  let isDrawn = false;
  let isAtBegin = true;
  let frame = 0;
  const draw = (): void => {
    if (shown === null || !isAtBegin) return;
    frame += 1;
    const waitedMs = Math.floor((now() - shown.sinceMs) / 1_000) * 1_000;
    const time = waitedMs === 0 ? "" : ` (${renderDuration(waitedMs)})`;
    // A terminal that does not know its size has 0.
    const room = (screen.columns || WIDTH) - time.length - 3;
    const { line } = shown;
    const cut = line.length <= room ? line : `${line.slice(0, Math.max(0, room - 3))}...`;
    screen.write(`${ERASE}${FRAMES[frame % FRAMES.length]} ${cut}${time}`);
    isDrawn = true;
  };
  return {
    show(line) {
      if (shown?.line !== line) shown = { line, sinceMs: now() };
      timer ??= setInterval(draw, DRAW_EVERY_MS).unref();
      draw();
    },
    clear() {
      clearInterval(timer);
      timer = undefined;
      shown = null;
      if (isDrawn) screen.write(ERASE);
      isDrawn = false;
    },
    wrote(chunk) {
      if (chunk.length > 0) isAtBegin = chunk[chunk.length - 1] === NEW_LINE;
    },
  };
}
