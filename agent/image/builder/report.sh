#!/bin/sh
# Puts report.json. Usage: report.sh null|true|false STATE_FOLDER OUTPUT_FILE
# A report that can't be put is no failure of the bake: the next one may get through, and a builder without any is noticed.
set -eu
state=$2
steps=$(sed 's/^\([0-9]*\) \([0-9]*\) \(.*\)$/{"name":"\3","seconds":\1,"exitCode":\2}/' "$state/steps" | paste -s -d , -)
printf '{"schema":1,"image":"%s","at":%s,"phase":"%s","step":"%s","steps":[%s],"ok":%s,"output":"%s"}\n' \
  "$MUSTER_BUILD_IMAGE" "$(date +%s)" "$(cat "$state/phase")" "$(cat "$state/step")" "$steps" "$1" \
  "$(tail -c 8192 "$3" | base64 -w 0)" >"$state/report.json"
"$MUSTER_BUILD_FOLDER/s3" put "$state/report.json" "$MUSTER_BUILD_REPORT_KEY" >"$state/put" 2>&1 ||
  { echo "the report was not put:"; cat "$state/put"; } >&2
