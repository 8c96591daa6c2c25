//! Tabular files in and out: CSV, Parquet, GeoParquet.
