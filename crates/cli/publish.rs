//! Publishing: the files of the results folder, all from one [`RunResult`].

use crate::{
    cluster_tables::ClusterLayers,
    comparison_tables::comparison_tables,
    failure::Failure,
    inputs::{Inputs, transformed},
    messages::Messages,
    open_data, qgis, readme,
    results::Staging,
    scenario_tables::scenario_table,
};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use whitespot_model::{
    config::{Analysis, OutputFormat},
    coverage_map::CoverageMap,
    finding::Finding,
    need_tables,
    provenance::Provenance,
    result::RunResult,
    shapes::Shapes,
    suppress::public_result,
    table::Table,
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

/// Writes every file that the analysis asks for into the staging folder. `shapes` are those of the areas in the
/// analysis CRS, where they have any.
pub(crate) fn write_results(
    result: &RunResult,
    analysis: &Analysis,
    shapes: Option<&Shapes>,
    inputs: &Inputs,
    clusters: Option<&ClusterLayers>,
    staging: &Staging,
    messages: &Messages,
) -> Result<(), Failure> {
    messages.stage("Writing", &format!("run {}", result.run_id));
    let (whole, public) = rayon::join(
        || staging.write("run.json", &to_json(result)?),
        || {
            let public = public_result(result, result.min_cell);
            write_public(&public, analysis, shapes, inputs, clusters, staging)?;
            Ok::<_, Failure>(public)
        },
    );
    let public = public?;
    whole?;
    if let Some(layers) = clusters.filter(|_| analysis.outputs.settlements)
        && result.formats.contains(&OutputFormat::Gpkg)
    {
        write_exact_trench(layers, inputs, staging)?;
    }
    if analysis.outputs.settlements {
        write_coverage(shapes, inputs, staging)?;
    }
    staging.write("manifest.json", &to_json(&manifest(result, messages))?)?;
    let resolved = toml::to_string_pretty(analysis).map_err(anyhow::Error::from)?;
    staging.write("config.resolved.toml", &resolved)?;
    staging.write("README.txt", &readme::text(result, analysis))?;
    match &analysis.outputs.postgis {
        // Last, so that a file that cannot be written leaves the database as it was.
        Some(output) => {
            messages.stage("Writing", &format!("schema {} of {}", output.schema, output.url));
            let layers = qgis::public_layers(&public, analysis, shapes, inputs, clusters);
            qgis::write_postgis(&layers, output, &public, analysis, inputs)
        }
        None => Ok(()),
    }
}

/// Writes the coverage that was joined, coarse enough to be looked at on the explorer's map; nothing where no area has a
/// shape to lay it over.
fn write_coverage(shapes: Option<&Shapes>, inputs: &Inputs, staging: &Staging) -> Result<(), Failure> {
    let Some(bounds) = shapes.and_then(Shapes::bounds) else { return Ok(()) };
    let mut map = CoverageMap::over(bounds);
    for (layer, crs) in inputs.layers.iter().zip(&inputs.layer_crs) {
        map.add(layer, &transformed(&layer.shapes, crs, &inputs.crs));
    }
    let path = staging.path("internal/coverage.bin")?;
    std::fs::write(&path, map.to_bytes()).map_err(|e| Failure::unwritable(&path, e))
}

/// Writes `public/`, from what may be published.
fn write_public(
    result: &RunResult,
    analysis: &Analysis,
    shapes: Option<&Shapes>,
    inputs: &Inputs,
    clusters: Option<&ClusterLayers>,
    staging: &Staging,
) -> Result<(), Failure> {
    let degrees = inputs.area_shapes_wgs84();
    let has = |format| result.formats.contains(&format);
    write_csv(staging, "public/areas.csv", &result.areas)?;
    write_csv(staging, "public/parents.csv", &result.parents)?;
    for scenario in &result.scenarios {
        let name = format!("public/scenarios/{}.csv", scenario.name);
        write_csv(staging, &name, &scenario_table(result, scenario))?;
    }
    if let Some(clusters) = &result.clusters {
        write_csv(staging, "public/clusters.csv", &clusters.table)?;
    }
    write_need_tables(result, staging)?;
    for (name, table) in comparison_tables(result) {
        write_csv(staging, &format!("public/scenarios/{name}"), &table)?;
    }
    if has(OutputFormat::Parquet) {
        let path = staging.path("public/areas.parquet")?;
        whitespot_table::write_parquet(&path, &result.areas).map_err(|e| Failure::unwritable(&path, e))?;
    }
    // The large ones side by side.
    let (layers, (pages, degrees_written)) = rayon::join(
        || {
            let of_layers = [OutputFormat::Gpkg, OutputFormat::Flatgeobuf, OutputFormat::Geoparquet];
            if of_layers.into_iter().any(has) {
                let layers = qgis::public_layers(result, analysis, shapes, inputs, clusters);
                if has(OutputFormat::Gpkg) {
                    qgis::write_geopackage(&layers, result, analysis, inputs, staging)?;
                }
                if has(OutputFormat::Flatgeobuf) {
                    qgis::write_flatgeobuf(&layers, inputs, staging)?;
                }
                if has(OutputFormat::Geoparquet) {
                    qgis::write_geoparquet(&layers, inputs, staging)?;
                }
            }
            Ok::<(), Failure>(())
        },
        || {
            rayon::join(
                || write_pages(result, staging),
                || match degrees.as_ref().filter(|_| has(OutputFormat::Geojson)) {
                    Some(degrees) => write_geojson(result, analysis, degrees, staging),
                    None => Ok(()),
                },
            )
        },
    );
    layers?;
    degrees_written?;
    pages?;
    let bounds = degrees.and_then(|d| d.bounds()).map(|(lo, hi)| [lo.x, lo.y, hi.x, hi.y]);
    open_data::write(&open_data::Described { result, analysis, tables: &staging.tables(), bounds }, staging)
}

/// Writes the report in each language, and the workbook.
fn write_pages(result: &RunResult, staging: &Staging) -> Result<(), Failure> {
    let has = |format| result.formats.contains(&format);
    for lang in result.language.iter().filter(|_| has(OutputFormat::Html)) {
        let page = whitespot_report::render_html(result, *lang).map_err(|e| Failure::Bug(e.into()))?;
        staging.write(&format!("public/report.{}.html", lang.code()), &page)?;
    }
    if has(OutputFormat::Xlsx) {
        let lang = result.language.first().copied().unwrap_or(whitespot_model::config::Lang::En);
        let book = whitespot_report::render_xlsx(result, lang).map_err(|e| Failure::Bug(e.into()))?;
        let path = staging.path("public/areas.xlsx")?;
        std::fs::write(&path, book).map_err(|e| Failure::unwritable(&path, e))?;
    }
    Ok(())
}

/// Names of the areas by code.
pub(crate) fn area_names(result: &RunResult) -> BTreeMap<String, String> {
    let (Some(codes), Some(names)) = (result.areas.column("area_code"), result.areas.column("area_name"))
    else {
        return BTreeMap::new();
    };
    (0..result.areas.n_rows()).map(|i| (codes.values.to_text(i), names.values.to_text(i))).collect()
}

/// The tables about the ranking that this run has, by file name.
pub(crate) fn need_tables(result: &RunResult) -> Vec<(&'static str, Table)> {
    let names = area_names(result);
    let mut tables = Vec::new();
    if let Some(ranking) = &result.ranking {
        tables.push(("why_this_rank", need_tables::why_table(ranking, &names)));
        tables.push(("indicators", need_tables::indicator_table(ranking, result.robustness.as_ref())));
    }
    if let (Some(robustness), Some(ranking)) = (&result.robustness, &result.ranking) {
        tables.push(("robustness", need_tables::robustness_table(robustness, ranking, &names)));
        tables.push(("rank_acceptability", need_tables::acceptability_table(robustness, &names)));
        tables.push(("rank_pairs", need_tables::pairs_table(robustness)));
        tables.push(("sensitivity", need_tables::sensitivity_table(robustness)));
    }
    if let Some(consultation) = &result.consultation {
        tables.push(("consultation", need_tables::consultation_table(consultation, &names)));
    }
    tables
}

fn write_need_tables(result: &RunResult, staging: &Staging) -> Result<(), Failure> {
    for (name, table) in need_tables(result) {
        write_csv(staging, &format!("public/{name}.csv"), &table)?;
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
    staging.note_table(relative, table);
    whitespot_table::write_csv(&path, table).map_err(|e| Failure::unwritable(&path, e))
}

fn write_geojson(
    result: &RunResult,
    analysis: &Analysis,
    degrees: &Shapes,
    staging: &Staging,
) -> Result<(), Failure> {
    // RFC 7946 §3.1.9: what crosses the antimeridian is cut there.
    let degrees = whitespot_spatial::antimeridian::split(degrees);
    let path = staging.path("public/areas.geojson")?;
    whitespot_io::write_geojson(&path, &qgis::with_shapes(&result.areas), &degrees, "areas")
        .map_err(|e| Failure::unwritable(&path, e))?;
    match qgis::area_style(result, analysis) {
        Some(style) => staging.write("public/areas.qml", &style),
        None => Ok(()),
    }
}

/// The lines as they are, from settlement to settlement: not for publication.
fn write_exact_trench(layers: &ClusterLayers, inputs: &Inputs, staging: &Staging) -> Result<(), Failure> {
    let path = staging.path("internal/trench.gpkg")?;
    let fail = |e: whitespot_io::WriteError| Failure::unwritable(&path, e);
    let mut gpkg = whitespot_io::GeoPackageWriter::create(&path, &qgis::layer_crs(inputs)).map_err(fail)?;
    let spec = whitespot_io::LayerSpec::lines(
        "trench",
        "Ledningar / Lines to build",
        "Ends at settlements; may be personal data and is not for publication",
    );
    gpkg.add_layer(&spec, &layers.result.trench, &layers.exact_trench).map_err(fail)?;
    gpkg.finish().map_err(fail)
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
