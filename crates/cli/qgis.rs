//! For QGIS and other maps: the layers of the GeoPackage, their styles, and the project that opens them.

use crate::{
    cluster_tables::ClusterLayers,
    failure::Failure,
    inputs::{Inputs, transformed},
    results::Staging,
    scenario_tables::{self, scenario_table},
    words,
};
use std::{borrow::Cow, collections::BTreeMap};
use whitespot_io::{
    GeoPackageWriter, LayerCrs, LayerGeometry, LayerSpec, PostgisWriter,
    project::{LayerGroup, Project, ProjectLayer, write_project},
    qml::Style,
};
use whitespot_load::projects::Extent;
use whitespot_model::{
    config::{Analysis, Lang, PostgisOutput},
    crs::CrsDeclaration,
    funding::ScenarioResult,
    measures::column_word,
    provenance::Provenance,
    result::RunResult,
    shapes::Shapes,
    table::{Table, Values},
};
use whitespot_spatial::dissolve::dissolve;

/// File of the layers, beside the project.
const GEOPACKAGE: &str = "whitespot.gpkg";

/// A layer of `public/`, for every format that has shapes.
pub(crate) struct MapLayer {
    /// Name in files: `areas`, `alloc_need_120m`.
    pub(crate) name: String,
    /// Title for people.
    title: String,
    /// What it shows.
    what: &'static str,
    geometry: LayerGeometry,
    pub(crate) table: Table,
    /// In the analysis CRS, row by row.
    pub(crate) shapes: Shapes,
    group: Group,
    /// Ways to look at it, the default first.
    looks: Vec<Look>,
}

/// One way to look at a layer.
struct Look {
    /// Name of the style, and part of the id of the project's layer: ASCII.
    name: String,
    /// Name of the project's layer.
    title: String,
    style: Style,
    is_visible: bool,
}

/// Groups of the project, the topmost first.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Group {
    Borders,
    Scenarios,
    Gaps,
}

impl Group {
    const ALL: [Group; 3] = [Group::Borders, Group::Scenarios, Group::Gaps];

    fn title(self, lang: Lang) -> &'static str {
        match (self, lang) {
            (Group::Borders, Lang::Sv) => "Gränser",
            (Group::Borders, Lang::En) => "Borders",
            (Group::Scenarios, Lang::Sv) => "Scenarier",
            (Group::Scenarios, Lang::En) => "Scenarios",
            (Group::Gaps, Lang::Sv) => "Andel utan tjänsten",
            (Group::Gaps, Lang::En) => "Share without the service",
        }
    }
}

/// Language of layer names, legends and column names: the analysis file's first.
pub(crate) fn language(analysis: &Analysis) -> Lang {
    analysis.language.first().copied().unwrap_or(Lang::En)
}

/// The layers of `public/` in the order of the GeoPackage; none where areas have no shapes.
pub(crate) fn public_layers(
    result: &RunResult,
    analysis: &Analysis,
    shapes: Option<&Shapes>,
    inputs: &Inputs,
    clusters: Option<&ClusterLayers>,
) -> Vec<MapLayer> {
    let Some(shapes) = shapes else { return Vec::new() };
    let lang = language(analysis);
    let title = analysis.title.in_lang(lang);
    let areas = with_shapes(&result.areas);
    let mut layers = Vec::new();
    if result.parents.n_rows() > 0 {
        let outlines = dissolve(shapes, &inputs.areas.parent_of, inputs.areas.parents.len());
        let mut looks = gap_looks(result, &result.parents, lang);
        looks.iter_mut().for_each(|look| look.is_visible = false);
        looks.push(Look {
            name: "outline".to_string(),
            title: match lang {
                Lang::Sv => "Överordnade områden".to_string(),
                Lang::En => "Parent areas".to_string(),
            },
            style: Style::outlines(&result.parents, lang),
            is_visible: true,
        });
        layers.push(MapLayer {
            name: "parents".to_string(),
            title: title.to_string(),
            what: "gaps per parent area",
            geometry: LayerGeometry::MultiPolygon,
            table: result.parents.clone(),
            shapes: outlines,
            group: Group::Borders,
            looks,
        });
    }
    layers.extend(cluster_layers(result, clusters, lang));
    for scenario in &result.scenarios {
        let Some((codes, candidates)) = candidate_shapes(scenario, inputs, clusters, shapes) else {
            continue;
        };
        let table = in_order_of(&scenario_table(result, scenario), codes);
        let scenario_title = scenario_tables::title(scenario, lang);
        layers.push(MapLayer {
            name: format!("alloc_{}", column_word(&scenario.name)),
            title: scenario_title.clone(),
            what: "who receives what",
            geometry: LayerGeometry::MultiPolygon,
            looks: vec![Look {
                name: "funding".to_string(),
                title: scenario_title,
                style: Style::funding(&table, lang),
                is_visible: false,
            }],
            table,
            shapes: candidates.into_owned(),
            group: Group::Scenarios,
        });
    }
    let area_layer = MapLayer {
        name: "areas".to_string(),
        title: title.to_string(),
        what: "gaps and need per area",
        geometry: LayerGeometry::MultiPolygon,
        looks: gap_looks(result, &areas, lang),
        table: areas,
        shapes: shapes.clone(),
        group: Group::Gaps,
    };
    layers.insert(0, area_layer);
    layers
}

/// The clusters of unreached settlements, and the lines that would connect them.
fn cluster_layers(result: &RunResult, clusters: Option<&ClusterLayers>, lang: Lang) -> Vec<MapLayer> {
    let (Some(layers), Some(published)) = (clusters, &result.clusters) else { return Vec::new() };
    let (clusters_title, trench_title) = match lang {
        Lang::Sv => ("Kluster utan tjänsten", "Ledningar att bygga"),
        Lang::En => ("Clusters without the service", "Lines to build"),
    };
    vec![
        MapLayer {
            name: "clusters".to_string(),
            title: clusters_title.to_string(),
            what: "clusters of unreached settlements",
            geometry: LayerGeometry::MultiPolygon,
            table: published.table.clone(),
            shapes: layers.outlines.clone(),
            group: Group::Scenarios,
            looks: vec![Look {
                name: "persons".to_string(),
                title: clusters_title.to_string(),
                style: Style::clusters("persons", &published.table, lang),
                is_visible: false,
            }],
        },
        MapLayer {
            name: "trench".to_string(),
            title: trench_title.to_string(),
            what: "lines that would connect the clusters, on a lattice",
            geometry: LayerGeometry::MultiLineString,
            table: published.trench.clone(),
            shapes: layers.trench.clone(),
            group: Group::Scenarios,
            looks: vec![Look {
                name: "lines".to_string(),
                title: trench_title.to_string(),
                style: Style::lines(&published.trench, lang),
                is_visible: false,
            }],
        },
    ]
}

/// One look a service, that of the shown service first.
fn gap_looks(result: &RunResult, table: &Table, lang: Lang) -> Vec<Look> {
    let shown = result.shown_service.as_deref();
    let mut services: Vec<(&String, &whitespot_model::config::ServiceConfig)> =
        result.services.iter().collect();
    services.sort_by_key(|(name, _)| Some(name.as_str()) != shown);
    services
        .into_iter()
        .filter_map(|(name, config)| {
            let column = format!("{name}_gap_share");
            table.column(&column)?;
            let words = config.title.as_ref().map_or(name.as_str(), |t| t.in_lang(lang));
            Some(Look {
                name: column_word(name),
                title: match lang {
                    Lang::Sv => format!("Andel personer utan {words}"),
                    Lang::En => format!("Share of persons without {words}"),
                },
                style: Style::shares(&column, table, lang),
                is_visible: Some(name.as_str()) == shown,
            })
        })
        .collect()
}

/// The style of the areas, for the GeoJSON file.
pub(crate) fn area_style(result: &RunResult, analysis: &Analysis) -> Option<String> {
    gap_looks(result, &result.areas, language(analysis)).first().map(|look| look.style.qml())
}

/// Writes `public/whitespot.gpkg` and `public/whitespot.qgz`.
pub(crate) fn write_geopackage(
    layers: &[MapLayer],
    result: &RunResult,
    analysis: &Analysis,
    inputs: &Inputs,
    staging: &Staging,
) -> Result<(), Failure> {
    if layers.is_empty() {
        return Ok(());
    }
    let path = staging.path(&format!("public/{GEOPACKAGE}"))?;
    let fail = |e: whitespot_io::WriteError| Failure::unwritable(&path, e);
    let mut gpkg = GeoPackageWriter::create(&path, &layer_crs(inputs)).map_err(fail)?;
    for layer in layers {
        let description = described(layer, result, analysis);
        let mut spec = LayerSpec {
            geometry: layer.geometry,
            ..LayerSpec::polygons(&layer.name, &layer.title, &description)
        };
        for look in &layer.looks {
            spec = spec.with_style(&look.name, look.style.clone());
        }
        gpkg.add_layer(&spec, &layer.table, &layer.shapes).map_err(fail)?;
    }
    gpkg.finish().map_err(fail)?;
    let path = staging.path("public/whitespot.qgz")?;
    let Some(project) = project(layers, result, analysis, inputs) else { return Ok(()) };
    write_project(&path, &project).map_err(|e| Failure::unwritable(&path, e))
}

/// Writes the layers into a schema of a database, all or none of them.
pub(crate) fn write_postgis(
    layers: &[MapLayer],
    output: &PostgisOutput,
    result: &RunResult,
    analysis: &Analysis,
    inputs: &Inputs,
) -> Result<(), Failure> {
    let place = std::path::PathBuf::from(whitespot_io::without_password(&output.url));
    let fail = |e: whitespot_io::WriteError| Failure::unwritable(&place, e);
    let mut writer = PostgisWriter::begin(&output.url, &output.schema, &layer_crs(inputs)).map_err(fail)?;
    for layer in layers {
        let description = described(layer, result, analysis);
        let spec = LayerSpec {
            geometry: layer.geometry,
            ..LayerSpec::polygons(&layer.name, &layer.title, &description)
        };
        writer.add_layer(&spec, &layer.table, &layer.shapes).map_err(fail)?;
    }
    if layers.is_empty() {
        // Areas without shapes are a table all the same.
        let spec = LayerSpec::table("areas", "areas", "gaps and need per area");
        writer.add_layer(&spec, &result.areas, &Shapes::default()).map_err(fail)?;
    }
    writer.finish().map_err(fail)
}

/// Writes each layer as `public/<layer>.fgb`, with its default style beside it, which QGIS takes by its name.
pub(crate) fn write_flatgeobuf(
    layers: &[MapLayer],
    inputs: &Inputs,
    staging: &Staging,
) -> Result<(), Failure> {
    for layer in layers {
        let path = staging.path(&format!("public/{}.fgb", layer.name))?;
        whitespot_io::write_flatgeobuf(&path, &layer.name, &layer.table, &layer.shapes, &layer_crs(inputs))
            .map_err(|e| Failure::unwritable(&path, e))?;
        if let Some(look) = layer.looks.first() {
            staging.write(&format!("public/{}.qml", layer.name), &look.style.qml())?;
        }
    }
    Ok(())
}

/// Writes each layer as `public/geoparquet/<layer>.parquet`: GeoParquet asks for that extension, and the tables have
/// it already.
pub(crate) fn write_geoparquet(
    layers: &[MapLayer],
    inputs: &Inputs,
    staging: &Staging,
) -> Result<(), Failure> {
    let geometry = whitespot_table::GeoColumn {
        name: "geometry".to_string(),
        crs: CrsDeclaration::ProjJson(inputs.crs.projjson()),
    };
    for layer in layers {
        let path = staging.path(&format!("public/geoparquet/{}.parquet", layer.name))?;
        whitespot_table::write_geoparquet(&path, &layer.table, &layer.shapes, &geometry)
            .map_err(|e| Failure::unwritable(&path, e))?;
    }
    Ok(())
}

fn described(layer: &MapLayer, result: &RunResult, analysis: &Analysis) -> String {
    let title = analysis.title.in_lang(language(analysis));
    let sources: Vec<String> = result
        .inputs
        .iter()
        .map(|i| {
            let made_up = if i.synthetic { ", SYNTHETIC" } else { "" };
            format!("{} {}{made_up}", i.role, i.date.as_deref().unwrap_or(""))
        })
        .collect();
    format!("{title}: {}. Run {}. Sources: {}", layer.what, result.run_id, sources.join("; "))
}

fn project(layers: &[MapLayer], result: &RunResult, analysis: &Analysis, inputs: &Inputs) -> Option<Project> {
    let lang = language(analysis);
    let extent = layers.iter().find(|l| l.name == "areas")?.shapes.bounds()?;
    let groups = Group::ALL
        .into_iter()
        .map(|group| LayerGroup {
            name: group.title(lang).to_string(),
            layers: layers
                .iter()
                .filter(|layer| layer.group == group)
                .flat_map(|layer| {
                    // Of the parents the project shows the outlines only.
                    let looks = layer.looks.iter().filter(|look| group != Group::Borders || look.is_visible);
                    looks.map(|look| ProjectLayer {
                        id: format!("{}__{}", layer.name, look.name),
                        name: look.title.clone(),
                        file: GEOPACKAGE.to_string(),
                        layer: layer.name.clone(),
                        geometry: layer.geometry,
                        style: look.style.clone(),
                        description: described(layer, result, analysis),
                        is_visible: look.is_visible,
                    })
                })
                .collect(),
        })
        .filter(|group| !group.layers.is_empty())
        .collect::<Vec<_>>();
    let shown = groups.iter().rev().flat_map(|g| &g.layers).find(|l| l.is_visible);
    let subtitle = shown.map(|l| l.name.clone()).unwrap_or_default();
    let made_up: Vec<String> =
        result.inputs.iter().filter(|i| i.synthetic).map(|i| words::role(&i.role, lang)).collect();
    let notice = match (made_up.is_empty(), lang) {
        (true, _) => String::new(),
        (false, Lang::Sv) => format!("Påhittade indata: {}", made_up.join(", ")),
        (false, Lang::En) => format!("Made-up inputs: {}", made_up.join(", ")),
    };
    Some(Project {
        title: analysis.title.in_lang(lang).to_string(),
        subtitle,
        notice,
        source_line: source_line(result, lang),
        crs: layer_crs(inputs),
        extent,
        lang,
        groups,
    })
}

/// Who owns the data, from when, and which run this is.
fn source_line(result: &RunResult, lang: Lang) -> String {
    let of = |input: &Provenance| {
        let mut parts = vec![input.owner.clone().unwrap_or_else(|| input.file.clone())];
        parts.extend(input.date.clone());
        parts.extend(input.licence.clone());
        format!("{}: {}", words::role(&input.role, lang), parts.join(", "))
    };
    let mut sources: Vec<String> = Vec::new();
    for line in result.inputs.iter().map(of) {
        if !sources.contains(&line) {
            sources.push(line);
        }
    }
    let (sources_word, run_word) = match lang {
        Lang::Sv => ("Källor", "körning"),
        Lang::En => ("Sources", "run"),
    };
    format!(
        "{sources_word}: {}. {}. whitespot {}, {run_word} {}",
        sources.join("; "),
        result.crs,
        result.version,
        result.run_id
    )
}

/// The analysis CRS as the GeoPackage wants it.
pub(crate) fn layer_crs(inputs: &Inputs) -> LayerCrs {
    LayerCrs {
        code: inputs.crs.code().to_string(),
        name: inputs.crs.name().to_string(),
        wkt: inputs.crs.wkt(),
    }
}

/// The areas without the row of what lies outside them, which has no shape.
pub(crate) fn with_shapes(table: &Table) -> Table {
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

/// Codes and shapes of a scenario's candidates; `None` for lists of buildings, whose points are nobody else's
/// business.
fn candidate_shapes<'a>(
    scenario: &ScenarioResult,
    inputs: &'a Inputs,
    clusters: Option<&'a ClusterLayers>,
    areas: &'a Shapes,
) -> Option<(&'a [String], Cow<'a, Shapes>)> {
    use whitespot_model::config::funding::{CandidatesConfig, CandidatesOf};
    if let Some(CandidatesConfig::Of(CandidatesOf::Clusters)) = &scenario.config.candidates {
        let (codes, outlines) = clusters?.of_service(scenario.config.service.as_ref()?)?;
        return Some((codes, Cow::Borrowed(outlines)));
    }
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
