#!/bin/sh
# Makes lit.js anew from the packages of the npm registry: `sh vendor.sh`, with Node 20 or newer.
# The result is committed, so nobody needs this to run or change Liveblog.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
echo '{"private": true}' > package.json
npm install --silent --no-audit --no-fund lit@3.3.3 esbuild@0.28.2
cat > lit.js <<'END'
export { html, svg, nothing, noChange, render, LitElement } from "lit";
export { repeat } from "lit/directives/repeat.js";
export { live } from "lit/directives/live.js";
export { ref, createRef } from "lit/directives/ref.js";
export { keyed } from "lit/directives/keyed.js";
export { unsafeHTML } from "lit/directives/unsafe-html.js";
END
node_modules/.bin/esbuild lit.js --bundle --format=esm --minify --target=es2022 \
  --legal-comments=none --banner:js='/* lit 3.3.3, BSD-3-Clause, see lit.LICENSE */' \
  --outfile="$here/lit.js" --log-level=warning
cp node_modules/lit/LICENSE "$here/lit.LICENSE"
cd "$here"
sha256sum lit.js lit.LICENSE > SHA256SUMS
