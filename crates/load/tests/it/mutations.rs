//! The bodies of the fuzz targets under mutation, and files cut anywhere.
//!
//! `WHITESPOT_FUZZ_SECONDS=600` mutates for so long instead of a fixed number of times.

use crate::bodies;
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    process::Command,
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

const FEATURES: &str = r#"{"type":"FeatureCollection","features":[
{"type":"Feature","id":1,"properties":{"kod":"0180","antal":12,"andel":0.5},"geometry":{"type":"Polygon","coordinates":[[[0,0],[9,0],[9,9],[0,9],[0,0]],[[1,1],[1,2],[2,2],[1,1]]]}},
{"type":"Feature","id":2,"properties":{"kod":"ö","antal":null,"andel":-1e3},"geometry":{"type":"MultiPolygon","coordinates":[[[[3,3],[4,3],[4,4],[3,3]]]]}},
{"type":"Feature","id":3,"properties":{"kod":"x","antal":7,"andel":1},"geometry":{"type":"Polygon","coordinates":[[[20,20],[21,20],[21,21],[20,20]]]}}]}"#;

/// One whole file of every kind that can be made here, with its kind and its number of rows.
fn seeds(folder: &Path) -> Vec<((&'static str, bool), Vec<u8>)> {
    let source = folder.join("source.geojson");
    std::fs::write(&source, FEATURES).unwrap();
    let mut seeds = vec![
        (("geojson", false), FEATURES.as_bytes().to_vec()),
        (("csv", true), "kod;antal;andel\n0180;12;0,5\n\"ö;1\";;-1e3\nx;7;1\n".as_bytes().to_vec()),
    ];
    seeds.push((("geojsonl", false), feature_lines(FEATURES).into_bytes()));
    for (kind, format, is_table) in [
        ("gpkg", "GPKG", false),
        ("fgb", "FlatGeobuf", false),
        ("shp", "ESRI Shapefile", false),
        ("tif", "", false),
        ("parquet", "Parquet", true),
    ] {
        let path = folder.join(format!("seed.{kind}"));
        let made = if kind == "tif" {
            Command::new("gdal_rasterize")
                .args([
                    "-q",
                    "-a",
                    "antal",
                    "-tr",
                    "1",
                    "1",
                    "-a_nodata",
                    "-9",
                    "-co",
                    "COMPRESS=DEFLATE",
                    "-co",
                    "TILED=YES",
                ])
                .arg(&source)
                .arg(&path)
                .output()
        } else {
            Command::new("ogr2ogr").args(["-q", "-f", format]).arg(&path).arg(&source).output()
        };
        match made {
            Ok(output) if output.status.success() => {
                seeds.push(((kind, is_table), std::fs::read(&path).unwrap()));
            }
            _ => println!("skipped: GDAL cannot make a {kind} file here"),
        }
    }
    if let Some(shp) = seeds.iter().find(|(kind, _)| kind.0 == "shp").map(|(_, bytes)| bytes.clone()) {
        seeds.push((("zip", false), zipped(&shp)));
    }
    let own = folder.join("own.parquet");
    write_parquet(&own);
    seeds.push((("parquet", true), std::fs::read(&own).unwrap()));
    seeds
}

/// The features of a collection, one a line.
fn feature_lines(collection: &str) -> String {
    let features = collection.lines().filter(|line| line.starts_with(r#"{"type":"Feature","#));
    features.map(|line| format!("{}\n", line.trim_end_matches("]}").trim_end_matches(','))).collect()
}

fn zipped(shp: &[u8]) -> Vec<u8> {
    use std::io::Write as _;
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    zip.start_file("a.shp", zip::write::SimpleFileOptions::default()).unwrap();
    zip.write_all(shp).unwrap();
    zip.finish().unwrap().into_inner()
}

fn write_parquet(path: &Path) {
    use whitespot_model::table::{Table, Unit, Values};
    let mut table = Table::default();
    table.push("kod", Unit::Text, "", "", Values::Text(vec![Some("0180".into()), None, Some("x".into())]));
    table.push("antal", Unit::Number, "", "", Values::Int(vec![Some(12), None, Some(7)]));
    whitespot_table::write_parquet(path, &table).unwrap();
}

/// Reads bytes as a kind; a panic is told with the bytes that made it.
fn read(kind: (&'static str, bool), bytes: &[u8], folder: &Path) -> Option<usize> {
    let outcome = catch_unwind(AssertUnwindSafe(|| bodies::loader(kind, bytes, folder)));
    match outcome {
        Ok(rows) => rows.ok(),
        Err(_) => {
            let kept = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("crash.{}", kind.0));
            std::fs::write(&kept, bytes).unwrap();
            panic!("a {} file makes the reader panic: {}", kind.0, kept.display());
        }
    }
}

#[test]
fn a_file_cut_at_any_of_a_thousand_bytes_gives_no_more_rows_than_were_there() {
    let folder = tempfile::tempdir().unwrap();
    let mut dice = Dice(1);
    for (kind, whole) in seeds(folder.path()) {
        let n_whole = read(kind, &whole, folder.path());
        assert!(n_whole.is_some_and(|n| n > 0), "the whole {} file is read", kind.0);
        // Small files are cut at every byte; slow formats less often.
        let n_cuts = if matches!(kind.0, "gpkg") { 200 } else { 1000 };
        for i in 0..n_cuts.min(whole.len()) {
            let cut = if whole.len() <= n_cuts { i } else { dice.below(whole.len()) };
            let n = read(kind, &whole[..cut], folder.path()).unwrap_or(0);
            assert!(n <= n_whole.unwrap(), "{} cut at {cut}: {n} rows", kind.0);
        }
    }
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
        read(*kind, &bytes, folder.path());
        n += 1;
    }
    println!("{n} mutated files in {:.0} s", started.elapsed().as_secs_f64());
}

/// Small files of the corpora beside the checkout, where they are.
fn corpus_seeds() -> Vec<((&'static str, bool), Vec<u8>)> {
    let Some(corpora) = crate::corpora::folder() else { return Vec::new() };
    let mut seeds = Vec::new();
    for path in crate::corpora::files_below(&corpora) {
        let extension = path.extension().and_then(|e| e.to_str()).unwrap_or_default().to_ascii_lowercase();
        let kind = match extension.as_str() {
            "json" => "geojson",
            "geojson" | "gpkg" | "fgb" | "shp" | "parquet" => extension.as_str(),
            _ => continue,
        };
        let Some(kind) = bodies::KINDS.into_iter().find(|k| k.0 == kind) else { continue };
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
    }
}
