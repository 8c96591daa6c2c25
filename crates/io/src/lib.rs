//! Geometry files in and out, QGIS styles.
