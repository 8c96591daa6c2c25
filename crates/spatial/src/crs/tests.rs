use super::*;

fn crs(code: &str) -> Crs {
    Crs::from_code(code).unwrap()
}

fn from_wkt(text: &str) -> Result<Crs, CrsError> {
    Crs::resolve(&CrsDeclaration::Wkt(text.to_string()))
}

fn at(x: f64, y: f64) -> Coord<f64> {
    Coord { x, y }
}

const UTM_33_OF_BESSEL: &str = r#"PROJCS["Own",GEOGCS["x",DATUM["Deutsches_Hauptdreiecksnetz",
    SPHEROID["Bessel 1841",6377397.155,299.1528128],TOWGS84[598.1,73.7,418.2,0.202,0.045,-2.455,6.7]],
    PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433]],PROJECTION["Transverse_Mercator"],
    PARAMETER["latitude_of_origin",0],PARAMETER["central_meridian",15],PARAMETER["scale_factor",1],
    PARAMETER["false_easting",5500000],PARAMETER["false_northing",0],UNIT["metre",1]]"#;

#[test]
fn wgs_84_is_one_crs_by_whichever_name() {
    let forms = [
        "EPSG:4326",
        "epsg:4326",
        " OGC:CRS84 ",
        "CRS84",
        "urn:ogc:def:crs:OGC:1.3:CRS84",
        "urn:ogc:def:crs:EPSG::4326",
        "http://www.opengis.net/def/crs/EPSG/0/4326",
        "https://www.opengis.net/def/crs/OGC/0/CRS84",
        "http://www.opengis.net/gml/srs/epsg.xml#4326",
    ];
    for form in forms {
        assert_eq!(crs(form), crs("EPSG:4326"), "{form}");
        assert!(Transform::new(&crs(form), &crs("OGC:CRS84")).is_identity());
    }
    assert_ne!(crs("EPSG:4258"), crs("EPSG:4326"));
    assert_ne!(crs("EPSG:3006"), crs("EPSG:4619"));
}

#[test]
fn datums_taken_as_equal_change_no_coordinate() {
    assert_ne!(crs("EPSG:3006"), crs("EPSG:25833"));
    assert!(Transform::new(&crs("EPSG:3006"), &crs("EPSG:25833")).is_identity());
    assert!(Transform::new(&crs("EPSG:4619"), &crs("EPSG:4326")).is_identity());
    assert!(!Transform::new(&crs("EPSG:25833"), &crs("EPSG:25832")).is_identity());
    assert!(!Transform::new(&crs("EPSG:4277"), &crs("EPSG:4326")).is_identity());
}

#[test]
fn a_code_that_does_not_ship_is_named_with_the_line_that_converts_the_file() {
    let error = Crs::from_code("EPSG:2193").unwrap_err();
    assert!(error.to_string().contains("EPSG:2193"), "{error}");
    assert_eq!(error.hint(), "convert the file first: `ogr2ogr -t_srs EPSG:4326 out.gpkg in.gpkg`");
    for number in ["EPSG:32600", "EPSG:32661", "EPSG:32700", "EPSG:25839", "ESRI:54030", "EPSG:99999999999"] {
        assert!(matches!(Crs::from_code(number), Err(CrsError::Unsupported { .. })), "{number}");
    }
}

#[test]
fn what_is_no_code_is_told_so() {
    let error = Crs::from_code("3006").unwrap_err();
    assert!(error.to_string().contains("did you mean `EPSG:3006`"), "{error}");
    for text in ["", ":", "EPSG", "EPSG:", "SWEREF99 TM", "+proj=utm +zone=33", "ÅÄÖ:1"] {
        assert!(matches!(Crs::from_code(text), Err(CrsError::Unreadable { .. })), "{text}");
    }
}

#[test]
fn an_undefined_crs_is_an_error_that_asks_for_one() {
    let declared = [
        CrsDeclaration::Undefined,
        CrsDeclaration::Wkt("undefined".to_string()),
        CrsDeclaration::Wkt("  ".to_string()),
        CrsDeclaration::ProjJson("null".to_string()),
    ];
    for declaration in declared {
        let error = Crs::resolve(&declaration).unwrap_err();
        assert_eq!(error, CrsError::Undefined);
        assert!(error.hint().contains("crs = "));
    }
}

#[test]
fn a_definition_of_a_files_own_is_built_from_its_parameters() {
    let own = from_wkt(UTM_33_OF_BESSEL).unwrap();
    assert_eq!((own.code(), own.is_metric()), ("Own", true));
    // By PROJ 9.5.1 with these seven parameters.
    let there = Transform::new(&crs("EPSG:4326"), &own).apply(at(13.4, 52.5)).unwrap();
    assert!((there.x - 5_391_482.284).abs() < 0.01 && (there.y - 5_819_737.588).abs() < 0.01, "{there:?}");
    let back = Transform::new(&own, &crs("EPSG:4326")).apply(there).unwrap();
    assert!((back.x - 13.4).abs() < 1e-7 && (back.y - 52.5).abs() < 1e-7);
    assert_eq!(own.wkt(), UTM_33_OF_BESSEL.trim());
    assert_eq!(own, from_wkt(&own.wkt()).unwrap());
    assert_eq!(own.plausible_bounds(), None);
}

#[test]
fn feet_of_a_definition_are_metres_on_the_ground() {
    let feet = r#"PROJCS["f",GEOGCS["g",DATUM["North_American_Datum_1983",SPHEROID["GRS 1980",6378137,298.257222101]],
        PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433]],PROJECTION["Transverse_Mercator"],
        PARAMETER["central_meridian",-96],PARAMETER["scale_factor",1],PARAMETER["false_easting",1000],
        UNIT["foot",0.3048]]"#;
    let feet = from_wkt(feet).unwrap();
    assert!(!feet.is_metric() && !feet.is_geographic());
    let to_feet = Transform::new(&crs("EPSG:4269"), &feet);
    assert_eq!(to_feet.apply(at(-96.0, 0.0)).map(|c| c.x), Some(1000.0));
    let north = to_feet.apply(at(-96.0, 1.0)).unwrap().y;
    assert!((north * 0.3048 - 110_574.39).abs() < 0.1, "{north}");
}

#[test]
fn a_datum_or_method_without_known_meaning_is_refused() {
    let cases = [
        (UTM_33_OF_BESSEL.replace(",TOWGS84[598.1,73.7,418.2,0.202,0.045,-2.455,6.7]", ""), "datum"),
        (UTM_33_OF_BESSEL.replace("Transverse_Mercator", "Krovak"), "Krovak"),
        (UTM_33_OF_BESSEL.replace("PRIMEM[\"Greenwich\",0]", "PRIMEM[\"Ferro\",-17.6666667]"), "Greenwich"),
        (UTM_33_OF_BESSEL.replace("6377397.155", "3396190"), "not the Earth's"),
        (UTM_33_OF_BESSEL.replace("UNIT[\"metre\",1]", "UNIT[\"metre\",0]"), "unit"),
        (UTM_33_OF_BESSEL.replace("\"scale_factor\",1", "\"scale_factor\",-1"), "out of range"),
        (UTM_33_OF_BESSEL.replace("\"scale_factor\",1", "\"scale_factor\""), "not a number"),
        ("LOCAL_CS[\"site\",UNIT[\"metre\",1]]".to_string(), "no place on the Earth"),
        ("PROJCS[\"a\"]".to_string(), "missing"),
    ];
    for (text, reason) in cases {
        let error = from_wkt(&text).unwrap_err();
        assert!(matches!(error, CrsError::Unsupported { .. }), "{text}");
        assert!(error.to_string().contains(reason), "{reason}: {error}");
    }
}

#[test]
fn broken_wkt_and_projjson_are_errors_and_never_a_panic() {
    for cut in 0..UTM_33_OF_BESSEL.len() - 1 {
        assert!(from_wkt(&UTM_33_OF_BESSEL[..cut]).is_err(), "{cut}");
    }
    for text in ["{", "[]", "3", "\"x\"", "{}", r#"{"type":"ProjectedCRS"}"#, r#"{"type":"CompoundCRS"}"#] {
        assert!(Crs::resolve(&CrsDeclaration::ProjJson(text.to_string())).is_err(), "{text}");
    }
}

#[test]
fn the_horizontal_part_of_a_compound_crs_counts() {
    let sweref = crs("EPSG:3006").wkt();
    let compound = format!(
        r#"COMPD_CS["SWEREF99 TM + RH2000 height",{sweref},VERT_CS["RH2000"],AUTHORITY["EPSG","5845"]]"#
    );
    assert_eq!(from_wkt(&compound).unwrap().code(), "EPSG:3006");
    let esri = format!("{sweref},VERTCS[\"RH2000\"]");
    assert_eq!(from_wkt(&esri).unwrap().code(), "EPSG:3006");
}

#[test]
fn points_where_a_projection_is_not_defined_have_no_answer() {
    let to_sweref = Transform::new(&crs("EPSG:4326"), &crs("EPSG:3006"));
    for point in [at(f64::NAN, 60.0), at(15.0, f64::INFINITY), at(15.0, 90.1), at(1e9, 60.0), at(105.0, 0.0)]
    {
        assert_eq!(to_sweref.apply(point), None, "{point:?}");
    }
    assert_eq!(Transform::new(&crs("EPSG:4326"), &crs("EPSG:3857")).apply(at(0.0, 90.0)), None);
    let mut out = Vec::new();
    to_sweref.apply_slice(&[at(15.0, 60.0), at(f64::NAN, 0.0), at(15.0, 61.0)], &mut out);
    assert_eq!((out.len(), out[1].x.is_nan() && out[1].y.is_nan()), (3, true));
    assert_eq!(out[2], to_sweref.apply(at(15.0, 61.0)).unwrap());
    let identity = Transform::new(&crs("EPSG:4326"), &crs("OGC:CRS84"));
    assert_eq!(identity.apply(at(f64::NAN, 1.0)), None);
}

#[test]
fn a_longitude_past_the_antimeridian_is_the_place_it_means() {
    let utm_60 = Transform::new(&crs("EPSG:4326"), &crs("EPSG:32660"));
    let (a, b) = (utm_60.apply(at(-179.0, 10.0)).unwrap(), utm_60.apply(at(181.0, 10.0)).unwrap());
    assert!((a.x - b.x).abs() < 1e-6 && (a.y - b.y).abs() < 1e-6);
    let back = Transform::new(&crs("EPSG:32660"), &crs("EPSG:4326")).apply(a).unwrap();
    assert!((back.x - -179.0).abs() < 1e-9, "{back:?}");
}

#[test]
fn transforms_are_shared_between_threads() {
    fn is_shared<T: Send + Sync>() {}
    is_shared::<Transform>();
    is_shared::<Crs>();
}

#[test]
fn swapped_axes_and_degrees_in_metres_are_noticed() {
    let sweref = crs("EPSG:3006");
    assert_eq!(sweref.misfit(at(400_000.0, 7_000_000.0), at(800_000.0, 7_300_000.0)), None);
    assert_eq!(
        sweref.misfit(at(7_000_000.0, 400_000.0), at(7_300_000.0, 800_000.0)),
        Some(Misfit::SwappedAxes)
    );
    assert_eq!(sweref.misfit(at(14.0, 63.0), at(21.0, 66.0)), Some(Misfit::DegreesAsMetres));
    assert_eq!(sweref.misfit(at(1e6, 1e6), at(1.1e6, 1.1e6)), Some(Misfit::Elsewhere));
    let degrees = crs("EPSG:4326");
    assert_eq!(degrees.misfit(at(14.0, 63.0), at(21.0, 66.0)), None);
    assert_eq!(degrees.misfit(at(170.0, -20.0), at(190.0, -10.0)), None);
    assert_eq!(degrees.misfit(at(63.0, 140.0), at(66.0, 150.0)), Some(Misfit::SwappedAxes));
    assert_eq!(
        degrees.misfit(at(400_000.0, 7_000_000.0), at(800_000.0, 7_300_000.0)),
        Some(Misfit::MetresAsDegrees)
    );
    assert_eq!(crs("EPSG:3857").misfit(at(-5.0, 50.0), at(2.0, 59.0)), Some(Misfit::DegreesAsMetres));
}

#[test]
fn every_shipped_code_has_bounds_that_hold_its_area_and_tells_whether_it_is_metric() {
    let codes = Crs::codes();
    assert!(codes.len() > 180, "{}", codes.len());
    for code in codes {
        let crs = crs(&code);
        assert_eq!(crs.code(), code);
        assert_ne!(crs.is_metric(), crs.is_geographic(), "{code}");
        let (lo, hi) = crs.plausible_bounds().unwrap();
        assert!(lo.x < hi.x && lo.y < hi.y, "{code}");
    }
    let (lo, hi) = crs("EPSG:3006").plausible_bounds().unwrap();
    assert!(
        lo.x > 150_000.0 && hi.x < 1_100_000.0 && lo.y > 6_000_000.0 && hi.y < 7_800_000.0,
        "{lo:?} {hi:?}"
    );
}

#[test]
fn a_grid_that_needs_datum_files_says_so() {
    assert!(crs("EPSG:27700").accuracy_note().unwrap().contains("OSTN15"));
    assert!(crs("EPSG:28992").accuracy_note().is_some());
    assert!(crs("EPSG:3857").accuracy_note().is_some());
    assert_eq!(crs("EPSG:3006").accuracy_note(), None);
    assert_eq!(crs("EPSG:4326").accuracy_note(), None);
}

#[test]
fn the_british_grid_is_within_metres_of_the_ordnance_surveys_own_points() {
    // Longitude, latitude (ETRS89), easting, northing of OSTN15's published test points 1, 7, 10, 20, 30 and 40, from
    // Scilly to Shetland. Contains OS data © Crown copyright and database right 2016.
    let points = [
        (-6.29977752014, 49.9222639373, 91_492.146, 11_318.804),
        (1.44454730409, 51.3744702555, 639_821.835, 169_565.858),
        (-4.3085247696, 51.858908964, 241_124.584, 220_332.641),
        (-1.66379168242, 53.8002151963, 422_242.186, 433_818.701),
        (-4.21926398555, 57.4862500072, 267_056.768, 846_176.972),
        (-2.07382822798, 60.1330809166, 395_999.668, 1_138_728.951),
    ];
    let to_grid = Transform::new(&crs("EPSG:4258"), &crs("EPSG:27700"));
    for (lon, lat, east, north) in points {
        let there = to_grid.apply(at(lon, lat)).unwrap();
        let error_m = (there.x - east).hypot(there.y - north);
        assert!(error_m < 5.0, "{error_m} m at {lon} {lat}");
    }
}

#[test]
fn behrmann_is_true_at_thirty_degrees_also_where_esri_does_not_say_so() {
    let bare = r#"PROJCS["World_Behrmann",GEOGCS["GCS_WGS_1984",DATUM["D_WGS_1984",
        SPHEROID["WGS_1984",6378137.0,298.257223563]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]],
        PROJECTION["Behrmann"],PARAMETER["False_Easting",0.0],PARAMETER["Central_Meridian",0.0],UNIT["Meter",1.0]]"#;
    assert_eq!(from_wkt(bare).unwrap(), crs("EPSG:6933"));
}

#[test]
fn damaged_texts_never_panic_and_what_they_resolve_to_computes() {
    let texts = [crs("EPSG:28992").wkt(), crs("EPSG:2154").wkt(), UTM_33_OF_BESSEL.to_string()];
    let degrees = crs("EPSG:4326");
    let mut state = 7_u64;
    for round in 0..3_000 {
        let mut text = texts[round % 3].replace("AUTHORITY", "REMARK").into_bytes();
        for _ in 0..2 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let at = (state >> 33) as usize % text.len();
            text[at] = b"0123456789.-e,[]\"Nx"[(state >> 20) as usize % 19];
        }
        if let Ok(damaged) = from_wkt(&String::from_utf8_lossy(&text)) {
            let _ = damaged.wkt();
            let _ = Transform::new(&degrees, &damaged).apply(at(5.0, 52.0));
            let _ = Transform::new(&damaged, &degrees).apply(at(150_000.0, 450_000.0));
        }
    }
}

#[test]
fn every_shipped_crs_written_as_projjson_is_read_as_itself_by_its_numbers_alone() {
    for code in Crs::codes() {
        let own = crs(&code);
        let mut value: serde_json::Value = serde_json::from_str(&own.projjson()).unwrap();
        let resolve =
            |value: &serde_json::Value| Crs::resolve(&CrsDeclaration::ProjJson(value.to_string())).unwrap();
        assert_eq!(resolve(&value), own, "{code}");
        // Without its code only what it says of itself counts.
        value.as_object_mut().unwrap().remove("id");
        if let Some(base) = value.get_mut("base_crs").and_then(|b| b.as_object_mut()) {
            base.remove("id");
        }
        assert_eq!(resolve(&value), own, "{code}: {value}");
    }
}
