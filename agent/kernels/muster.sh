#!/bin/sh
# /usr/bin/muster: the command, with the Node.js of the image.
exec /usr/lib/muster/node --use-openssl-ca /usr/lib/muster/muster.cjs "$@"
