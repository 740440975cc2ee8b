/** A cell that makes a package, and installs it for the user. */
export const WHEEL = `import zipfile
wheel = "greeting-1.0-py3-none-any.whl"
info = "greeting-1.0.dist-info"
with zipfile.ZipFile(wheel, "w") as file:
    file.writestr("greeting.py", "WORD = 'hello'")
    file.writestr(info + "/METADATA", "Metadata-Version: 2.1\\nName: greeting\\nVersion: 1.0\\n")
    file.writestr(info + "/WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
    file.writestr(info + "/RECORD", "")
%pip install --user --no-index ./{wheel}`;

/** What each process was started with, and each line of each log, of a node. */
export const SAID_ON_A_NODE =
  "cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null | tr '\\0' '\\n'; journalctl -o cat --no-pager; cat /homes/*/.local/share/jupyter/runtime/* 2>/dev/null";
/** The role's credentials, as EC2 gives them to the node: JSON. */
export const ROLE_CREDENTIALS = `token=$(curl -sX PUT -H 'x-aws-ec2-metadata-token-ttl-seconds: 60' http://169.254.169.254/latest/api/token)
  url=http://169.254.169.254/latest/meta-data/iam/security-credentials/
  curl -s -H "x-aws-ec2-metadata-token: $token" "$url$(curl -s -H "x-aws-ec2-metadata-token: $token" "$url")"`;
