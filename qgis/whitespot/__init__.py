"""whitespot in QGIS: who lacks broadband, from the Processing toolbox."""


def classFactory(iface):
    """QGIS calls this to load the plugin."""
    from .plugin import WhitespotPlugin

    return WhitespotPlugin(iface)
