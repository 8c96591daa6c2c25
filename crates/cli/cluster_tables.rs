//! The published tables of clusters and of the lines that would connect them.

use crate::{
    clusters::{Clusters, LineKind, TrenchLine, Work, settings},
    inputs::Inputs,
    join::Joined,
    robust::Certainty,
    score::Scored,
};
use std::collections::BTreeMap;
use whitespot_model::{
    clusters::ClustersResult,
    config::{Analysis, funding::CostConfig},
    funding::Cost,
    need::Ranking,
    result::MapShapes,
    shapes::{Part, Shapes},
    table::{Table, Unit, Values},
};

/// The clusters as published, with their shapes in the analysis CRS.
pub(crate) struct ClusterLayers {
    /// What goes into the result.
    pub(crate) result: ClustersResult,
    /// Outlines, one feature a row of the table.
    pub(crate) outlines: Shapes,
    /// By service the codes and outlines of its clusters.
    by_service: Vec<(String, Vec<String>, Shapes)>,
    /// Lines on the lattice, one feature a row of the trench table.
    pub(crate) trench: Shapes,
    /// The lines as they are, for those who may see where settlements lie.
    pub(crate) exact_trench: Shapes,
}

impl ClusterLayers {
    /// Codes and outlines of the clusters of a service, in order.
    pub(crate) fn of_service(&self, service: &str) -> Option<(&[String], &Shapes)> {
        let found = self.by_service.iter().find(|(name, ..)| name == service);
        found.map(|(_, codes, outlines)| (codes.as_slice(), outlines))
    }
}

/// One cluster with all that its row says.
struct Row<'a> {
    clusters: &'a Clusters,
    c: usize,
    work: Option<&'a Work>,
    model: Option<&'a CostConfig>,
    cost: Option<Cost>,
    distance_m: Option<f64>,
    ranking: Option<&'a Ranking>,
}

/// The clusters of all services that have any; `None` where nothing asked for clusters.
pub(crate) fn cluster_layers(
    analysis: &Analysis,
    inputs: &Inputs,
    joined: &Joined,
    scored: &Scored,
    certainty: &Certainty,
) -> Option<ClusterLayers> {
    joined.ground.all_clusters().next()?;
    let work: BTreeMap<usize, (Option<&CostConfig>, Vec<Work>)> = joined
        .ground
        .all_clusters()
        .map(|(s, clusters)| {
            let model = model_of(analysis, &clusters.service);
            let by_cluster = model.map(|m| joined.ground.work_by_cluster(s, m, &joined.facts, &|_, _| true));
            (s, (model, by_cluster.unwrap_or_default()))
        })
        .collect();
    let mut rows = Vec::new();
    let mut outlines = Shapes::default();
    let mut by_service = Vec::new();
    let mut rankings = indexmap::IndexMap::new();
    let mut robustness = indexmap::IndexMap::new();
    for (s, clusters) in joined.ground.all_clusters() {
        let nearest = nearest_m(joined, s, clusters);
        let (model, by_cluster) = &work[&s];
        let ranking = scored.clusters.get(&s).map(|scored| &scored.ranking);
        rows.extend((0..clusters.rows.len()).map(|c| Row {
            clusters,
            c,
            work: by_cluster.get(c),
            model: *model,
            cost: model.zip(by_cluster.get(c)).map(|(m, w)| w.cost(&joined.facts.classes, m)),
            distance_m: nearest[c],
            ranking,
        }));
        outlines.append(&clusters.areas.shapes);
        by_service.push((
            clusters.service.clone(),
            clusters.areas.codes.clone(),
            clusters.areas.shapes.clone(),
        ));
        robustness.extend(certainty.clusters.get(&s).map(|r| (clusters.service.clone(), r.clone())));
        rankings.extend(ranking.map(|r| (clusters.service.clone(), r.clone())));
    }
    let config = settings(analysis);
    let (trench, exact_trench) = trench_table(&rows);
    let result = ClustersResult {
        link_m: config.link_m,
        lattice_m: config.lattice_m(),
        across_parents: config.across_parents,
        table: cluster_table(&rows, inputs, joined),
        trench,
        map: MapShapes::from_shapes(&outlines, 4000),
        rankings,
        robustness,
    };
    let trench = on_lattice(&exact_trench, config.lattice_m());
    Some(ClusterLayers { result, outlines, by_service, trench, exact_trench })
}

/// The cost model of a service: the one of its name, or the only one.
fn model_of<'a>(analysis: &'a Analysis, service: &str) -> Option<&'a CostConfig> {
    analysis.cost.get(service).or_else(|| analysis.cost.values().next().filter(|_| analysis.cost.len() == 1))
}

/// Metres from each cluster to the nearest reached; `None` where nothing is reached anywhere.
fn nearest_m(joined: &Joined, s: usize, clusters: &Clusters) -> Vec<Option<f64>> {
    let mut nearest: Vec<Option<f64>> = vec![None; clusters.rows.len()];
    for (i, distance) in joined.ground.distances(s) {
        if let (Some(d), Some(slot)) =
            (distance, nearest.get_mut(clusters.of_settlement[i as usize] as usize))
        {
            *slot = Some(slot.map_or(d, |nearest| nearest.min(d)));
        }
    }
    nearest
}

fn cluster_table(rows: &[Row<'_>], inputs: &Inputs, joined: &Joined) -> Table {
    let text = |f: &dyn Fn(&Row<'_>) -> Option<String>| Values::Text(rows.iter().map(f).collect());
    let int = |f: &dyn Fn(&Row<'_>) -> Option<i64>| Values::Int(rows.iter().map(f).collect());
    let real = |f: &dyn Fn(&Row<'_>) -> Option<f64>| Values::Real(rows.iter().map(f).collect());
    let cluster = |r: &Row<'_>| r.clusters.rows[r.c].clone();
    let area = |r: &Row<'_>| r.clusters.rows[r.c].area.map(|a| a as usize);
    let facts = &joined.facts;
    let mut t = Table::default();
    let code = text(&|r| Some(r.clusters.areas.codes[r.c].clone()));
    t.push("cluster_code", Unit::Text, "Klusterkod", "Cluster code", code);
    let name = text(&|r| Some(r.clusters.areas.names[r.c].clone()));
    t.push("cluster_name", Unit::Text, "Kluster", "Cluster", name);
    let service = text(&|r| Some(r.clusters.service.clone()));
    t.push("service", Unit::Text, "Tjänst som saknas", "Service that is lacking", service);
    let area_code = text(&|r| area(r).map(|a| inputs.areas.codes[a].clone()));
    t.push("area_code", Unit::Text, "Områdeskod", "Area code", area_code);
    let parent = |r: &Row<'_>| {
        r.clusters.areas.parent_of[r.c].map(|p| r.clusters.areas.parents[p as usize].code.clone())
    };
    t.push("parent_code", Unit::Text, "Överordnat område", "Parent area", text(&parent));
    let counts = |f: fn(&whitespot_model::settlement::Counts) -> u64, known: bool| {
        int(&|r| known.then(|| f(&cluster(r).counts) as i64))
    };
    t.push("persons", Unit::Persons, "Personer", "Persons", counts(|c| c.persons, true));
    let households = counts(|c| c.households, facts.has_households);
    t.push("households", Unit::Households, "Hushåll", "Households", households);
    let workplaces = counts(|c| c.workplaces, facts.has_workplaces);
    t.push("workplaces", Unit::Workplaces, "Arbetsställen", "Workplaces", workplaces);
    let settlements = counts(|c| c.settlements, true);
    t.push("settlements", Unit::Settlements, "Bebyggelsepunkter", "Settlements", settlements);
    let (sv, en) = ("Avstånd till närmaste nådda, m", "Distance to the nearest reached, m");
    t.push("distance_m", Unit::Metres, sv, en, real(&|r| r.distance_m));
    push_cost(&mut t, rows);
    let scored = |r: &Row<'_>| r.ranking.map(|ranking| ranking.areas[r.c].clone());
    let score = real(&|r| scored(r).and_then(|s| s.score));
    t.push("score", Unit::Number, "Behovsindex bland klustren", "Need score among the clusters", score);
    let rank = int(&|r| scored(r).and_then(|s| s.rank).map(i64::from));
    t.push("rank", Unit::Rank, "Rang bland klustren", "Rank among the clusters", rank);
    t
}

fn push_cost(t: &mut Table, rows: &[Row<'_>]) {
    let int = |f: &dyn Fn(&Cost) -> i64| Values::Int(rows.iter().map(|r| r.cost.as_ref().map(f)).collect());
    let real = |f: &dyn Fn(&Row<'_>) -> Option<f64>| Values::Real(rows.iter().map(f).collect());
    let tree = |r: &Row<'_>| r.cost.and(r.work).map(|w| w.length_m(LineKind::Tree));
    let (sv, en) = ("Ledning inom klustret, m (utan omväg)", "Line within the cluster, m (without detour)");
    t.push("tree_m", Unit::Metres, sv, en, real(&tree));
    let link = |r: &Row<'_>| r.cost.and(r.work).map(|w| w.length_m(LineKind::Link));
    let (sv, en) = ("Ledning till nätet, m (utan omväg)", "Line to the network, m (without detour)");
    t.push("link_m", Unit::Metres, sv, en, real(&link));
    let (sv, en) = ("Ledning med omväg, m", "Line with detour, m");
    t.push("line_m", Unit::Metres, sv, en, real(&|r| r.cost.map(|c| c.line_m)));
    t.push("cost_sek", Unit::Sek, "Kostnad för alla", "Cost of all", int(&|c| c.total_sek));
    let (sv, en) = ("varav per hushåll", "of which per household");
    t.push("households_sek", Unit::Sek, sv, en, int(&|c| c.households_sek));
    let (sv, en) = ("varav per arbetsställe", "of which per workplace");
    t.push("workplaces_sek", Unit::Sek, sv, en, int(&|c| c.workplaces_sek));
    t.push("line_sek", Unit::Sek, "varav ledning", "of which line", int(&|c| c.line_sek));
    let per_household = |r: &Row<'_>| {
        let households = r.clusters.rows[r.c].counts.households;
        r.cost.filter(|_| households > 0).map(|c| c.total_sek as f64 / households as f64)
    };
    let (sv, en) = ("Kostnad per hushåll", "Cost per household");
    t.push("cost_per_household_sek", Unit::Sek, sv, en, real(&per_household));
    let (sv, en) = ("Kostnadsmodellens nivå (0–3)", "Tier of the cost model (0–3)");
    t.push(
        "cost_tier",
        Unit::Number,
        sv,
        en,
        Values::Int(rows.iter().map(|r| r.cost.and_then(|c| c.tier).map(i64::from)).collect()),
    );
    let placeholder = Values::Bool(rows.iter().map(|r| r.cost.map(|c| c.placeholder)).collect());
    let (sv, en) = ("Priserna är platshållare", "Prices are placeholders");
    t.push("cost_placeholder", Unit::YesNo, sv, en, placeholder);
}

/// One row a cluster, kind and class of line; the lines as features of several parts.
fn trench_table(rows: &[Row<'_>]) -> (Table, Shapes) {
    let mut grouped: Vec<(&Row<'_>, LineKind, &str, Vec<&TrenchLine>)> = Vec::new();
    for row in rows.iter().filter(|r| r.cost.is_some_and(|c| c.tier > Some(0))) {
        let mut by_kind: BTreeMap<(LineKind, &str), Vec<&TrenchLine>> = BTreeMap::new();
        for line in row.work.iter().flat_map(|w| &w.lines) {
            by_kind.entry((line.kind, line.class.as_str())).or_default().push(line);
        }
        grouped.extend(by_kind.into_iter().map(|((kind, class), lines)| (row, kind, class, lines)));
    }
    let mut shapes = Shapes::default();
    for (_, _, _, lines) in &grouped {
        for line in lines {
            shapes.begin_part(Part::Line);
            shapes.push_ring(line.points.iter().map(|c| (c.x, c.y)));
            shapes.end_part();
        }
        shapes.end_feature();
    }
    type Lines<'a> = (&'a Row<'a>, LineKind, &'a str, Vec<&'a TrenchLine>);
    let text = |f: &dyn Fn(&Lines<'_>) -> String| Values::Text(grouped.iter().map(|g| Some(f(g))).collect());
    let length = |g: &Lines<'_>| g.3.iter().map(|l| l.length_m).sum::<f64>();
    let mut t = Table::default();
    let codes = text(&|g| g.0.clusters.areas.codes[g.0.c].clone());
    t.push("cluster_code", Unit::Text, "Klusterkod", "Cluster code", codes);
    t.push("service", Unit::Text, "Tjänst", "Service", text(&|g| g.0.clusters.service.clone()));
    let (sv, en) = (
        "Inom klustret (tree) eller till nätet (link)",
        "Within the cluster (tree) or to the network (link)",
    );
    t.push("kind", Unit::Text, sv, en, text(&|g| g.1.word().to_string()));
    let classes =
        Values::Text(grouped.iter().map(|g| Some(g.2.to_string()).filter(|c| !c.is_empty())).collect());
    t.push("road_class", Unit::Text, "Vägklass", "Road class", classes);
    let lengths = Values::Real(grouped.iter().map(|g| Some(length(g))).collect());
    t.push("length_m", Unit::Metres, "Längd utan omväg, m", "Length without detour, m", lengths);
    let built = |g: &(&Row<'_>, LineKind, &str, Vec<&TrenchLine>)| {
        g.0.model.map(|model| length(g) * model.detour.unwrap_or(1.0))
    };
    let (sv, en) = ("Längd med omväg, m", "Length with detour, m");
    t.push("line_m", Unit::Metres, sv, en, Values::Real(grouped.iter().map(built).collect()));
    (t, shapes)
}

/// Lines with their corners on a lattice; pieces that then have no length are left out.
fn on_lattice(lines: &Shapes, lattice_m: f64) -> Shapes {
    let to_lattice = |v: f64| (v / lattice_m).round() * lattice_m;
    let mut coarse = Shapes::default();
    for f in 0..lines.n_features() {
        for p in lines.parts_of(f) {
            for r in lines.rings_of(p) {
                let mut corners: Vec<(f64, f64)> =
                    lines.ring(r).iter().map(|c| (to_lattice(c.x), to_lattice(c.y))).collect();
                corners.dedup();
                if corners.len() > 1 {
                    coarse.begin_part(Part::Line);
                    coarse.push_ring(corners);
                    coarse.end_part();
                }
            }
        }
        coarse.end_feature();
    }
    coarse
}
