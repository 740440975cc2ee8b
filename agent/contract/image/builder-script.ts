import { createHash } from "node:crypto";
import { partitionOf } from "../rights/right.js";
import type { StepFile } from "./extra-steps.js";
import { recipeKey, reportKey, stepKey } from "./names.js";

/** Where a builder has what it works with. The end of the bake removes it. */
const BUILD_FOLDER = "/var/lib/muster-build";
/** The runner, inside the recipe's archive. */
const RUNNER = "agent/image/builder/run.sh";
/** EC2's limit for user data, in bytes. */
export const MAX_USER_DATA_BYTES = 16_384;

/** What a builder has to know. */
export interface BuilderOrder {
  readonly image: string;
  readonly bucket: string;
  readonly region: string;
  /** SHA-256 (hex) of the recipe's archive. */
  readonly recipeSha256: string;
  readonly steps: readonly StepFile[];
}

/**
 * A builder's user data. It needs a Debian with systemd, tar and apt, and has no secret. As it goes to the end, the instance is powered off,
 * whatever happens: a unit of its own runs the bake, since those that run user data may be limited in time.
 *
 * It gets the recipe's archive and the extra steps, checks their SHA-256, and runs RUNNER with
 * - `MUSTER_BUILD_IMAGE`: the image's id;
 * - `MUSTER_BUILD_FOLDER`: BUILD_FOLDER, with the archive's files in `recipe/`, the extra steps in `steps/` (to be run in the order of their
 *   names; perhaps none), and the program `s3`: `s3 get KEY FILE` and `s3 put FILE KEY` for the org's bucket, with the role's credentials;
 * - `MUSTER_BUILD_REPORT_KEY`: where report.json goes.
 * RUNNER ends with 0 when all is done, and the last report says `ok: true`; with 1 when a step failed, and the last report says so. Whatever
 * else ends it is reported here, as the step `runner`. It may not remove BUILD_FOLDER: that is done here, last of all.
 * Pure.
 */
export function builderScript(order: BuilderOrder): string {
  return [
    "#!/bin/sh",
    `# Bakes the image ${order.image}.`,
    "set -eu",
    "umask 022",
    `folder=${BUILD_FOLDER}`,
    "mkdir -p $folder/recipe $folder/steps",
    "cd $folder",
    "export -p >environment",
    here("s3", s3Program(order)),
    here("files.sha256", fileList(order)),
    here("start", startProgram(order)),
    "chmod 755 s3 start",
    "systemd-run --quiet --unit=muster-build $folder/start",
    "",
  ].join("\n");
}

const here = (file: string, text: string): string => `cat >${file} <<'END-OF-FILE'\n${text}END-OF-FILE`;

/** As sha256sum --check reads it. */
const fileList = ({ recipeSha256, steps }: BuilderOrder): string =>
  [
    `${recipeSha256}  recipe.tar`,
    ...steps.map(({ file, script }) => `${createHash("sha256").update(script).digest("hex")}  steps/${file}`),
    "",
  ].join("\n");

/** Credentials come from the instance's role each time, and go to curl by a pipe: they are in no argument and in no file. */
const s3Program = ({ bucket, region }: BuilderOrder): string => `#!/bin/sh
# s3 get KEY FILE | s3 put FILE KEY
set -eu
case $1 in
  get) key=$2; set -- -o "$3" ;;
  put) key=$3; set -- -T "$2" -o /dev/null ;;
esac
imds=http://169.254.169.254/latest
token=$(curl -sSf -m 10 --retry 5 -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 300' $imds/api/token)
ask() {
  printf 'header = "X-aws-ec2-metadata-token: %s"\\n' "$token" | curl -sSf -m 10 --retry 5 -K - "$imds/$1"
}
roles=meta-data/iam/security-credentials
role=$(ask $roles/ | head -n 1)
credentials=$(ask "$roles/$role")
field() {
  printf '%s\\n' "$credentials" | sed -n "s/.*\\"$1\\" *: *\\"\\([^\\"]*\\)\\".*/\\1/p"
}
endpoint=\${AWS_ENDPOINT_URL_S3:-\${AWS_ENDPOINT_URL:-https://s3.${region}.${dnsSuffix(region)}}}
printf 'user = "%s:%s"\\nheader = "x-amz-security-token: %s"\\n' \\
  "$(field AccessKeyId)" "$(field SecretAccessKey)" "$(field Token)" |
  curl -sSf -m 600 --retry 5 --retry-connrefused -K - --aws-sigv4 aws:amz:${region}:s3 \\
    -H 'x-amz-content-sha256: UNSIGNED-PAYLOAD' "$@" "$endpoint/${bucket}/$key"
`;

const startProgram = ({ image, recipeSha256, steps }: BuilderOrder): string => `#!/bin/sh
set -u
umask 022
cd ${BUILD_FOLDER}
. ./environment
export MUSTER_BUILD_IMAGE=${image} MUSTER_BUILD_FOLDER=${BUILD_FOLDER} MUSTER_BUILD_REPORT_KEY=${reportKey(image)}
prepare() {
  step=curl
  command -v curl >/dev/null ||
    { apt-get -qq update && apt-get -qq install --no-install-recommends curl ca-certificates; } || return 1
  step='recipe archive'
  ./s3 get ${recipeKey(recipeSha256)} recipe.tar || return 1
${steps.map(({ file }) => `  ./s3 get ${stepKey(image, file)} steps/${file} || return 1\n`).join("")}  step=checksums
  sha256sum --check --quiet files.sha256 || return 1
  step=unpacking
  tar -xf recipe.tar -C recipe && rm recipe.tar
}
report_failure() {
  printf '{"schema":1,"image":"%s","at":%s,"phase":"preparing","step":"%s","steps":[],"ok":false,"output":"%s"}\\n' \\
    ${image} "$(date +%s)" "$step" "$(tail -c 8192 output | base64 -w 0)" >report.json
  ./s3 put report.json ${reportKey(image)}
}
main() {
  if prepare >output 2>&1; then
    step=runner
    recipe/${RUNNER} >output 2>&1
    case $? in
      0) cd / && rm -rf ${BUILD_FOLDER} ;;
      1) ;;
      *) report_failure ;;
    esac
  else
    report_failure
  fi
  systemctl poweroff
  exit
}
main
`;

const dnsSuffix = (region: string): string =>
  partitionOf(region) === "aws-cn" ? "amazonaws.com.cn" : "amazonaws.com";
