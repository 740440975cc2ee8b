#!/bin/sh
# /usr/bin/muster: the command, with the Node.js of the image and the certificates that this machine trusts.
export SSL_CERT_FILE="${SSL_CERT_FILE:-/etc/ssl/certs/ca-certificates.crt}"
exec /usr/lib/muster/node --use-openssl-ca /usr/lib/muster/muster.cjs "$@"
