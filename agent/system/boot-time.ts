import { readFile } from "node:fs/promises";

/** Clock ticks in a second, as Linux shows times to programs. */
const TICKS = 100;

/** When this machine booted: when its first process began. It stays the same when the agent starts anew. */
export async function readBootTime(now: Date): Promise<Date> {
  const [uptime, first] = await Promise.all(
    ["/proc/uptime", "/proc/1/stat"].map((path) => readFile(path, "utf8")),
  );
  return bootTime({ uptime: uptime ?? "", first: first ?? "", now });
}

/** From the texts of /proc/uptime and /proc/1/stat, whose 22nd field is when the process began. Pure. */
export function bootTime({
  uptime,
  first,
  now,
}: {
  readonly uptime: string;
  readonly first: string;
  readonly now: Date;
}): Date {
  const upSeconds = Number(uptime.split(" ")[0]);
  // The second field, the name in brackets, may hold blanks.
  const ticks = Number(first.slice(first.lastIndexOf(")") + 2).split(" ")[19]);
  const runSeconds = upSeconds - ticks / TICKS;
  if (!Number.isFinite(runSeconds)) throw new Error("The machine's boot time can't be read from /proc.");
  return new Date(now.getTime() - Math.max(0, runSeconds) * 1_000);
}
