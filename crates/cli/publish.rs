//! Publishing: the files of the results folder, all from one [`RunResult`].

use crate::{failure::Failure, inputs::Inputs, messages::Messages, readme, results::Staging};
use sha2::{Digest as _, Sha256};
use whitespot_model::{
    config::{Analysis, OutputFormat},
    finding::Finding,
    funding::{Allocation, ScenarioResult},
    provenance::Provenance,
    result::RunResult,
    shapes::Shapes,
    suppress::public_result,
    table::{Table, Unit, Values},
};

/// Id of a run: the first 16 hex digits of the SHA-256 over version, analysis (without `out`) and the checksums
/// of all inputs. Equal ids mean equal results.
pub(crate) fn run_id(analysis: &Analysis, inputs: &[Provenance]) -> Result<String, Failure> {
    let mut analysis = analysis.clone();
    analysis.out = std::path::PathBuf::new();
    let mut hash = Sha256::new();
    hash.update(env!("CARGO_PKG_VERSION"));
    hash.update(serde_json::to_vec(&analysis).map_err(anyhow::Error::from)?);
    for input in inputs {
        hash.update(&input.role);
        hash.update(&input.sha256);
    }
    Ok(hash.finalize().iter().take(8).map(|b| format!("{b:02x}")).collect())
}

/// Writes every file that the analysis asks for into the staging folder.
pub(crate) fn write_results(
    result: &RunResult,
    analysis: &Analysis,
    inputs: &Inputs,
    staging: &Staging,
    messages: &Messages,
) -> Result<(), Failure> {
    messages.stage("Writing", &format!("run {}", result.run_id));
    write_public(&public_result(result, result.min_cell), analysis, inputs, staging)?;
    staging.write("run.json", &to_json(result)?)?;
    staging.write("manifest.json", &to_json(&manifest(result, messages))?)?;
    let resolved = toml::to_string_pretty(analysis).map_err(anyhow::Error::from)?;
    staging.write("config.resolved.toml", &resolved)?;
    staging.write("README.txt", &readme::text(result, analysis))
}

/// Writes `public/`, from what may be published.
fn write_public(
    result: &RunResult,
    analysis: &Analysis,
    inputs: &Inputs,
    staging: &Staging,
) -> Result<(), Failure> {
    let has = |format| result.formats.contains(&format);
    write_csv(staging, "public/areas.csv", &result.areas)?;
    write_csv(staging, "public/parents.csv", &result.parents)?;
    for scenario in &result.scenarios {
        write_csv(
            staging,
            &format!("public/scenarios/{}.csv", scenario.name),
            &scenario_table(result, scenario),
        )?;
    }
    if !result.scenarios.is_empty() {
        write_csv(staging, "public/scenarios/comparison.csv", &comparison_table(result))?;
    }
    if has(OutputFormat::Parquet) {
        let path = staging.path("public/areas.parquet")?;
        whitespot_table::write_parquet(&path, &result.areas).map_err(|e| Failure::unwritable(&path, e))?;
    }
    if has(OutputFormat::Geojson) {
        write_geojson(result, inputs, staging)?;
    }
    if has(OutputFormat::Gpkg) {
        write_geopackage(result, analysis, inputs, staging)?;
    }
    if has(OutputFormat::Html) {
        for lang in &result.language {
            let page = whitespot_report::render_html(result, *lang).map_err(|e| Failure::Bug(e.into()))?;
            staging.write(&format!("public/report.{}.html", lang.code()), &page)?;
        }
    }
    if has(OutputFormat::Xlsx) {
        let lang = result.language.first().copied().unwrap_or(whitespot_model::config::Lang::En);
        let book = whitespot_report::render_xlsx(result, lang).map_err(|e| Failure::Bug(e.into()))?;
        let path = staging.path("public/areas.xlsx")?;
        std::fs::write(&path, book).map_err(|e| Failure::unwritable(&path, e))?;
    }
    Ok(())
}

fn to_json(value: &impl serde::Serialize) -> Result<String, Failure> {
    let mut text = serde_json::to_string_pretty(value).map_err(anyhow::Error::from)?;
    text.push('\n');
    Ok(text)
}

fn write_csv(staging: &Staging, relative: &str, table: &Table) -> Result<(), Failure> {
    let path = staging.path(relative)?;
    whitespot_table::write_csv(&path, table).map_err(|e| Failure::unwritable(&path, e))
}

/// The areas without the row of what lies outside them, which has no shape.
fn with_shapes(table: &Table) -> Table {
    let n = table.n_rows().saturating_sub(1);
    let mut table = table.clone();
    for column in &mut table.columns {
        match &mut column.values {
            Values::Text(v) => v.truncate(n),
            Values::Int(v) => v.truncate(n),
            Values::Real(v) => v.truncate(n),
            Values::Bool(v) => v.truncate(n),
        }
    }
    table
}

fn write_geojson(result: &RunResult, inputs: &Inputs, staging: &Staging) -> Result<(), Failure> {
    let Some(shapes) = inputs.area_shapes_wgs84() else { return Ok(()) };
    let path = staging.path("public/areas.geojson")?;
    whitespot_io::write_geojson(&path, &with_shapes(&result.areas), &shapes, "areas")
        .map_err(|e| Failure::unwritable(&path, e))?;
    match style_of(result) {
        Some(style) => staging.write("public/areas.qml", &style),
        None => Ok(()),
    }
}

/// The QGIS style of the areas: share without the shown service, in the report's classes and colours.
fn style_of(result: &RunResult) -> Option<String> {
    let column = format!("{}_gap_share", result.shown_service.as_ref()?);
    result.areas.column(&column)?;
    Some(whitespot_io::qml::share_style(&column, &result.areas))
}

fn write_geopackage(
    result: &RunResult,
    analysis: &Analysis,
    inputs: &Inputs,
    staging: &Staging,
) -> Result<(), Failure> {
    let Some(shapes) = inputs.area_shapes() else { return Ok(()) };
    let path = staging.path("public/whitespot.gpkg")?;
    let fail = |e: whitespot_io::WriteError| Failure::unwritable(&path, e);
    let lang = analysis.language.first().copied().unwrap_or(whitespot_model::config::Lang::En);
    let title = analysis.title.in_lang(lang);
    let described = |what: &str| {
        let sources: Vec<String> = result
            .inputs
            .iter()
            .map(|i| {
                let made_up = if i.synthetic { ", SYNTHETIC" } else { "" };
                format!("{} {}{made_up}", i.role, i.date.as_deref().unwrap_or(""))
            })
            .collect();
        format!("{title}: {what}. Run {}. Sources: {}", result.run_id, sources.join("; "))
    };
    let mut gpkg = whitespot_io::GeoPackageWriter::create(&path, &layer_crs(inputs)).map_err(fail)?;
    gpkg.add_layer(
        &whitespot_io::LayerSpec::polygons("areas", title, &described("gaps and need per area"))
            .with_style(style_of(result)),
        &with_shapes(&result.areas),
        &shapes,
    )
    .map_err(fail)?;
    if result.parents.n_rows() > 0 {
        let parents = parent_shapes(inputs, &shapes);
        gpkg.add_layer(
            &whitespot_io::LayerSpec::polygons("parents", title, &described("gaps per parent area"))
                .with_style(style_of(result)),
            &result.parents,
            &parents,
        )
        .map_err(fail)?;
    }
    for scenario in &result.scenarios {
        let table = in_area_order(&scenario_table(result, scenario), inputs);
        let name = format!("alloc_{}", whitespot_model::measures::column_word(&scenario.name));
        let spec = whitespot_io::LayerSpec::polygons(&name, &scenario.name, &described("who receives what"));
        gpkg.add_layer(&spec, &table, &shapes).map_err(fail)?;
    }
    gpkg.finish().map_err(fail)
}

/// The analysis CRS as the GeoPackage wants it.
pub(crate) fn layer_crs(inputs: &Inputs) -> whitespot_io::LayerCrs {
    whitespot_io::LayerCrs {
        code: inputs.crs.code().to_string(),
        name: inputs.crs.name().to_string(),
        wkt: inputs.crs.wkt(),
    }
}

/// The parts of a parent's areas as one feature each.
fn parent_shapes(inputs: &Inputs, areas: &Shapes) -> Shapes {
    let mut shapes = Shapes::default();
    for p in 0..inputs.areas.parents.len() as u32 {
        for (f, _) in inputs.areas.parent_of.iter().enumerate().filter(|(_, of)| **of == Some(p)) {
            for part in areas.parts_of(f) {
                shapes.begin_part(areas.parts[part]);
                for r in areas.rings_of(part) {
                    shapes.push_ring(areas.ring(r).iter().map(|c| (c.x, c.y)));
                }
                shapes.end_part();
            }
        }
        shapes.end_feature();
    }
    shapes
}

/// Rows of a scenario in the order of the areas, so that they go with the shapes.
fn in_area_order(table: &Table, inputs: &Inputs) -> Table {
    let codes = match table.column("area_code").map(|c| &c.values) {
        Some(Values::Text(codes)) => codes.clone(),
        _ => Vec::new(),
    };
    let row_of: Vec<Option<usize>> =
        inputs.areas.codes.iter().map(|code| codes.iter().position(|c| c.as_ref() == Some(code))).collect();
    let mut sorted = Table::default();
    for column in &table.columns {
        fn pick<T: Clone>(values: &[Option<T>], rows: &[Option<usize>]) -> Vec<Option<T>> {
            rows.iter().map(|r| r.and_then(|r| values[r].clone())).collect()
        }
        let values = match &column.values {
            // The areas' own codes stand also where the scenario says nothing of them.
            Values::Text(_) if column.name == "area_code" => {
                Values::Text(inputs.areas.codes.iter().cloned().map(Some).collect())
            }
            Values::Text(v) => Values::Text(pick(v, &row_of)),
            Values::Int(v) => Values::Int(pick(v, &row_of)),
            Values::Real(v) => Values::Real(pick(v, &row_of)),
            Values::Bool(v) => Values::Bool(pick(v, &row_of)),
        };
        sorted.push(&column.name, column.unit, &column.label_sv, &column.label_en, values);
    }
    sorted
}

/// One row a candidate in the rule's order, then those that may not be funded; last what is withheld of some
/// candidates because of their few households, as one sum, so that columns add up.
pub(crate) fn scenario_table(result: &RunResult, scenario: &ScenarioResult) -> Table {
    let mut table = candidate_table(&scenario.allocation);
    let Some(withheld) = &result.withheld else { return table };
    let Some(sum) = withheld.together.get(&scenario.name) else { return table };
    let is_withheld: Vec<bool> = match table.column("area_code").map(|c| &c.values) {
        Some(Values::Text(codes)) => codes
            .iter()
            .map(|code| withheld.has(&scenario.name, code.as_deref().unwrap_or_default()))
            .collect(),
        _ => Vec::new(),
    };
    for column in &mut table.columns {
        let together = match column.name.as_str() {
            "gap_households" => i64::try_from(sum.gap_households).ok(),
            "cost_sek" => Some(sum.cost_sek),
            "asked_sek" => Some(sum.asked_sek),
            "grant_sek" => Some(sum.grant_sek),
            "own_sek" => Some(sum.own_sek),
            "funded_persons" => i64::try_from(sum.persons).ok(),
            "funded_households" => i64::try_from(sum.households).ok(),
            _ => None,
        };
        match &mut column.values {
            Values::Int(values) => {
                if together.is_some() {
                    values.iter_mut().zip(&is_withheld).filter(|(_, w)| **w).for_each(|(v, _)| *v = None);
                }
                values.push(together);
            }
            Values::Text(values) => {
                values.push((column.name == "status").then(|| "withheld_together".to_string()));
            }
            Values::Real(values) => values.push(None),
            Values::Bool(values) => values.push(None),
        }
    }
    table
}

fn candidate_table(allocation: &Allocation) -> Table {
    let grants = &allocation.grants;
    let refused = &allocation.ineligible;
    let text = |f: &dyn Fn(usize) -> Option<String>, of_refused: &dyn Fn(usize) -> Option<String>| {
        Values::Text((0..grants.len()).map(f).chain((0..refused.len()).map(of_refused)).collect())
    };
    let int = |f: &dyn Fn(usize) -> i64| {
        Values::Int((0..grants.len()).map(|i| Some(f(i))).chain(refused.iter().map(|_| None)).collect())
    };
    let word = |value: &dyn erased::Word| value.word();
    let mut table = Table::default();
    table.push("order", Unit::Rank, "Ordning", "Order", int(&|i| i64::from(grants[i].order)));
    table.push(
        "area_code",
        Unit::Text,
        "Områdeskod",
        "Area code",
        text(&|i| Some(grants[i].code.clone()), &|i| Some(refused[i].code.clone())),
    );
    table.push("area_name", Unit::Text, "Område", "Area", text(&|i| Some(grants[i].name.clone()), &|_| None));
    table.push(
        "parent_code",
        Unit::Text,
        "Överordnat område",
        "Parent area",
        text(&|i| grants[i].parent_code.clone(), &|_| None),
    );
    table.push(
        "status",
        Unit::Text,
        "Utfall",
        "Outcome",
        text(&|i| Some(word(&grants[i].status)), &|_| Some("ineligible".to_string())),
    );
    table.push(
        "reason",
        Unit::Text,
        "Skäl",
        "Reason",
        text(&|i| Some(word(&grants[i].reason)), &|i| Some(refused[i].reason.clone())),
    );
    let real = |f: &dyn Fn(usize) -> Option<f64>| {
        Values::Real((0..grants.len()).map(f).chain(refused.iter().map(|_| None)).collect())
    };
    table.push("score", Unit::Number, "Behovsindex", "Need score", real(&|i| grants[i].score));
    table.push("order_key", Unit::Number, "Ordnas efter", "Ordered by", real(&|i| grants[i].key));
    for (name, unit, sv, en, f) in [
        (
            "gap_persons",
            Unit::Persons,
            "Personer utan före",
            "Persons without, before",
            (|g| g.gap_persons as i64) as fn(&whitespot_model::funding::Grant) -> i64,
        ),
        ("gap_households", Unit::Households, "Hushåll utan före", "Households without, before", |g| {
            g.gap_households as i64
        }),
        ("cost_sek", Unit::Sek, "Kostnad för alla", "Cost of all", |g| g.cost_sek),
        ("asked_sek", Unit::Sek, "Bidrag för alla", "Grant for all", |g| g.asked_sek),
        ("grant_sek", Unit::Sek, "Bidrag", "Grant", |g| g.grant_sek),
        ("own_sek", Unit::Sek, "Övrig finansiering", "Paid by others", |g| g.own_sek),
        (
            "funded_persons",
            Unit::Persons,
            "Personer som får tjänsten",
            "Persons who get the service",
            |g| g.persons as i64,
        ),
        (
            "funded_households",
            Unit::Households,
            "Hushåll som får tjänsten",
            "Households that get the service",
            |g| g.households as i64,
        ),
    ] {
        table.push(name, unit, sv, en, int(&|i| f(&grants[i])));
    }
    table
}

/// Words of small enums as they stand in JSON.
mod erased {
    /// Anything that serialises to one word.
    pub(super) trait Word {
        /// The word.
        fn word(&self) -> String;
    }

    impl<T: serde::Serialize> Word for T {
        fn word(&self) -> String {
            serde_json::to_value(self).ok().and_then(|v| v.as_str().map(str::to_string)).unwrap_or_default()
        }
    }
}

/// One row a scenario, "no grant" first.
fn comparison_table(result: &RunResult) -> Table {
    let scenarios: Vec<&ScenarioResult> = result.scenarios.iter().collect();
    let mut names = vec![Some("no_grant".to_string())];
    names.extend(scenarios.iter().map(|s| Some(s.name.clone())));
    let int = |f: &dyn Fn(&ScenarioResult) -> i64| {
        Values::Int([Some(0)].into_iter().chain(scenarios.iter().map(|s| Some(f(s)))).collect())
    };
    let mut table = Table::default();
    table.push("scenario", Unit::Text, "Scenario", "Scenario", Values::Text(names));
    let rules =
        [None].into_iter().chain(scenarios.iter().map(|s| Some(s.allocation.rule.as_str().to_string())));
    table.push("rule", Unit::Text, "Regel", "Rule", Values::Text(rules.collect()));
    table.push("budget_sek", Unit::Sek, "Budget", "Budget", int(&|s| s.allocation.budget_sek));
    table.push("spent_sek", Unit::Sek, "Fördelat", "Granted", int(&|s| s.allocation.spent_sek));
    table.push("leftover_sek", Unit::Sek, "Kvar", "Left over", int(&|s| s.allocation.leftover_sek));
    table.push(
        "funded_persons",
        Unit::Persons,
        "Personer",
        "Persons",
        int(&|s| s.allocation.outcome.persons as i64),
    );
    table.push(
        "funded_households",
        Unit::Households,
        "Hushåll",
        "Households",
        // Withheld for the whole region where that itself is a small count.
        match (&result.withheld, result.has_households) {
            (Some(_), false) => Values::Int(vec![None; scenarios.len() + 1]),
            _ => int(&|s| s.allocation.outcome.households as i64),
        },
    );
    let funded = |s: &ScenarioResult| s.allocation.grants.iter().filter(|g| g.grant_sek > 0).count() as i64;
    table.push(
        "funded_areas",
        Unit::Number,
        "Områden som får medel",
        "Areas that receive money",
        int(&funded),
    );
    table
}

/// What a run did to whom: the only file with times.
#[derive(serde::Serialize)]
struct Manifest<'a> {
    run_id: &'a str,
    version: &'a str,
    schema: u32,
    inputs: &'a [Provenance],
    findings: &'a [Finding],
    timings: Timings,
}

/// When and how long.
#[derive(serde::Serialize)]
struct Timings {
    finished_unix_s: u64,
    elapsed_s: f64,
    threads: usize,
}

fn manifest<'a>(result: &'a RunResult, messages: &Messages) -> Manifest<'a> {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    Manifest {
        run_id: &result.run_id,
        version: &result.version,
        schema: result.schema,
        inputs: &result.inputs,
        findings: &result.findings,
        timings: Timings {
            finished_unix_s: now.map_or(0, |d| d.as_secs()),
            elapsed_s: messages.elapsed_s(),
            threads: rayon::current_num_threads(),
        },
    }
}
