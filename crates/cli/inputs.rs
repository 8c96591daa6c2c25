//! Loading what settlements are joined with: areas, coverage layers, services.

use crate::{
    discover,
    failure::Failure,
    funding_inputs::{self, FundingInputs},
    messages::{Messages, thousands},
    planned,
    vary::{self, Varied},
};
use indexmap::IndexMap;
use rayon::prelude::*;
use std::path::Path;
use whitespot_load::{areas, coverage, nearby::Nearby};
use whitespot_model::{
    area::Areas,
    config::{Analysis, AreasConfig, ServiceConfig, funding::TargetOf, need::Derive},
    coverage::{CoverageLayer, Offer},
    finding::{Finding, Severity},
    provenance::Provenance,
    reached::Reached,
    service::{ServiceError, ServiceSet},
    shapes::Shapes,
};
use whitespot_spatial::crs::{Crs, Transform};

/// Everything but the settlements.
pub(crate) struct Inputs {
    /// The analysis CRS.
    pub(crate) crs: Crs,
    /// The areas; without codes until the settlements tell them, where a column or a grid does.
    pub(crate) areas: Areas,
    /// CRS of the areas' shapes; `None` where areas come from a column.
    pub(crate) areas_crs: Option<Crs>,
    /// The coverage layers.
    pub(crate) layers: Vec<CoverageLayer>,
    /// CRS of each layer.
    pub(crate) layer_crs: Vec<Crs>,
    /// Per layer the invalid features that `invalid = "skip"` left out.
    pub(crate) skipped: Vec<Shapes>,
    /// The box that settlements must lie in for what was read of the layers, in their CRS; `None` where all was read.
    pub(crate) settlements_within: Option<[f64; 4]>,
    /// Per area the bits of the offers that reach everyone of it (tables keyed by area code); may be empty.
    area_bits: Vec<Vec<u32>>,
    /// The services over the layers' offers.
    pub(crate) services: ServiceSet,
    /// What scenarios take from elsewhere.
    pub(crate) funding: FundingInputs,
    /// Where areas and layers came from.
    pub(crate) provenance: Vec<Provenance>,
    /// What was noticed in them.
    pub(crate) findings: Vec<Finding>,
}

impl Inputs {
    /// Adds to every settlement the offers that reach its whole area.
    pub(crate) fn add_area_keyed(&self, reached: &mut Reached) {
        if self.area_bits.is_empty() {
            return;
        }
        let n_words = reached.n_words;
        for (area, offers) in reached.areas.iter().zip(reached.offers.chunks_exact_mut(n_words)) {
            for bit in self.area_bits.get(*area as usize).into_iter().flatten() {
                offers[*bit as usize / 64] |= 1 << (bit % 64);
            }
        }
    }

    /// The areas' shapes in the analysis CRS; `None` where areas have no shapes.
    pub(crate) fn area_shapes(&self) -> Option<Shapes> {
        self.areas_crs.as_ref().map(|crs| transformed(&self.areas.shapes, crs, &self.crs))
    }

    /// The areas' shapes in longitude and latitude; `None` where areas have no shapes.
    pub(crate) fn area_shapes_wgs84(&self) -> Option<Shapes> {
        let wgs84 = Crs::from_code("EPSG:4326").ok()?;
        self.areas_crs.as_ref().map(|crs| transformed(&self.areas.shapes, crs, &wgs84))
    }
}

/// A copy of shapes in another CRS; coordinates beyond its domain become NaN.
pub(crate) fn transformed(shapes: &Shapes, from: &Crs, to: &Crs) -> Shapes {
    let transform = Transform::new(from, to);
    let mut shapes = shapes.clone();
    if !transform.is_identity() {
        shapes.coords.par_chunks_mut(TRANSFORM_CHUNK).for_each_init(Vec::new, |placed, coords| {
            placed.clear();
            transform.apply_slice(coords, placed);
            coords.copy_from_slice(placed);
        });
    }
    shapes
}

/// Coordinates transformed by one task.
const TRANSFORM_CHUNK: usize = 1 << 13;

/// Loads areas and layers and resolves the services.
///
/// # Errors
/// All findings of all sources, if any of them is an error.
pub(crate) fn load(analysis: &Analysis, base: &Path, messages: &Messages) -> Result<Inputs, Failure> {
    load_all_findings(analysis, base, messages).map_err(Failure::Findings)
}

/// As [`load`], for `check`.
pub(crate) fn load_all_findings(
    analysis: &Analysis,
    base: &Path,
    messages: &Messages,
) -> Result<Inputs, Vec<Finding>> {
    let mut findings = Vec::new();
    let mut provenance = Vec::new();
    let crs = analysis_crs(analysis).map_err(|f| findings.push(f)).ok();
    let most_reach = Varied::of(analysis).reach.iter().copied().fold(1.0, f64::max);
    let near = Nearby::of_settlements(&analysis.settlements, base, most_reach);
    // All files at once: where one waits for the disk or for its last feature, another is read.
    let (areas, mut read) = rayon::join(
        || crs.as_ref().map(|crs| load_areas(analysis, base, crs)),
        || {
            let layers = analysis.coverage.par_iter();
            layers.map(|config| coverage::read_near(config, base, near.as_ref())).collect::<Vec<_>>()
        },
    );
    let areas = areas.and_then(|areas| areas.map_err(|f| findings.extend(f)).ok());
    let (areas, areas_crs) = match areas {
        Some(Some(loaded)) => {
            findings.extend(loaded.findings);
            provenance.push(loaded.provenance);
            provenance.extend(loaded.value.parents);
            messages.stage(
                "Reading",
                &format!("areas to report on: {}", thousands(loaded.value.areas.len() as u64)),
            );
            (Some(loaded.value.areas), Some(loaded.value.crs))
        }
        Some(None) => match crs.as_ref().map(|crs| discover::discover_areas(analysis, base, crs)) {
            Some(Ok((areas, areas_crs))) => (Some(areas), areas_crs),
            Some(Err(failure)) => {
                findings.extend(failure);
                (None, None)
            }
            None => (None, None),
        },
        None => (None, None),
    };
    let expected =
        areas.as_ref().zip(areas_crs.as_ref()).and_then(|(a, crs)| Some((crs, a.shapes.bounds()?)));

    let mut layers = Vec::new();
    let mut layer_crs = Vec::new();
    let mut n_unread = 0;
    let mut skipped = Vec::new();
    let mut area_keyed = Vec::new();
    read.par_iter_mut().zip(&analysis.coverage).for_each(|(read, config)| {
        if let Ok(loaded) = read {
            coverage::watch_positions(config, base, expected, loaded);
        }
    });
    for (config, read) in analysis.coverage.iter().zip(read) {
        match read {
            Ok(loaded) => {
                let layer = loaded.value.layer;
                messages.stage(
                    "Reading",
                    &format!(
                        "coverage {}: {} features, {} offers",
                        config.id,
                        thousands(loaded.provenance.rows.read),
                        layer.offers.len()
                    ),
                );
                findings.extend(loaded.findings);
                provenance.push(loaded.provenance);
                layers.push(layer);
                layer_crs.push(loaded.value.crs);
                n_unread += loaded.value.n_unread;
                skipped.push(loaded.value.skipped);
                area_keyed.push(loaded.value.area_keyed);
            }
            Err(failure) => findings.extend(failure),
        }
    }
    findings.extend(repeated_layer_ids(analysis));
    let mut funding = match &crs {
        Some(crs) => funding_inputs::load(analysis, base, crs, &mut findings),
        None => FundingInputs::default(),
    };
    provenance.append(&mut funding.provenance);
    let all_loaded = layers.len() == analysis.coverage.len();
    let services = if all_loaded {
        resolve_services(analysis, &funding, &layers).map_err(|f| findings.push(f)).ok()
    } else {
        None
    };
    let has_error = findings.iter().any(|f| f.severity == Severity::Error);
    match (crs, areas, services) {
        (Some(crs), Some(areas), Some(services)) if !has_error => {
            let area_bits = area_bits(analysis, &areas, &area_keyed, &services, &mut findings);
            Ok(Inputs {
                crs,
                areas,
                areas_crs,
                layers,
                layer_crs,
                skipped,
                settlements_within: near.filter(|_| n_unread > 0).map(|near| near.bounds),
                area_bits,
                services,
                funding,
                provenance,
                findings,
            })
        }
        _ => Err(findings),
    }
}

/// The bits that reach whole areas, by area; a warning where no code of a table is an area's.
fn area_bits(
    analysis: &Analysis,
    areas: &Areas,
    area_keyed: &[Vec<(String, u32)>],
    services: &ServiceSet,
    findings: &mut Vec<Finding>,
) -> Vec<Vec<u32>> {
    if area_keyed.iter().all(Vec::is_empty) {
        return Vec::new();
    }
    let mut by_area = vec![Vec::new(); areas.len()];
    for (l, keyed) in area_keyed.iter().enumerate().filter(|(_, keyed)| !keyed.is_empty()) {
        let mut n_met = 0;
        for (code, offer) in keyed {
            let Ok(area) = areas.codes.binary_search(code) else { continue };
            n_met += 1;
            if let Some(bit) = services.bits[l].get(*offer as usize).copied().flatten() {
                by_area[area].push(bit);
            }
        }
        if n_met == 0 {
            let file = analysis.coverage[l].file.display().to_string();
            findings.push(
                Finding::warning(
                    "keys_unmatched",
                    &file,
                    format!("none of the area codes of `{file}` is that of an area, so it reaches nobody"),
                )
                .with_count(keyed.len() as u64)
                .with_examples(keyed.iter().take(5).map(|(code, _)| format!("`{code}`")))
                .with_hint("check that both use the same codes, with leading zeros"),
            );
        }
    }
    by_area
}

fn analysis_crs(analysis: &Analysis) -> Result<Crs, Finding> {
    let crs = Crs::from_code(&analysis.crs).map_err(|e| {
        Finding::error(
            "unsupported_crs",
            "",
            format!("the analysis CRS `{}` cannot be used: {e}", analysis.crs),
        )
        .with_hint("set `crs = \"EPSG:3006\"` (SWEREF 99 TM) or the UTM zone of the region")
    })?;
    if crs.is_metric() {
        return Ok(crs);
    }
    Err(Finding::error(
        "crs_not_metric",
        "",
        format!("the analysis CRS `{}` has degrees, not metres", analysis.crs),
    )
    .with_evidence("distances, clusters and maps need metres")
    .with_hint("set `crs = \"EPSG:3006\"` (SWEREF 99 TM), or \"EPSG:3035\" for Europe"))
}

fn load_areas(
    analysis: &Analysis,
    base: &Path,
    crs: &Crs,
) -> Result<Option<whitespot_model::provenance::Loaded<areas::LoadedAreas>>, Vec<Finding>> {
    let config = &analysis.areas;
    let ways = [
        ("file", config.file.is_some()),
        ("grid_m", config.grid_m.is_some()),
        ("column", config.column.is_some()),
    ];
    let given: Vec<&str> = ways.iter().filter(|(_, g)| *g).map(|(k, _)| *k).collect();
    // Clusters become the areas after the join; what is read here are then their parents, if any.
    let may_be_none = config.clusters.is_some();
    if given.len() > 1 || given.is_empty() && !may_be_none || may_be_none && config.grid_m.is_some() {
        let message = if given.is_empty() {
            "section `areas` says nothing of where areas come from".to_string()
        } else {
            format!("section `areas` sets {} at once", given.join(" and "))
        };
        return Err(vec![
            Finding::error("areas_unclear", "", message)
                .with_hint("set exactly one of `file`, `grid_m`, `column` and `clusters`"),
        ]);
    }
    if !(config.snap_m >= 0.0 && config.snap_m.is_finite()) {
        return Err(vec![Finding::error(
            "bad_value",
            "",
            "`areas.snap_m` is a distance of 0 or more metres",
        )]);
    }
    if config.grid_m.is_some_and(|g| !(g > 0.0 && g.is_finite())) {
        return Err(vec![Finding::error("bad_value", "", "`areas.grid_m` is a size above 0 metres")]);
    }
    if let (Some(_), None, None, Some(parent)) =
        (&config.clusters, &config.file, &config.column, &config.parent)
    {
        let parents = AreasConfig {
            layer: parent.layer.clone(),
            crs: parent.crs.clone(),
            encoding: parent.encoding.clone(),
            filter: parent.filter.clone(),
            columns: parent.columns.clone(),
            source: parent.source.clone(),
            ..AreasConfig::default()
        };
        return areas::read_areas(&parents, &parent.file, base, crs).map(Some);
    }
    config.file.as_ref().map(|file| areas::read_areas(config, file, base, crs)).transpose()
}

fn repeated_layer_ids(analysis: &Analysis) -> Option<Finding> {
    let repeated = analysis
        .coverage
        .iter()
        .enumerate()
        .find(|(i, c)| analysis.coverage[..*i].iter().any(|other| other.id == c.id))?;
    Some(
        Finding::error("repeated_id", "", format!("two coverage layers have the id `{}`", repeated.1.id))
            .with_hint("give each `[[coverage]]` an id of its own"),
    )
}

/// The services of the analysis, with the hidden ones that double-gap indicators need.
fn resolve_services(
    analysis: &Analysis,
    funding: &FundingInputs,
    layers: &[CoverageLayer],
) -> Result<ServiceSet, Finding> {
    let mut configs: IndexMap<String, ServiceConfig> = analysis.services.clone();
    let n_published = configs.len();
    for (name, config) in &mut configs {
        if let Some(target) = analysis.targets.get(name).filter(|t| t.of() == TargetOf::Persons) {
            config.target = Some(target.share());
        }
    }
    if let Some(need) = &analysis.need {
        for list in whitespot_need::derive::combined_services(need) {
            let any = ServiceConfig { any_of: Some(list.clone()), ..Default::default() };
            configs.entry(whitespot_need::derive::combined_name(&list)).or_insert(any);
        }
        for derive in need.indicators.iter().filter_map(|i| i.derive.as_ref()) {
            if let Derive::DistanceMeanM(s) | Derive::DistanceMedianM(s) | Derive::DistanceP90M(s) = derive
                && let Some(config) = configs.get_mut(s)
            {
                config.distance = true;
            }
        }
    }
    planned::add_planned_services(&mut configs, analysis, &funding.scenarios);
    let by_distance = |name: &str| {
        let derives = analysis.need.iter().flat_map(|n| &n.indicators).filter_map(|i| i.derive.as_ref());
        derives.into_iter().any(|derive| {
            matches!(derive, Derive::DistanceMeanM(s) | Derive::DistanceMedianM(s) | Derive::DistanceP90M(s) if s == name)
        })
    };
    vary::add_variants(&mut configs, &Varied::of(analysis), &by_distance);
    let offers: Vec<(&str, &[Offer])> = layers.iter().map(|l| (l.id.as_str(), l.offers.as_slice())).collect();
    ServiceSet::resolve(&configs, n_published, &offers).map_err(|e| {
        let finding = Finding::error("bad_service", "", e.to_string());
        match &e {
            ServiceError::UnknownName { wanted, present, .. } => {
                finding.with_hint(whitespot_load::suggest::hint(wanted, present))
            }
            ServiceError::MixedRule { .. } => {
                finding.with_hint("give the rule a name of its own, and name it in `any_of` or `all_of`")
            }
            _ => finding,
        }
    })
}
