//! The tables of a GeoPackage, word by word from OGC 12-128r19, and those QGIS adds.

/// The tables every GeoPackage has, with extensions and metadata.
pub(super) const CORE_TABLES: &str = "
CREATE TABLE gpkg_spatial_ref_sys (
  srs_name TEXT NOT NULL,
  srs_id INTEGER PRIMARY KEY,
  organization TEXT NOT NULL,
  organization_coordsys_id INTEGER NOT NULL,
  definition TEXT NOT NULL,
  description TEXT
);
CREATE TABLE gpkg_contents (
  table_name TEXT NOT NULL PRIMARY KEY,
  data_type TEXT NOT NULL,
  identifier TEXT UNIQUE,
  description TEXT DEFAULT '',
  last_change DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')),
  min_x DOUBLE,
  min_y DOUBLE,
  max_x DOUBLE,
  max_y DOUBLE,
  srs_id INTEGER,
  CONSTRAINT fk_gc_r_srs_id FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys(srs_id)
);
CREATE TABLE gpkg_geometry_columns (
  table_name TEXT NOT NULL,
  column_name TEXT NOT NULL,
  geometry_type_name TEXT NOT NULL,
  srs_id INTEGER NOT NULL,
  z TINYINT NOT NULL,
  m TINYINT NOT NULL,
  CONSTRAINT pk_geom_cols PRIMARY KEY (table_name, column_name),
  CONSTRAINT uk_gc_table_name UNIQUE (table_name),
  CONSTRAINT fk_gc_tn FOREIGN KEY (table_name) REFERENCES gpkg_contents(table_name),
  CONSTRAINT fk_gc_srs FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys (srs_id)
);
CREATE TABLE gpkg_extensions (
  table_name TEXT,
  column_name TEXT,
  extension_name TEXT NOT NULL,
  definition TEXT NOT NULL,
  scope TEXT NOT NULL,
  CONSTRAINT ge_tce UNIQUE (table_name, column_name, extension_name)
);
CREATE TABLE gpkg_metadata (
  id INTEGER CONSTRAINT m_pk PRIMARY KEY ASC NOT NULL,
  md_scope TEXT NOT NULL DEFAULT 'dataset',
  md_standard_uri TEXT NOT NULL,
  mime_type TEXT NOT NULL DEFAULT 'text/xml',
  metadata TEXT NOT NULL DEFAULT ''
);
CREATE TABLE gpkg_metadata_reference (
  reference_scope TEXT NOT NULL,
  table_name TEXT,
  column_name TEXT,
  row_id_value INTEGER,
  timestamp DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')),
  md_file_id INTEGER NOT NULL,
  md_parent_id INTEGER,
  CONSTRAINT crmr_mfi_fk FOREIGN KEY (md_file_id) REFERENCES gpkg_metadata(id),
  CONSTRAINT crmr_mpi_fk FOREIGN KEY (md_parent_id) REFERENCES gpkg_metadata(id)
);
INSERT INTO gpkg_extensions VALUES
  ('gpkg_metadata', NULL, 'gpkg_metadata', 'http://www.geopackage.org/spec120/#extension_metadata', 'read-write'),
  ('gpkg_metadata_reference', NULL, 'gpkg_metadata', 'http://www.geopackage.org/spec120/#extension_metadata', 'read-write');
INSERT INTO gpkg_spatial_ref_sys VALUES
  ('Undefined Cartesian SRS', -1, 'NONE', -1, 'undefined', 'undefined Cartesian coordinate reference system'),
  ('Undefined geographic SRS', 0, 'NONE', 0, 'undefined', 'undefined geographic coordinate reference system'),
  ('WGS 84 geodetic', 4326, 'EPSG', 4326, 'GEOGCS[\"WGS 84\",DATUM[\"WGS_1984\",SPHEROID[\"WGS 84\",6378137,298.257223563,AUTHORITY[\"EPSG\",\"7030\"]],AUTHORITY[\"EPSG\",\"6326\"]],PRIMEM[\"Greenwich\",0,AUTHORITY[\"EPSG\",\"8901\"]],UNIT[\"degree\",0.0174532925199433,AUTHORITY[\"EPSG\",\"9122\"]],AXIS[\"Latitude\",NORTH],AXIS[\"Longitude\",EAST],AUTHORITY[\"EPSG\",\"4326\"]]', 'longitude/latitude coordinates in decimal degrees on the WGS 84 spheroid');
";

/// The table QGIS reads styles from.
pub(super) const LAYER_STYLES: &str = "
CREATE TABLE layer_styles (
  id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  f_table_catalog TEXT(256),
  f_table_schema TEXT(256),
  f_table_name TEXT(256),
  f_geometry_column TEXT(256),
  styleName TEXT(30),
  styleQML TEXT,
  styleSLD TEXT,
  useAsDefault BOOLEAN,
  description TEXT,
  owner TEXT(30),
  ui TEXT(30),
  update_time DATETIME DEFAULT CURRENT_TIMESTAMP
);
";

/// The triggers that keep the spatial index of a table true when someone edits it (annex F.3; the functions
/// they call are those of the editing program). `T` and `C` stand for table and column, the id is `fid`.
pub(super) const RTREE_TRIGGERS: &str = r#"
CREATE TRIGGER "rtree_T_C_insert" AFTER INSERT ON "T"
  WHEN (NEW."C" NOT NULL AND NOT ST_IsEmpty(NEW."C"))
BEGIN
  INSERT OR REPLACE INTO "rtree_T_C" VALUES (
    NEW."fid", ST_MinX(NEW."C"), ST_MaxX(NEW."C"), ST_MinY(NEW."C"), ST_MaxY(NEW."C")
  );
END;
CREATE TRIGGER "rtree_T_C_update2" AFTER UPDATE OF "C" ON "T"
  WHEN OLD."fid" = NEW."fid" AND (NEW."C" ISNULL OR ST_IsEmpty(NEW."C"))
BEGIN
  DELETE FROM "rtree_T_C" WHERE id = OLD."fid";
END;
CREATE TRIGGER "rtree_T_C_update4" AFTER UPDATE ON "T"
  WHEN OLD."fid" != NEW."fid" AND (NEW."C" ISNULL OR ST_IsEmpty(NEW."C"))
BEGIN
  DELETE FROM "rtree_T_C" WHERE id IN (OLD."fid", NEW."fid");
END;
CREATE TRIGGER "rtree_T_C_update3" AFTER UPDATE ON "T"
  WHEN OLD."fid" != NEW."fid" AND (NEW."C" NOTNULL AND NOT ST_IsEmpty(NEW."C"))
BEGIN
  DELETE FROM "rtree_T_C" WHERE id = OLD."fid";
  INSERT OR REPLACE INTO "rtree_T_C" VALUES (
    NEW."fid", ST_MinX(NEW."C"), ST_MaxX(NEW."C"), ST_MinY(NEW."C"), ST_MaxY(NEW."C")
  );
END;
CREATE TRIGGER "rtree_T_C_update1" AFTER UPDATE OF "C" ON "T"
  WHEN OLD."fid" = NEW."fid" AND (NEW."C" NOTNULL AND NOT ST_IsEmpty(NEW."C"))
BEGIN
  INSERT OR REPLACE INTO "rtree_T_C" VALUES (
    NEW."fid", ST_MinX(NEW."C"), ST_MaxX(NEW."C"), ST_MinY(NEW."C"), ST_MaxY(NEW."C")
  );
END;
CREATE TRIGGER "rtree_T_C_delete" AFTER DELETE ON "T"
  WHEN OLD."C" NOT NULL
BEGIN
  DELETE FROM "rtree_T_C" WHERE id = OLD."fid";
END;
"#;
