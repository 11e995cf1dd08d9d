#!/bin/sh
# Benchmarks/deliver.sh [COUNT]: reminders that all fall due at one instant, for 64 destinations, journalled on disk and
# delivered to an nginx on loopback; beside them as many requests of the same body by a bare C program with libcurl, without any
# journal, and by one that journals as much in SQLite, in the same run. Needs nginx, gcc and the headers of libcurl and SQLite; build first:
# swift build -c release --product bench
#
# The journal lies in a new directory below $TMPDIR (else /tmp), which should be a disk and no tmpfs.
set -eu
cd "$(dirname "$0")/.."
bench=${BENCH:-.build/release/bench}
count=${1:-20000}
work=$(mktemp -d)
nginx=
trap 'if [ -n "$nginx" ]; then kill "$nginx"; fi; rm -rf "$work"' EXIT
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
cat >"$work/nginx.conf" <<CONF
worker_processes 1; daemon off; pid $work/pid; error_log $work/error.log warn;
events { worker_connections 1024; }
http {
  access_log off; keepalive_requests 1000000000; keepalive_timeout 300s;
  client_body_temp_path $work; proxy_temp_path $work; fastcgi_temp_path $work; uwsgi_temp_path $work; scgi_temp_path $work;
  server { listen 127.0.0.1:$port backlog=1024; location / { return 200 'ok'; } }
}
CONF
$(command -v nginx || echo /usr/sbin/nginx) -c "$work/nginx.conf" &
nginx=$!
sleep 1
gcc -O2 -o "$work/ceiling" Benchmarks/ceiling.c -lcurl
gcc -O2 -o "$work/journalled" Benchmarks/journalled.c -lcurl -lsqlite3 -lpthread
for round in 1 2 3; do
    mkdir "$work/state"
    echo "round $round"
    "$bench" deliver "$count" "http://127.0.0.1:$port" "$work/state" "$work/body"
    "$work/ceiling" "$count" "http://127.0.0.1:$port" "$work/body"
    "$work/journalled" "$count" "http://127.0.0.1:$port" "$work/body" "$work/state/journalled.db"
    rm -r "$work/state"
done
