#!/bin/sh
# The script of OSS-Fuzz builds here too.
exec "$SRC/sipvet/fuzz/oss-fuzz/build.sh"
