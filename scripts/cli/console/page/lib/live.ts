import { useCallback, useEffect, useState } from "preact/hooks";
import type { ApiProblem } from "../../api.js";
import { get, problemIn } from "./api.js";

/** An answer that is asked for again and again. `data` stays while a later question fails. */
export interface Live<T> {
  readonly data: T | null;
  readonly problem: ApiProblem | null;
  refresh(): void;
}

/** `path` null: nothing is asked. `everyMs` null: once. Nothing is asked while the page is hidden. */
export function useLive<T>(path: string | null, everyMs: number | null): Live<T> {
  const [state, setState] = useState<{ path: string | null; data: T | null; problem: ApiProblem | null }>({
    ...{ path, data: null, problem: null },
  });
  const [round, setRound] = useState(0);
  const refresh = useCallback(() => setRound((last) => last + 1), []);

  useEffect(() => {
    if (path === null) return undefined;
    let timer: number | undefined;
    let isOver = false;
    const leaving = new AbortController();
    const ask = async (): Promise<void> => {
      if (!document.hidden) {
        try {
          const data = await get<T>(path, leaving.signal);
          if (!isOver) setState({ path, data, problem: null });
        } catch (error) {
          if (!isOver)
            setState((last) => ({
              path,
              data: last.path === path ? last.data : null,
              problem: problemIn(error),
            }));
        }
      }
      if (!isOver && everyMs !== null) timer = window.setTimeout(() => void ask(), everyMs);
    };
    void ask();
    return () => {
      isOver = true;
      leaving.abort();
      window.clearTimeout(timer);
    };
  }, [path, everyMs, round]);

  const isSame = state.path === path;
  return { data: isSame ? state.data : null, problem: isSame ? state.problem : null, refresh };
}
