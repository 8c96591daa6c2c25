//! GeoTIFF: what tiles, strips, compressions, nodata and georeferences say is one and the same.

use crate::{file, read_all, request};
use std::path::{Path, PathBuf};
use std::process::Command;
use tiff::encoder::{Compression, TiffEncoder, colortype::Gray32Float};
use tiff::tags::Tag;
use whitespot_model::crs::CrsDeclaration;
use whitespot_model::features::As;

/// 5 × 4 pixels of 100 m with their north-west corner at 700,000, 7,100,400 in SWEREF 99 TM; NaN is no data.
const N: f32 = -9999.0;
const VALUES: [f32; 20] = [
    1.0, 0.0, 2.5, N, 4.0, //
    0.5, 0.5, 0.0, N, 8.0, //
    16.0, 0.0, 0.0, 0.0, 0.0, //
    N, 0.0, 0.25, 0.25, 32.0,
];

fn write(path: &Path, compression: Compression, rows_per_strip: u32, tie: [f64; 6], keys: &[u16]) {
    let mut encoder =
        TiffEncoder::new(std::fs::File::create(path).unwrap()).unwrap().with_compression(compression);
    let mut image = encoder.new_image::<Gray32Float>(5, 4).unwrap();
    image.rows_per_strip(rows_per_strip).unwrap();
    let tags = image.encoder();
    tags.write_tag(Tag::Unknown(33550), &[100.0, 100.0, 0.0][..]).unwrap();
    tags.write_tag(Tag::Unknown(33922), &tie[..]).unwrap();
    tags.write_tag(Tag::Unknown(34735), keys).unwrap();
    tags.write_tag(Tag::Unknown(34737), "ESRI World_Mollweide|").unwrap();
    tags.write_tag(Tag::Unknown(42113), "-9999").unwrap();
    image.write_data(&VALUES).unwrap();
}

const TIE: [f64; 6] = [0.0, 0.0, 0.0, 700_000.0, 7_100_400.0, 0.0];
/// Projected, EPSG:3006, a pixel is an area.
const KEYS: [u16; 16] = [1, 1, 0, 3, 1024, 0, 1, 1, 1025, 0, 1, 1, 3072, 0, 1, 3006];

fn sample() -> (tempfile::TempDir, PathBuf) {
    let (folder, path) = file("grid.tif", "");
    write(&path, Compression::Uncompressed, 4, TIE, &KEYS);
    (folder, path)
}

/// Centres and values of all cells.
fn cells(path: &Path, max_rows: usize) -> Vec<(f64, f64, f64, u64)> {
    let rows = read_all(path, &request(&[("value", As::Number)]), max_rows).unwrap();
    let (shapes, values) = (rows.shapes.as_ref().unwrap(), rows.columns[0].as_numbers().unwrap());
    let mut cells: Vec<_> = (0..rows.n_rows)
        .map(|i| {
            let (lo, hi) = shapes.bounds_of(i).unwrap();
            ((lo.x + hi.x) / 2.0, (lo.y + hi.y) / 2.0, values[i], rows.place(i))
        })
        .collect();
    cells.sort_by_key(|c| c.3);
    cells
}

#[test]
fn a_cell_is_a_row_unless_it_is_empty_or_has_no_data() {
    let (_folder, path) = sample();
    let schema = whitespot_io::inspect(&path, None, None).unwrap();
    assert_eq!(schema.crs, Some(CrsDeclaration::Code("EPSG:3006".to_string())));
    assert_eq!(schema.fields, ["value"]);
    let found = cells(&path, 1000);
    assert_eq!(found.len(), 10);
    assert_eq!(found[0], (700_050.0, 7_100_350.0, 1.0, 1));
    assert_eq!(found[9], (700_450.0, 7_100_050.0, 32.0, 20));
    assert_eq!(found.iter().map(|c| c.2).sum::<f64>(), 65.0);
    assert_eq!(cells(&path, 1), found, "batches of one hold the same");
}

#[test]
fn strips_and_compressions_hold_the_same() {
    let (folder, path) = sample();
    let expected = cells(&path, 1000);
    for (i, (compression, rows)) in [
        (Compression::Lzw, 1),
        (Compression::Deflate(tiff::encoder::DeflateLevel::Balanced), 3),
        (Compression::Packbits, 2),
    ]
    .into_iter()
    .enumerate()
    {
        let other = folder.path().join(format!("{i}.tif"));
        write(&other, compression, rows, TIE, &KEYS);
        assert_eq!(cells(&other, 3), expected, "{i}");
    }
}

#[test]
fn tiles_as_gdal_writes_them_hold_the_same_and_a_threshold_covers_the_same() {
    let (folder, path) = sample();
    let expected = (cells(&path, 1000), covered(&path, 2.0));
    for options in [
        &[
            "-co",
            "TILED=YES",
            "-co",
            "BLOCKXSIZE=16",
            "-co",
            "BLOCKYSIZE=16",
            "-co",
            "COMPRESS=DEFLATE",
            "-co",
            "PREDICTOR=3",
        ][..],
        &["-co", "COMPRESS=LZW", "-ot", "Float64"],
        &["-co", "BIGTIFF=YES", "-co", "SPARSE_OK=TRUE"],
        &["-co", "ENDIANNESS=BIG"],
    ] {
        let other = folder.path().join("by_gdal.tif");
        let _ = std::fs::remove_file(&other);
        match Command::new("gdal_translate").arg("-q").args(options).arg(&path).arg(&other).output() {
            Ok(output) => {
                assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
                assert_eq!((cells(&other, 1000), covered(&other, 2.0)), expected, "{options:?}");
            }
            Err(_) => println!("skipped: gdal_translate is not installed"),
        }
    }
}

fn covered(path: &Path, min: f64) -> (u64, usize, f64) {
    let raster = whitespot_io::read_raster_coverage(path, min).unwrap();
    let shapes = &raster.shapes;
    let area = (0..shapes.n_parts()).map(|p| {
        let ring = shapes.ring(shapes.rings_of(p).start);
        (ring[2].x - ring[0].x) * (ring[2].y - ring[0].y)
    });
    (raster.n_covered, shapes.n_parts(), area.sum())
}

#[test]
fn covered_pixels_are_few_rectangles_of_their_whole_area() {
    let (_folder, path) = sample();
    // 2.5 | 4 over 8 as one | 16 | 32
    assert_eq!(covered(&path, 2.0), (5, 4, 5.0 * 10_000.0));
    assert_eq!(covered(&path, 100.0), (0, 0, 0.0));
    let all = whitespot_io::read_raster_coverage(&path, 0.0).unwrap();
    assert_eq!((all.n_pixels, all.n_covered, all.range), (17, 17, (0.0, 32.0)));
}

#[test]
fn a_pixel_that_is_a_point_lies_around_it() {
    let (_folder, path) = sample();
    let mut keys = KEYS;
    keys[11] = 2;
    write(&path, Compression::Uncompressed, 4, [0.0, 0.0, 0.0, 700_050.0, 7_100_350.0, 0.0], &keys);
    assert_eq!(cells(&path, 10)[0], (700_050.0, 7_100_350.0, 1.0, 1));
}

#[test]
fn a_mollweide_grid_without_a_code_is_told_by_its_citation() {
    let (_folder, path) = sample();
    let keys = [1, 1, 0, 2, 1024, 0, 1, 1, 1026, 34737, 21, 0];
    write(&path, Compression::Uncompressed, 4, TIE, &keys);
    let schema = whitespot_io::inspect(&path, None, None).unwrap();
    assert_eq!(schema.crs, Some(CrsDeclaration::Code("ESRI:54009".to_string())));
}

#[test]
fn a_picture_without_a_place_and_a_cut_file_are_refused_without_a_panic() {
    let (folder, path) = sample();
    let whole = std::fs::read(&path).unwrap();
    for cut in 0..whole.len() {
        let other = folder.path().join("cut.tif");
        std::fs::write(&other, &whole[..cut]).unwrap();
        let rows = whitespot_io::open(&other, &request(&[("value", As::Number)])).and_then(|mut source| {
            let mut n = 0;
            while let Some(rows) = source.next_batch(100)? {
                n += rows.n_rows;
            }
            Ok(n)
        });
        assert!(rows.is_err() || rows.as_ref().is_ok_and(|n| *n <= 10), "{cut}: {rows:?}");
    }
    let mut encoder = TiffEncoder::new(std::fs::File::create(&path).unwrap()).unwrap();
    encoder.write_image::<Gray32Float>(5, 4, &VALUES).unwrap();
    let error = whitespot_io::inspect(&path, None, None).unwrap_err().to_string();
    assert!(error.contains("without a place on earth"), "{error}");
}
