//! GeoPackage through the crate's public face.

use crate::{read_all, request};
use geo_types::Coord;
use std::path::Path;
use std::process::Command;
use whitespot_io::{GeoPackageWriter, LayerCrs, LayerSpec, PointLayerWriter, WriteError, qml::Style};
use whitespot_model::config::Lang;
use whitespot_model::crs::CrsDeclaration;
use whitespot_model::features::{As, ReadError, Request};
use whitespot_model::shapes::{Part, Shapes};
use whitespot_model::table::{Table, Unit, Values};

fn crs() -> LayerCrs {
    let wkt = r#"PROJCS["SWEREF99 TM",GEOGCS["SWEREF99",DATUM["SWEREF99",SPHEROID["GRS 1980",6378137,298.257222101]],PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433]],PROJECTION["Transverse_Mercator"],PARAMETER["latitude_of_origin",0],PARAMETER["central_meridian",15],PARAMETER["scale_factor",0.9996],PARAMETER["false_easting",500000],PARAMETER["false_northing",0],UNIT["metre",1],AUTHORITY["EPSG","3006"]]"#;
    LayerCrs { code: "EPSG:3006".to_string(), name: "SWEREF99 TM".to_string(), wkt: wkt.to_string() }
}

fn areas() -> (Table, Shapes) {
    let mut table = Table::default();
    let codes = Values::Text(vec![Some("2480".into()), Some("2482".into()), Some("\"<å>'".into())]);
    table.push("area_code", Unit::Text, "Områdeskod", "Area code", codes);
    let names = Values::Text(vec![Some("Umeå".into()), None, Some("Tom".into())]);
    table.push("area_name", Unit::Text, "Område", "Area", names);
    table.push(
        "persons",
        Unit::Persons,
        "Personer",
        "Persons",
        Values::Int(vec![Some(130_000), None, Some(0)]),
    );
    let shares = Values::Real(vec![Some(0.25), None, Some(f64::NAN)]);
    table.push("fixed_gap_share", Unit::Share, "Andel utan", "Share without", shares);
    table.push(
        "is_funded",
        Unit::YesNo,
        "Får medel",
        "Funded",
        Values::Bool(vec![Some(true), None, Some(false)]),
    );
    let mut shapes = Shapes::default();
    let square = |s: &mut Shapes, x: f64, y: f64| {
        s.begin_part(Part::Polygon);
        s.push_ring([(x, y), (x, y + 9.0), (x + 9.0, y + 9.0), (x + 9.0, y), (x, y)]);
        s.push_ring([(x + 1.0, y + 1.0), (x + 2.0, y + 1.0), (x + 2.0, y + 2.0), (x + 1.0, y + 1.0)]);
        s.end_part();
    };
    square(&mut shapes, 758_000.0, 7_088_000.0);
    square(&mut shapes, 758_100.0, 7_088_100.0);
    shapes.end_feature();
    square(&mut shapes, 758_200.0, 7_088_200.0);
    shapes.end_feature();
    shapes.end_feature();
    (table, shapes)
}

fn write(path: &Path) {
    let (table, shapes) = areas();
    let mut package = GeoPackageWriter::create(path, &crs()).unwrap().changed_at("2026-01-31T00:00:00.000Z");
    let style = Style::shares("fixed_gap_share", &table, Lang::Sv);
    let spec = LayerSpec::polygons("areas", "Gaps", "Gaps per area. Run 0123456789abcdef")
        .with_style("share", style);
    package.add_layer(&spec, &table, &shapes).unwrap();
    package.add_layer(&LayerSpec::polygons("parents", "Gaps", ""), &table, &shapes).unwrap();
    package.add_layer(&LayerSpec::table("notes", "", ""), &table, &Shapes::default()).unwrap();
    package.finish().unwrap();
}

#[test]
fn what_is_written_is_read_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("50% a?b#.gpkg");
    write(&path);
    assert_eq!(whitespot_io::layers(&path).unwrap(), ["areas", "parents", "notes"]);
    let wanted = [
        ("area_code", As::Text),
        ("area_name", As::Text),
        ("persons", As::Number),
        ("fixed_gap_share", As::Number),
        ("is_funded", As::Text),
        ("fid", As::Text),
    ];
    let wanted = Request { layer: Some("areas".to_string()), ..request(&wanted) };
    for max_rows in [1, 2, 100] {
        let rows = read_all(&path, &wanted, max_rows).unwrap();
        let (_, mut shapes) = areas();
        // Published shells wind counter-clockwise, holes clockwise.
        for r in 0..shapes.ring_ends.len() {
            let start = if r == 0 { 0 } else { shapes.ring_ends[r - 1] as usize };
            shapes.coords[start..shapes.ring_ends[r] as usize].reverse();
        }
        assert_eq!(rows.shapes, Some(shapes));
        assert_eq!(rows.places, Some(vec![1, 2, 3]));
        let texts = |i: usize| rows.columns[i].as_text().unwrap().iter().collect::<Vec<_>>();
        assert_eq!(texts(0), [Some("2480"), Some("2482"), Some("\"<å>'")]);
        assert_eq!(texts(1), [Some("Umeå"), None, Some("Tom")]);
        assert_eq!(texts(4), [Some("true"), None, Some("false")]);
        assert_eq!(texts(5), [Some("1"), Some("2"), Some("3")]);
        let persons = rows.columns[2].as_numbers().unwrap();
        assert!(persons[0] == 130_000.0 && persons[1].is_nan() && persons[2] == 0.0);
        assert!(rows.columns[3].as_numbers().unwrap()[2].is_nan());
        assert_eq!(rows.defects, []);
    }
    let schema = whitespot_io::inspect(&path, Some("areas"), None).unwrap();
    assert_eq!(schema.crs, Some(CrsDeclaration::Code("EPSG:3006".to_string())));
    assert!(schema.has_geometry && !whitespot_io::inspect(&path, Some("notes"), None).unwrap().has_geometry);
}

#[test]
fn equal_content_has_equal_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let (a, b) = (folder.path().join("a.gpkg"), folder.path().join("b.gpkg"));
    write(&a);
    write(&b);
    assert!(std::fs::read(a).unwrap() == std::fs::read(b).unwrap());
}

#[test]
fn points_are_written_batch_by_batch_with_ids_going_on() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("settlements.gpkg");
    let mut layer =
        PointLayerWriter::create(&path, &crs(), LayerSpec::points("settlements", "S", "")).unwrap();
    for batch in 0..3 {
        let mut table = Table::default();
        let persons = (0..1000).map(|i| Some(batch * 1000 + i)).collect();
        table.push("persons", Unit::Persons, "Personer", "Persons", Values::Int(persons));
        let points: Vec<_> = (0..1000).map(|i| Coord { x: f64::from(i), y: batch as f64 }).collect();
        layer.add_points(&table, &points).unwrap();
    }
    let other = Table::default();
    assert!(matches!(layer.add_points(&other, &[]), Err(WriteError::Mismatch { .. })));
    layer.finish().unwrap();
    let rows = read_all(&path, &request(&[("persons", As::Number)]), 700).unwrap();
    assert_eq!((rows.n_rows, rows.place(2999)), (3000, 3000));
    assert_eq!(rows.columns[0].as_numbers().unwrap()[2500], 2500.0);
    assert_eq!(rows.shapes.unwrap().coords[2500], Coord { x: 500.0, y: 2.0 });
}

#[test]
fn wrong_layers_columns_and_broken_files_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.gpkg");
    write(&path);
    let expected = ["areas", "parents", "notes"].map(str::to_string).to_vec();
    for layer in [Some("area"), None] {
        match whitespot_io::inspect(&path, layer, None) {
            Err(ReadError::NoSuchLayer { present, .. }) => assert_eq!(present, expected),
            other => panic!("{other:?}"),
        }
    }
    let wanted = Request { layer: Some("areas".to_string()), ..request(&[("person", As::Number)]) };
    assert!(matches!(read_all(&path, &wanted, 9), Err(ReadError::NoSuchColumn { .. })));
    assert!(matches!(GeoPackageWriter::create(&path, &crs()), Err(WriteError::Io { .. })));
    let bytes = std::fs::read(&path).unwrap();
    let wanted = Request { layer: Some("areas".to_string()), ..request(&[]) };
    for n in [20, 100, 4096, 10_000, bytes.len() / 2, bytes.len() - 5000] {
        let cut = folder.path().join(format!("cut{n}.gpkg"));
        std::fs::write(&cut, &bytes[..n]).unwrap();
        // SQLite may still reach what stands in the pages that are left.
        if let Ok(rows) = read_all(&cut, &wanted, 9) {
            assert_eq!(rows.n_rows, 3, "cut at {n}");
        }
    }
    assert!(matches!(
        whitespot_io::layers(&folder.path().join("cut100.gpkg")),
        Err(ReadError::Malformed { .. })
    ));
}

#[test]
fn gdal_opens_every_layer_without_a_warning() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.gpkg");
    write(&path);
    let Ok(output) = Command::new("ogrinfo").args(["-al", "-so"]).arg(&path).output() else {
        println!("skipped: ogrinfo is not installed");
        return;
    };
    let (said, complaints) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(complaints, "");
    assert!(!said.contains("Warning") && !said.contains("ERROR"), "{said}");
    for words in [
        "Layer name: areas",
        "Multi Polygon",
        "Feature Count: 3",
        "EPSG\",3006",
        "is_funded: Integer(Boolean)",
    ] {
        assert!(said.contains(words), "{words} is not in {said}");
    }
}
