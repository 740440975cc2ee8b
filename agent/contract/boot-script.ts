/**
 * Where user data runs a cluster's boot script, and leaves what came of it: `status` (its exit status; it exists once the script has
 * ended) and `output`. Only root may enter it.
 */
export const BOOT_SCRIPT_FOLDER = "/var/lib/muster/boot-script";
