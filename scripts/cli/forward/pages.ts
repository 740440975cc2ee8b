import { NOTEBOOK_BASE_PATH } from "../../../agent/contract/notebook.js";
import { SESSION_PATH } from "./policy.js";

/** Headers of every page of the forwarder's own. */
export const PAGE_HEADERS = {
  "content-type": "text/html; charset=utf-8",
  "cache-control": "no-store",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "content-security-policy":
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
} as const;

const escaped = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

const page = (body: string, head = ""): string =>
  `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Muster notebook</title>${head}<style>body{font:1rem/1.5 sans-serif;max-width:34rem;margin:4rem auto;padding:0 1rem}input,button{font:inherit;padding:.3rem .5rem}</style></head><body>${body}</body></html>\n`;

/** Asks for the code in the terminal. `problem`: what was wrong with the one before. */
export const codePage = (problem: string | null): string =>
  page(
    [
      "<h1>Open the notebook</h1>",
      ...(problem === null ? [] : [`<p role="alert"><strong>${escaped(problem)}</strong></p>`]),
      "<p>A code is in the terminal where <code>muster notebook open</code> runs. It is good for one minute, and once.</p>",
      `<form method="post" action="${SESSION_PATH}"><label>Code <input name="code" autocomplete="off" spellcheck="false" autofocus required size="26"></label> <button>Open</button></form>`,
    ].join(""),
  );

/** What a good code is answered with. A redirection would still count as the other site's request, and have no cookie; this page's does. */
export const enteredPage = (): string => {
  const lab = `${NOTEBOOK_BASE_PATH}lab`;
  return page(
    `<p><a href="${lab}">JupyterLab opens</a>.</p>`,
    `<meta http-equiv="refresh" content="0;url=${lab}">`,
  );
};

/** Says why a request has no other answer. */
export const problemPage = (why: string): string => page(`<p>${escaped(why)}</p>`);

/** Says what is waited for, and asks again by itself. */
export const waitingPage = (why: string): string =>
  page(`<p>${escaped(why)}</p>`, '<meta http-equiv="refresh" content="3">');

/** The file that takes the code to the forwarder, so that it is in no address and no history. */
export const openingPage = (port: number, code: string): string =>
  page(
    `<form method="post" action="http://127.0.0.1:${port}${SESSION_PATH}"><input type="hidden" name="code" value="${escaped(code)}"><button>Open the notebook</button></form><script>document.forms[0].submit()</script>`,
    '<meta name="referrer" content="no-referrer">',
  );
