//! What users get wrong: exit code 1, a message with the place, and a way out; never a panic, nothing written.

use crate::world::{World, collection, rectangle};

/// Runs a world that has something wrong; gives stderr.
fn refused(world: &World) -> String {
    let output = world.whitespot(&["run"]);
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(output.stdout.is_empty());
    assert!(!world.path().join("out").exists(), "nothing is left behind");
    assert!(!text.contains("panicked"), "{text}");
    text
}

fn says(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "`{part}` is not in:\n{text}");
    }
}

#[test]
fn a_missing_file_names_its_nearest() {
    let world = World::new();
    world.edit("whitespot.toml", "\"settlements.csv\"", "\"setlements.csv\"");
    says(&refused(&world), &["`setlements.csv` does not exist", "did you mean `settlements.csv`?"]);
}

#[test]
fn a_wrong_column_names_its_nearest() {
    let world = World::new();
    world.edit("whitespot.toml", "persons = \"persons\"", "persons = \"person\"");
    says(&refused(&world), &["has no column `person`", "did you mean `persons`?"]);
}

#[test]
fn swapped_axes_say_which_line_to_write() {
    let world = World::new();
    world.edit("whitespot.toml", "x = \"E\", y = \"N\"", "x = \"N\", y = \"E\"");
    says(&refused(&world), &["look swapped in `settlements.csv`", "`x = \"E\"`, `y = \"N\"`"]);
}

#[test]
fn degrees_in_a_metric_crs_are_told() {
    let world = World::new();
    world.write("settlements.csv", "id,E,N,persons,households\na,20.1,63.8,1,1\nb,20.2,63.9,2,1\n");
    says(&refused(&world), &["look like degrees, but EPSG:3006 has metres", "crs = \"EPSG:4326\""]);
}

#[test]
fn an_undeclared_crs_is_refused() {
    let world = World::new();
    world.edit(
        "whitespot.toml",
        "file = \"settlements.csv\"\ncrs = \"EPSG:3006\"",
        "file = \"settlements.csv\"",
    );
    says(&refused(&world), &["`settlements.csv` has no declared CRS", "EPSG:3006"]);
}

#[test]
fn duplicate_ids_stop_until_the_user_decides() {
    let world = World::new();
    world.edit("settlements.csv", "d,700500", "a,700500");
    says(
        &refused(&world),
        &["1 settlement of `settlements.csv` repeats an id", "id a (line 5)", "duplicate_ids"],
    );
    world.edit("whitespot.toml", "[settlements]\n", "[settlements]\nduplicate_ids = \"first\"\n");
    let areas = world.areas();
    assert_eq!(areas[""]["persons"], "0", "the second `a` is rejected");
}

#[test]
fn an_unknown_key_is_an_error_with_its_place() {
    let world = World::new();
    world.edit("whitespot.toml", "[areas]\n", "[areas]\nsnapm = 3\n");
    says(&refused(&world), &["line", "unknown key `snapm`", "did you mean `snap_m`?"]);
}

#[test]
fn several_problems_are_told_at_once() {
    let world = World::new();
    world.edit("whitespot.toml", "\"fibre.geojson\"", "\"fiber.geojson\"");
    world.edit("whitespot.toml", "code = \"code\"", "code = \"kod\"");
    says(&refused(&world), &["`fiber.geojson` does not exist", "has no column `kod`"]);
}

#[test]
fn an_unknown_technology_says_how_to_map_it() {
    let world = World::new();
    world.edit("whitespot.toml", "technology = \"fibre\"", "technology = \"fibrr\"");
    says(&refused(&world), &["`fibrr` is no technology", "map = { \"fibrr\" = \"fibre\" }"]);
}

#[test]
fn points_outside_are_a_warning_that_strict_makes_fail() {
    let world = World::new();
    let output = world.whitespot(&["run"]);
    says(
        &String::from_utf8_lossy(&output.stderr),
        &["1 settlement lies outside every area", "(8 persons)", "snap_m"],
    );
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(world.whitespot(&["run", "--force", "--strict"]).status.code(), Some(1));
    assert_eq!(world.whitespot(&["check", "--strict"]).status.code(), Some(1));
    assert_eq!(world.whitespot(&["check"]).status.code(), Some(0));
}

#[test]
fn an_existing_results_folder_needs_force_and_a_foreign_folder_is_left_alone() {
    let world = World::new();
    assert_eq!(world.whitespot(&["run"]).status.code(), Some(0));
    let again = world.whitespot(&["run"]);
    assert_eq!(again.status.code(), Some(3));
    says(&String::from_utf8_lossy(&again.stderr), &["already there", "--force"]);
    std::fs::create_dir(world.path().join("mine")).unwrap();
    world.write("mine/thesis.txt", "years of work");
    assert_eq!(world.whitespot(&["run", "--force", "-o", "mine"]).status.code(), Some(3));
    assert!(world.path().join("mine/thesis.txt").exists());
}

#[test]
fn windows_1252_with_semicolons_and_decimal_commas_is_read() {
    let world = World::new();
    let text = "id;E;N;persons;households;Tätort\r\na;700050,0;7100050,0;1;1;Umeå\r\nb;700150,5;7100050,0;2;1;Åsele\r\n";
    let bytes: Vec<u8> = text.chars().map(|c| c as u32 as u8).collect();
    std::fs::write(world.path().join("settlements.csv"), bytes).unwrap();
    let areas = world.areas();
    assert_eq!((areas["01"]["persons"].as_str(), areas["02"]["persons"].as_str()), ("1", "2"));
}

#[test]
fn set_changes_one_key_and_a_wrong_key_is_told() {
    let world = World::new();
    let output = world.whitespot(&["run", "--set", "areas.snap_m=300"]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(crate::world::read_areas(&world.path().join("out"))[""]["persons"], "0");
    let output = world.whitespot(&["run", "--force", "--set", "areas.snapm=300"]);
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn truncated_files_are_refused_without_a_panic() {
    let world = World::new();
    let y = (7_100_000.0, 7_100_100.0);
    let whole = collection(&[rectangle(
        r#"{"operator":"one","mbps":1000,"status":"existing"}"#,
        (700_000.0, 700_100.0),
        y,
    )]);
    for cut in [1, whole.len() / 3, whole.len() / 2, whole.len() - 1] {
        world.write("fibre.geojson", &whole[..cut]);
        says(&refused(&world), &["fibre.geojson"]);
    }
}

#[test]
fn usage_errors_are_exit_code_2() {
    assert_eq!(World::new().whitespot(&["run", "--nonsense"]).status.code(), Some(2));
}

#[test]
fn init_demo_runs_as_it_stands() {
    let world = World::new();
    assert_eq!(world.whitespot(&["init", "--demo", "--force"]).status.code(), Some(0));
    let output = world.whitespot(&["run"]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), "results");
    assert!(world.path().join("results/public/report.en.html").exists());
}
