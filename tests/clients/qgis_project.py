"""Opens a QGIS project, lists its layers, and prints its layouts to PDF and PNG: prints one JSON object.

Usage: qgis_project.py PROJECT OUT_FOLDER
"""

import json
import os
import sys

from qgis.core import QgsApplication, QgsLayoutExporter, QgsProject


def tree(group):
    children = []
    for node in group.children():
        if hasattr(node, "layer"):
            children.append({"layer": node.name(), "visible": node.itemVisibilityChecked()})
        else:
            children.append({"group": node.name(), "children": tree(node)})
    return children


def main():
    path, out = sys.argv[1:3]
    app = QgsApplication([], False)
    app.initQgis()
    project = QgsProject.instance()
    was_read = project.read(path)
    layers = [
        {
            "id": layer.id(),
            "name": layer.name(),
            "valid": layer.isValid(),
            "source": layer.source(),
            "count": layer.featureCount(),
            "renderer": layer.renderer().type(),
            "crs": layer.crs().authid(),
        }
        for layer in project.mapLayers().values()
    ]
    layouts = []
    for layout in project.layoutManager().printLayouts():
        page = layout.pageCollection().page(0).pageSize()
        pdf = os.path.join(out, "sheet.pdf")
        png = os.path.join(out, "sheet.png")
        exporter = QgsLayoutExporter(layout)
        to_pdf = exporter.exportToPdf(pdf, QgsLayoutExporter.PdfExportSettings())
        settings = QgsLayoutExporter.ImageExportSettings()
        settings.dpi = 96
        to_png = exporter.exportToImage(png, settings)
        items = {item.type() for item in layout.items() if hasattr(item, "type")}
        layouts.append(
            {
                "name": layout.name(),
                "page_mm": [page.width(), page.height()],
                "pdf": to_pdf == QgsLayoutExporter.Success,
                "png": to_png == QgsLayoutExporter.Success,
                "ids": sorted(i.id() for i in layout.items() if hasattr(i, "id") and i.id()),
                "items": sorted(items),
            }
        )
    print(
        "JSON"
        + json.dumps(
            {
                "read": was_read,
                "title": project.title(),
                "crs": project.crs().authid(),
                "tree": tree(project.layerTreeRoot()),
                "layers": layers,
                "layouts": layouts,
            }
        )
    )
    sys.stdout.flush()
    # Layouts hold on to the application; leaving at once avoids a crash on the way out that is QGIS' own.
    os._exit(0)


main()
