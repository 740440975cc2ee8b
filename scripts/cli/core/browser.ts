/**
 * The words before a file's path that open it in the person's browser; null: no browser can show it here. On Linux that takes a screen:
 * without one, xdg-open would start a browser for terminals. Pure.
 */
export function planBrowser(
  platform: string,
  env: Readonly<Record<string, string | undefined>>,
  has: (program: string) => boolean,
): readonly string[] | null {
  if (platform === "darwin") return ["open"];
  // `start` is the shell's own; its first quoted word would be a window's title.
  if (platform === "win32") return ["cmd.exe", "/d", "/c", "start", ""];
  const hasScreen = [env["DISPLAY"], env["WAYLAND_DISPLAY"]].some(
    (value) => value !== undefined && value !== "",
  );
  return hasScreen && has("xdg-open") ? ["xdg-open"] : null;
}
