#!/usr/bin/env python3
"""Makes proj_reference.csv, the answers of PROJ that tests/proj_reference.rs compares with.

    python3 -m venv venv && venv/bin/pip install pyproj==3.7.2
    venv/bin/python make_proj_reference.py > proj_reference.csv
    venv/bin/python make_proj_reference.py utm > proj_reference_utm.csv

The second holds every zone of UTM, at 9 points each up to the edge of the zone.

Columns: code, lon, lat (WGS 84 degrees), x, y (in the CRS, easting first). Without datum grids, so that OSGB36, RD New,
RT 90, BD72 and CH1903+ use the seven (three) parameters that PROJ then prefers.
"""

import csv
import math
import sys
import warnings

import pyproj
from pyproj import CRS
from pyproj.transformer import TransformerGroup

warnings.filterwarnings("ignore")
pyproj.network.set_network_enabled(False)

CODES = (
    ["EPSG:4326", "OGC:CRS84", "EPSG:4979", "EPSG:4258", "EPSG:4619", "EPSG:4171", "EPSG:4269"]
    + [f"EPSG:{n}" for n in range(3006, 3025)]
    + ["EPSG:3034", "EPSG:3035"]
    + [f"EPSG:{n}" for n in range(25828, 25839)]
    + [f"EPSG:{n}" for n in (32601, 32610, 32618, 32628, 32630, 32632, 32633, 32637, 32645, 32660)]
    + [f"EPSG:{n}" for n in (32701, 32719, 32733, 32736, 32755, 32760)]
    + [f"EPSG:{n}" for n in (2056, 2154, 2157, 2180, 3059, 3067, 3301, 3346, 3395, 3812, 3857)]
    + [f"EPSG:{n}" for n in (5070, 6933, 27700, 28992, 31370)]
    + ["ESRI:54009"]
)

# Geographic CRSs of the datums above.
CODES += [f"EPSG:{n}" for n in (4124, 4150, 4173, 4180, 4277, 4289, 4313, 4661, 4669, 9702)]

SHIFTED = [f"EPSG:{n}" for n in (4124, 4150, 4277, 4289, 4313)]
SHIFTED += ["EPSG:2056", "EPSG:27700", "EPSG:28992", "EPSG:31370"] + [f"EPSG:{n}" for n in range(3019, 3025)]


UTM = [f"EPSG:{n}" for n in list(range(32601, 32661)) + list(range(32701, 32761))]


def points(code, area, steps):
    """A grid up to the edge of the area of use, and a few points beside it."""
    west, south, east, north = area.west, area.south, area.east, area.north
    if east < west:  # an area across the antimeridian
        east += 360.0
    # Within 0.0001 degrees of the poles PROJ's own Mollweide iteration is centimetres from the formula.
    inset = 1e-3 if code == "ESRI:54009" else 1e-6
    for i in range(steps):
        for j in range(steps):
            lon = west + inset + (east - west - 2 * inset) * i / (steps - 1)
            lat = south + inset + (north - south - 2 * inset) * j / (steps - 1)
            yield lon, lat
    yield (west + east) / 2 + (east - west) * math.pi / 100, (south + north) / 2 + (north - south) / math.e / 10
    if code in ("EPSG:3006", "EPSG:25832", "EPSG:25833", "EPSG:32633"):  # whole countries in one zone
        yield from ((4.5, 58.0), (31.2, 70.4), (5.0, 80.0), (24.17, 69.07))
    if code == "ESRI:54009":  # near the poles and the rim, where the iteration is slow
        yield from ((0.0, 89.9), (10.0, 89.99), (-170.0, -89.9), (179.9, 89.0), (-179.9, -1e-7), (0.0, 0.0))


def operation_of(code):
    """The best operation for datums with a shift; for the others the projection alone, as PROJ mostly prefers."""
    operations = TransformerGroup("OGC:CRS84", code, always_xy=True).transformers
    if code in SHIFTED:
        return operations[0]
    return next(o for o in operations if "helmert" not in o.definition)


def main():
    codes, steps = (UTM, 3) if sys.argv[1:] == ["utm"] else (CODES, 5)
    out = csv.writer(sys.stdout, lineterminator="\n")
    out.writerow(["code", "lon", "lat", "x", "y"])
    for code in codes:
        crs = CRS(code)
        area = crs.area_of_use
        operation = operation_of(code)
        for lon, lat in points(code, area, steps):
            lon = round(((lon + 180.0) % 360.0) - 180.0, 9)
            lat = round(lat, 9)
            x, y = operation.transform(lon, lat)
            if not (math.isfinite(x) and math.isfinite(y)):
                continue
            out.writerow([code, repr(lon), repr(lat), repr(x), repr(y)])


main()
