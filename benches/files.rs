//! A made-up region as files in a folder that is kept between benches.
#![allow(dead_code)]

use std::path::{Path, PathBuf};
use whitespot_model::table::{Table, Unit, Values};
use whitespot_table::ParquetBatchWriter;
use whitespot_testkit::region::{Frame, Region, Size, analysis, persons_65_plus};

/// Settlements generated at a time.
const BATCH: usize = 1 << 17;

/// The folder of a size (`points.parquet`, `fibre.geojson`, `mobile.geojson`, `areas.geojson`, `whitespot.toml`), written
/// unless it is there: in `WHITESPOT_BENCH`, or in the system's folder for temporary files.
pub(crate) fn folder_of(name: &str) -> PathBuf {
    let base = std::env::var_os("WHITESPOT_BENCH").map_or_else(std::env::temp_dir, PathBuf::from);
    let folder = base.join(format!("whitespot-bench-{name}"));
    let analysis_file = folder.join("whitespot.toml");
    if !analysis_file.exists() {
        let region = Region::new(Size::named(name).expect("a size"), Frame::Degrees, 1);
        region.write_shapes(&folder).expect("the folder can be written");
        write_points(&region, &folder.join("points.parquet"));
        // Last, so that a folder with it is complete.
        std::fs::write(analysis_file, analysis("points.parquet")).expect("the folder can be written");
    }
    folder
}

fn write_points(region: &Region, file: &Path) {
    let mut writer: Option<ParquetBatchWriter> = None;
    let mut first = 0;
    while first < region.size.n_settlements {
        let batch = region.settlements(first, BATCH);
        let whole =
            |values: &mut dyn Iterator<Item = u64>| Values::Int(values.map(|v| Some(v as i64)).collect());
        let real = |values: &mut dyn Iterator<Item = f64>| Values::Real(values.map(Some).collect());
        let numbered = || (first..).zip(&batch.persons);
        let households = batch.households.as_deref().unwrap_or_default();
        let mut table = Table::default();
        for (name, values) in [
            ("id", whole(&mut numbered().map(|(i, _)| i))),
            ("lon", real(&mut batch.points.iter().map(|p| p.x))),
            ("lat", real(&mut batch.points.iter().map(|p| p.y))),
            ("population", whole(&mut batch.persons.iter().map(|p| u64::from(*p)))),
            ("households", whole(&mut households.iter().map(|h| u64::from(*h)))),
            ("persons_65_plus", whole(&mut numbered().map(|(i, p)| u64::from(persons_65_plus(i, *p))))),
        ] {
            table.push(name, Unit::Number, name, name, values);
        }
        let writer = writer.get_or_insert_with(|| {
            ParquetBatchWriter::create(file, &table, None).expect("the folder can be written")
        });
        writer.append(&table, None).expect("the folder can be written");
        first += batch.len() as u64;
    }
    if let Some(writer) = writer {
        writer.finish().expect("the folder can be written");
    }
}
