//! `README.txt` of a results folder: every file and column, Swedish and English.

use crate::{comparison_tables::comparison_tables, scenario_tables::scenario_table};
use std::fmt::Write as _;
use whitespot_model::{
    config::{Analysis, Lang},
    result::RunResult,
    table::Table,
};

/// The text for a run.
pub(crate) fn text(result: &RunResult, analysis: &Analysis) -> String {
    let mut out = String::new();
    let (sv, en) = (analysis.title.in_lang(Lang::Sv), analysis.title.in_lang(Lang::En));
    let _ = writeln!(out, "{sv}\n{en}\n\nwhitespot {}, run {}\n", result.version, result.run_id);
    if result.is_synthetic() {
        let made_up: Vec<&str> =
            result.inputs.iter().filter(|i| i.synthetic).map(|i| i.role.as_str()).collect();
        let _ = writeln!(out, "OBS: påhittade indata / NOTE: made-up inputs: {}\n", made_up.join(", "));
    }
    let _ = writeln!(out, "FILER / FILES\n");
    for (file, sv, en) in files(result, analysis) {
        let _ = writeln!(out, "{file}\n    {sv}\n    {en}");
    }
    for (file, table) in [("public/areas.csv", &result.areas), ("public/parents.csv", &result.parents)] {
        let _ = writeln!(out, "\nKOLUMNER / COLUMNS: {file}\n");
        columns(&mut out, table);
    }
    for (name, table) in crate::publish::need_tables(result) {
        let _ = writeln!(out, "\nKOLUMNER / COLUMNS: public/{name}.csv\n");
        columns(&mut out, &table);
    }
    if let Some(clusters) = &result.clusters {
        let _ = writeln!(out, "\nKOLUMNER / COLUMNS: public/clusters.csv\n");
        columns(&mut out, &clusters.table);
    }
    if let Some(scenario) = result.scenarios.first() {
        let _ = writeln!(out, "\nKOLUMNER / COLUMNS: public/scenarios/<name>.csv\n");
        columns(&mut out, &scenario_table(result, scenario));
    }
    for (file, table) in comparison_tables(result) {
        let _ = writeln!(out, "\nKOLUMNER / COLUMNS: public/scenarios/{file}\n");
        columns(&mut out, &table);
    }
    let _ = writeln!(
        out,
        "\nSaknade värden är tomma, aldrig 0. Andelar är 0–1. Koden \"\" är det som ligger utanför alla områden.\n\
         Missing values are empty, never 0. Shares are 0–1. The code \"\" is what lies outside all areas."
    );
    if result.has_households && result.min_cell > 1 {
        let (n, last) = (result.min_cell, result.min_cell - 1);
        let _ = writeln!(
            out,
            "\nI public/ är antal hushåll från 1 till {last} utelämnade (outputs.min_cell = {n}), och så många andra att de inte kan\n\
             räknas fram; även belopp, som är pris gånger hushåll. `households_withheld` märker raderna; i scenarierna står\n\
             det utelämnade som en summa på raden `withheld_together`. run.json är hela resultatet och stannar hos er.\n\
             In public/ counts of 1 to {last} households are withheld (outputs.min_cell = {n}), with as many others as it takes\n\
             so that they cannot be reckoned; amounts too, which are a price times households. `households_withheld` marks\n\
             the rows; in scenarios what is withheld stands as one sum in the row `withheld_together`. run.json is the whole\n\
             result and stays with you."
        );
    }
    out
}

fn columns(out: &mut String, table: &Table) {
    for column in &table.columns {
        let _ = writeln!(out, "{}\n    {}\n    {}", column.name, column.label_sv, column.label_en);
    }
}

/// What a table about the ranking tells.
fn need_table(name: &str) -> (&'static str, &'static str) {
    match name {
        "why_this_rank" => ("vad varje områdes rang består av", "what the rank of each area is made of"),
        "indicators" => ("hur indikatorerna användes", "how the indicators were used"),
        "robustness" => {
            ("hur säkra rang och medel är, per område", "how sure rank and funding are, per area")
        }
        "rank_acceptability" => ("hur ofta varje område får varje rang", "how often each area has each rank"),
        "rank_pairs" => {
            ("hur ofta ett område kommer före ett annat", "how often one area comes before another")
        }
        "sensitivity" => ("vilket antagande som avgör", "which assumption decides"),
        _ => ("aktörernas viktningar sida vid sida", "the actors' weightings side by side"),
    }
}

/// The files of the folder that this run has written, in the order of the folder.
fn files(result: &RunResult, analysis: &Analysis) -> Vec<(String, &'static str, &'static str)> {
    use whitespot_model::config::OutputFormat::{Flatgeobuf, Geojson, Geoparquet, Gpkg, Html, Parquet, Xlsx};
    let has = |format| result.formats.contains(&format);
    let has_shapes = result.map.is_some();
    let mut files = vec![
        ("run.json".to_string(), "hela resultatet, för program", "the whole result, for programs"),
        (
            "manifest.json".to_string(),
            "körningens id, indata, anmärkningar, tider",
            "run id, inputs, findings, times",
        ),
        (
            "config.resolved.toml".to_string(),
            "analysfilen med allt utfyllt",
            "the analysis file with everything filled in",
        ),
        ("public/areas.csv".to_string(), "en rad per område", "one row an area"),
        ("public/parents.csv".to_string(), "en rad per överordnat område", "one row a parent area"),
    ];
    for scenario in &result.scenarios {
        files.push((
            format!("public/scenarios/{}.csv", scenario.name),
            "vem får vad i scenariot",
            "who receives what in the scenario",
        ));
    }
    for (name, _) in crate::publish::need_tables(result) {
        let (sv, en) = need_table(name);
        files.push((format!("public/{name}.csv"), sv, en));
    }
    let mut add = |is_there: bool, file: &str, sv: &'static str, en: &'static str| {
        if is_there {
            files.push((file.to_string(), sv, en));
        }
    };
    for (file, sv, en) in [
        ("comparison.csv", "scenarierna sida vid sida", "the scenarios side by side"),
        (
            "comparison_parents.csv",
            "varje överordnat område i varje scenario",
            "each parent area in each scenario",
        ),
        ("comparison_areas.csv", "vem får vad i vilket scenario", "who receives what in which scenario"),
        (
            "comparison_pairs.csv",
            "skillnader mellan scenarier två och två",
            "differences between scenarios in pairs",
        ),
        ("comparison_limits.csv", "vad varje villkor kostar", "what each limit costs"),
        ("comparison_curve.csv", "utfallet vid 101 budgetar", "the outcome at 101 budgets"),
    ] {
        add(!result.scenarios.is_empty(), &format!("public/scenarios/{file}"), sv, en);
    }
    add(
        result.clusters.is_some(),
        "public/clusters.csv",
        "en rad per kluster av bebyggelse utan tjänsten",
        "one row a cluster of settlements without the service",
    );
    add(has(Parquet), "public/areas.parquet", "areas.csv som Parquet", "areas.csv as Parquet");
    add(
        has(Geojson) && has_shapes,
        "public/areas.geojson",
        "områdena som karta (WGS 84)",
        "the areas as a map (WGS 84)",
    );
    add(
        (has(Geojson) || has(Flatgeobuf)) && has_shapes,
        "public/areas.qml",
        "stil som QGIS läser till kartan",
        "style that QGIS reads for the map",
    );
    add(
        has(Gpkg) && has_shapes,
        "public/whitespot.gpkg",
        "områden och scenarier för QGIS, med stilar",
        "areas and scenarios for QGIS, with styles",
    );
    add(
        has(Xlsx),
        "public/areas.xlsx",
        "rangordning, behovsindex, scenarier, bidrag och metod som arbetsbok",
        "ranking, need scores, scenarios, grants and method as a workbook",
    );
    add(
        has(Gpkg) && has_shapes,
        "public/whitespot.qgz",
        "QGIS-projekt med lagren och en utskrift på A3; öppna det här i QGIS",
        "QGIS project with the layers and a print on A3; open this in QGIS",
    );
    let scenarios = result.scenarios.iter().map(|s| whitespot_model::measures::column_word(&s.name));
    let layers = [("areas", true), ("parents", result.parents.n_rows() > 0)]
        .into_iter()
        .chain(["clusters", "trench"].map(|name| (name, result.clusters.is_some())))
        .map(|(name, is_there)| (name.to_string(), is_there))
        .chain(scenarios.map(|name| (format!("alloc_{name}"), true)));
    for (layer, is_there) in layers {
        let is_there = is_there && has(Flatgeobuf) && has_shapes;
        let (sv, en) = ("kartskikt för webben (FlatGeobuf)", "map layer for the web (FlatGeobuf)");
        add(is_there, &format!("public/{layer}.fgb"), sv, en);
        let (sv, en) = ("stil som QGIS läser till kartskiktet", "style that QGIS reads for the map layer");
        add(is_there && layer != "areas", &format!("public/{layer}.qml"), sv, en);
    }
    add(
        has(Geoparquet) && has_shapes,
        "public/geoparquet/",
        "samma kartskikt som GeoParquet, för Python, R och DuckDB",
        "the same map layers as GeoParquet, for Python, R and DuckDB",
    );
    add(
        true,
        "public/dcat.jsonld",
        "beskrivning för öppna data-portaler (DCAT-AP)",
        "description for open-data portals (DCAT-AP)",
    );
    add(
        true,
        "public/datapackage.json",
        "filerna med kolumner, enheter och kontrollsummor (Data Package)",
        "the files with columns, units and checksums (Data Package)",
    );
    for lang in &result.language {
        let (sv, en) = ("rapporten; öppna den i en webbläsare", "the report; open it in a browser");
        add(has(Html), &format!("public/report.{}.html", lang.code()), sv, en);
    }
    let points = analysis.outputs.settlements;
    let (sv, en) = (
        "en rad per bebyggelsepunkt; kan vara personuppgifter",
        "one row a settlement; may be personal data",
    );
    add(points && has(Parquet), "internal/settlements.parquet", sv, en);
    add(points && has(Gpkg), "internal/settlements.gpkg", sv, en);
    let (sv, en) = (
        "täckningen som den lästes, grovt ritad för utforskarens karta",
        "the coverage as it was read, drawn coarsely for the explorer's map",
    );
    add(points && result.map.is_some(), "internal/coverage.bin", sv, en);
    let (sv, en) = (
        "ledningar från punkt till punkt; kan vara personuppgifter",
        "lines from settlement to settlement; may be personal data",
    );
    add(points && has(Gpkg) && result.clusters.is_some(), "internal/trench.gpkg", sv, en);
    files
}
