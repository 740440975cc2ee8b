import type { RunOptions, TestBundle } from "../cli/bundle.js";

/** Runs `muster console --no-browser`, has its address and code used, and ends it with a Ctrl-C. */
export async function withConsole(
  bundle: Pick<TestBundle, "run">,
  args: readonly string[],
  where: Pick<RunOptions, "cwd" | "env">,
  use: (url: string, code: string) => Promise<void>,
): ReturnType<TestBundle["run"]> {
  let kill: (signal: NodeJS.Signals) => void = () => undefined;
  let said = "";
  let found: (place: readonly [url: string, code: string]) => void = () => undefined;
  const open = new Promise<readonly [string, string]>((resolve) => {
    found = resolve;
  });
  const ended = bundle.run(["console", "--no-browser", ...args], {
    ...where,
    onStderr(text, end) {
      kill = end;
      said += text;
      const [, url] = /open at (\S+)/.exec(said) ?? [];
      const [, code] = /^code: (\S+)/m.exec(said) ?? [];
      if (url !== undefined && code !== undefined) found([url, code]);
    },
  });
  const place = await Promise.race([open, ended.then(({ stderr }) => Promise.reject(new Error(stderr)))]);
  try {
    await use(...place);
  } finally {
    kill("SIGINT");
  }
  return ended;
}
