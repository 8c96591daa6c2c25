#!/usr/bin/env python3
"""Makes crs_texts.tsv, how PROJ writes the shipped CRSs, for tests/crs_texts.rs.

    python3 -m venv venv && venv/bin/pip install pyproj==3.7.2
    venv/bin/python make_crs_texts.py > crs_texts.tsv

Columns, by tab: code, flavour (wkt1, esri, wkt2, projjson), text. Every shipped code in WKT 1; one or two of each series
of zones in the other flavours.
"""

import sys
import warnings

from pyproj import CRS

warnings.filterwarnings("ignore")

ZONES = [3006, 3007, 3014, 3021, 25832, 25833, 32601, 32633, 32718]
SINGLE = [2056, 2154, 2157, 2180, 3034, 3035, 3059, 3067, 3301, 3346, 3395, 3812, 3857, 5070, 6933, 27700, 28992, 31370]
GEOGRAPHIC = [4171, 4258, 4269, 4277, 4326, 4619]
CODES = [f"EPSG:{n}" for n in GEOGRAPHIC + ZONES + SINGLE] + ["ESRI:54009", "OGC:CRS84"]
ONLY_WKT1 = [3008, 3009, 3010, 3011, 3012, 3013, 3015, 3016, 3017, 3018, 3019, 3020, 3022, 3023, 3024]
ONLY_WKT1 += [25828, 25838, 32660, 32701, 4124, 4150, 4173, 4180, 4289, 4313, 4661, 4669, 9702]


def main():
    for code in CODES + [f"EPSG:{n}" for n in ONLY_WKT1]:
        crs = CRS(code)
        texts = [("wkt1", crs.to_wkt("WKT1_GDAL", pretty=False))]
        if code in CODES:
            texts += [
                ("esri", crs.to_wkt("WKT1_ESRI", pretty=False)),
                ("wkt2", crs.to_wkt("WKT2_2019", pretty=False)),
                ("projjson", crs.to_json()),
            ]
        for flavour, text in texts:
            sys.stdout.write(f"{code}\t{flavour}\t{text}\n")


main()
