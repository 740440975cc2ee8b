/** A command as a shell completes it. */
export interface CompletedCommand {
  readonly name: string;
  /** Its long options. */
  readonly options: readonly string[];
  readonly commands: readonly CompletedCommand[];
}

export const SHELLS = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof SHELLS)[number];

/**
 * The shell's script that completes the command: it has all words in it, so no key starts a program. Where no word fits, the shell
 * completes names of files. Pure.
 */
export function renderCompletion(shell: Shell, root: CompletedCommand): readonly string[] {
  switch (shell) {
    case "bash":
      return bashLines(root);
    case "zsh":
      // zsh runs bash's kind of completion.
      return ["#compdef muster", "autoload -U +X bashcompinit && bashcompinit", ...bashLines(root)];
    case "fish":
      return fishLines(root);
  }
}

/** The command's words, `muster job run`, with what may follow. */
type Place = readonly [path: string, CompletedCommand];

const placesOf = (command: CompletedCommand, path: string = command.name): readonly Place[] => [
  [path, command],
  ...command.commands.flatMap((one) => placesOf(one, `${path} ${one.name}`)),
];

function bashLines(root: CompletedCommand): readonly string[] {
  const places = placesOf(root);
  const deeper = places.slice(1).map(([path]) => `"${path}"`);
  return [
    "_muster() {",
    `  local path=${root.name} words= i`,
    "  for ((i = 1; i < COMP_CWORD; i++)); do",
    `    case "$path \${COMP_WORDS[i]}" in ${deeper.join("|")}) path="$path \${COMP_WORDS[i]}" ;; esac`,
    "  done",
    '  case "$path" in',
    ...places.map(
      ([path, { commands, options }]) =>
        `    "${path}") words="${[...commands.map(({ name }) => name), ...options].join(" ")}" ;;`,
    ),
    "  esac",
    `  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))`,
    "}",
    `complete -o default -F _muster ${root.name}`,
  ];
}

function fishLines(root: CompletedCommand): readonly string[] {
  return placesOf(root).flatMap(([path, { commands, options }]) => {
    const words = path.split(" ").slice(1);
    const isHere = words.map((word) => `__fish_seen_subcommand_from ${word}`);
    const next = commands.map(({ name }) => name);
    const isEnd = next.length === 0 ? [] : [`not __fish_seen_subcommand_from ${next.join(" ")}`];
    const when = [...isHere, ...isEnd].join("; and ");
    const complete = `complete -c ${root.name}${when === "" ? "" : ` -n '${when}'`}`;
    return [
      ...(next.length === 0 ? [] : [`${complete} -f -a '${next.join(" ")}'`]),
      ...options.map((option) => `${complete} -l ${option.replace(/^--/, "")}`),
    ];
  });
}
