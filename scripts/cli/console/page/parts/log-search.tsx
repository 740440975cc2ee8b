import { useRef, useState } from "preact/hooks";
import type { ApiProblem, LogMatches } from "../../api.js";
import { get, problemIn, withQuery } from "../lib/api.js";
import { bytesText, counted } from "../lib/words.js";
import { Problem } from "./basics.js";
import { TextField } from "./fields.js";

const MOST_SHOWN = 500;

interface Found {
  readonly text: string;
  readonly matches: LogMatches["matches"];
  readonly next: number | null;
  readonly size: number;
  readonly isSearching: boolean;
}

/** Looks for a text in all of a log, piece by piece; the console does the reading. */
export function LogSearch({
  path,
  attempt,
  onGo,
}: {
  readonly path: string;
  readonly attempt: number;
  readonly onGo: (at: number) => void;
}) {
  const [text, setText] = useState("");
  const [found, setFound] = useState<Found | null>(null);
  const [problem, setProblem] = useState<ApiProblem | null>(null);
  const round = useRef(0);

  const search = async (from: number, before: LogMatches["matches"]): Promise<void> => {
    round.current += 1;
    const mine = round.current;
    setProblem(null);
    let [matches, next]: [LogMatches["matches"], number | null] = [before, from];
    try {
      // It ends at so many matches; a person then narrows the text, or goes on.
      const enough = before.length + MOST_SHOWN;
      while (next !== null && matches.length < enough && mine === round.current) {
        const seen: LogMatches = await get<LogMatches>(
          withQuery(`${path}/search`, { attempt, text, from: next }),
        );
        if (mine !== round.current) return;
        matches = [...matches, ...seen.matches];
        next = seen.next;
        setFound({
          text,
          matches,
          next,
          size: seen.size,
          isSearching: next !== null && matches.length < enough,
        });
      }
    } catch (error) {
      if (mine === round.current) setProblem(problemIn(error));
    }
  };
  const stop = (): void => {
    round.current += 1;
    setFound((now) => (now === null ? null : { ...now, isSearching: false }));
  };
  return (
    <div class="log-search">
      <form
        role="search"
        class="filters"
        onSubmit={(event) => {
          event.preventDefault();
          setFound(null);
          if (text !== "") void search(0, []);
        }}
      >
        <TextField
          label="Search in all of the log"
          type="search"
          maxLength={200}
          value={text}
          onValue={setText}
        />
        <button type="submit" class="button">
          Search
        </button>
        {found === null ? null : (
          <button
            type="button"
            class="button"
            onClick={() => {
              stop();
              setFound(null);
            }}
          >
            Clear
          </button>
        )}
      </form>
      {problem === null ? null : <Problem problem={problem} />}
      {found === null ? null : (
        <>
          <p role="status">
            {counted(found.matches.length, "line")} with “{found.text}”
            {found.next === null
              ? ""
              : `, of the first ${bytesText(found.next)} of ${bytesText(found.size)} so far`}
            {found.isSearching ? (
              <button type="button" class="button small" onClick={stop}>
                Stop
              </button>
            ) : null}
            {!found.isSearching && found.next !== null ? (
              <button
                type="button"
                class="button small"
                onClick={() => void search(found.next ?? 0, found.matches)}
              >
                Search on
              </button>
            ) : null}
          </p>
          {found.matches.length === 0 ? null : (
            <ol class="matches">
              {found.matches.map(({ at, line }) => (
                <li key={at}>
                  <button type="button" onClick={() => onGo(at)}>
                    <small>{bytesText(at)}</small>
                    <code>
                      <Marked line={line} text={found.text} />
                    </code>
                  </button>
                </li>
              ))}
            </ol>
          )}
        </>
      )}
    </div>
  );
}

function Marked({ line, text }: { readonly line: string; readonly text: string }) {
  const at = line.indexOf(text);
  if (at < 0) return <>{line}</>;
  return (
    <>
      {line.slice(0, at)}
      <mark>{text}</mark>
      {line.slice(at + text.length)}
    </>
  );
}
