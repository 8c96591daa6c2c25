//! Settlements, areas and coverage from a real PostgreSQL with PostGIS give what the files give, and results go into a
//! schema all or none.

use crate::{
    demo::{demo_results, root, whitespot},
    postgres::Server,
};
use std::{path::Path, process::Command};
use whitespot_io::{LayerCrs, LayerSpec, PostgisWriter};
use whitespot_model::{
    shapes::{Part, Shapes},
    table::{Table, Unit, Values},
};

/// Puts the demo's files into the database, by GDAL.
fn load_demo(server: &Server) {
    let data = root().join("data/vasterbotten");
    let target = format!("PG:host={} user=geo dbname=geo", server.socket());
    for (file, table) in
        [("municipalities.geojson", "areas"), ("fibre.geojson", "fibre"), ("mobile.geojson", "mobile")]
    {
        let output = Command::new("ogr2ogr")
            .args(["-f", "PostgreSQL", &target, data.join(file).to_str().unwrap(), "-nln", table])
            .args(["-lco", "FID=ogc_fid", "-lco", "GEOMETRY_NAME=geom", "-nlt", "GEOMETRY"])
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    let csv = std::fs::read_to_string(data.join("settlements.csv")).unwrap();
    let header = csv.lines().next().unwrap().to_string();
    let columns: Vec<String> = header
        .split(',')
        .map(|name| match name {
            "id" => "id text PRIMARY KEY".to_string(),
            "lon" | "lat" => format!("{name} float8"),
            "persons" | "households" | "workplaces" => format!("{name} int"),
            other => format!("{other} text"),
        })
        .collect();
    server.sql("geo", &format!("CREATE TABLE settlements ({})", columns.join(", ")));
    server.copy_csv("settlements", &header, &csv);
    server.sql("geo", "ALTER TABLE settlements ADD geom geometry(Point, 4326)");
    server.sql("geo", "UPDATE settlements SET geom = ST_SetSRID(ST_MakePoint(lon, lat), 4326)");
}

/// The demo's analysis with its files replaced by tables and queries of the database.
fn analysis(server: &Server, output: &str) -> String {
    let text = std::fs::read_to_string(root().join("data/vasterbotten/whitespot.toml")).unwrap();
    let address = server.address();
    let text = text
        .replace(
            "file    = \"settlements.csv\"\ncrs     = \"EPSG:4326\"",
            &format!("file = {address:?}\nlayer = \"public.settlements\""),
        )
        .replace("x = \"lon\", y = \"lat\", ", "")
        .replace("file    = \"municipalities.geojson\"", &format!("file = {address:?}\nlayer = \"areas\""))
        .replace(
            "file          = \"fibre.geojson\"",
            &format!("file = {address:?}\nlayer = \"SELECT * FROM fibre ORDER BY ogc_fid\""),
        )
        .replace("file          = \"mobile.geojson\"", &format!("file = {address:?}\nlayer = \"mobile\""))
        .replace(
            "file = \"statistics.csv\"",
            &format!("file = {:?}", root().join("data/vasterbotten/statistics.csv")),
        );
    assert_eq!(text.matches("postgresql://").count(), 4, "the demo's analysis file has changed its form");
    format!("{text}\n{output}\n")
}

#[test]
fn the_demo_from_a_database_gives_the_files_numbers_and_writes_its_layers_in_one_transaction() {
    let Some(server) = Server::start() else { return };
    load_demo(&server);
    let folder = tempfile::tempdir().unwrap();
    let address = server.address();
    let output = format!("[outputs]\npostgis = {{ url = {address:?}, schema = \"results\" }}");
    std::fs::write(folder.path().join("whitespot.toml"), analysis(&server, &output)).unwrap();
    let run = || whitespot(folder.path(), &["run", "-q", "--force", "-o", "out"]);
    let ended = run();
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
    let csv = |results: &Path| std::fs::read_to_string(results.join("public/areas.csv")).unwrap();
    assert_eq!(csv(&folder.path().join("out")), csv(demo_results()));

    let persons = server.sql("geo", "SELECT sum(persons) FROM results.areas");
    let rows = crate::demo::area_rows(demo_results());
    let expected: u64 = rows.iter().map(|row| row["persons"].parse::<u64>().unwrap()).sum();
    assert_eq!(persons, expected.to_string());
    assert_eq!(
        server
            .sql("geo", "SELECT count(*) FROM results.areas WHERE ST_IsValid(geom) AND ST_SRID(geom) = 3006"),
        "15"
    );
    assert_eq!(server.sql("geo", "SELECT count(*) FROM results.parents"), "1");
    assert!(server.sql("geo", "SELECT obj_description('results.areas'::regclass)").contains("Run "));

    // Something of someone else's hangs on a later table: then none is replaced.
    server.sql("geo", "ALTER TABLE results.areas ADD mark text; CREATE VIEW results.kept AS SELECT fid FROM results.alloc_share_120m");
    let ended = run();
    assert_eq!(ended.status.code(), Some(3), "{}", String::from_utf8_lossy(&ended.stderr));
    let said = String::from_utf8_lossy(&ended.stderr).into_owned();
    assert!(said.contains("alloc_share_120m"), "{said}");
    assert_eq!(server.sql("geo", "SELECT count(*) FROM information_schema.columns WHERE table_schema = 'results' AND table_name = 'areas' AND column_name = 'mark'"), "1");
}

#[test]
fn a_wrong_table_a_wrong_column_and_a_wrong_user_are_told_with_a_way_out() {
    let Some(server) = Server::start() else { return };
    load_demo(&server);
    let folder = tempfile::tempdir().unwrap();
    let check = |text: &str| {
        std::fs::write(folder.path().join("whitespot.toml"), text).unwrap();
        let output = whitespot(folder.path(), &["check", "--lang", "en"]);
        assert_eq!(output.status.code(), Some(1));
        String::from_utf8(output.stdout).unwrap()
    };
    let text = analysis(&server, "");
    let said = check(&text.replace("layer = \"mobile\"", "layer = \"mobil\""));
    assert!(said.contains("has no layer `mobil`") && said.contains("mobile"), "{said}");
    let said = check(&text.replace("persons = \"persons\"", "persons = \"person\""));
    assert!(said.contains("did you mean `persons`"), "{said}");
    let said = check(&text.replace("user=geo", "user=nobody&password=secret"));
    assert!(said.contains("nobody") && !said.contains("secret"), "{said}");
    // What changes the database is no way to read it.
    let query = "WITH gone AS (DELETE FROM fibre RETURNING *) SELECT * FROM gone";
    let said = check(&text.replace("SELECT * FROM fibre ORDER BY ogc_fid", query));
    assert!(said.contains("malformed") || said.contains("not readable"), "{said}");
    assert_ne!(server.sql("geo", "SELECT count(*) FROM fibre"), "0");
}

#[test]
fn a_password_opens_the_database_and_is_written_nowhere() {
    let Some(server) = Server::start() else { return };
    load_demo(&server);
    server.sql("geo", "CREATE ROLE locked LOGIN PASSWORD 'hemligt ord/1'; GRANT pg_read_all_data TO locked");
    let folder = tempfile::tempdir().unwrap();
    let text = analysis(&server, "[outputs]\nformats = [\"gpkg\"]");
    let with = |password: &str| text.replace("user=geo", &format!("user=locked{password}"));
    let run = |text: &str| {
        std::fs::write(folder.path().join("whitespot.toml"), text).unwrap();
        whitespot(folder.path(), &["run", "--force", "--lang", "en", "-o", "out"])
    };
    let ended = run(&with(""));
    let said = String::from_utf8_lossy(&ended.stderr).into_owned();
    assert!(ended.status.code() == Some(1) && said.contains("PGPASSWORD"), "{said}");
    let ended = run(&with("&password=fel"));
    assert_eq!(ended.status.code(), Some(1));
    let ended = run(&with("&password=hemligt%20ord%2F1"));
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
    let csv = |results: &Path| std::fs::read_to_string(results.join("public/areas.csv")).unwrap();
    let out = folder.path().join("out");
    assert_eq!(csv(&out), csv(demo_results()));
    let mut folders = vec![out];
    let mut n_files = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            n_files += 1;
            let bytes = std::fs::read(&path).unwrap();
            let has_it =
                ["hemligt", "password="].iter().any(|w| bytes.windows(w.len()).any(|x| x == w.as_bytes()));
            assert!(!has_it, "{}", path.display());
        }
    }
    assert!(n_files > 10 && !String::from_utf8_lossy(&ended.stderr).contains("hemligt"));
}

/// A layer of squares; its first row counts so many persons.
fn squares(persons: i64) -> (Table, Shapes) {
    let mut table = Table::default();
    table.push(
        "area_code",
        Unit::Text,
        "Kod",
        "Code",
        Values::Text(vec![Some("01".into()), Some("0'2\\".into())]),
    );
    table.push("persons", Unit::Persons, "Personer", "Persons", Values::Int(vec![Some(persons), None]));
    let mut shapes = Shapes::default();
    for x in [0.0, 10.0] {
        shapes.begin_part(Part::Polygon);
        shapes.push_ring([(x, 0.0), (x + 9.0, 0.0), (x + 9.0, 9.0), (x, 0.0)]);
        shapes.end_part();
        shapes.end_feature();
    }
    (table, shapes)
}

fn begin(server: &Server) -> PostgisWriter {
    let crs = LayerCrs { code: "EPSG:3006".into(), name: "SWEREF99 TM".into(), wkt: String::new() };
    PostgisWriter::begin(&server.address(), "results", &crs).unwrap()
}

/// Everything a schema holds: tables with their rows.
fn state(server: &Server) -> String {
    let tables = server.sql(
        "geo",
        "SELECT string_agg(table_name, ' ' ORDER BY table_name) FROM information_schema.tables WHERE table_schema = 'results'",
    );
    let rows: Vec<String> = tables
        .split(' ')
        .map(|t| server.sql("geo", &format!("SELECT * FROM results.{t} ORDER BY fid")))
        .collect();
    format!("{tables}\n{}", rows.join("\n"))
}

#[test]
fn a_lost_connection_a_crash_and_a_failing_insert_leave_the_schema_as_it_was() {
    let Some(server) = Server::start() else { return };
    let layer = |name: &str| LayerSpec::polygons(name, name, "what it's");
    let (first, shapes) = squares(7);
    let mut writer = begin(&server);
    writer.add_layer(&layer("areas"), &first, &shapes).unwrap();
    writer.add_layer(&layer("parents"), &first, &shapes).unwrap();
    writer.finish().unwrap();
    let before = state(&server);
    assert!(before.starts_with("areas parents\n1|01|7|"), "{before}");
    assert!(before.contains("2|0'2\\|"), "{before}");
    let (second, _) = squares(8);
    let half_done = || {
        let mut writer = begin(&server);
        writer.add_layer(&layer("areas"), &second, &shapes).unwrap();
        writer
    };

    // Nobody sees what is not finished; and a writer that is given up leaves nothing.
    let writer = half_done();
    drop(writer);
    assert_eq!(state(&server), before);

    // The connection is lost between two layers.
    let mut writer = half_done();
    server.sql(
        "geo",
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'whitespot'",
    );
    let failure = writer.add_layer(&layer("more"), &second, &shapes).unwrap_err();
    assert!(failure.to_string().contains("connection"), "{failure}");
    assert!(writer.finish().is_err());
    assert_eq!(state(&server), before);

    // The server dies before the end.
    let writer = half_done();
    server.crash_and_start();
    assert!(writer.finish().is_err());
    assert_eq!(state(&server), before);

    // Rows that are none of the layer's: found by us.
    let mut writer = half_done();
    let mut lines = Shapes::default();
    shapes.parts_of(0).for_each(|_| lines.push_feature_of(&shapes, 0));
    lines.push_point(1.0, 1.0);
    assert!(writer.add_layer(&layer("more"), &second, &lines).is_err());
    drop(writer);
    assert_eq!(state(&server), before);

    // A row that the server refuses, in the last of the layers.
    server.sql(
        "geo",
        "CREATE FUNCTION guard() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN
           IF to_regclass('results.more') IS NOT NULL THEN
             ALTER TABLE results.more ADD CONSTRAINT few CHECK (persons < 8);
           END IF; END $$;
         CREATE EVENT TRIGGER guard ON ddl_command_end WHEN TAG IN ('CREATE TABLE') EXECUTE FUNCTION guard()",
    );
    let mut writer = half_done();
    let failure = writer.add_layer(&layer("more"), &second, &shapes).unwrap_err();
    assert!(failure.to_string().contains("few"), "{failure}");
    drop(writer);
    assert_eq!(state(&server), before);

    // And without all that the second state takes the place of the first.
    server.sql("geo", "DROP EVENT TRIGGER guard");
    half_done().finish().unwrap();
    assert!(state(&server).starts_with("areas parents\n1|01|8|"));
}

/// Settlements of the large round trip; `WHITESPOT_POSTGIS_ROWS=1000000` for the size that is promised.
const ROWS: u64 = 20_000;

#[test]
fn settlements_of_a_large_table_count_as_the_database_itself_counts_them() {
    let Some(server) = Server::start() else { return };
    let n: u64 = std::env::var("WHITESPOT_POSTGIS_ROWS").map_or(ROWS, |n| n.parse().unwrap());
    // 100 areas of 10 km, 400 discs of fibre, settlements on a lattice that meets no border.
    server.sql(
        "geo",
        &format!(
            "CREATE TABLE points AS SELECT i AS id, (i * 7919 % 9)::int AS persons, (i % 4)::int AS households,
               ST_SetSRID(ST_MakePoint(400000.013 + (i * 104729 % 99991)::float8, 7000000.017 + (i * 15485863 % 99989)::float8), 3006) AS geom
             FROM generate_series(1, {n}::bigint) AS i;
             ALTER TABLE points ADD PRIMARY KEY (id);
             CREATE TABLE squares AS SELECT lpad((x * 10 + y)::text, 2, '0') AS code,
               ST_MakeEnvelope(400000 + x * 10000, 7000000 + y * 10000, 410000 + x * 10000, 7010000 + y * 10000, 3006) AS geom
             FROM generate_series(0, 9) AS x, generate_series(0, 9) AS y;
             CREATE TABLE fibre AS SELECT ST_Buffer(ST_SetSRID(ST_MakePoint(402500 + x * 5000, 7002500 + y * 5000), 3006),
               800 + 137 * ((x * 20 + y) % 20), 32) AS geom
             FROM generate_series(0, 19) AS x, generate_series(0, 19) AS y;
             CREATE INDEX ON fibre USING gist (geom); ANALYZE"
        ),
    );
    let folder = tempfile::tempdir().unwrap();
    let address = server.address();
    let text = format!(
        "schema = 1\ncrs = \"EPSG:3006\"\nout = \"out\"\nlanguage = [\"en\"]\n\
         [settlements]\nfile = {address:?}\nlayer = \"points\"\n\
         columns = {{ id = \"id\", persons = \"persons\", households = \"households\" }}\n\
         [areas]\nfile = {address:?}\nlayer = \"public.squares\"\ncolumns = {{ code = \"code\" }}\n\
         [[coverage]]\nid = \"fibre\"\nfile = {address:?}\nlayer = \"fibre\"\ntechnology = \"fibre\"\n\
         [services]\nfibre = {{ any_of = [\"fibre\"] }}\n\
         [outputs]\nsettlements = false\nmin_cell = 0\nformats = [\"gpkg\"]\n\
         postgis = {{ url = {address:?}, schema = \"results\" }}\n"
    );
    std::fs::write(folder.path().join("whitespot.toml"), text).unwrap();
    let started = std::time::Instant::now();
    let ended = whitespot(folder.path(), &["run", "-v"]);
    println!("{n} settlements there and back in {:.1} s", started.elapsed().as_secs_f64());
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
    let ours =
        server.sql("geo", "SELECT area_code, persons, fibre_reached_persons FROM results.areas ORDER BY 1");
    let theirs = server.sql(
        "geo",
        "SELECT a.code, sum(p.persons), coalesce(sum(p.persons) FILTER
           (WHERE EXISTS (SELECT FROM fibre f WHERE ST_Covers(f.geom, p.geom))), 0)
         FROM points p JOIN squares a ON ST_Covers(a.geom, p.geom) GROUP BY 1 ORDER BY 1",
    );
    assert_eq!(ours, theirs);
    assert_eq!(ours.lines().count(), 100);
    assert_eq!(
        server.sql("geo", "SELECT sum(persons) FROM results.areas"),
        server.sql("geo", "SELECT sum(persons) FROM points")
    );
}
