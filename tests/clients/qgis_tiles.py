"""Draws a layer of vector tiles around a place, and around one far away: prints one JSON object.

Usage: qgis_tiles.py TILESET LONGITUDE LATITUDE
"""

import json
import os
import sys

from qgis.core import (
    QgsApplication,
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsMapRendererParallelJob,
    QgsMapSettings,
    QgsPointXY,
    QgsProject,
    QgsRectangle,
    QgsVectorTileLayer,
)
from qgis.PyQt.QtCore import QSize, Qt


def painted(layer, centre, half_m):
    settings = QgsMapSettings()
    settings.setLayers([layer])
    settings.setDestinationCrs(layer.crs())
    settings.setBackgroundColor(Qt.white)
    settings.setOutputSize(QSize(200, 200))
    x, y = centre.x(), centre.y()
    settings.setExtent(QgsRectangle(x - half_m, y - half_m, x + half_m, y + half_m))
    job = QgsMapRendererParallelJob(settings)
    job.start()
    job.waitForFinished()
    image = job.renderedImage()
    return sum(1 for i in range(200) for j in range(200) if image.pixelColor(i, j) != Qt.white)


def main():
    tileset, lon, lat = sys.argv[1], float(sys.argv[2]), float(sys.argv[3])
    app = QgsApplication([], False)
    app.initQgis()
    layer = QgsVectorTileLayer(f"type=xyz&url={tileset}/{{z}}/{{y}}/{{x}}&zmin=0&zmax=14", "tiles")
    told = {"valid": layer.isValid(), "crs": layer.crs().authid()}
    if layer.isValid():
        to_mercator = QgsCoordinateTransform(
            QgsCoordinateReferenceSystem("EPSG:4326"), layer.crs(), QgsProject.instance()
        )
        centre = to_mercator.transform(QgsPointXY(lon, lat))
        told |= {
            "painted": painted(layer, centre, 100_000),
            "painted_far_away": painted(layer, QgsPointXY(0, 0), 100_000),
        }
    print("JSON" + json.dumps(told))
    sys.stdout.flush()
    os._exit(0)


main()
