import type { Page } from "playwright-core";
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

/**
 * Opens the console by the code of the terminal, and waits until it is there: an address that is asked for before that is lost, for
 * the form's own answer comes after it.
 */
export async function logIn(page: Page, url: string, code: string): Promise<void> {
  await page.goto(url);
  await page.getByLabel("Code").fill(code);
  await page.getByRole("button", { name: "Open" }).click();
  await page.getByRole("navigation", { name: "Console" }).waitFor();
}
