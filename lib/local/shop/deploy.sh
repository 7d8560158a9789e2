#!/bin/sh
# Publishes dist/shop.zip as a version of the function SHOP_FUNCTION, shifts the alias `live` to it, and writes the digest of the code
# that is live then to dist/live-digest. Needs the AWS command line and a role that may change this function.
set -eu
version=$(aws lambda update-function-code --function-name "$SHOP_FUNCTION" --zip-file fileb://dist/shop.zip --publish --query Version --output text)
aws lambda wait published-version-active --function-name "$SHOP_FUNCTION" --qualifier "$version"
aws lambda update-alias --function-name "$SHOP_FUNCTION" --name live --function-version "$version" >dist/alias.json
live=$(aws lambda get-function-configuration --function-name "$SHOP_FUNCTION" --qualifier live --query CodeSha256 --output text)
printf 'sha256:%s' "$(printf '%s' "$live" | base64 -d | od -An -v -tx1 | tr -d ' \n')" >dist/live-digest
