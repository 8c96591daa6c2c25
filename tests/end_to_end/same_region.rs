//! One region in every format and three CRSs: the same `areas.csv`, byte for byte.

use crate::world::{World, collection, rectangle};
use std::{path::Path, process::Command};

/// Format, name of the GDAL driver, file extension; GeoParquet is our own, as Debian's GDAL has none.
const FORMATS: [(&str, &str); 8] = [
    ("GeoJSON", "geojson"),
    ("GeoJSONSeq", "geojsonl"),
    ("GPKG", "gpkg"),
    ("ESRI Shapefile", "shp"),
    ("ESRI Shapefile", "shz"),
    ("FlatGeobuf", "fgb"),
    ("GeoParquet", "parquet"),
    ("CSV", "csv"),
];

const CRSS: [&str; 3] = ["EPSG:3006", "EPSG:3035", "EPSG:4326"];

fn point(i: u32) -> String {
    let (x, y) = (700_013.0 + f64::from(i * 37 % 400), 7_100_011.0 + f64::from(i * 53 % 190));
    format!(
        r#"{{"type":"Feature","properties":{{"id":"s{i:03}","persons":{},"households":1}},"geometry":{{"type":"Point","coordinates":[{x},{y}]}}}}"#,
        1 + i % 7
    )
}

/// The region in SWEREF 99 TM as GeoJSON.
fn write_region(world: &World) {
    let areas = [
        rectangle(r#"{"code":"01"}"#, (700_000.0, 700_200.0), (7_100_000.0, 7_100_200.0)),
        rectangle(r#"{"code":"02"}"#, (700_200.0, 700_400.0), (7_100_000.0, 7_100_200.0)),
    ];
    let fibre = |operator: &str, x: f64| {
        let properties = format!(r#"{{"operator":"{operator}","mbps":1000,"status":"existing"}}"#);
        rectangle(&properties, (x, x + 120.5), (7_100_020.5, 7_100_150.5))
    };
    world.write("areas.geojson", &collection(&areas));
    world.write("fibre.geojson", &collection(&[fibre("Två", 700_050.5), fibre("Ett", 700_130.5)]));
    world.write("points.geojson", &collection(&(0..120).map(point).collect::<Vec<_>>()));
}

fn ogr2ogr(folder: &Path, args: &[&str]) -> bool {
    let output = Command::new("ogr2ogr").arg("-q").args(args).current_dir(folder).output();
    match output {
        Ok(output) if output.status.success() => true,
        Ok(output) => panic!("ogr2ogr {args:?}: {}", String::from_utf8_lossy(&output.stderr)),
        Err(_) => false,
    }
}

/// Writes a layer as GeoParquet with our own writer.
fn to_geoparquet(source: &Path, target: &Path) {
    use whitespot_model::{
        crs::CrsDeclaration,
        features::{As, Column, Request},
        table::{Table, Unit, Values},
    };
    let schema = whitespot_io::inspect(source, None, None).unwrap();
    let columns = schema.fields.iter().map(|f| (f.clone(), As::Text)).collect();
    let request = Request { columns, geometry: true, ..Request::default() };
    let mut reader = whitespot_io::open(source, &request).unwrap();
    let rows = reader.next_batch(usize::MAX).unwrap().unwrap();
    let mut table = Table::default();
    for (name, column) in schema.fields.iter().zip(&rows.columns) {
        let Column::Text(texts) = column else { panic!("asked for text") };
        let values = texts.iter().map(|t| t.map(str::to_string)).collect();
        table.push(name, Unit::Text, name, name, Values::Text(values));
    }
    // The analysis file names the CRS of every file.
    let geo = whitespot_table::GeoColumn { name: "geometry".to_string(), crs: CrsDeclaration::Undefined };
    whitespot_table::write_geoparquet(target, &table, rows.shapes.as_ref().unwrap(), &geo).unwrap();
}

#[test]
fn one_region_in_eight_formats_and_three_crss_gives_the_same_areas() {
    let world = World::new();
    write_region(&world);
    if !ogr2ogr(world.path(), &["--version"]) {
        println!("skipped: ogr2ogr is not installed");
        return;
    }
    let mut first: Option<Vec<u8>> = None;
    let mut n_compared = 0;
    for crs in CRSS {
        let number = &crs[5..];
        for layer in ["areas", "fibre", "points"] {
            let (source, target) = (format!("{layer}.geojson"), format!("{layer}{number}.geojson"));
            let options =
                ["-f", "GeoJSON", "-s_srs", "EPSG:3006", "-t_srs", crs, "-lco", "COORDINATE_PRECISION=10"];
            ogr2ogr(world.path(), &[&options[..], &[target.as_str(), source.as_str()]].concat());
        }
        for (format, extension) in FORMATS {
            let name = |layer: &str| format!("{layer}{number}_{extension}.{extension}");
            for layer in ["areas", "fibre", "points"] {
                let source = format!("{layer}{number}.geojson");
                let target = name(layer);
                let is_table = extension == "csv";
                match format {
                    "GeoParquet" => to_geoparquet(&world.path().join(&source), &world.path().join(&target)),
                    // GDAL's driver writes longitude and latitude only; its GeoJSON has one feature a line.
                    "GeoJSONSeq" => {
                        let text = std::fs::read_to_string(world.path().join(&source)).unwrap();
                        let is_feature = |l: &&str| l.replace(' ', "").starts_with(r#"{"type":"Feature","#);
                        let lines = text.lines().filter(is_feature).map(|l| l.trim_end_matches(','));
                        world.write(&target, &lines.collect::<Vec<_>>().join("\n"));
                    }
                    // Only points come as tables.
                    "CSV" if layer != "points" => {
                        std::fs::copy(world.path().join(&source), world.path().join(&target)).unwrap();
                    }
                    _ => {
                        let mut args = vec!["-f", format, "-a_srs", crs];
                        if is_table {
                            args.extend(["-lco", "GEOMETRY=AS_XY", "-lco", "SEPARATOR=SEMICOLON"]);
                        }
                        if extension == "shz" {
                            args.extend(["-lco", "ENCODING=ISO-8859-1"]);
                        }
                        if format == "GeoJSON" {
                            args.extend(["-lco", "COORDINATE_PRECISION=10"]);
                        }
                        args.extend([target.as_str(), source.as_str()]);
                        ogr2ogr(world.path(), &args);
                    }
                }
            }
            let xy = if extension == "csv" { ", x = \"X\", y = \"Y\"" } else { "" };
            let analysis = format!(
                "schema = 1\ncrs = \"EPSG:3006\"\nout = \"out\"\n\
                 [settlements]\nfile = \"{}\"\ncrs = \"{crs}\"\ncolumns = {{ id = \"id\", persons = \"persons\", households = \"households\"{xy} }}\n\
                 [areas]\nfile = \"{}\"\ncrs = \"{crs}\"\ncolumns = {{ code = \"code\" }}\n\
                 [[coverage]]\nid = \"fibre\"\nfile = \"{}\"\ncrs = \"{crs}\"\ntechnology = \"fibre\"\noperator = {{ field = \"operator\" }}\ndownload_mbps = {{ field = \"mbps\" }}\n\
                 [services]\nfixed_100 = {{ kind = \"fixed\", min_download_mbps = 100, classes = true }}\n",
                name("points"),
                name("areas"),
                name("fibre")
            );
            world.write("whitespot.toml", &analysis);
            let output = world.whitespot(&["run", "--force"]);
            assert!(output.status.success(), "{format} {crs}: {}", String::from_utf8_lossy(&output.stderr));
            let areas = std::fs::read(world.path().join("out/public/areas.csv")).unwrap();
            match &first {
                None => {
                    let text = String::from_utf8_lossy(&areas);
                    assert!(text.lines().count() == 4 && !text.contains(",0,0,0,0"), "{text}");
                    first = Some(areas);
                }
                Some(first) => assert_eq!(
                    String::from_utf8_lossy(&areas),
                    String::from_utf8_lossy(first),
                    "{format} in {crs}"
                ),
            }
            n_compared += 1;
        }
    }
    assert_eq!(n_compared, 24);
}
