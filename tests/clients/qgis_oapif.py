"""Reads a collection of an OGC API – Features server as a user's layer does: prints one JSON object.

Usage: qgis_oapif.py LANDING_PAGE COLLECTION WEST SOUTH EAST NORTH
"""

import json
import os
import sys

from qgis.core import QgsApplication, QgsFeatureRequest, QgsRectangle, QgsVectorLayer


def main():
    landing_page, collection = sys.argv[1:3]
    box = QgsRectangle(*map(float, sys.argv[3:7]))
    app = QgsApplication([], False)
    app.initQgis()
    uri = f"url='{landing_page}' typename='{collection}' version='OGC_API_FEATURES'"
    layer = QgsVectorLayer(uri, collection, "OAPIF")
    told = {"valid": layer.isValid(), "error": layer.error().message()}
    if layer.isValid():
        count, persons, codes = 0, 0, set()
        for feature in layer.getFeatures():
            count += 1
            persons += int(feature["persons"])
            codes.add(feature["area_code"])
        told |= {
            "crs": layer.crs().authid(),
            "stated": layer.featureCount(),
            "count": count,
            "codes": len(codes),
            "persons": persons,
            "in_box": sum(1 for _ in layer.getFeatures(QgsFeatureRequest(box))),
        }
    print("JSON" + json.dumps(told))
    sys.stdout.flush()
    # Downloads in the background hold on to the application.
    os._exit(0)


main()
