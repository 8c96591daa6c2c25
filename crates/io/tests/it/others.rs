//! Shapefile and FlatGeobuf, against what GDAL makes of the same rows.

use crate::{file, read_all, request};
use geo_types::Coord;
use std::path::{Path, PathBuf};
use std::process::Command;
use whitespot_io::{LayerCrs, write_flatgeobuf};
use whitespot_model::crs::CrsDeclaration;
use whitespot_model::features::{As, ReadError, Request};
use whitespot_model::shapes::{Part, Shapes};
use whitespot_model::table::{Table, Unit, Values};

const AREAS: &str = r#"{"type":"FeatureCollection","features":[
{"type":"Feature","properties":{"kod":"0180","namn":"Malå ö","antal":12,"andel":0.5,"datum":"2025-10-01"},"geometry":
 {"type":"MultiPolygon","coordinates":[[[[0,0],[9,0],[9,9],[0,9],[0,0]],[[1,1],[1,2],[2,2],[1,1]]],[[[20,0],[21,0],[21,1],[20,0]]]]}},
{"type":"Feature","properties":{"kod":"2480","namn":null,"antal":null,"andel":null,"datum":null},"geometry":
 {"type":"MultiPolygon","coordinates":[[[[3,3],[4,3],[4,4],[3,3]]]]}}]}"#;

/// The areas as GDAL writes them; `None`, said aloud, where GDAL is not installed.
fn by_gdal(format: &str, name: &str, options: &[&str]) -> Option<(tempfile::TempDir, PathBuf)> {
    let (folder, source) = file("source.geojson", AREAS);
    let target = folder.path().join(name);
    match Command::new("ogr2ogr").args(["-f", format]).arg(&target).arg(&source).args(options).output() {
        Ok(output) => {
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            Some((folder, target))
        }
        Err(_) => {
            println!("skipped: ogr2ogr is not installed");
            None
        }
    }
}

fn check(path: &Path, max_rows: usize) {
    let wanted = [
        ("kod", As::Text),
        ("namn", As::Text),
        ("antal", As::Number),
        ("andel", As::Text),
        ("datum", As::Text),
    ];
    let rows = read_all(path, &request(&wanted), max_rows).unwrap();
    assert_eq!((rows.n_rows, rows.defects.len()), (2, 0));
    let texts = |i: usize| rows.columns[i].as_text().unwrap().iter().collect::<Vec<_>>();
    assert_eq!(texts(0), [Some("0180"), Some("2480")]);
    assert_eq!(texts(1), [Some("Malå ö"), None]);
    assert_eq!(texts(3), [Some("0.5"), None]);
    assert!(texts(4)[0].is_some_and(|d| d.replace('/', "-").starts_with("2025-10-01")));
    let numbers = rows.columns[2].as_numbers().unwrap();
    assert!(numbers[0] == 12.0 && numbers[1].is_nan());
    let shapes = rows.shapes.unwrap();
    assert_eq!(shapes.parts, [Part::Polygon; 3]);
    assert_eq!((shapes.rings_of(0).len(), shapes.parts_of(0).len()), (2, 2));
    assert_eq!(shapes.bounds_of(1).map(|b| (b.0.x, b.1.y)), Some((3.0, 4.0)));
}

#[test]
fn shapefiles_are_read_in_their_encoding_plain_and_zipped() {
    for encoding in ["UTF-8", "ISO-8859-1"] {
        let option = format!("ENCODING={encoding}");
        let Some((folder, path)) = by_gdal("ESRI Shapefile", "areas.shp", &["-lco", &option]) else { return };
        check(&path, 1);
        let schema = whitespot_io::inspect(&path, None, None).unwrap();
        assert!(matches!(schema.crs, Some(CrsDeclaration::Wkt(wkt)) if wkt.contains("WGS")));
        assert_eq!(schema.n_rows, Some(2));

        let zipped = folder.path().join("areas.zip");
        let mut archive = zip::ZipWriter::new(std::fs::File::create(&zipped).unwrap());
        for extension in ["shp", "dbf", "prj", "cpg"] {
            let options = zip::write::SimpleFileOptions::default();
            archive.start_file(format!("data/areas.{extension}"), options).unwrap();
            let bytes = std::fs::read(path.with_extension(extension)).unwrap();
            std::io::Write::write_all(&mut archive, &bytes).unwrap();
        }
        archive.finish().unwrap();
        check(&zipped, 100);
        assert_eq!(whitespot_io::layers(&zipped).unwrap(), ["data/areas"]);

        std::fs::remove_file(path.with_extension("prj")).unwrap();
        assert_eq!(whitespot_io::inspect(&path, None, None).unwrap().crs, None);
    }
}

#[test]
fn without_a_code_page_file_the_dbf_is_windows_1252_unless_told() {
    let Some((_folder, path)) = by_gdal("ESRI Shapefile", "areas.shp", &["-lco", "ENCODING=UTF-8"]) else {
        return;
    };
    std::fs::remove_file(path.with_extension("cpg")).unwrap();
    let mut wanted = request(&[("namn", As::Text)]);
    let name = |wanted: &Request| {
        read_all(&path, wanted, 9).unwrap().columns[0].as_text().unwrap().get(0).map(str::to_string)
    };
    assert_eq!(name(&wanted).as_deref(), Some("MalÃ¥ Ã¶"));
    wanted.encoding = Some("utf-8".to_string());
    assert_eq!(name(&wanted).as_deref(), Some("Malå ö"));
}

#[test]
fn flatgeobuf_is_read_with_and_without_index() {
    for option in ["SPATIAL_INDEX=YES", "SPATIAL_INDEX=NO"] {
        let Some((_folder, path)) = by_gdal("FlatGeobuf", "areas.fgb", &["-lco", option]) else { return };
        let rows = read_all(&path, &request(&[("kod", As::Text)]), 100).unwrap();
        if rows.columns[0].as_text().unwrap().get(0) == Some("0180") {
            check(&path, 1);
        }
        assert_eq!(rows.shapes.unwrap().n_coords(), 5 + 4 + 4 + 4);
        let schema = whitespot_io::inspect(&path, None, None).unwrap();
        assert_eq!(schema.crs, Some(CrsDeclaration::Code("EPSG:4326".to_string())));
    }
}

/// Thirty squares, some with a hole, some missing values, in an order that the index changes.
fn squares() -> (Table, Shapes) {
    let (mut table, mut shapes) = (Table::default(), Shapes::default());
    let n = 30_i64;
    let text = |i: i64| (i % 3 != 0).then(|| format!("Å{i}"));
    table.push("code", Unit::Text, "Kod", "Code", Values::Text((0..n).map(text).collect()));
    table.push(
        "persons",
        Unit::Persons,
        "",
        "",
        Values::Int((0..n).map(|i| (i != 4).then_some(i * 1000)).collect()),
    );
    let share = |i: i64| (i != 5).then_some(i as f64 / 64.0);
    table.push("gap_share", Unit::Share, "", "", Values::Real((0..n).map(share).collect()));
    table.push("is_funded", Unit::YesNo, "", "", Values::Bool((0..n).map(|i| Some(i % 2 == 0)).collect()));
    for i in 0..n {
        let (x, y) = ((i * 7 % 30) as f64 * 20.0 + 700_000.0, (i * 11 % 30) as f64 * 20.0 + 7_100_000.0);
        shapes.begin_part(Part::Polygon);
        shapes.push_ring([(x, y), (x + 9.0, y), (x + 9.0, y + 9.0), (x, y + 9.0), (x, y)]);
        if i % 4 == 0 {
            shapes.push_ring([
                (x + 1.0, y + 1.0),
                (x + 1.0, y + 2.0),
                (x + 2.0, y + 2.0),
                (x + 1.0, y + 1.0),
            ]);
        }
        shapes.end_part();
        shapes.end_feature();
    }
    (table, shapes)
}

#[test]
fn flatgeobuf_that_is_written_is_read_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("areas.fgb");
    let (table, shapes) = squares();
    let crs = LayerCrs { code: "EPSG:3006".into(), name: "SWEREF99 TM".into(), wkt: String::new() };
    write_flatgeobuf(&path, "areas", &table, &shapes, &crs).unwrap();
    let wanted = request(&[
        ("persons", As::Number),
        ("code", As::Text),
        ("is_funded", As::Text),
        ("gap_share", As::Number),
    ]);
    let rows = read_all(&path, &wanted, 7).unwrap();
    assert_eq!((rows.n_rows, rows.defects.len()), (30, 0));
    let persons = rows.columns[0].as_numbers().unwrap();
    let read = rows.shapes.unwrap();
    for (f, persons) in persons.iter().enumerate() {
        // Only one row lacks its persons.
        let i = if persons.is_nan() { 4 } else { *persons as i64 / 1000 };
        assert_eq!(read.coords_of(f), shapes.coords_of(i as usize));
        let code = rows.columns[1].as_text().unwrap().get(f);
        assert_eq!(code.map(str::to_string), (i % 3 != 0).then(|| format!("Å{i}")));
        assert_eq!(
            rows.columns[2].as_text().unwrap().get(f),
            Some(if i % 2 == 0 { "true" } else { "false" })
        );
        let share = rows.columns[3].as_numbers().unwrap()[f];
        assert!(if i == 5 { share.is_nan() } else { share == i as f64 / 64.0 });
    }
    let schema = whitespot_io::inspect(&path, None, None).unwrap();
    assert_eq!((schema.crs, schema.n_rows), (Some(CrsDeclaration::Code("EPSG:3006".into())), Some(30)));

    // A row without a shape: no index, the table's order.
    let mut fewer = Shapes::default();
    (0..29).for_each(|f| fewer.push_feature_of(&shapes, f));
    fewer.end_feature();
    write_flatgeobuf(&path, "areas", &table, &fewer, &crs).unwrap();
    let rows = read_all(&path, &wanted, 100).unwrap();
    assert_eq!(rows.n_rows, 30);
    assert!(rows.shapes.unwrap().coords_of(29).is_empty());
}

#[test]
fn gdal_finds_the_same_features_by_the_index_as_without_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("areas.fgb");
    let (table, shapes) = squares();
    let crs = LayerCrs { code: "EPSG:3006".into(), name: "SWEREF99 TM".into(), wkt: String::new() };
    write_flatgeobuf(&path, "areas", &table, &shapes, &crs).unwrap();
    let told = |args: &[&str]| {
        let output =
            Command::new("ogrinfo").args(["-ro", "-al", "-q"]).args(args).arg(&path).output().ok()?;
        assert_eq!(String::from_utf8_lossy(&output.stderr), "");
        Some(String::from_utf8_lossy(&output.stdout).into_owned())
    };
    let Some(all) = told(&[]) else {
        println!("skipped: ogrinfo is not installed");
        return;
    };
    assert_eq!(all.matches("OGRFeature(areas)").count(), 30);
    let (lo, hi) = (Coord { x: 700_100.0, y: 7_100_050.0 }, Coord { x: 700_350.0, y: 7_100_400.0 });
    let expected = (0..30)
        .filter_map(|f| shapes.bounds_of(f))
        .filter(|(a, b)| a.x <= hi.x && b.x >= lo.x && a.y <= hi.y && b.y >= lo.y);
    let sides = [lo.x, lo.y, hi.x, hi.y].map(|v| v.to_string());
    let found = told(&["-spat", &sides[0], &sides[1], &sides[2], &sides[3]]).unwrap();
    assert_eq!(found.matches("OGRFeature(areas)").count(), expected.count());
}

#[test]
fn files_cut_or_damaged_anywhere_are_refused_or_read_never_a_panic() {
    for (format, name) in [("ESRI Shapefile", "areas.shp"), ("FlatGeobuf", "areas.fgb")] {
        let Some((_folder, path)) = by_gdal(format, name, &[]) else { return };
        let whole = std::fs::read(&path).unwrap();
        for n in 12..whole.len() {
            std::fs::write(&path, &whole[..n]).unwrap();
            assert!(read_all(&path, &request(&[]), 9).is_err(), "{name} cut at {n}");
        }
        let mut n_read = 0;
        for at in 12..whole.len() {
            for byte in [0, 0xff] {
                let mut damaged = whole.clone();
                damaged[at] = byte;
                std::fs::write(&path, &damaged).unwrap();
                n_read += usize::from(read_all(&path, &request(&[]), 9).is_ok());
            }
        }
        assert!(n_read > 0);
    }
}

#[test]
fn an_archive_that_swells_is_refused_and_so_is_one_without_shapes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bomb.zip");
    let mut archive = zip::ZipWriter::new(std::fs::File::create(&path).unwrap());
    archive.start_file("a.shp", zip::write::SimpleFileOptions::default()).unwrap();
    let zeros = vec![0; 1 << 20];
    for _ in 0..100 {
        std::io::Write::write_all(&mut archive, &zeros).unwrap();
    }
    archive.finish().unwrap();
    match whitespot_io::inspect(&path, None, None) {
        Err(ReadError::Malformed { what, .. }) => assert!(what.contains("unpacks to more than"), "{what}"),
        other => panic!("{other:?}"),
    }
    let mut archive = zip::ZipWriter::new(std::fs::File::create(&path).unwrap());
    archive.start_file("readme.txt", zip::write::SimpleFileOptions::default()).unwrap();
    archive.finish().unwrap();
    match whitespot_io::inspect(&path, None, None) {
        Err(ReadError::Malformed { what, .. }) => assert!(what.contains("no .shp"), "{what}"),
        other => panic!("{other:?}"),
    }
}
