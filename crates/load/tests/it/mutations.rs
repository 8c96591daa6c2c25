//! The bodies of the fuzz targets under mutation, and files cut anywhere.
//!
//! `WHITESPOT_FUZZ_SECONDS=600` mutates for so long instead of a fixed number of times.

use crate::{bodies, loads};
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

/// A stream of numbers that is the same on every machine (SplitMix64).
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: usize) -> usize {
        (self.next() % n.max(1) as u64) as usize
    }
}

/// Where the seeds of the fuzz targets are: whole files of every kind, made for this purpose.
fn seed_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/seeds")
}

/// Every kind of file, by its extension.
fn kinds() -> impl Iterator<Item = &'static str> {
    bodies::GEOMETRY_KINDS.into_iter().chain(loads::TABLE_KINDS).chain(["dbf"])
}

/// Whole files of every kind: those of the fuzz targets, and what our own writers write.
fn seeds(folder: &Path) -> Vec<(&'static str, Vec<u8>)> {
    let mut seeds = Vec::new();
    for kind in kinds() {
        for path in crate::corpora::files_below(&seed_folder().join(kind)) {
            seeds.push((kind, std::fs::read(path).unwrap()));
        }
    }
    write_own(folder);
    for kind in ["geojson", "gpkg", "fgb", "csv", "parquet"] {
        seeds.push((kind, std::fs::read(folder.join(format!("own.{kind}"))).unwrap()));
    }
    seeds
}

/// Writes two areas in every format that whitespot writes areas in.
fn write_own(folder: &Path) {
    use whitespot_io::{GeoPackageWriter, LayerCrs, LayerSpec, write_flatgeobuf, write_geojson};
    use whitespot_model::{
        crs::CrsDeclaration,
        shapes::{Part, Shapes},
        table::{Table, Unit, Values},
    };
    let mut table = Table::default();
    table.push("kod", Unit::Text, "", "", Values::Text(vec![Some("0180".into()), None]));
    table.push("antal", Unit::Number, "", "", Values::Int(vec![Some(12), None]));
    let mut shapes = Shapes::default();
    for x in [0.0, 20.0] {
        shapes.begin_part(Part::Polygon);
        shapes.push_ring([(x, 0.0), (x + 9.0, 0.0), (x + 9.0, 9.0), (x, 0.0)]);
        shapes.end_part();
        shapes.end_feature();
    }
    let path = |kind: &str| folder.join(format!("own.{kind}"));
    write_geojson(&path("geojson"), &table, &shapes, "own").unwrap();
    let wgs84 = whitespot_spatial::crs::Crs::from_code("EPSG:4326").unwrap();
    let crs = LayerCrs { code: "EPSG:4326".into(), name: "WGS 84".into(), wkt: wgs84.wkt() };
    write_flatgeobuf(&path("fgb"), "own", &table, &shapes, &crs).unwrap();
    let mut gpkg = GeoPackageWriter::create(&path("gpkg"), &crs).unwrap();
    gpkg.add_layer(&LayerSpec::polygons("own", "own", ""), &table, &shapes).unwrap();
    gpkg.finish().unwrap();
    whitespot_table::write_csv(&path("csv"), &table).unwrap();
    let geometry =
        whitespot_table::GeoColumn { name: "geometry".into(), crs: CrsDeclaration::Code("EPSG:4326".into()) };
    whitespot_table::write_geoparquet(&path("parquet"), &table, &shapes, &geometry).unwrap();
}

/// Reads bytes as a kind; a panic is told with the bytes that made it.
fn read(kind: &'static str, bytes: &[u8], folder: &Path) -> Option<usize> {
    let outcome = catch_unwind(AssertUnwindSafe(|| match kind {
        "dbf" => bodies::attribute_table(bytes, folder),
        _ if loads::TABLE_KINDS.contains(&kind) => loads::table_file(kind, bytes, folder),
        _ => bodies::geometry_file(kind, bytes, folder),
    }));
    match outcome {
        Ok(rows) => rows.ok(),
        Err(_) => {
            let kept = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("crash.{kind}"));
            std::fs::write(&kept, bytes).unwrap();
            panic!("a {kind} file makes the reader panic: {}", kept.display());
        }
    }
}

#[test]
fn a_file_of_any_kind_cut_at_any_of_a_thousand_bytes_gives_no_more_rows_than_were_there() {
    let folder = tempfile::tempdir().unwrap();
    let mut dice = Dice(1);
    let mut seen = std::collections::BTreeSet::new();
    for (kind, whole) in seeds(folder.path()) {
        let n_whole = read(kind, &whole, folder.path());
        assert!(n_whole.is_some_and(|n| n > 0), "the whole {kind} file is read");
        seen.insert(kind);
        // Small files are cut at every byte.
        for i in 0..1000.min(whole.len()) {
            let cut = if whole.len() <= 1000 { i } else { dice.below(whole.len()) };
            let n = read(kind, &whole[..cut], folder.path()).unwrap_or(0);
            assert!(n <= n_whole.unwrap(), "{kind} cut at {cut}: {n} rows");
        }
    }
    assert!(kinds().all(|kind| seen.contains(kind)), "every kind was cut: {seen:?}");
}

/// Bytes changed as damage and malice change them.
fn mutate(bytes: &mut Vec<u8>, other: &[u8], dice: &mut Dice) {
    for _ in 0..1 + dice.below(4) {
        if bytes.is_empty() {
            bytes.extend_from_slice(other);
        }
        let at = dice.below(bytes.len().max(1));
        match dice.below(8) {
            0 => bytes[at] ^= 1 << dice.below(8),
            1 => bytes[at] = [0, 1, 0x7f, 0x80, 0xff, b'"', b'[', b'{', b',', b'9'][dice.below(10)],
            2 => bytes.truncate(at),
            3 => {
                let end = (at + 1 + dice.below(64)).min(bytes.len());
                bytes.drain(at..end);
            }
            4 => {
                let end = (at + 1 + dice.below(64)).min(bytes.len());
                let piece = bytes[at..end].to_vec();
                let to = dice.below(bytes.len());
                bytes.splice(to..to, piece);
            }
            5 => {
                let value = [u32::MAX, 0, 1 << 31, 0x7fff_ffff, 1 << 16, 3][dice.below(6)].to_le_bytes();
                for (slot, v) in bytes[at..].iter_mut().zip(value) {
                    *slot = v;
                }
            }
            6 => {
                let from = dice.below(other.len().max(1));
                let end = (from + dice.below(64)).min(other.len());
                bytes.splice(at..at, other[from..end].iter().copied());
            }
            _ => {
                let value = [f64::NAN, f64::INFINITY, -1e300, 5e-324][dice.below(4)].to_le_bytes();
                for (slot, v) in bytes[at..].iter_mut().zip(value) {
                    *slot = v;
                }
            }
        }
    }
}

#[test]
fn mutated_files_are_read_or_refused_and_never_make_a_reader_panic() {
    let folder = tempfile::tempdir().unwrap();
    let seconds = std::env::var("WHITESPOT_FUZZ_SECONDS").ok().and_then(|s| s.parse::<u64>().ok());
    let mut seeds = seeds(folder.path());
    seeds.extend(corpus_seeds());
    let started = Instant::now();
    let mut dice = Dice(seconds.map_or(2, |_| std::process::id().into()));
    let mut n = 0_u64;
    loop {
        let done = match seconds {
            Some(s) => started.elapsed() > Duration::from_secs(s),
            None => n >= 3000,
        };
        if done {
            break;
        }
        let (kind, bytes) = &seeds[dice.below(seeds.len())];
        let other = &seeds[dice.below(seeds.len())].1;
        let mut bytes = bytes.clone();
        mutate(&mut bytes, other, &mut dice);
        read(kind, &bytes, folder.path());
        if matches!(*kind, "geojson" | "csv") {
            loads::layers(&bytes, folder.path());
        }
        n += 1;
    }
    println!("{n} mutated files in {:.0} s", started.elapsed().as_secs_f64());
}

/// Small files of the corpora beside the checkout, where they are.
fn corpus_seeds() -> Vec<(&'static str, Vec<u8>)> {
    let Some(corpora) = crate::corpora::folder() else { return Vec::new() };
    let mut seeds = Vec::new();
    for path in crate::corpora::files_below(&corpora) {
        let extension = path.extension().and_then(|e| e.to_str()).unwrap_or_default().to_ascii_lowercase();
        let kind = match extension.as_str() {
            "json" => "geojson",
            "geojson" | "gpkg" | "fgb" | "shp" | "parquet" => extension.as_str(),
            _ => continue,
        };
        let Some(kind) = kinds().find(|k| *k == kind) else { continue };
        match std::fs::read(&path) {
            Ok(bytes) if bytes.len() < 150_000 => seeds.push((kind, bytes)),
            _ => {}
        }
    }
    seeds
}

#[test]
fn mutated_analysis_files_and_texts_never_panic() {
    let seeds: [&[u8]; 5] = [
        include_bytes!("../../../../data/vasterbotten/whitespot.toml"),
        b"PROJCS[\"SWEREF99 TM\",GEOGCS[\"SWEREF99\",DATUM[\"SWEREF99\",SPHEROID[\"GRS 1980\",6378137,298.257222101]],PRIMEM[\"Greenwich\",0],UNIT[\"degree\",0.0174532925199433]],PROJECTION[\"Transverse_Mercator\"],PARAMETER[\"central_meridian\",15],UNIT[\"metre\",1],AUTHORITY[\"EPSG\",\"3006\"]]",
        b"{\"type\":\"ProjectedCRS\",\"id\":{\"authority\":\"EPSG\",\"code\":3006}}",
        b"CRS3035RES1000mN2689000E4337000",
        b"`a` has no column `b`, named for `c` in section `d`",
    ];
    let mut dice = Dice(3);
    for _ in 0..2000 {
        let mut bytes = seeds[dice.below(seeds.len())].to_vec();
        let other = seeds[dice.below(seeds.len())];
        mutate(&mut bytes, other, &mut dice);
        bodies::analysis(&bytes);
        bodies::small_texts(&bytes);
        loads::cell_codes(&bytes);
    }
}
