//! What connecting people takes: whom, and by which lines.

use super::{Ground, MayChoose, Unreached};
use crate::{
    inputs::Inputs,
    roads::{self, RoadLayer},
};
use geo_types::Coord;
use rayon::prelude::*;
use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    sync::{Arc, PoisonError},
};
use whitespot_funding::cost::{ToConnect, price, tier, without_price};
use whitespot_model::{
    config::{
        Analysis,
        funding::{CostConfig, RoadsConfig, RoadsSource},
    },
    finding::Finding,
    funding::Cost,
    measures::SettlementFacts,
    settlement::Counts,
};
use whitespot_spatial::{
    cluster::spanning_tree,
    nearest::NearestPlace,
    roads::{RoadPiece, Roads},
};

/// Whom there is to connect in a cluster or an area, and by which lines.
#[derive(Clone, Debug, Default)]
pub(crate) struct Work {
    /// Whom.
    pub(crate) counts: Counts,
    /// Households by settlement class, in the loader's order; one entry of all where the source has no classes.
    households_by_class: Vec<u64>,
    /// The lines, without detour: those of each cluster one after the other.
    pub(crate) lines: Vec<TrenchLine>,
    /// Settlements that have no way to the network, since nothing is reached anywhere.
    pub(crate) n_without_network: u64,
}

/// What a line is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum LineKind {
    /// From settlement to settlement.
    Tree,
    /// From the cluster to the existing network.
    Link,
}

impl LineKind {
    /// The word in files.
    pub(crate) fn word(self) -> &'static str {
        match self {
            LineKind::Tree => "tree",
            LineKind::Link => "link",
        }
    }
}

/// One line to be built.
#[derive(Clone, Debug)]
pub(crate) struct TrenchLine {
    /// What it is for.
    pub(crate) kind: LineKind,
    /// Class of ground or road; empty for one class.
    pub(crate) class: String,
    /// Its corners in the analysis CRS.
    pub(crate) points: Vec<Coord<f64>>,
    /// Its length in metres, without detour.
    pub(crate) length_m: f64,
}

impl Work {
    /// Length of the lines of a kind in metres, without detour.
    pub(crate) fn length_m(&self, kind: LineKind) -> f64 {
        self.lines.iter().filter(|l| l.kind == kind).fold(0.0, |sum, l| sum + l.length_m)
    }

    /// What the work costs by a cost model; `classes` are the settlement classes of the run.
    pub(crate) fn cost(&self, classes: &[String], model: &CostConfig) -> Cost {
        let mut length_m: BTreeMap<&str, f64> = BTreeMap::new();
        for line in &self.lines {
            *length_m.entry(line.class.as_str()).or_default() += line.length_m;
        }
        let households = if classes.is_empty() {
            vec![("", self.counts.households)]
        } else {
            classes.iter().map(String::as_str).zip(self.households_by_class.iter().copied()).collect()
        };
        let length_m = length_m.into_iter().collect();
        price(&ToConnect { households, workplaces: self.counts.workplaces, length_m }, model)
    }
}

impl Work {
    pub(super) fn add(&mut self, other: Work) {
        self.counts += other.counts;
        self.households_by_class.resize(other.households_by_class.len(), 0);
        for (a, b) in self.households_by_class.iter_mut().zip(&other.households_by_class) {
            *a += b;
        }
        self.lines.extend(other.lines);
        self.n_without_network += other.n_without_network;
    }
}

/// Roads to lay lines along.
struct Along<'a> {
    roads: Arc<Roads>,
    classes: &'a [String],
}

impl Along<'_> {
    fn line(&self, kind: LineKind, piece: &RoadPiece) -> TrenchLine {
        let class = piece.class.and_then(|c| self.classes.get(c as usize)).cloned().unwrap_or_default();
        TrenchLine { kind, class, points: vec![piece.from, piece.to], length_m: piece.length_m }
    }
}

/// What tells road layers apart.
fn source_key(source: &RoadsSource) -> String {
    format!("{source:?}")
}

impl Ground {
    pub(super) fn work_of(
        &self,
        service: usize,
        unreached: &Unreached,
        groups: &[&[u32]],
        model: &CostConfig,
        facts: &SettlementFacts,
        may_choose: MayChoose<'_>,
    ) -> Vec<Work> {
        let is_chosen = |m: &u32| {
            let i = unreached.rows[*m as usize] as usize;
            may_choose(self.kept.class(i), self.kept.reached.offers_of(i))
        };
        let tier = tier(model);
        let source = model.roads.as_ref().filter(|_| tier >= 3).map(|roads| source_key(&roads.source()));
        let along = source.and_then(|source| {
            let layer = self.road_layers.get(&source)?;
            Some(Along { roads: self.roads_of(service, unreached, &source, layer), classes: &layer.classes })
        });
        groups
            .par_iter()
            .map(|group| {
                let members: Vec<u32> = group.iter().copied().filter(is_chosen).collect();
                self.work_of_group(unreached, &members, tier, along.as_ref(), facts)
            })
            .collect()
    }

    fn work_of_group(
        &self,
        unreached: &Unreached,
        members: &[u32],
        tier: u8,
        along: Option<&Along<'_>>,
        facts: &SettlementFacts,
    ) -> Work {
        let mut work = Work { households_by_class: vec![0; facts.classes.len().max(1)], ..Work::default() };
        let rows: Vec<u32> = members.iter().map(|&m| unreached.rows[m as usize]).collect();
        for &i in &rows {
            let counts = self.counts_of(i as usize);
            let class = if facts.classes.is_empty() { 0 } else { self.kept.class(i as usize) as usize };
            if let Some(households) = work.households_by_class.get_mut(class) {
                *households += counts.households;
            }
            work.counts += counts;
        }
        if tier == 0 || members.is_empty() {
            return work;
        }
        let points = self.kept.points_of(&rows);
        if let Some(along) = along {
            let plan = along.roads.connect(members);
            work.lines.extend(plan.tree.iter().map(|piece| along.line(LineKind::Tree, piece)));
            work.lines.extend(plan.link.iter().map(|piece| along.line(LineKind::Link, piece)));
            if plan.is_linked {
                return work;
            }
        } else if tier >= 2 {
            work.lines.extend(spanning_tree(&points).iter().filter(|e| e.length_m > 0.0).map(|edge| {
                TrenchLine {
                    kind: LineKind::Tree,
                    class: String::new(),
                    points: vec![points[edge.a as usize], points[edge.b as usize]],
                    length_m: edge.length_m,
                }
            }));
        }
        let link = |(m, p): (&u32, &Coord<f64>)| unreached.nearest[*m as usize].map(|n| (n, *p));
        let first = |a: &(NearestPlace, Coord<f64>), b: &(NearestPlace, Coord<f64>)| {
            let by_place = |p: Coord<f64>, q: Coord<f64>| p.x.total_cmp(&q.x).then(p.y.total_cmp(&q.y));
            a.0.distance_m.total_cmp(&b.0.distance_m).then(by_place(a.1, b.1)).then(by_place(a.0.at, b.0.at))
        };
        match members.iter().zip(&points).filter_map(link).min_by(first) {
            Some((nearest, from)) => work.lines.push(TrenchLine {
                kind: LineKind::Link,
                class: String::new(),
                points: vec![from, nearest.at],
                length_m: nearest.distance_m,
            }),
            None => work.n_without_network = members.len() as u64,
        }
        work
    }

    /// Reads the road layers of cost models of tier 3.
    pub(super) fn read_roads(
        &mut self,
        analysis: &Analysis,
        base: &Path,
        inputs: &Inputs,
    ) -> Result<(), Vec<Finding>> {
        for (name, model) in analysis.cost.iter().filter(|(_, model)| tier(model) == 3) {
            let Some(source) = model.roads.as_ref().map(RoadsConfig::source) else { continue };
            let key = source_key(&source);
            if !self.road_layers.contains_key(&key) {
                let loaded = roads::read(name, &source, base, &inputs.crs)?;
                self.findings.extend(loaded.findings);
                self.provenance.push(loaded.provenance);
                self.road_layers.insert(key.clone(), loaded.value);
            }
            let classes = self.road_layers[&key].classes.iter().map(String::as_str).chain([""]);
            let mut free = without_price(model.per_metre_to_reached.as_ref(), classes);
            free.dedup();
            if !free.is_empty() {
                let named = |class: &&str| {
                    if class.is_empty() { "off the roads".to_string() } else { class.to_string() }
                };
                let message = format!(
                    "`[cost.{name}]`: lines of class {} would cost nothing",
                    free.iter().map(named).collect::<Vec<_>>().join(", ")
                );
                let hint = "add a price for the class, or one for `default`";
                self.findings.push(Finding::warning("no_price", "", message).with_hint(hint));
            }
        }
        Ok(())
    }

    /// The roads of a layer with the settlements of a run as stops: first those the service does not reach, in the
    /// order of [`Unreached::rows`], then the places of its network.
    fn roads_of(&self, service: usize, unreached: &Unreached, source: &str, layer: &RoadLayer) -> Arc<Roads> {
        let mut built = self.roads.lock().unwrap_or_else(PoisonError::into_inner);
        let roads = built.entry((service, source.to_string())).or_insert_with(|| {
            let is_unreached: BTreeSet<u32> = unreached.rows.iter().copied().collect();
            let reached: Vec<u32> =
                (0..self.kept.len() as u32).filter(|i| !is_unreached.contains(i)).collect();
            let mut stops = self.kept.points_of(&unreached.rows);
            stops.extend(self.kept.points_of(&reached));
            let network = self.network.get(&service).map_or(&[][..], Vec::as_slice);
            stops.extend(network.iter().flat_map(|piece| [piece.a, piece.b]));
            let is_network: Vec<bool> = (0..stops.len()).map(|i| i >= unreached.rows.len()).collect();
            Arc::new(Roads::new(&layer.lines, &stops, &is_network))
        });
        Arc::clone(roads)
    }
}
