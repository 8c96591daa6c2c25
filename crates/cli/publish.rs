//! Publishing: the files of the results folder, all from one [`RunResult`].

use crate::{
    failure::Failure,
    inputs::{Inputs, transformed},
    messages::Messages,
    readme,
    results::Staging,
    scenario_tables::{self, comparison_tables, scenario_table},
};
use sha2::{Digest as _, Sha256};
use std::{borrow::Cow, collections::BTreeMap};
use whitespot_load::projects::Extent;
use whitespot_model::{
    config::{Analysis, OutputFormat},
    finding::Finding,
    funding::ScenarioResult,
    provenance::Provenance,
    result::RunResult,
    shapes::Shapes,
    suppress::public_result,
    table::{Table, Values},
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
        let name = format!("public/scenarios/{}.csv", scenario.name);
        write_csv(staging, &name, &scenario_table(result, scenario))?;
    }
    for (name, table) in comparison_tables(result) {
        write_csv(staging, &format!("public/scenarios/{name}"), &table)?;
    }
    if has(OutputFormat::Parquet) {
        let path = staging.path("public/areas.parquet")?;
        whitespot_table::write_parquet(&path, &result.areas).map_err(|e| Failure::unwritable(&path, e))?;
    }
    // The large ones side by side.
    let (layers, pages) = rayon::join(
        || {
            if has(OutputFormat::Geojson) {
                write_geojson(result, inputs, staging)?;
            }
            if has(OutputFormat::Gpkg) {
                write_geopackage(result, analysis, inputs, staging)?;
            }
            Ok::<(), Failure>(())
        },
        || {
            for lang in result.language.iter().filter(|_| has(OutputFormat::Html)) {
                let page =
                    whitespot_report::render_html(result, *lang).map_err(|e| Failure::Bug(e.into()))?;
                staging.write(&format!("public/report.{}.html", lang.code()), &page)?;
            }
            if has(OutputFormat::Xlsx) {
                let lang = result.language.first().copied().unwrap_or(whitespot_model::config::Lang::En);
                let book = whitespot_report::render_xlsx(result, lang).map_err(|e| Failure::Bug(e.into()))?;
                let path = staging.path("public/areas.xlsx")?;
                std::fs::write(&path, book).map_err(|e| Failure::unwritable(&path, e))?;
            }
            Ok::<(), Failure>(())
        },
    );
    layers?;
    pages
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
        let Some((codes, shapes)) = candidate_shapes(scenario, inputs, &shapes) else { continue };
        let table = in_order_of(&scenario_table(result, scenario), codes);
        let name = format!("alloc_{}", whitespot_model::measures::column_word(&scenario.name));
        let title = scenario_tables::title(scenario, lang);
        let spec = whitespot_io::LayerSpec::polygons(&name, &title, &described("who receives what"));
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

/// Codes and shapes of a scenario's candidates; `None` for lists of buildings, whose points are nobody else's
/// business.
fn candidate_shapes<'a>(
    scenario: &ScenarioResult,
    inputs: &'a Inputs,
    areas: &'a Shapes,
) -> Option<(&'a [String], Cow<'a, Shapes>)> {
    match inputs.funding.projects_of(&scenario.config) {
        None => Some((&inputs.areas.codes, Cow::Borrowed(areas))),
        Some((_, projects)) => match &projects.extent {
            Extent::Polygons { areas, crs } => {
                Some((&projects.codes, Cow::Owned(transformed(&areas.shapes, crs, &inputs.crs))))
            }
            Extent::Buildings(_) => None,
        },
    }
}

/// Rows of a scenario in the order of its candidates' shapes.
fn in_order_of(table: &Table, wanted: &[String]) -> Table {
    let codes = match table.column("area_code").map(|c| &c.values) {
        Some(Values::Text(codes)) => codes.clone(),
        _ => Vec::new(),
    };
    let at: BTreeMap<&str, usize> =
        codes.iter().enumerate().filter_map(|(i, c)| Some((c.as_deref()?, i))).collect();
    let row_of: Vec<Option<usize>> = wanted.iter().map(|code| at.get(code.as_str()).copied()).collect();
    let mut sorted = Table::default();
    for column in &table.columns {
        fn pick<T: Clone>(values: &[Option<T>], rows: &[Option<usize>]) -> Vec<Option<T>> {
            rows.iter().map(|r| r.and_then(|r| values[r].clone())).collect()
        }
        let values = match &column.values {
            // The areas' own codes stand also where the scenario says nothing of them.
            Values::Text(_) if column.name == "area_code" => {
                Values::Text(wanted.iter().cloned().map(Some).collect())
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
