#!/bin/sh
# Builds dist/dialctl_VERSION_ARCH.deb out of a copy of this tree: tools/deb.sh [VERSION [FOLDER]]
set -eu
cd "$(dirname "$0")/.."
version=${1:-$(sed -n 's/^version = //p' setup.cfg)}
dist=$(realpath -m "${2:-dist}")
for tool in dpkg-buildpackage dh; do
  command -v "$tool" >/dev/null || { echo "make deb needs $tool: apt-get install dpkg-dev debhelper" >&2; exit 1; }
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/dialctl"
tar -c --exclude=__pycache__ --exclude='*.egg-info' README.md CONTRIBUTING.md CHANGELOG.md Makefile setup.cfg pyproject.toml \
  conf debian dialctl docs freeswitch systemd tools | tar -x -C "$work/dialctl"
cd "$work/dialctl"
sed -i "s/^version = .*/version = $version/" setup.cfg
sed -i "s/^__version__ = .*/__version__ = \"$version\"/" dialctl/__init__.py
# The one list of changes is CHANGELOG.md; dpkg wants to read a version and a day.
{
  printf 'dialctl (%s) stable; urgency=medium\n\n  * See CHANGELOG.md.\n\n' "$version"
  printf ' -- %s  %s\n' "$(sed -n 's/^Maintainer: //p' debian/control)" "$(date -R -d "@${SOURCE_DATE_EPOCH:-$(date +%s)}")"
} >debian/changelog
dpkg-buildpackage --build=binary --no-sign >"$work/log" 2>&1 ||
  { tail -n 40 "$work/log" >&2; exit 1; }
mkdir -p "$dist"
mv "$work"/dialctl_*.deb "$dist/"
ls "$dist"/dialctl_"$version"_*.deb
