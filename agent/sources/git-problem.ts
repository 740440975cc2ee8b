import { SourceError } from "../jobs/ports.js";

type Code = SourceError["code"];

/** What Git, curl and ssh say, in the order in which it is looked for. */
const SIGNS: readonly (readonly [RegExp, Code, string])[] = [
  [/File too large/i, "source-too-large", "the repository is larger than a job's source may be"],
  [
    /redirect|error: 30\d\b/i,
    "source-unusable",
    "the server redirects, which is not followed: give the address that it redirects to",
  ],
  [
    /Host key verification failed|REMOTE HOST IDENTIFICATION/i,
    "source-refused",
    "the host's key is not the one that the Git credentials name",
  ],
  [
    /Authentication failed|could not read (?:Username|Password)|Permission denied|error: 40[13]\b|access denied/i,
    "source-refused",
    "the host refuses access",
  ],
  [
    /couldn't find remote ref|not our ref|unadvertised object|no such remote ref/i,
    "source-not-found",
    "the repository has no such reference or commit",
  ],
  [
    /not found|does not exist|does not appear to be a git repository|error: 404\b/i,
    "source-not-found",
    "the host has no such repository, or does not show it without other credentials",
  ],
  [
    /Could not resolve|Failed to connect|Connection (?:refused|timed out|reset)|unable to access|Couldn't connect|Operation too slow|early EOF|hung up unexpectedly|error: 5\d\d\b/i,
    "source-unreachable",
    "the host does not answer as it should",
  ],
  [/fsckObjects|fsck error|bad object|corrupt/i, "source-unusable", "the repository is damaged"],
];

/** The line that our own scripts say about a source. */
const OWN = /^muster-source (source-[a-z-]+) (.+)$/m;
const CODES: readonly string[] = [
  "source-not-found",
  "source-refused",
  "source-unreachable",
  "source-too-large",
  "source-timed-out",
  "source-unusable",
] satisfies readonly Code[];

/** What a failed errand of a source means. `said` is what it said last, without secrets. Pure. */
export function sourceErrorOf(said: string): SourceError {
  const [, code = "", sentence = ""] = OWN.exec(said) ?? [];
  if (CODES.includes(code)) return new SourceError(code as Code, sentence);
  const lines = said.split("\n").filter((line) => line.trim() !== "");
  const words = lines.slice(-3).join("; ");
  for (const [sign, meant, meaning] of SIGNS)
    if (sign.test(said)) return new SourceError(meant, `${meaning} (${words})`);
  return new SourceError("source-failed", words || "no word of why");
}

/** A text without the secrets. Pure. */
export const redacted = (text: string, secrets: readonly string[]): string =>
  secrets.filter((secret) => secret !== "").reduce((shown, secret) => shown.replaceAll(secret, "***"), text);
