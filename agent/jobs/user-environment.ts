const PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/**
 * The initial environment of every process of the job user, without anything of the agent's own environment; with the folder of
 * a virtual environment, as if that were activated.
 */
export const userEnvironment = (
  { name, home }: { readonly name: string; readonly home: string },
  virtualEnvironment: string | null = null,
): Readonly<Record<string, string>> => ({
  PATH: virtualEnvironment === null ? PATH : `${virtualEnvironment}/bin:${PATH}`,
  ...(virtualEnvironment === null ? {} : { VIRTUAL_ENV: virtualEnvironment }),
  HOME: home,
  USER: name,
  LOGNAME: name,
  SHELL: "/bin/sh",
  LANG: "C.UTF-8",
});
