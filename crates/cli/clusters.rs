//! Clusters of unreached settlements, and what connecting people takes: whom, and how long the lines are (SPEC §7).
//!
//! [`Ground`] holds the settlements of a run and answers, for a service, a cost model and a choice of settlements:
//! - [`Ground::work_by_cluster`]: per cluster, whom there is to connect and by which lines;
//! - [`Ground::work_by_area`]: the same per area, whose clusters then cross no area's border;
//! - [`Work::cost`]: what that costs.
//!
//! Clusters of a service are the same in every scenario. A scenario that may not choose all settlements (no planned
//! coverage, only some classes) gets the work for those it may.

mod areas;
mod find;
mod wanted;
mod work;

pub(crate) use areas::become_areas;
pub(crate) use work::{LineKind, TrenchLine, Work};

use crate::{
    distances,
    failure::Failure,
    inputs::Inputs,
    join::Joined,
    kept::Kept,
    messages::{Messages, thousands},
    roads::RoadLayer,
};
use find::groups_of;
use std::{
    collections::BTreeMap,
    path::Path,
    sync::{Arc, Mutex},
};
use wanted::wanted_services;
use whitespot_model::{
    area::Areas,
    config::{Analysis, ClustersConfig, funding::CostConfig},
    finding::Finding,
    gap::Tally,
    measures::SettlementFacts,
    provenance::Provenance,
    settlement::Counts,
};
use whitespot_spatial::{
    cluster::single_linkage,
    nearest::{NearestPlace, nearest_places},
    roads::Roads,
    segment::Segment,
};

/// Tells by settlement class and offers whether a settlement may be connected.
pub(crate) type MayChoose<'a> = &'a (dyn Fn(u8, &[u64]) -> bool + Sync);

/// The settlements of a run, their clusters, and the way to the network.
#[derive(Debug, Default)]
pub(crate) struct Ground {
    kept: Kept,
    /// By index of the service.
    unreached: BTreeMap<usize, Unreached>,
    /// By index of the service.
    clusters: BTreeMap<usize, Clusters>,
    link_m: f64,
    /// Road layers by their source.
    road_layers: BTreeMap<String, RoadLayer>,
    /// Roads with the stops of a service, by service and source; built when first asked for.
    roads: Mutex<BTreeMap<(usize, String), Arc<Roads>>>,
    /// Lines and points of the network of each service.
    network: BTreeMap<usize, Vec<Segment>>,
    /// What was noticed.
    pub(crate) findings: Vec<Finding>,
    /// Where the roads came from.
    pub(crate) provenance: Vec<Provenance>,
}

/// Settlements a service does not reach, with the nearest place of its network.
#[derive(Debug)]
struct Unreached {
    /// Index of each over the run.
    rows: Vec<u32>,
    /// The nearest reached settlement or line of the network; `None` where nothing is reached.
    nearest: Vec<Option<NearestPlace>>,
}

/// The clusters of what one service does not reach.
#[derive(Debug)]
pub(crate) struct Clusters {
    /// Name of the service.
    pub(crate) service: String,
    /// The clusters as areas, ordered by code: names, parents, outlines in the analysis CRS.
    pub(crate) areas: Areas,
    /// One entry a cluster, in the order of `areas`.
    pub(crate) rows: Vec<Cluster>,
    /// Per settlement of the run the index of its cluster, or `OUTSIDE`.
    pub(crate) of_settlement: Vec<u32>,
    /// Its settlements counted by cluster, as the run's are by area.
    pub(crate) tally: Tally,
}

/// One cluster.
#[derive(Clone, Debug)]
pub(crate) struct Cluster {
    /// The area that holds most of its persons; `None` outside all areas.
    pub(crate) area: Option<u32>,
    /// Whom it holds.
    pub(crate) counts: Counts,
    /// Its settlements as indices into [`Unreached::rows`], ascending.
    members: Vec<u32>,
}

/// The clusters' settings, with `areas.link_m` taken over.
pub(crate) fn settings(analysis: &Analysis) -> ClustersConfig {
    let mut config = analysis.clusters.clone().unwrap_or_default();
    if let Some(link_m) = analysis.areas.link_m {
        config.link_m = link_m;
    }
    config
}

/// Finds clusters and ways to the network where the analysis needs them, from the settlements that the join kept.
///
/// # Errors
/// Findings: names of services that are not there, distances out of range.
pub(crate) fn lay_ground(
    analysis: &Analysis,
    base: &Path,
    inputs: &Inputs,
    joined: &mut Joined,
    messages: &Messages,
) -> Result<Ground, Failure> {
    let Some(kept) = joined.kept.take() else { return Ok(Ground::default()) };
    let ground = Ground::lay(analysis, base, inputs, kept).map_err(Failure::Findings)?;
    for clusters in ground.clusters.values() {
        let persons = clusters.rows.iter().map(|c| c.counts.persons).sum();
        messages.stage(
            "Clustering",
            &format!(
                "{}: {} clusters of {} unreached persons",
                clusters.service,
                thousands(clusters.rows.len() as u64),
                thousands(persons)
            ),
        );
    }
    Ok(ground)
}

impl Ground {
    /// Takes the kept settlements and finds clusters and ways to the network for every service that needs them.
    ///
    /// # Errors
    /// Findings: names of services that are not there, distances out of range.
    pub(crate) fn lay(
        analysis: &Analysis,
        base: &Path,
        inputs: &Inputs,
        kept: Kept,
    ) -> Result<Ground, Vec<Finding>> {
        let config = settings(analysis);
        let (clustered, reached_for) = wanted_services(analysis, inputs, &config)?;
        let mut ground = Ground { kept, link_m: config.link_m, ..Ground::default() };
        ground.read_roads(analysis, base, inputs)?;
        for &s in clustered.union(&reached_for) {
            let network = distances::network_of(inputs, s);
            let unreached = Unreached::of(inputs, &ground.kept, &network, s);
            ground.network.insert(s, network);
            ground.findings.extend(unreached.without_network(&inputs.services.services[s].name));
            ground.unreached.insert(s, unreached);
        }
        for s in clustered {
            let clusters = ground.find_clusters(analysis, inputs, s, &config);
            ground.clusters.insert(s, clusters);
        }
        Ok(ground)
    }

    /// The clusters of a service; `None` where nothing asked for them.
    pub(crate) fn clusters(&self, service: usize) -> Option<&Clusters> {
        self.clusters.get(&service)
    }

    /// All clusters, by index of the service.
    pub(crate) fn all_clusters(&self) -> impl Iterator<Item = (usize, &Clusters)> {
        self.clusters.iter().map(|(s, c)| (*s, c))
    }

    /// The settlements.
    pub(crate) fn kept(&self) -> &Kept {
        &self.kept
    }

    /// Metres to the nearest reached of each unreached settlement of a service, with the settlement's index.
    pub(crate) fn distances(&self, service: usize) -> impl Iterator<Item = (u32, Option<f64>)> {
        let unreached = self.unreached.get(&service);
        unreached
            .into_iter()
            .flat_map(|u| u.rows.iter().zip(&u.nearest).map(|(i, n)| (*i, n.map(|n| n.distance_m))))
    }

    /// Per cluster of a service what connecting the settlements takes that may be chosen; in the order of
    /// [`Clusters::areas`], and empty where the service has no clusters.
    pub(crate) fn work_by_cluster(
        &self,
        service: usize,
        model: &CostConfig,
        facts: &SettlementFacts,
        may_choose: MayChoose<'_>,
    ) -> Vec<Work> {
        let (Some(clusters), Some(unreached)) = (self.clusters.get(&service), self.unreached.get(&service))
        else {
            return Vec::new();
        };
        let groups: Vec<&[u32]> = clusters.rows.iter().map(|c| c.members.as_slice()).collect();
        self.work_of(service, unreached, &groups, model, facts, may_choose)
    }

    /// Per area what connecting the settlements of the gap takes that may be chosen: the sum over its clusters, none
    /// of which crosses the area's border.
    pub(crate) fn work_by_area(
        &self,
        service: usize,
        model: &CostConfig,
        facts: &SettlementFacts,
        n_areas: usize,
        may_choose: MayChoose<'_>,
    ) -> Vec<Work> {
        let mut by_area = vec![Work::default(); n_areas];
        let Some(unreached) = self.unreached.get(&service) else { return by_area };
        let sides: Vec<u32> = unreached.rows.iter().map(|&i| self.kept.reached.areas[i as usize]).collect();
        let groups = groups_of(&single_linkage(&self.kept.points_of(&unreached.rows), &sides, self.link_m));
        let groups: Vec<&[u32]> = groups.iter().map(Vec::as_slice).collect();
        for (work, group) in
            self.work_of(service, unreached, &groups, model, facts, may_choose).into_iter().zip(groups)
        {
            if let Some(all) = by_area.get_mut(sides[group[0] as usize] as usize) {
                all.add(work);
            }
        }
        by_area
    }

    fn counts_of(&self, i: usize) -> Counts {
        let s = &self.kept.settlements;
        let of = |column: &Option<Vec<u32>>| column.as_ref().map_or(0, |c| u64::from(c[i]));
        Counts {
            settlements: 1,
            persons: u64::from(s.persons[i]),
            households: of(&s.households),
            workplaces: of(&s.workplaces),
        }
    }
}

impl Unreached {
    fn of(inputs: &Inputs, kept: &Kept, network: &[Segment], s: usize) -> Unreached {
        let service = &inputs.services.services[s];
        let rows = kept.rows_where(service, false);
        let reached = kept.points_of(&kept.rows_where(service, true));
        let nearest = nearest_places(&kept.points_of(&rows), &reached, network);
        Unreached { rows, nearest }
    }
}

impl Unreached {
    /// Says so where nothing is reached anywhere, so that no cost can hold the way to the network.
    fn without_network(&self, service: &str) -> Option<Finding> {
        let n = self.nearest.iter().filter(|n| n.is_none()).count() as u64;
        let message = format!(
            "`{service}` reaches nobody and has no line anywhere: distances are unknown, and costs lack the way to the network"
        );
        (n > 0).then(|| {
            Finding::warning("no_network", "", message)
                .with_count(n)
                .with_hint("add a layer with the existing network as lines or points")
        })
    }
}
