#!/usr/bin/env bash
# Lays out what was built as it is installed: bin/, plugins/NAME/ with digests, images/.
#   deploy/stage.sh BUILD_DIRECTORY STAGE_DIRECTORY
set -euo pipefail
built=$1
stage=$2

install -d "$stage/bin" "$stage/plugins" "$stage/images/sidecar"
install -m 755 "$built/mortise" "$built/mortise-device" "$stage/bin/"
install -m 755 "$built/sidecar-agent" "$stage/images/sidecar/1.0"
for images in examples/*/images; do cp -R "$images/." "$stage/images/"; done

for name in local sidecar workload devices groups; do
  folder=$stage/plugins/$name
  rm -rf "$folder"
  install -d "$folder"
  install -m 755 "$built/$name-plugin" "$folder/$name-plugin"
  if [ -d "plugins/$name/blueprints" ]; then cp -R "plugins/$name/blueprints" "$folder/"; fi
  {
    cat "plugins/$name/plugin.yaml"
    echo "digest: sha256:$(sha256sum "$folder/$name-plugin" | cut -d ' ' -f 1)"
  } >"$folder/plugin.yaml"
done
