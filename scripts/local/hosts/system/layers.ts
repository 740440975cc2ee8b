import { chmodSync, copyFileSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { ENDPOINT_ADDRESS } from "./lan.js";

/** Units that have nothing to do, or no permission to do it, in a namespace. */
const MASKED_UNITS = [
  "console-getty.service",
  "dev-hugepages.mount",
  "dev-mqueue.mount",
  "getty.target",
  "modprobe@.service",
  "proc-sys-fs-binfmt_misc.automount",
  "sys-fs-fuse-connections.mount",
  "sys-kernel-config.mount",
  "sys-kernel-debug.mount",
  "sys-kernel-tracing.mount",
  "systemd-hostnamed.socket",
  "systemd-journald-audit.socket",
  "systemd-logind.service",
  "systemd-modules-load.service",
  "systemd-networkd.service",
  "systemd-networkd.socket",
  "systemd-remount-fs.service",
  "systemd-udevd.service",
  "systemd-udev-trigger.service",
] as const;

/**
 * The layer that adapts the image to this machine instead of EC2's hardware: AWS's address for every service, name
 * look-up, the mount helper. Replaces the old one; no node may be using it.
 */
export function writeLocalLayer(folder: string, nodeScripts: string): void {
  rmSync(folder, { recursive: true, force: true });
  const put = (path: string, content: string): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  };
  put(
    "etc/systemd/system.conf.d/aws-endpoint.conf",
    `[Manager]\nDefaultEnvironment=AWS_ENDPOINT_URL=http://${ENDPOINT_ADDRESS}\n`,
  );
  // Only those of the image's kernel settings that each network namespace has; the machine has the others.
  put(
    "etc/systemd/system/systemd-sysctl.service.d/namespace.conf",
    "[Service]\nExecStart=\nExecStart=/usr/lib/systemd/systemd-sysctl --prefix=net\n",
  );
  for (const unit of MASKED_UNITS) {
    mkdirSync(join(folder, "etc/systemd/system"), { recursive: true });
    symlinkSync("/dev/null", join(folder, "etc/systemd/system", unit));
  }
  symlinkSync("/run/vpc/hosts", join(folder, "etc/hosts"));
  mkdirSync(join(folder, "usr/sbin"), { recursive: true });
  copyFileSync(join(nodeScripts, "mount.efs"), join(folder, "usr/sbin/mount.efs"));
  chmodSync(join(folder, "usr/sbin/mount.efs"), 0o755);
  // Last, so that they are not older than this layer's /usr: otherwise systemd rebuilds its caches at each node's boot.
  put("etc/.updated", "");
  put("var/.updated", "");
}
