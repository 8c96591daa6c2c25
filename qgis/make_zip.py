"""Makes the archive that QGIS installs: one folder with the plugin and its licences, nothing compiled.

Usage: make_zip.py ARCHIVE

The same sources give the same bytes: names are sorted and times fixed.
"""

import pathlib
import sys
import zipfile

PLUGIN = "whitespot"
HERE = pathlib.Path(__file__).resolve().parent


def sources():
    for path in sorted((HERE / PLUGIN).rglob("*")):
        if path.is_file() and path.suffix != ".pyc":
            yield path, path.relative_to(HERE).as_posix()
    for licence in ("LICENSE-APACHE", "LICENSE-MIT"):
        yield HERE.parent / licence, f"{PLUGIN}/{licence}"


def main():
    with zipfile.ZipFile(sys.argv[1], "w", zipfile.ZIP_DEFLATED) as archive:
        for path, name in sources():
            info = zipfile.ZipInfo(name, date_time=(2026, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            archive.writestr(info, path.read_bytes())


if __name__ == "__main__":
    main()
