/** The initial environment of every process of the job user, without anything of the agent's own environment. */
export const userEnvironment = ({
  name,
  home,
}: {
  readonly name: string;
  readonly home: string;
}): Readonly<Record<string, string>> => ({
  PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
  HOME: home,
  USER: name,
  LOGNAME: name,
  SHELL: "/bin/sh",
  LANG: "C.UTF-8",
});
