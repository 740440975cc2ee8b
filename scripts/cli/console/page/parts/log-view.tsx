import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import type { ApiProblem, LogWindow } from "../../api.js";
import { get, problemIn, withQuery } from "../lib/api.js";
import { bytesText } from "../lib/words.js";
import { Loading, Problem } from "./basics.js";
import { LogSearch } from "./log-search.js";

const EVERY_MS = 1_500;
/** The page keeps so many windows of 256 KiB, however long the log is. */
const MOST_WINDOWS = 8;
/** Colours of a terminal. */
const ANSI = new RegExp(`${String.fromCharCode(27)}\\[[0-9;?]*[ -/]*[@-~]`, "g");

interface Shown {
  readonly windows: readonly LogWindow[];
  readonly isFollowing: boolean;
}

/** A log: its end, followed as it grows; what comes before it, where it is asked for; never all of it. */
export function LogView({
  path,
  attempt,
  lastLines,
}: {
  readonly path: string;
  readonly attempt: number | null;
  readonly lastLines: readonly string[];
}) {
  const [shown, setShown] = useState<Shown>({ windows: [], isFollowing: true });
  const [problem, setProblem] = useState<ApiProblem | null>(null);
  const [isWrapped, setWrapped] = useState(false);
  const output = useRef<HTMLPreElement>(null);
  const keepsPlace = useRef<number | null>(null);
  const { windows, isFollowing } = shown;
  const [first, last] = [windows[0], windows.at(-1)];

  const ask = useCallback(
    (query: Readonly<Record<string, number | null>>) =>
      get<LogWindow>(withQuery(path, { attempt, ...query })),
    [path, attempt],
  );
  const lastRef = useRef<LogWindow | undefined>(undefined);
  lastRef.current = last;

  useEffect(() => {
    if (attempt === null || !isFollowing) return undefined;
    let isOver = false;
    let timer: number | undefined;
    const look = async (): Promise<void> => {
      try {
        const known = lastRef.current;
        const next = await ask(known === undefined ? {} : { from: known.to });
        if (isOver) return;
        setProblem(null);
        if (known === undefined) setShown((now) => ({ ...now, windows: [next] }));
        else if (next.text !== "" || next.isWhole !== known.isWhole || next.size !== known.size)
          setShown((now) => ({ ...now, windows: appended(now.windows, next) }));
        if (next.isWhole && next.to >= next.size) return;
        timer = window.setTimeout(() => void look(), next.to < next.size ? 50 : EVERY_MS);
      } catch (error) {
        if (isOver) return;
        setProblem(problemIn(error));
        timer = window.setTimeout(() => void look(), EVERY_MS * 2);
      }
    };
    void look();
    return () => {
      isOver = true;
      window.clearTimeout(timer);
    };
  }, [ask, attempt, isFollowing]);

  useEffect(() => {
    const pre = output.current;
    if (pre === null) return;
    if (keepsPlace.current !== null) {
      pre.scrollTop = pre.scrollHeight - keepsPlace.current;
      keepsPlace.current = null;
    } else if (isFollowing) pre.scrollTop = pre.scrollHeight;
  }, [windows, isFollowing]);

  const load = async (
    query: Readonly<Record<string, number | null>>,
    join: (next: LogWindow) => readonly LogWindow[],
  ) => {
    try {
      const next = await ask(query);
      setProblem(null);
      setShown({ windows: join(next), isFollowing: false });
    } catch (error) {
      setProblem(problemIn(error));
    }
  };
  const earlier = (): void => {
    const pre = output.current;
    keepsPlace.current = pre === null ? null : pre.scrollHeight - pre.scrollTop;
    void load({ before: first?.from ?? null }, (next) => [next, ...windows].slice(0, MOST_WINDOWS));
  };
  const later = (): void => void load({ from: last?.to ?? 0 }, (next) => appended(windows, next));
  const goToByte = (at: number): void => {
    void load({ from: at }, (next) => [next]);
    output.current?.focus();
  };

  if (attempt === null)
    return (
      <section aria-labelledby="log">
        <h2 id="log">Log</h2>
        <p class="faint">There is no output before the job is launched.</p>
      </section>
    );
  const hasLater = last !== undefined && last.to < last.size;
  return (
    <section class="log" aria-labelledby="log">
      <div class="log-head">
        <h2 id="log">
          Log{" "}
          {last === undefined ? null : (
            <span class="faint">
              {bytesText(last.size)}
              {last.isWhole ? "" : ", still growing"}
            </span>
          )}
        </h2>
        <div class="actions">
          <label class="toggle">
            <input type="checkbox" checked={isWrapped} onChange={() => setWrapped(!isWrapped)} /> Wrap lines
          </label>
          <label class="toggle">
            <input
              type="checkbox"
              checked={isFollowing}
              onChange={() =>
                setShown((now) => ({
                  windows: now.isFollowing ? now.windows : [],
                  isFollowing: !now.isFollowing,
                }))
              }
            />{" "}
            Follow
          </label>
          <a class="button small" href={withQuery(`${path}/download`, { attempt })} download>
            Download
          </a>
        </div>
      </div>
      <LogSearch path={path} attempt={attempt} onGo={goToByte} />
      {problem === null ? null : <Problem problem={problem} />}
      {problem !== null && windows.length === 0 && lastLines.length > 0 ? (
        <pre class="output" role="region" tabIndex={0} aria-label="The last lines">
          {lastLines.join("\n")}
        </pre>
      ) : null}
      {windows.length === 0 && problem === null ? <Loading what="the log" /> : null}
      {windows.length === 0 ? null : (
        <>
          {first !== undefined && first.from > 0 ? (
            <button type="button" class="button small" onClick={earlier}>
              Show what comes before ({bytesText(first.from)})
            </button>
          ) : null}
          <pre
            ref={output}
            class={`output ${isWrapped ? "wrapped" : ""}`}
            role="log"
            tabIndex={0}
            aria-label="Output"
            onWheel={({ deltaY }) => {
              if (deltaY < 0 && isFollowing) setShown((now) => ({ ...now, isFollowing: false }));
            }}
          >
            {windows.map(({ from, text }) => (
              <span key={from}>{text.replace(ANSI, "")}</span>
            ))}
            {last?.size === 0 ? (last.isWhole ? "(no output)" : "(no output yet)") : null}
          </pre>
          {hasLater && !isFollowing ? (
            <button type="button" class="button small" onClick={later}>
              Show what follows ({bytesText((last?.size ?? 0) - (last?.to ?? 0))})
            </button>
          ) : null}
        </>
      )}
    </section>
  );
}

/** A small piece joins the window before it, so that there are few. */
function appended(windows: readonly LogWindow[], next: LogWindow): readonly LogWindow[] {
  const last = windows.at(-1);
  if (last === undefined) return [next];
  const joined = { ...next, from: last.from, text: last.text + next.text };
  if (next.to - last.from <= 262_144) return [...windows.slice(0, -1), joined];
  return [...windows, next].slice(-MOST_WINDOWS);
}
