"""What QGIS makes of the files it is given: prints one JSON object.

Usage: qgis_layers.py GEOPACKAGE_OR_GEOJSON...
Each layer is opened as a user's drag-and-drop does: no style is asked for, so what is reported is what QGIS applies.
"""

import json
import sys

from qgis.core import QgsApplication, QgsProviderRegistry, QgsRenderContext, QgsVectorLayer


def symbol_colour(symbol):
    return symbol.color().name() if symbol else None


def renderer(layer):
    r = layer.renderer()
    told = {"type": r.type()}
    if r.type() == "graduatedSymbol":
        told["attribute"] = r.classAttribute()
        told["ranges"] = [
            [x.lowerValue(), x.upperValue(), x.label(), symbol_colour(x.symbol())] for x in r.ranges()
        ]
    if r.type() == "categorizedSymbol":
        told["attribute"] = r.classAttribute()
        told["categories"] = [[str(x.value()), x.label(), symbol_colour(x.symbol())] for x in r.categories()]
    return told


def classes_of_features(layer):
    """The legend label that each feature is drawn with, by its code."""
    r = layer.renderer()
    code = layer.fields().lookupField("area_code")
    if code < 0 or layer.featureCount() > 5000:
        return {}
    context = QgsRenderContext()
    context.setExpressionContext(layer.createExpressionContext())
    r.startRender(context, layer.fields())
    labels = {item.ruleKey(): item.label() for item in r.legendSymbolItems()}
    drawn = {}
    for feature in layer.getFeatures():
        context.expressionContext().setFeature(feature)
        keys = r.legendKeysForFeature(feature, context)
        drawn[str(feature[code])] = [labels.get(k) for k in keys]
    r.stopRender(context)
    return drawn


def describe(uri, name):
    layer = QgsVectorLayer(uri, name, "ogr")
    if not layer.isValid():
        return {"valid": False}
    extent = layer.extent()
    broken = 0
    empty = 0
    for feature in layer.getFeatures():
        geometry = feature.geometry()
        if geometry.isNull() or geometry.isEmpty():
            empty += 1
        elif not geometry.isGeosValid():
            broken += 1
    labels = layer.labeling()
    return {
        "valid": True,
        "crs": layer.crs().authid(),
        "count": layer.featureCount(),
        "geometry": layer.wkbType(),
        "extent": [extent.xMinimum(), extent.yMinimum(), extent.xMaximum(), extent.yMaximum()],
        "broken_geometries": broken,
        "empty_geometries": empty,
        "renderer": renderer(layer),
        "labels": labels.settings().fieldName if labels and layer.labelsEnabled() else None,
        "aliases": {f.name(): f.alias() for f in layer.fields()},
        "map_tip": layer.mapTipTemplate(),
        "drawn": classes_of_features(layer),
        "styles": layer.listStylesInDatabase()[2] if uri.count("|") else [],
        "abstract": layer.metadata().abstract() or layer.dataComment(),
    }


def main():
    app = QgsApplication([], False)
    app.initQgis()
    told = {}
    for path in sys.argv[1:]:
        parts = QgsProviderRegistry.instance().querySublayers(path)
        for part in parts:
            if part.name() in ("layer_styles",):
                continue
            uri = f"{path}|layername={part.name()}" if path.endswith(".gpkg") else path
            told[part.name()] = describe(uri, part.name())
    print("JSON" + json.dumps(told))
    sys.stdout.flush()
    app.exitQgis()


main()
