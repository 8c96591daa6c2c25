//! GeoJSON, against the `geojson` crate and by hand.

use crate::{file, read_all, request};
use proptest::prelude::*;
use std::fmt::Write;
use whitespot_model::crs::CrsDeclaration;
use whitespot_model::features::{As, DefectKind, ReadError};
use whitespot_model::shapes::{Part, Shapes};

fn collection(features: &str) -> String {
    format!(r#"{{"type":"FeatureCollection","features":[{features}]}}"#)
}

fn point(properties: &str) -> String {
    format!(
        r#"{{"type":"Feature","properties":{properties},"geometry":{{"type":"Point","coordinates":[1,2]}}}}"#
    )
}

#[test]
fn properties_become_columns_of_the_type_asked_for() {
    let text = collection(
        &[
            point(r#"{"code":2401,"name":"Ume\u00e5","persons":"1 234"}"#),
            point(r#"{"persons":12.0,"name":"x","name":"last wins","code":2401.0}"#),
            point(r#"{"code":"0180","persons":"many","name":null}"#),
            point("null"),
        ]
        .join(" ,\n"),
    );
    let (_folder, path) = file("a.geojson", text);
    let rows =
        read_all(&path, &request(&[("persons", As::Number), ("code", As::Text), ("name", As::Text)]), 100)
            .unwrap();
    let persons = rows.columns[0].as_numbers().unwrap();
    assert_eq!(persons[..2], [1234.0, 12.0]);
    assert!(persons[2].is_nan() && persons[3].is_nan());
    let code: Vec<_> = rows.columns[1].as_text().unwrap().iter().collect();
    assert_eq!(code, [Some("2401"), Some("2401"), Some("0180"), None]);
    let name: Vec<_> = rows.columns[2].as_text().unwrap().iter().collect();
    assert_eq!(name, [Some("Umeå"), Some("last wins"), None, None]);
    assert_eq!(rows.defects.len(), 1);
    assert_eq!((rows.defects[0].row, rows.defects[0].kind), (2, DefectKind::NotANumber { column: 0 }));
    assert_eq!(rows.defects[0].evidence, "many");
}

#[test]
fn an_id_is_taken_from_the_feature_where_the_properties_have_none() {
    let feature = |id: &str, properties: &str| {
        format!(r#"{{"id":{id},"type":"Feature","properties":{properties},"geometry":null}}"#)
    };
    let text = collection(
        &[feature("\"a7\"", "{}"), feature("7", r#"{"id":"mine"}"#), feature("7", "{}")].join(","),
    );
    let (_folder, path) = file("a.json", text);
    let rows = read_all(&path, &request(&[("id", As::Text)]), 100).unwrap();
    let ids: Vec<_> = rows.columns[0].as_text().unwrap().iter().collect();
    assert_eq!(ids, [Some("a7"), Some("mine"), Some("7")]);
    assert_eq!(rows.shapes.unwrap().n_parts(), 0);
}

#[test]
fn a_lone_feature_a_lone_geometry_and_lines_of_features_are_read() {
    let geometry = r#"{"type":"LineString","coordinates":[[1,2,9],[3,4,9]]}"#;
    let feature = format!(r#"{{"geometry":{geometry},"properties":{{"a":1}},"type":"Feature"}}"#);
    for (text, n_rows) in [
        (geometry.to_string(), 1),
        (feature.clone(), 1),
        (format!("\u{feff}{feature}\n{feature}\n"), 2),
        (format!("\u{1e}{feature}\n\u{1e}{geometry}\n"), 2),
    ] {
        let (_folder, path) = file("a.json", &text);
        let rows = read_all(&path, &request(&[]), 1).unwrap();
        assert_eq!(rows.n_rows, n_rows, "{text}");
        assert_eq!(rows.shapes.unwrap().parts, vec![Part::Line; n_rows], "{text}");
    }
}

#[test]
fn the_crs_member_of_old_files_is_honoured_before_and_after_the_features() {
    let crs = r#""crs":{"type":"name","properties":{"name":"urn:ogc:def:crs:EPSG::3006"}}"#;
    let features = r#""type":"FeatureCollection","features":[]"#;
    for text in [format!("{{{crs},{features}}}"), format!("{{{features},{crs}}}")] {
        let (_folder, path) = file("a.geojson", &text);
        let schema = whitespot_io::inspect(&path, None, None).unwrap();
        assert_eq!(schema.crs, Some(CrsDeclaration::Code("EPSG:3006".to_string())), "{text}");
    }
    let (_folder, path) = file("a.geojson", format!("{{{features}}}"));
    let schema = whitespot_io::inspect(&path, None, None).unwrap();
    assert_eq!(schema.crs, Some(CrsDeclaration::Code("OGC:CRS84".to_string())));
}

#[test]
fn a_column_that_only_a_late_feature_has_is_found_and_one_that_none_has_is_refused() {
    let mut features: Vec<String> = (0..3000).map(|_| point("{\"a\":1}")).collect();
    features.push(point(r#"{"a":2,"late":5}"#));
    let (_folder, path) = file("a.geojson", collection(&features.join(",")));
    let rows = read_all(&path, &request(&[("late", As::Number)]), 700).unwrap();
    assert_eq!(rows.columns[0].as_numbers().unwrap()[3000], 5.0);
    match read_all(&path, &request(&[("lat", As::Number)]), 700) {
        Err(ReadError::NoSuchColumn { wanted, present, .. }) => {
            assert_eq!((wanted.as_str(), present), ("lat", vec!["a".to_string(), "late".to_string()]));
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn broken_files_are_refused_with_line_and_reason() {
    for (text, words) in [
        (collection("\n{\"type\":\"Feature\",\n\"properties\":{\"a\":NaN},\"geometry\":null}"), "line 3"),
        (collection(&point("{}"))[..90].to_string(), "ends in the middle"),
        (collection("{\"properties\":{},\"geometry\":null}"), "without `type`"),
        (collection(&point("[1]")), "neither an object nor null"),
        (collection(&collection("")), "FeatureCollection stands"),
        (format!("{{\"a\":{}", "[".repeat(100_000)), "128 deep"),
        (
            collection(&point(&format!("{{\"a\":{}1{}}}", "[".repeat(100_000), "]".repeat(100_000)))),
            "128 deep",
        ),
        ("{}".to_string(), "without `type`"),
    ] {
        let (_folder, path) = file("a.geojson", &text);
        match read_all(&path, &request(&[]), 100) {
            Err(ReadError::Malformed { what, .. }) => assert!(what.contains(words), "{what}"),
            other => panic!("{words}: {:?}", other.map(|r| r.n_rows)),
        }
    }
    let (_folder, path) = file("a.geojson", collection(&point("{\"name\":\"x\"}")).replace('x', "\u{fe}"));
    let mut bytes = std::fs::read(&path).unwrap();
    let at = bytes.iter().position(|b| *b == 0xc3).unwrap();
    bytes.remove(at);
    std::fs::write(&path, &bytes).unwrap();
    let mut wanted = request(&[("name", As::Text)]);
    assert!(matches!(read_all(&path, &wanted, 9), Err(ReadError::Malformed { hint: Some(_), .. })));
    wanted.encoding = Some("latin1".to_string());
    assert_eq!(read_all(&path, &wanted, 9).unwrap().columns[0].as_text().unwrap().get(0), Some("¾"));
}

#[test]
fn a_defect_keeps_the_row_and_empties_its_shape() {
    let bad = r#"{"type":"Feature","properties":{},"geometry":{"type":"Point","coordinates":[1]}}"#;
    let (_folder, path) = file("a.geojson", collection(&format!("{},{bad},{}", point("{}"), point("{}"))));
    let rows = read_all(&path, &request(&[]), 100).unwrap();
    let shapes = rows.shapes.unwrap();
    assert_eq!((shapes.n_features(), shapes.coords_of(1).len()), (3, 0));
    assert_eq!((rows.defects[0].row, rows.defects[0].kind), (1, DefectKind::BadGeometry));
}

/// What the reader must give for a geometry, built from the `geojson` crate's tree.
fn add_geometry(geometry: &geojson::Geometry, shapes: &mut Shapes) {
    use geojson::GeometryValue as Value;
    fn part(shapes: &mut Shapes, part: Part, rings: &[Vec<geojson::Position>]) {
        shapes.begin_part(part);
        for ring in rings {
            shapes.push_ring(ring.iter().map(|p| (p[0], p[1])));
        }
        shapes.end_part();
    }
    match &geometry.value {
        Value::Point { coordinates } => part(shapes, Part::Point, &[vec![coordinates.clone()]]),
        Value::MultiPoint { coordinates } => {
            coordinates.iter().for_each(|p| part(shapes, Part::Point, &[vec![p.clone()]]));
        }
        Value::LineString { coordinates } => part(shapes, Part::Line, std::slice::from_ref(coordinates)),
        Value::MultiLineString { coordinates } => {
            coordinates.iter().for_each(|l| part(shapes, Part::Line, std::slice::from_ref(l)));
        }
        Value::Polygon { coordinates } => part(shapes, Part::Polygon, coordinates),
        Value::MultiPolygon { coordinates } => {
            coordinates.iter().for_each(|p| part(shapes, Part::Polygon, p));
        }
        Value::GeometryCollection { geometries } => geometries.iter().for_each(|g| add_geometry(g, shapes)),
    }
}

fn ring() -> impl Strategy<Value = String> + Clone {
    let number = prop_oneof![
        (-180.0..180.0_f64).prop_map(|v| v.to_string()),
        (-7_000_000..7_000_000_i32).prop_map(|v| format!("{}.{:03}", v / 10, v.unsigned_abs() % 1000)),
        (-180.0..180.0_f64).prop_map(|v| format!("{v:e}")),
        (-180..180_i32).prop_map(|v| v.to_string()),
    ];
    let position = (number.clone(), number, any::<bool>())
        .prop_map(|(x, y, z)| if z { format!("[{x},{y},3.5]") } else { format!("[ {x} , {y} ]") });
    prop::collection::vec(position, 3..9).prop_map(|mut positions| {
        positions.push(positions[0].clone());
        format!("[{}]", positions.join(", "))
    })
}

fn geometry() -> impl Strategy<Value = String> {
    let object = |kind: &'static str, coordinates: String, type_first: bool| {
        if type_first {
            format!("{{\"type\":\"{kind}\",\"coordinates\":{coordinates}}}")
        } else {
            format!("{{ \"coordinates\" : {coordinates},\n\"bbox\":[0,{{}}], \"type\":\"{kind}\" }}")
                .replace(",{}", "")
        }
    };
    let rings = prop::collection::vec(ring(), 1..4).prop_map(|r| format!("[{}]", r.join(" ,")));
    let leaf = (0..6, ring(), rings.clone(), prop::collection::vec(rings, 1..3), any::<bool>()).prop_map(
        move |(kind, ring, rings, polygons, type_first)| match kind {
            0 => object("Point", ring[1..=ring.find(']').unwrap()].to_string(), type_first),
            1 => object("MultiPoint", ring, type_first),
            2 => object("LineString", ring, type_first),
            3 => object("MultiLineString", rings, type_first),
            4 => object("Polygon", rings, type_first),
            _ => object("MultiPolygon", format!("[{}]", polygons.join(",")), type_first),
        },
    );
    leaf.prop_recursive(3, 8, 3, |inner| {
        prop::collection::vec(inner, 0..3)
            .prop_map(|g| format!("{{\"type\":\"GeometryCollection\",\"geometries\":[{}]}}", g.join(",")))
    })
}

fn feature() -> impl Strategy<Value = String> {
    let text = prop_oneof![any::<String>(), "[\"\\\\{}\\[\\]:,]{0,8}"];
    let order = Just([0, 1, 2, 3]).prop_shuffle();
    let geometry = prop_oneof![5 => geometry(), 1 => Just("null".to_string())];
    (geometry, text, any::<i32>(), order, "[ \n\t]{0,3}").prop_map(|(geometry, text, number, order, space)| {
        let text = serde_json::to_string(&text).unwrap();
        let members = [
            "\"type\":\"Feature\"".to_string(),
            format!("\"geometry\":{space}{geometry}"),
            format!("{space}\"properties\" : {{\"deep\":{{\"n\":[{number},{text}]}},\"n\":{number},\"t\":{text}}}"),
            format!("\"other\":{text}"),
        ];
        let mut out = String::from("{");
        for (i, member) in order.into_iter().enumerate() {
            let _ = write!(out, "{}{}", if i == 0 { "" } else { "," }, members[member]);
        }
        out + &space + "}"
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn any_collection_reads_as_the_reference_reads_it(
        features in prop::collection::vec(feature(), 0..12), max_rows in 1_usize..15, as_lines: bool,
    ) {
        let document = collection(&features.join(" ,\n "));
        let reference: geojson::FeatureCollection = document.parse().unwrap();
        let lines: String = features.iter().map(|f| format!("{}\n", f.replace('\n', " "))).collect();
        let (_folder, path) = file("a.json", if as_lines { &lines } else { &document });
        let wanted = if features.is_empty() { request(&[]) } else { request(&[("n", As::Number), ("t", As::Text)]) };
        if as_lines && features.is_empty() {
            return Ok(());
        }
        let rows = read_all(&path, &wanted, max_rows).unwrap();
        prop_assert_eq!(rows.n_rows, reference.features.len());
        prop_assert_eq!(&rows.defects, &vec![]);
        let mut shapes = Shapes::default();
        for (i, feature) in reference.features.iter().enumerate() {
            if let Some(geometry) = &feature.geometry {
                add_geometry(geometry, &mut shapes);
            }
            shapes.end_feature();
            let properties = feature.properties.as_ref().unwrap();
            prop_assert_eq!(rows.columns[0].as_numbers().unwrap()[i], properties["n"].as_f64().unwrap());
            prop_assert_eq!(rows.columns[1].as_text().unwrap().get(i), properties["t"].as_str());
        }
        // The reference's own number parser may be one unit in the last place off.
        let mut read = rows.shapes.unwrap_or_default();
        for (found, reference) in read.coords.iter_mut().zip(&shapes.coords) {
            let is_near = |a: f64, b: f64| (a - b).abs() <= b.abs() * f64::EPSILON;
            prop_assert!(is_near(found.x, reference.x) && is_near(found.y, reference.y));
            *found = *reference;
        }
        prop_assert_eq!(read, shapes);
    }

    #[test]
    fn any_damage_to_a_file_is_an_error_or_a_reading_never_a_panic(
        features in prop::collection::vec(feature(), 1..4),
        damage in prop::collection::vec((any::<prop::sample::Index>(), "[\\[\\]{}\",:0e.\\-\\\\nt]"), 1..4),
    ) {
        let mut bytes = collection(&features.join(",")).into_bytes();
        for (at, with) in damage {
            let at = at.index(bytes.len());
            bytes[at] = with.as_bytes()[0];
        }
        // 1e999 is JSON, though no double.
        let is_json = match serde_json::from_slice::<serde_json::Value>(&bytes) {
            Ok(_) => true,
            Err(error) => error.to_string().contains("out of range"),
        };
        let (_folder, path) = file("a.json", &bytes);
        let read = read_all(&path, &request(&[]), 2);
        // What is read is JSON, save strings that nobody wants, whose inside is not looked at.
        if read.is_ok() && !is_json {
            let Ok(text) = String::from_utf8(bytes) else { return Ok(()) };
            prop_assert!(text.contains('\\') || text.chars().any(char::is_control), "{}", text);
        }
    }
}
