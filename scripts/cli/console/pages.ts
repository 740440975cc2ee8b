/** Where the code is taken. */
export const SESSION_PATH = "/session";
export const SCRIPT_PATH = "/assets/console.js";
export const STYLE_PATH = "/assets/console.css";

/** Of every answer: no script but the page's own file, nothing from another host, and no frame around it. */
export const SAFE_HEADERS = {
  "cache-control": "no-store",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  // Notebooks are opened by a form that posts their code to another port of this machine.
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; form-action 'self' http://127.0.0.1:*; frame-ancestors 'none'; base-uri 'none'",
} as const;

const escaped = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

const page = (title: string, body: string, head = ""): string =>
  `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${title}</title><link rel="icon" href="data:,"><link rel="stylesheet" href="${STYLE_PATH}">${head}</head><body>${body}</body></html>\n`;

/** The page itself; its script does the rest. */
export const indexPage = (): string =>
  page(
    "Muster console",
    '<div id="app"><p class="boot">Loading the console ...</p></div><noscript>The console needs JavaScript.</noscript>',
    `<script src="${SCRIPT_PATH}" defer></script>`,
  );

/** Asks for the code in the terminal. `problem`: what was wrong with the one before. */
export const codePage = (problem: string | null): string =>
  page(
    "Muster console: open it",
    [
      '<main class="gate"><h1>Open the console</h1>',
      ...(problem === null ? [] : [`<p role="alert" class="note bad">${escaped(problem)}</p>`]),
      "<p>A code is in the terminal where <code>muster console</code> runs. It is good for one minute, and once.</p>",
      `<form method="post" action="${SESSION_PATH}"><label for="code">Code</label><input id="code" name="code" autocomplete="off" spellcheck="false" autofocus required size="26"><button class="button primary">Open</button></form></main>`,
    ].join(""),
  );

/** What a good code is answered with. A redirection would still count as the other site's request, and have no cookie; this page's does. */
export const enteredPage = (): string =>
  page(
    "Muster console",
    '<main class="gate"><p><a href="/">The console opens</a>.</p></main>',
    '<meta http-equiv="refresh" content="0;url=/">',
  );

export const problemPage = (why: string): string =>
  page("Muster console", `<main class="gate"><p>${escaped(why)}</p></main>`);

/**
 * The file that takes the code to the console, so that it is in no address and no history. It is opened as a file: no rule of the
 * console's server is about it.
 */
export const openingPage = (port: number, code: string): string =>
  `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="referrer" content="no-referrer"><title>Muster console</title></head><body><form method="post" action="http://127.0.0.1:${port}${SESSION_PATH}"><input type="hidden" name="code" value="${escaped(code)}"><button>Open the console</button></form><script>document.forms[0].submit()</script></body></html>\n`;
