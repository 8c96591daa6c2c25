"""A layer of the project as a file and layer name that the program reads."""

import os

from qgis.core import QgsProcessingException, QgsProviderRegistry, QgsVectorFileWriter

from .words import tr

# What the program reads as it is.
READABLE = (".gpkg", ".geojson", ".json", ".geojsonl", ".shp", ".fgb", ".parquet", ".zip")


class Source:
    """A file, its layer where it has several, and the CRS of its coordinates."""

    def __init__(self, path, layer, crs):
        self.path = path
        self.layer = layer
        self.crs = crs


def source_of(layer, folder, context, feedback):
    """The layer's own file, or a copy where the layer is filtered, in memory, or of a kind the program does not read."""
    crs = layer.crs().authid()
    if not crs:
        raise QgsProcessingException(
            tr("The layer {} has no CRS", "Lagret {} har inget referenssystem").format(layer.name())
        )
    parts = QgsProviderRegistry.instance().decodeUri(layer.providerType(), layer.source())
    path = parts.get("path") or ""
    is_readable = (
        layer.providerType() == "ogr"
        and os.path.isfile(path)
        and path.lower().endswith(READABLE)
        and not layer.subsetString()
        and not layer.isEditable()
    )
    if is_readable:
        return Source(path, parts.get("layerName") or None, crs)
    copy = os.path.join(folder, f"layer{len(os.listdir(folder)) + 1}.gpkg")
    options = QgsVectorFileWriter.SaveVectorOptions()
    options.driverName = "GPKG"
    options.layerName = "layer"
    options.feedback = feedback
    error, message = QgsVectorFileWriter.writeAsVectorFormatV3(layer, copy, context.transformContext(), options)[:2]
    if error != QgsVectorFileWriter.NoError:
        raise QgsProcessingException(
            tr("The layer {} cannot be copied: {}", "Lagret {} kan inte kopieras: {}").format(layer.name(), message)
        )
    feedback.pushInfo(
        tr("The layer {} is read from a copy", "Lagret {} läses från en kopia").format(layer.name())
    )
    return Source(copy, "layer", crs)
