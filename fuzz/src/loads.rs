//! The bodies of the fuzz targets that need polars: tables, and the loaders that give rows a meaning.

use crate::bodies;
use std::path::Path;
use whitespot_load::{
    areas, cells,
    coverage::read_layer,
    settlements::{SettlementReader, Wanted},
    validity,
};
use whitespot_model::{
    config::{AreasConfig, CoverageConfig, Invalid, SettlementsConfig},
    features::ReadError,
    provenance::RowBalance,
};
use whitespot_spatial::crs::Crs;

/// Extensions of tables; each is a target.
pub const TABLE_KINDS: [&str; 3] = ["csv", "parquet", "xlsx"];

/// Writes the bytes as a table of a kind and reads it.
pub fn table_file(kind: &str, bytes: &[u8], folder: &Path) -> Result<usize, ReadError> {
    let path = folder.join(format!("f.{kind}"));
    if std::fs::write(&path, bytes).is_err() {
        return Ok(0);
    }
    let schema = whitespot_table::inspect(&path, None, None)?;
    bodies::read_all(&path, &schema, whitespot_table::open)
}

/// Codes of grid cells and quadkeys.
pub fn cell_codes(bytes: &[u8]) {
    if let Ok(text) = std::str::from_utf8(bytes) {
        let _ = cells::parse(text, None);
        let _ = cells::parse(text, Some(250.0));
    }
}

/// Reads the bytes as coverage, as areas and as settlements: GeoJSON where they begin with a brace, else CSV.
/// Whatever comes out balances: accepted + repaired + rejected = read.
pub fn layers(bytes: &[u8], folder: &Path) {
    let is_geojson = bytes.first() == Some(&b'{');
    let name = if is_geojson { "f.geojson" } else { "f.csv" };
    if std::fs::write(folder.join(name), bytes).is_err() {
        return;
    }
    let (crs, xy) = if is_geojson { ("", "") } else { ("crs = \"EPSG:3006\"", "x = \"x\", y = \"y\", ") };
    let columns = format!("file = \"{name}\"\n{crs}\ncolumns = {{ {xy}");
    let coverage = format!(
        "id = \"c\"\nreach_m = 50\ntechnology = {{ field = \"a\", map = {{ x = \"fibre\" }} }}\noperator = {{ field = \"b\" }}\n\
         download_mbps = {{ field = \"c\" }}\n{columns} }}"
    );
    if let Ok(config) = toml::from_str::<CoverageConfig>(&coverage)
        && let Ok(read) = read_layer(&config, folder, None)
    {
        balanced(&read.provenance.rows);
        let layer = &read.value.layer;
        let parts = whitespot_spatial::validity::check(&layer.shapes);
        let _ = validity::invalid_findings(&parts, Some(&layer.places), "f", "coverage c", Invalid::Repair);
    }
    let Ok(analysis) = Crs::from_code("EPSG:3006") else { return };
    if is_geojson
        && let Ok(config) =
            toml::from_str::<AreasConfig>(&format!("{columns}code = \"a\", parent = \"b\" }}"))
        && let Ok(read) = areas::read_areas(&config, Path::new(name), folder, &analysis)
    {
        balanced(&read.provenance.rows);
    }
    let settlements = format!("{columns}persons = \"a\", id = \"b\", households = \"c\" }}");
    if let Ok(config) = toml::from_str::<SettlementsConfig>(&settlements) {
        let wanted = Wanted { ids: true, repeated_points: true, ..Wanted::default() };
        let Ok(mut reader) = SettlementReader::open(&config, folder, None, &wanted) else { return };
        let mut n = 0;
        loop {
            match reader.next_batch(7) {
                Ok(Some(batch)) => n += batch.len() as u64,
                Ok(None) => break,
                Err(_) => return,
            }
        }
        if let Ok((_, provenance, _)) = reader.finish() {
            balanced(&provenance.rows);
            assert_eq!(n, provenance.rows.accepted + provenance.rows.repaired, "every accepted row came out");
        }
    }
}

fn balanced(rows: &RowBalance) {
    assert!(rows.is_balanced(), "{rows:?}");
}
