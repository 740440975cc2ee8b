import { runCommand } from "../system/command.js";

/** Installs a package of Debian's. Throws where apt has none. Bounded to `timeoutSeconds` for each try. */
export async function installDebianPackage(name: string, timeoutSeconds: number): Promise<void> {
  const install = ["apt-get", "install", "-y", "--no-install-recommends", name] as const;
  const options = { env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" }, timeoutSeconds };
  // The index is updated only if the package can't be installed without.
  await runCommand(install, options).catch(async () => {
    await runCommand(["apt-get", "update"], options);
    await runCommand(install, options);
  });
}
