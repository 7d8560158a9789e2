#!/bin/sh
# Publishes dist/shop.zip as a version of the function SHOP_FUNCTION, shifts the alias SHOP_ALIAS (`live` when it is not set) to it, and writes
# the digest of the code that the alias runs then to dist/live-digest. Needs the AWS command line and a role that may change this function.
set -eu
alias_name=${SHOP_ALIAS:-live}
version=$(aws lambda update-function-code --function-name "$SHOP_FUNCTION" --zip-file fileb://dist/shop.zip --publish --query Version --output text)
aws lambda wait published-version-active --function-name "$SHOP_FUNCTION" --qualifier "$version"
aws lambda update-alias --function-name "$SHOP_FUNCTION" --name "$alias_name" --function-version "$version" >dist/alias.json
live=$(aws lambda get-function-configuration --function-name "$SHOP_FUNCTION" --qualifier "$alias_name" --query CodeSha256 --output text)
printf 'sha256:%s' "$(printf '%s' "$live" | base64 -d | od -An -v -tx1 | tr -d ' \n')" >dist/live-digest
