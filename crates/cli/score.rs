//! Scoring: indicators from the gaps and from tables, then the ranking of areas and of clusters.

use crate::{
    allocate::area_costs,
    failure::Failure,
    indicators::{Tables, Units, indicator_table},
    inputs::Inputs,
    join::Joined,
    messages::Messages,
};
use std::{collections::BTreeMap, path::Path};
use whitespot_model::{
    config::{Analysis, need::NeedConfig},
    finding::Finding,
    gap::{GapTable, summarise_distances},
    need::Ranking,
    provenance::Provenance,
};
use whitespot_need::{Aggregation, IndicatorTable, Weights, indicator_specs, score};

/// The ranking with what was noticed on the way.
#[derive(Default)]
pub(crate) struct Scored {
    /// The ranking; `None` where the analysis asks for none.
    pub(crate) ranking: Option<Ranking>,
    /// What the ranking was made of.
    pub(crate) indicators: Option<IndicatorTable>,
    /// Values read from tables, for rankings under other assumptions.
    pub(crate) tables: Tables,
    /// By index of the service: its clusters ranked among themselves.
    pub(crate) clusters: BTreeMap<usize, ScoredClusters>,
    /// What was noticed.
    pub(crate) findings: Vec<Finding>,
    /// Where the tables came from.
    pub(crate) provenance: Vec<Provenance>,
}

/// The clusters of a service, ranked among themselves.
pub(crate) struct ScoredClusters {
    /// The ranking, in the order of the clusters.
    pub(crate) ranking: Ranking,
    /// What it was made of.
    pub(crate) indicators: IndicatorTable,
}

/// An error of the need model as findings.
#[allow(clippy::needless_pass_by_value)] // for `map_err`
pub(crate) fn as_finding(e: whitespot_need::NeedError) -> Failure {
    Failure::Findings(vec![Finding::error("need", "", e.to_string())])
}

/// Ranks the areas by need, and the clusters among themselves.
///
/// # Errors
/// Findings: indicators that cannot be derived, tables that cannot be read, weights that are all 0.
pub(crate) fn score_areas(
    analysis: &Analysis,
    base: &Path,
    inputs: &Inputs,
    gaps: &GapTable,
    joined: &Joined,
    messages: &Messages,
) -> Result<Scored, Failure> {
    let Some(need) = &analysis.need else { return Ok(Scored::default()) };
    indicator_specs(need).map_err(Failure::Findings)?;
    let mut tables = Tables::read(need, base, &table_codes(analysis, inputs)).map_err(Failure::Findings)?;
    let mut scored = Scored {
        findings: std::mem::take(&mut tables.findings),
        provenance: std::mem::take(&mut tables.provenance),
        ..Scored::default()
    };
    let units = area_units(analysis, inputs, gaps, joined);
    let table =
        indicator_table(analysis, need, inputs, joined, &tables, &units).map_err(Failure::Findings)?;
    let weights = Weights::of(&table).map_err(as_finding)?;
    let ranking = score(&table, &weights, Aggregation::of(need)).map_err(as_finding)?;
    messages.stage("Scoring", &format!("{} areas, {} indicators", table.codes.len(), table.indicators.len()));
    scored.findings.extend(ranking.findings.iter().cloned());
    scored.ranking = Some(ranking);
    for (s, _) in joined.ground.all_clusters() {
        let clusters = score_clusters(analysis, need, inputs, joined, &tables, s)?;
        scored.clusters.extend(clusters.map(|c| (s, c)));
    }
    scored.indicators = Some(table);
    scored.tables = tables;
    Ok(scored)
}

/// The codes statistics tables are joined on: those of the areas, or of their parents where areas are clusters.
fn table_codes(analysis: &Analysis, inputs: &Inputs) -> Vec<String> {
    match analysis.areas.clusters {
        None => inputs.areas.codes.clone(),
        Some(_) => inputs.areas.parents.iter().map(|p| p.code.clone()).collect(),
    }
}

/// The areas as units to be ranked.
pub(crate) fn area_units<'a>(
    analysis: &Analysis,
    inputs: &'a Inputs,
    gaps: &'a GapTable,
    joined: &Joined,
) -> Units<'a> {
    let table_rows = match analysis.areas.clusters {
        None => (0..inputs.areas.len() as u32).map(Some).collect(),
        Some(_) => inputs.areas.parent_of.clone(),
    };
    let costs_sek = area_costs(analysis, inputs, gaps, joined);
    Units { areas: &inputs.areas, rows: &gaps.areas, costs_sek, table_rows }
}

/// Ranks the clusters of a service by the same indicators as the areas: measures of the run are those of the cluster,
/// tables speak of the area it lies in. `None` without clusters.
fn score_clusters(
    analysis: &Analysis,
    need: &NeedConfig,
    inputs: &Inputs,
    joined: &Joined,
    tables: &Tables,
    s: usize,
) -> Result<Option<ScoredClusters>, Failure> {
    let Some(clusters) = joined.ground.clusters(s).filter(|c| !c.rows.is_empty()) else { return Ok(None) };
    let kept = joined.ground.kept();
    let (n_classes, n_extra) = (joined.facts.classes.len(), joined.facts.extra.len());
    let mut gaps =
        GapTable::from_tally(&clusters.tally, &clusters.areas, &inputs.services, n_classes, n_extra);
    for (other, service) in inputs.services.services.iter().enumerate() {
        if !service.wants.distance {
            continue;
        }
        let mut by_cluster: Vec<Vec<(f64, u32)>> = vec![Vec::new(); clusters.rows.len()];
        for (i, distance) in joined.ground.distances(other) {
            let persons = kept.settlements.persons[i as usize];
            let cluster = by_cluster.get_mut(clusters.of_settlement[i as usize] as usize);
            if let (Some(distance), Some(cluster)) = (distance, cluster) {
                cluster.push((distance, persons));
            }
        }
        for (row, distances) in gaps.areas.iter_mut().zip(by_cluster) {
            row.services[other].distance = summarise_distances(distances);
        }
    }
    let mut costs_sek = BTreeMap::new();
    for (name, model) in &analysis.cost {
        if inputs.services.get(name).is_some_and(|(of, _)| of == s) {
            let work = joined.ground.work_by_cluster(s, model, &joined.facts, &|_, _| true);
            let cost = |w: &crate::clusters::Work| w.cost(&joined.facts.classes, model).total_sek;
            let known = |w| joined.facts.has_households.then(|| cost(w));
            costs_sek.insert(name.clone(), work.iter().map(known).collect());
        } else {
            costs_sek.insert(name.clone(), vec![None; clusters.rows.len()]);
        }
    }
    let table_rows = match analysis.areas.clusters {
        None => clusters.rows.iter().map(|c| c.area).collect(),
        Some(_) => clusters.areas.parent_of.clone(),
    };
    let units = Units { areas: &clusters.areas, rows: &gaps.areas, costs_sek, table_rows };
    let table = indicator_table(analysis, need, inputs, joined, tables, &units).map_err(Failure::Findings)?;
    let weights = Weights::of(&table).map_err(as_finding)?;
    let ranking = score(&table, &weights, Aggregation::of(need)).map_err(as_finding)?;
    Ok(Some(ScoredClusters { ranking, indicators: table }))
}
