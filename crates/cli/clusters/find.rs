//! Finding clusters, and giving them codes, names and outlines.

use super::{Cluster, Clusters, Ground};
use crate::{inputs::Inputs, join::tally_in_parallel};
use geo_types::Coord;
use rayon::prelude::*;
use std::collections::BTreeMap;
use whitespot_model::{
    area::{Areas, OUTSIDE},
    config::{Analysis, ClustersConfig, OutlineKind},
    crs::CrsDeclaration,
    gap::Tally,
    reached::Reached,
    shapes::{Part, Shapes},
};
use whitespot_spatial::{
    cluster::{NO_GROUP, Outline, outline, single_linkage},
    crs::{Crs, Transform},
    geodesic,
};

impl Ground {
    pub(super) fn find_clusters(
        &self,
        analysis: &Analysis,
        inputs: &Inputs,
        s: usize,
        config: &ClustersConfig,
    ) -> Clusters {
        let unreached = &self.unreached[&s];
        let points = self.kept.points_of(&unreached.rows);
        let side = |i: &u32| {
            let area = self.kept.area(*i as usize);
            // Where clusters become the areas, what the join took for areas are their parents.
            let parent = match analysis.areas.clusters {
                Some(_) => area,
                None => area.and_then(|a| inputs.areas.parent_of[a as usize]),
            };
            if config.across_parents { 0 } else { parent.map_or(0, |p| p + 1) }
        };
        let sides: Vec<u32> = unreached.rows.iter().map(side).collect();
        let groups = groups_of(&single_linkage(&points, &sides, config.link_m));
        let rows: Vec<Cluster> = groups
            .into_iter()
            .map(|members| {
                let rows = members.iter().map(|&m| unreached.rows[m as usize] as usize);
                let counts = rows.clone().map(|i| self.counts_of(i)).sum();
                Cluster { area: self.main_area(rows), counts, members }
            })
            .collect();
        self.named(analysis, inputs, s, config, &rows, &points)
    }

    /// The settlements counted by cluster.
    fn tally_by(&self, of_settlement: &[u32]) -> Tally {
        let reached = Reached { areas: of_settlement.to_vec(), ..self.kept.reached.clone() };
        tally_in_parallel(&self.kept.settlements, &reached)
    }

    /// The area with most persons (then most settlements, then the lower code); outside counts as an area.
    fn main_area(&self, rows: impl Iterator<Item = usize>) -> Option<u32> {
        let mut of_area: BTreeMap<u32, (u64, u64)> = BTreeMap::new();
        for i in rows {
            let (persons, settlements) = of_area.entry(self.kept.reached.areas[i]).or_default();
            *persons += u64::from(self.kept.settlements.persons[i]);
            *settlements += 1;
        }
        let most = of_area.into_iter().max_by_key(|(area, counts)| (*counts, std::cmp::Reverse(*area)));
        most.map(|(area, _)| area).filter(|a| *a != OUTSIDE)
    }

    /// Gives clusters their codes, names, parents and outlines, and orders them by code.
    fn named(
        &self,
        analysis: &Analysis,
        inputs: &Inputs,
        s: usize,
        config: &ClustersConfig,
        rows: &[Cluster],
        points: &[Coord<f64>],
    ) -> Clusters {
        let codes = codes_of(rows, points);
        let names = names_of(rows, &codes, inputs);
        let mut order: Vec<usize> = (0..rows.len()).collect();
        order.sort_by(|&a, &b| codes[a].cmp(&codes[b]));
        let how = match config.outline {
            OutlineKind::Buffer => Outline::Buffer,
            OutlineKind::Hull => Outline::Hull,
        };
        let outlines: Vec<Vec<Vec<Coord<f64>>>> = order
            .par_iter()
            .map(|&c| {
                let points: Vec<Coord<f64>> = rows[c].members.iter().map(|&m| points[m as usize]).collect();
                outline(&points, config.lattice_m(), how)
            })
            .collect();
        let mut shapes = Shapes::default();
        for rings in &outlines {
            shapes.begin_part(Part::Polygon);
            rings.iter().for_each(|ring| shapes.push_ring(ring.iter().map(|c| (c.x, c.y))));
            shapes.end_part();
            shapes.end_feature();
        }
        let to_wgs84 = Crs::from_code("EPSG:4326").ok().map(|wgs84| Transform::new(&inputs.crs, &wgs84));
        let km2 =
            |f: usize| to_wgs84.as_ref().map(|t| geodesic::area_km2(&shapes, f, t)).filter(|a| a.is_finite());
        let mut of_settlement = vec![OUTSIDE; self.kept.len()];
        for (k, &c) in order.iter().enumerate() {
            for &m in &rows[c].members {
                of_settlement[self.unreached[&s].rows[m as usize] as usize] = k as u32;
            }
        }
        let parent = |c: &usize| rows[*c].area.and_then(|a| inputs.areas.parent_of[a as usize]);
        let areas = Areas {
            codes: order.iter().map(|&c| codes[c].clone()).collect(),
            names: order.iter().map(|&c| names[c].clone()).collect(),
            parent_of: order.iter().map(parent).collect(),
            parents: inputs.areas.parents.clone(),
            km2: (0..order.len()).map(km2).collect(),
            crs: CrsDeclaration::Code(analysis.crs.clone()),
            shapes,
        };
        Clusters {
            service: inputs.services.services[s].name.clone(),
            areas,
            rows: order.into_iter().map(|c| rows[c].clone()).collect(),
            tally: self.tally_by(&of_settlement),
            of_settlement,
        }
    }
}

/// Members of each group, ascending; groups in the order of their numbers.
pub(super) fn groups_of(group: &[u32]) -> Vec<Vec<u32>> {
    let n = group.iter().filter(|g| **g != NO_GROUP).max().map_or(0, |g| *g as usize + 1);
    let mut groups = vec![Vec::new(); n];
    for (i, g) in (0u32..).zip(group).filter(|(_, g)| **g != NO_GROUP) {
        groups[*g as usize].push(i);
    }
    groups
}

/// Codes by the kilometre square of the southernmost (then westernmost) settlement: `N7086E0759`, and `-2`, `-3` …
/// for the next largest of the same square. Tells where a cluster lies, but not a settlement's position, and stays the
/// same from year to year as long as that square does.
fn codes_of(rows: &[Cluster], points: &[Coord<f64>]) -> Vec<String> {
    let anchor = |cluster: &Cluster| {
        let members = cluster.members.iter().map(|&m| points[m as usize]);
        members.min_by(|p, q| p.y.total_cmp(&q.y).then(p.x.total_cmp(&q.x))).unwrap_or_default()
    };
    let anchors: Vec<Coord<f64>> = rows.iter().map(anchor).collect();
    let square = |p: &Coord<f64>| ((p.y / 1000.0).floor() as i64, (p.x / 1000.0).floor() as i64);
    let mut by_square: BTreeMap<(i64, i64), Vec<usize>> = BTreeMap::new();
    for (c, anchor) in anchors.iter().enumerate() {
        by_square.entry(square(anchor)).or_default().push(c);
    }
    let mut codes = vec![String::new(); rows.len()];
    for ((north, east), mut same) in by_square {
        same.sort_by(|&a, &b| {
            let (p, q) = (anchors[a], anchors[b]);
            (rows[b].counts.persons.cmp(&rows[a].counts.persons))
                .then(p.y.total_cmp(&q.y))
                .then(p.x.total_cmp(&q.x))
                .then(a.cmp(&b))
        });
        for (k, c) in same.into_iter().enumerate() {
            let code = format!("N{north:04}E{east:04}");
            codes[c] = if k == 0 { code } else { format!("{code}-{}", k + 1) };
        }
    }
    codes
}

/// Names by the area and the order of size in it: `Vilhelmina 3`; the code outside all areas.
fn names_of(rows: &[Cluster], codes: &[String], inputs: &Inputs) -> Vec<String> {
    let mut by_area: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
    for (c, cluster) in rows.iter().enumerate() {
        if let Some(area) = cluster.area {
            by_area.entry(area).or_default().push(c);
        }
    }
    let mut names = codes.to_vec();
    for (area, mut same) in by_area {
        same.sort_by(|&a, &b| {
            rows[b].counts.persons.cmp(&rows[a].counts.persons).then_with(|| codes[a].cmp(&codes[b]))
        });
        for (k, c) in same.into_iter().enumerate() {
            names[c] = format!("{} {}", inputs.areas.names[area as usize], k + 1);
        }
    }
    names
}
