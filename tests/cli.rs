//! Transcripts: exit code, stdout and stderr of what users type, whole, as `tests/snapshots/` holds them.
//!
//! After a wanted change of words: `INSTA_UPDATE=always cargo test --test cli`, then read the difference.

#![allow(clippy::unwrap_used, missing_docs, dead_code)]

#[path = "end_to_end/world.rs"]
mod world;

use world::{World, collection, polygon, rectangle};

const Y: (f64, f64) = (7_100_000.0, 7_100_100.0);
const FIBRE: &str = r#"{"operator":"one","mbps":1000,"status":"existing"}"#;

/// What a command says and how it ends, with what differs from run to run taken out.
fn transcript(world: &World, args: &[&str]) -> String {
    let output = world.whitespot(args);
    let code = output.status.code().map_or("killed".to_string(), |c| c.to_string());
    let text = |bytes: &[u8]| {
        let folder = world.path().display().to_string();
        let text = String::from_utf8(bytes.to_vec()).unwrap().replace(&folder, "[folder]");
        text.lines().map(without_times).collect::<Vec<_>>().join("\n")
    };
    format!(
        "$ whitespot {}\nexit code {code}\n-- stdout\n{}\n-- stderr\n{}\n",
        args.join(" "),
        text(&output.stdout),
        text(&output.stderr)
    )
}

/// Times, process and run ids differ from run to run.
fn without_times(line: &str) -> String {
    if let Some((before, after)) = line.split_once("/.whitespot-out-") {
        let rest = after.trim_start_matches(|c: char| c.is_ascii_digit());
        return format!("{before}/.whitespot-out-[id]{rest}");
    }
    if let Some((before, after)) = line.split_once("Finished in ") {
        let rest = after.split_once(" s").map_or("", |(_, rest)| rest);
        return format!("{before}Finished in [time] s{rest}");
    }
    if line.trim_start().starts_with("Finished") {
        let kept: Vec<&str> = line.split_whitespace().filter(|w| w.parse::<f64>().is_err()).collect();
        return kept.join(" ");
    }
    if let Some((before, _)) = line.split_once("run ").filter(|_| line.trim_start().starts_with("Writing")) {
        return format!("{before}run [id]");
    }
    line.trim_end().to_string()
}

macro_rules! transcripts {
    ($($name:ident: $prepare:expr, $args:expr;)*) => {$(
        #[test]
        fn $name() {
            let world = World::new();
            let prepare: fn(&World) = $prepare;
            prepare(&world);
            insta::assert_snapshot!(stringify!($name), transcript(&world, &$args));
            assert!(!world.path().join("out/manifest.json").exists() || world.whitespot(&["check"]).status.success());
        }
    )*};
}

transcripts! {
    a_run: |_| {}, ["run"];
    a_check: |_| {}, ["check"];
    help: |_| {}, ["--help"];
    help_of_run: |_| {}, ["run", "--help"];
    a_wrong_option: |_| {}, ["run", "--nonsense"];
    no_analysis_file: |w| std::fs::remove_file(w.path().join("whitespot.toml")).unwrap(), ["run"];
    an_unknown_key: |w| w.edit("whitespot.toml", "[areas]\n", "[areas]\nsnapm = 3\n"), ["run"];
    a_key_of_the_wrong_kind: |w| w.edit("whitespot.toml", "[areas]\n", "[areas]\nsnap_m = \"far\"\n"), ["run"];
    a_missing_file: |w| w.edit("whitespot.toml", "\"settlements.csv\"", "\"setlements.csv\""), ["run"];
    a_wrong_column: |w| w.edit("whitespot.toml", "persons = \"persons\"", "persons = \"person\""), ["run"];
    swapped_axes: |w| w.edit("whitespot.toml", "x = \"E\", y = \"N\"", "x = \"N\", y = \"E\""), ["run"];
    degrees_in_a_metric_crs: |w| w.write(
        "settlements.csv",
        "id,E,N,persons,households\na,20.1,63.8,1,1\nb,20.2,63.9,2,1\n",
    ), ["run"];
    metres_in_a_crs_of_degrees: |w| w.edit(
        "whitespot.toml",
        "file = \"settlements.csv\"\ncrs = \"EPSG:3006\"",
        "file = \"settlements.csv\"\ncrs = \"EPSG:4326\"",
    ), ["run"];
    an_undeclared_crs: |w| w.edit(
        "whitespot.toml",
        "file = \"settlements.csv\"\ncrs = \"EPSG:3006\"",
        "file = \"settlements.csv\"",
    ), ["run"];
    an_unknown_crs: |w| w.edit("whitespot.toml", "crs = \"EPSG:3006\"\nout", "crs = \"EPSG:99999\"\nout"), ["run"];
    a_self_crossing_polygon: |w| w.write(
        "fibre.geojson",
        &collection(&[polygon(FIBRE, &[(700_000.0, Y.0), (700_200.0, Y.1), (700_200.0, Y.0), (700_000.0, Y.1)])]),
    ), ["check"];
    a_self_crossing_polygon_as_an_error: |w| {
        w.edit("whitespot.toml", "technology = \"fibre\"", "technology = \"fibre\"\ninvalid = \"error\"");
        w.write(
            "fibre.geojson",
            &collection(&[polygon(FIBRE, &[(700_000.0, Y.0), (700_200.0, Y.1), (700_200.0, Y.0), (700_000.0, Y.1)])]),
        );
    }, ["run"];
    overlapping_areas: |w| w.write("areas.geojson", &collection(&[
        rectangle(r#"{"code":"01"}"#, (700_000.0, 700_101.0), Y),
        rectangle(r#"{"code":"02"}"#, (700_100.0, 700_200.0), Y),
    ])), ["run"];
    duplicate_ids: |w| w.edit("settlements.csv", "d,700500", "a,700500"), ["run"];
    negative_persons: |w| w.edit("settlements.csv", "c,700150,7100050,4", "c,700150,7100050,-4"), ["run"];
    persons_that_are_text: |w| w.edit("settlements.csv", "c,700150,7100050,4", "c,700150,7100050,four"), ["run"];
    no_position: |w| w.edit("settlements.csv", "c,700150,7100050", "c,,NaN"), ["run"];
    every_point_outside: |w| w.write(
        "settlements.csv",
        "id,E,N,persons,households\na,300050,6500050,1,1\nb,300150,6500050,2,1\n",
    ), ["run"];
    a_budget_below_0: |w| {
        let text = std::fs::read_to_string(w.path().join("whitespot.toml")).unwrap();
        w.write("whitespot.toml", &format!(
            "{text}[cost.fixed_100]\nbase_per_household = 1000\n\
             [need]\nindicators = [{{ id = \"g\", derive = {{ gap_share = \"fixed_100\" }}, weight = 1 }}]\n\
             [[scenario]]\nname = \"s\"\nservice = \"fixed_100\"\nbudget = -1\nrule = \"need\"\n"
        ));
    }, ["run"];
    weights_that_are_all_0: |w| {
        let text = std::fs::read_to_string(w.path().join("whitespot.toml")).unwrap();
        w.write("whitespot.toml", &format!(
            "{text}[need]\nindicators = [{{ id = \"g\", derive = {{ gap_share = \"fixed_100\" }}, weight = 0 }}]\n"
        ));
    }, ["run"];
    an_unknown_service_in_an_indicator: |w| {
        let text = std::fs::read_to_string(w.path().join("whitespot.toml")).unwrap();
        w.write("whitespot.toml", &format!(
            "{text}[need]\nindicators = [{{ id = \"g\", derive = {{ gap_share = \"fixed_10\" }}, weight = 1 }}]\n"
        ));
    }, ["run"];
    a_truncated_layer: |w| w.write("fibre.geojson", "{\"type\":\"FeatureCollection\",\"features\":[{\"type\":\"Fea"), ["run"];
    many_problems_at_once: |w| {
        w.edit("whitespot.toml", "\"fibre.geojson\"", "\"fiber.geojson\"");
        w.edit("whitespot.toml", "code = \"code\"", "code = \"kod\"");
        w.edit("whitespot.toml", "persons = \"persons\"", "persons = \"personer\"");
    }, ["check"];
}

#[test]
fn results_that_are_there_already() {
    let world = World::new();
    assert!(world.whitespot(&["run"]).status.success());
    insta::assert_snapshot!("results_that_are_there_already", transcript(&world, &["run"]));
}

#[test]
fn a_place_that_cannot_be_written() {
    let world = World::new();
    world.write("taken", "a file, not a folder");
    insta::assert_snapshot!(
        "a_place_that_cannot_be_written",
        transcript(&world, &["run", "-o", "taken/out"])
    );
}
