import { runCommand } from "../system/command.js";

const TIMEOUT_SECONDS = 300;

/** Packs a root into a squashfs; `level`: zstd's. What is there already is replaced. */
export async function packRoot(root: string, squashfs: string, level = 6): Promise<void> {
  const compression = ["-comp", "zstd", "-Xcompression-level", String(level)];
  await runCommand(["mksquashfs", root, squashfs, ...compression, "-noappend", "-quiet", "-no-progress"], {
    timeoutSeconds: TIMEOUT_SECONDS,
  });
}
