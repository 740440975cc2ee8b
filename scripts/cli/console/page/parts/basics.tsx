import type { ComponentChildren, JSX } from "preact";
import { useState } from "preact/hooks";
import type { ApiProblem } from "../../api.js";
import { ago, atTime } from "../lib/words.js";

const TONES: Readonly<Record<string, string>> = {
  FINISHED: "good",
  ready: "good",
  active: "good",
  FAILED: "bad",
  "not-ready": "bad",
  lost: "bad",
  INPROGRESS: "live",
  NEW: "new",
  PARKED: "rest",
  CANCELLED: "quiet",
  REMOVING: "warn",
  unknown: "warn",
};

/** A status, by its word and by its colour. */
export const Status = ({ of }: { readonly of: string }) => (
  <span class={`status ${TONES[of] ?? "quiet"}`}>
    <span class="dot" aria-hidden="true" />
    {of}
  </span>
);

/** When something was, as it is felt; the exact time is in its title. */
export const When = ({ at }: { readonly at: string | null }) =>
  at === null ? (
    <span class="faint">–</span>
  ) : (
    <time dateTime={at} title={atTime(at)}>
      {ago(at)}
    </time>
  );

export function Problem({
  problem,
  onAgain,
}: {
  readonly problem: ApiProblem;
  readonly onAgain?: () => void;
}) {
  const isRights = problem.code === "no-rights";
  return (
    <div class={`note ${isRights ? "warn" : "bad"}`} role="alert">
      <strong>{TITLES[problem.code]}</strong>
      <p class="lines">{problem.message}</p>
      {onAgain === undefined ? null : (
        <button type="button" class="button small" onClick={onAgain}>
          Try again
        </button>
      )}
    </div>
  );
}
const TITLES: Readonly<Record<ApiProblem["code"], string>> = {
  invalid: "That can't be used",
  refused: "Refused; nothing was changed",
  failed: "That did not work",
  "no-rights": "Your credentials lack a right",
  busy: "No answer at the moment",
  "no-session": "This browser has no session any more",
  "read-only": "This console only reads",
  "not-found": "It is not there (any more)",
};

export const Loading = ({ what }: { readonly what: string }) => (
  <div class="loading" role="status">
    <span class="spinner" aria-hidden="true" />
    Loading {what} ...
  </div>
);

export const Empty = ({
  title,
  children,
}: {
  readonly title: string;
  readonly children?: ComponentChildren;
}) => (
  <div class="empty">
    <h2>{title}</h2>
    {children}
  </div>
);

/** A sentence, in which what is between backticks is typed. */
export const Prose = ({ text }: { readonly text: string }) => (
  <>{text.split("`").map((part, index) => (index % 2 === 1 ? <code key={index}>{part}</code> : part))}</>
);

/** A page's heading, with its main actions. */
export const Heading = ({
  title,
  lead,
  children,
}: {
  readonly title: ComponentChildren;
  readonly lead?: ComponentChildren;
  readonly children?: ComponentChildren;
}) => (
  <header class="heading">
    <div>
      <h1 tabIndex={-1}>{title}</h1>
      {lead === undefined ? null : <p class="lead">{lead}</p>}
    </div>
    <div class="actions">{children}</div>
  </header>
);

/** A text that is copied with one press. */
export function Copy({ text, label }: { readonly text: string; readonly label: string }) {
  const [isCopied, setCopied] = useState(false);
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(text);
    setCopied(true);
    window.setTimeout(() => setCopied(false), 1_500);
  };
  return (
    <span class="copy">
      <code>{text}</code>
      <button type="button" class="icon-button" aria-label={`Copy ${label}`} onClick={() => void copy()}>
        {isCopied ? <span class="copied">copied</span> : <Icon name="copy" />}
      </button>
    </span>
  );
}

export const Facts = ({
  facts,
}: {
  readonly facts: readonly (readonly [name: string, value: ComponentChildren])[];
}) => (
  <dl class="facts">
    {facts.map(([name, value]) =>
      value === null || value === "" ? null : (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ),
    )}
  </dl>
);

export function Pages({
  page,
  pageSize,
  total,
  onPage,
}: {
  readonly page: number;
  readonly pageSize: number;
  readonly total: number;
  readonly onPage: (page: number) => void;
}) {
  const last = Math.max(0, Math.ceil(total / pageSize) - 1);
  if (last === 0) return null;
  const first = page * pageSize;
  return (
    <nav class="pages" aria-label="Pages">
      <button type="button" class="button small" disabled={page === 0} onClick={() => onPage(0)}>
        First
      </button>
      <button type="button" class="button small" disabled={page === 0} onClick={() => onPage(page - 1)}>
        Previous
      </button>
      <span>
        {(first + 1).toLocaleString()}–{Math.min(total, first + pageSize).toLocaleString()} of{" "}
        {total.toLocaleString()}
      </span>
      <button type="button" class="button small" disabled={page >= last} onClick={() => onPage(page + 1)}>
        Next
      </button>
      <button type="button" class="button small" disabled={page >= last} onClick={() => onPage(last)}>
        Last
      </button>
    </nav>
  );
}

const PATHS = {
  home: "M3 11.5 12 4l9 7.5M5.5 9.5V20h13V9.5",
  clusters: "M4 5h7v6H4zM13 5h7v6h-7zM4 13h7v6H4zM13 13h7v6h-7z",
  jobs: "M6 4l13 8-13 8z",
  notebooks: "M6 3h12v18H6zM6 8H4M6 12H4M6 16H4M10 8h5M10 12h5",
  images: "M12 3l8 4.5v9L12 21l-8-4.5v-9zM4 7.5l8 4.5 8-4.5M12 12v9",
  usage: "M4 20V10M10 20V4M16 20v-7M21 20H3",
  settings:
    "M12 9a3 3 0 1 0 0 6 3 3 0 0 0 0-6zM12 2v3M12 19v3M2 12h3M19 12h3M5 5l2 2M17 17l2 2M19 5l-2 2M7 17l-2 2",
  tasks: "M4 6h2M4 12h2M4 18h2M9 6h11M9 12h11M9 18h11",
  copy: "M9 9h11v11H9zM5 15H4V4h11v1",
  check: "M5 12.5l4.5 4.5L19 7.5",
  theme: "M12 3a9 9 0 1 0 9 9 7 7 0 0 1-9-9z",
  close: "M6 6l12 12M18 6L6 18",
} as const;
export type IconName = keyof typeof PATHS;

export const Icon = ({ name }: { readonly name: IconName }): JSX.Element => (
  <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
    <path d={PATHS[name]} />
  </svg>
);
