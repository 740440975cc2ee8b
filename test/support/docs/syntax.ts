import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { runCommand } from "../../../scripts/system/command.js";

/** What of a block that is not run can't be right: a program, a package script or an option that there is not. */
export async function commandProblems(root: string, text: string): Promise<readonly string[]> {
  const problems = await Promise.all(
    text.split("\n").map(async (line) => {
      const words = line
        .replace(/ #.*$/, "")
        .replace(/ >\s*\S+/, "")
        .trim()
        .split(/\s+/);
      const [program = "", ...args] = words;
      if (program === "npm") return npmProblems(root, args);
      if (/^(?:\.\/)?scripts\//.test(program)) return scriptProblems(root, program, args);
      if (program === "install") return args.slice(-2, -1).filter((file) => !isOwn(root, file));
      return [];
    }),
  );
  return problems.flat();
}

function npmProblems(root: string, [command, ...names]: readonly string[]): readonly string[] {
  const { scripts, version } = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8"));
  // What a project of its own names, or the packed file of this version.
  if (command === "install")
    return names
      .filter((name) => name !== "-g" && name !== `./muster-${version}.tgz`)
      .map((name) => `npm install ${name}`);
  if (command !== "run") return command === "ci" ? [] : [`npm ${command}`];
  // What follows `--` is the script's.
  const [own = ""] = names.join(" ").split(" -- ");
  return own
    .split(" ")
    .filter((name) => !name.startsWith("-") && !(name in scripts))
    .map((name) => `npm run ${name}`);
}

async function scriptProblems(
  root: string,
  script: string,
  args: readonly string[],
): Promise<readonly string[]> {
  if (!existsSync(path.join(root, script))) return [script];
  const options = args.filter((arg) => arg.startsWith("--"));
  if (options.length === 0) return [];
  // These have a help for each of their commands: `muster job run --help`.
  const firstOption = args.findIndex((arg) => arg.startsWith("-"));
  const subcommand = /\/(?:muster|cloud)$/.test(script) ? args.slice(0, firstOption) : [];
  const help = await runCommand([path.join(root, script), ...subcommand, "--help"], { timeoutSeconds: 120 });
  return options.filter((option) => !help.includes(option)).map((option) => `${script} ${option}`);
}

const isOwn = (root: string, file: string): boolean =>
  existsSync(path.join(root, file)) || file.startsWith("dist/");
