/** What a requirements file names that its own text does not have: the environment depends on that too. Paths as in the file. */
export interface References {
  /** Other lists of requirements or constraints. */
  readonly lists: readonly string[];
  /** Files and folders: packages, and places to find them. */
  readonly paths: readonly string[];
}

const LIST = /^(?:-r|--requirements?|-c|--constraints?)(?:\s+|=|(?<=-[rc]))(\S+)/;
const FIND_LINKS = /^(?:-f|--find-links)(?:\s+|=|(?<=-f))(\S+)/;
const EDITABLE = /^(?:-e|--editable)(?:\s+|=|(?<=-e))(\S+)/;
const AT = /^[A-Za-z0-9][\w.-]*(?:\[[^\]]*\])?\s*@\s*(\S+)/;
const REMOTE = /^(?!file:)[a-z][a-z0-9+.-]*:/i;
const PACKAGE_FILE = /\.(?:whl|zip|tar\.gz|tgz)$/i;
/** Of a pyproject.toml: a dependency that is in the source's own tree. */
const LOCAL_DEPENDENCY = /\b(?:path|workspace|editable)\s*=|file:/;

/**
 * What the text of a list of requirements refers to. What is fetched from elsewhere is left out.
 * @see https://pip.pypa.io/en/stable/reference/requirements-file-format/
 */
export function referencesOf(text: string): References {
  const lists: string[] = [];
  const paths: string[] = [];
  for (const line of logicalLines(text)) {
    const list = LIST.exec(line)?.[1];
    if (list !== undefined && !REMOTE.test(list)) lists.push(list);
    const place = list === undefined ? placeOf(line) : null;
    if (place !== null) paths.push(place);
  }
  return { lists, paths };
}

/** What a pyproject.toml refers to: its own folder, where a dependency is in it. */
export const projectReferences = (text: string): References => ({
  lists: [],
  paths: LOCAL_DEPENDENCY.test(text) ? ["."] : [],
});

/** The path that a line installs from, or null. */
function placeOf(line: string): string | null {
  const named = [FIND_LINKS, EDITABLE, AT].map((pattern) => pattern.exec(line)?.[1]).find((it) => it);
  const word = named ?? (line.startsWith("-") ? undefined : /^[^\s;]+/.exec(line)?.[0]);
  if (word === undefined || REMOTE.test(word)) return null;
  const path = word.replace(/^file:(?:\/\/(?:localhost)?)?/, "").replace(/\[[^\]]*\]$/, "");
  const isPath = named !== undefined || path.includes("/") || path === "." || PACKAGE_FILE.test(path);
  return isPath ? path : null;
}

/** Its lines without comments, with continued ones joined. */
function logicalLines(text: string): string[] {
  return text
    .replace(/\\\r?\n/g, " ")
    .split(/\r?\n/)
    .map((line) => line.replace(/(?:^|\s)#.*$/, "").trim())
    .filter((line) => line !== "");
}

/** The folder of a file's path: "" where the path has none. */
export const folderOfPath = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf("/")));

/** `path` as it is named in a file of `folder`. */
export const pathFrom = (folder: string, path: string): string =>
  path.startsWith("/") || folder === "" ? path : `${folder}/${path}`;
