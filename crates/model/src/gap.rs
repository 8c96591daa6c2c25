//! Gaps: whom a service does not reach, per area.
//!
//! Settlements are first *tallied* by area, settlement class and set of offers; all counts are integers, so
//! tallies of batches, threads or machines merge to the same numbers in any order. Every measure of every
//! service is then read off the tally once, not once a settlement.

use crate::{
    area::{Areas, OUTSIDE},
    coverage::Basis,
    reached::Reached,
    service::{Service, ServiceSet},
    settlement::{Counts, SettlementBatch},
    tally::CountsByKey,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Settlements counted by area, settlement class and set of offers.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// Key: one word of area and class, then the words of the offer set.
    counts: CountsByKey,
    /// Sums of the extra columns by area; empty without extra columns.
    extra: BTreeMap<u32, Vec<ExtraSum>>,
}

/// Sums of one extra column over the settlements of one area that have a value.
///
/// Values are summed in millionths, so the sum does not depend on the order of the settlements.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExtraSum {
    /// Sum of the values × 10⁶.
    pub sum_micro: i128,
    /// Sum of value × persons × 10⁶.
    pub person_weighted_micro: i128,
    /// Settlements with a value.
    pub settlements: u64,
    /// Persons of the settlements with a value.
    pub persons: u64,
}

impl ExtraSum {
    /// The sum of the values; `None` without any.
    pub fn sum(&self) -> Option<f64> {
        (self.settlements > 0).then(|| self.sum_micro as f64 / 1e6)
    }

    /// The mean over settlements; `None` without any.
    pub fn mean(&self) -> Option<f64> {
        (self.settlements > 0).then(|| self.sum_micro as f64 / 1e6 / self.settlements as f64)
    }

    /// The mean weighted by persons; `None` where nobody lives.
    pub fn person_mean(&self) -> Option<f64> {
        (self.persons > 0).then(|| self.person_weighted_micro as f64 / 1e6 / self.persons as f64)
    }

    fn add(&mut self, value: f64, persons: u32) {
        if value.is_finite() {
            let micro = (value * 1e6).round();
            // Of a size that fits, the conversion is a single instruction.
            let micro = if micro.abs() < 9e18 { i128::from(micro as i64) } else { micro as i128 };
            self.sum_micro += micro;
            self.person_weighted_micro += micro * i128::from(persons);
            self.settlements += 1;
            self.persons += u64::from(persons);
        }
    }

    fn merge(&mut self, other: &ExtraSum) {
        self.sum_micro += other.sum_micro;
        self.person_weighted_micro += other.person_weighted_micro;
        self.settlements += other.settlements;
        self.persons += other.persons;
    }
}

/// Settlement class of settlements whose source has none.
const NO_CLASS: u8 = u8::MAX;

impl Tally {
    /// Counts the settlements `rows` of a batch.
    ///
    /// # Panics
    /// When `reached` is of another batch.
    pub fn add(&mut self, batch: &SettlementBatch, reached: &Reached, rows: std::ops::Range<usize>) {
        assert_eq!(batch.len(), reached.areas.len(), "the join answers every settlement of the batch");
        let mut key = vec![0u64; 1 + reached.n_words];
        // Neighbouring rows are often alike: sum a run of equal keys before looking the key up.
        let mut run = Counts::default();
        for i in rows.clone() {
            let class = batch.classes.as_ref().map_or(NO_CLASS, |c| c[i]);
            let head = u64::from(reached.areas[i]) << 8 | u64::from(class);
            let offers = reached.offers_of(i);
            if key[0] != head || &key[1..] != offers {
                self.flush(&key, &mut run);
                key[0] = head;
                key[1..].copy_from_slice(offers);
            }
            run.settlements += 1;
            run.persons += u64::from(batch.persons[i]);
            run.households += batch.households.as_ref().map_or(0, |h| u64::from(h[i]));
            run.workplaces += batch.workplaces.as_ref().map_or(0, |w| u64::from(w[i]));
        }
        self.flush(&key, &mut run);
        if !batch.extra.is_empty() {
            self.add_extra(batch, &reached.areas, rows);
        }
    }

    /// Sums the extra columns of the settlements `rows`.
    fn add_extra(&mut self, batch: &SettlementBatch, areas: &[u32], rows: std::ops::Range<usize>) {
        let n = batch.extra.len();
        let highest = areas[rows.clone()].iter().filter(|a| **a != OUTSIDE).max().map_or(0, |a| *a as usize);
        if highest > rows.len() {
            // So many areas that most of a table of them would stay empty.
            for i in rows {
                let sums = self.extra.entry(areas[i]).or_insert_with(|| vec![ExtraSum::default(); n]);
                sums.iter_mut().zip(&batch.extra).for_each(|(sum, c)| sum.add(c[i], batch.persons[i]));
            }
            return;
        }
        // One row an area, the last one for what lies outside all.
        let mut table = vec![ExtraSum::default(); (highest + 2) * n];
        let mut is_seen = vec![false; highest + 2];
        for i in rows {
            let row = (areas[i] as usize).min(highest + 1);
            is_seen[row] = true;
            let sums = &mut table[row * n..(row + 1) * n];
            sums.iter_mut().zip(&batch.extra).for_each(|(sum, c)| sum.add(c[i], batch.persons[i]));
        }
        for (row, sums) in table.chunks_exact(n).enumerate().filter(|(row, _)| is_seen[*row]) {
            let area = if row > highest { OUTSIDE } else { row as u32 };
            let mine = self.extra.entry(area).or_insert_with(|| vec![ExtraSum::default(); n]);
            mine.iter_mut().zip(sums).for_each(|(a, b)| a.merge(b));
        }
    }

    fn flush(&mut self, key: &[u64], run: &mut Counts) {
        if run.settlements == 0 {
            return;
        }
        *self.counts.of(key) += *run;
        *run = Counts::default();
    }

    /// Adds another tally; the order of merging changes nothing.
    pub fn merge(&mut self, other: &Tally) {
        for (key, counts) in other.counts.iter() {
            *self.counts.of(key) += *counts;
        }
        for (area, sums) in &other.extra {
            let mine = self.extra.entry(*area).or_insert_with(|| vec![ExtraSum::default(); sums.len()]);
            for (a, b) in mine.iter_mut().zip(sums) {
                a.merge(b);
            }
        }
    }

    /// All settlements together.
    pub fn total(&self) -> Counts {
        self.counts.iter().map(|(_, counts)| *counts).sum()
    }

    /// Counts of all settlements that `holds` picks by class and offers, those outside every area too.
    pub fn sum_where(&self, holds: impl Fn(u8, &[u64]) -> bool) -> Counts {
        let picked = self.counts.iter().filter(|(key, _)| holds((key[0] & 0xff) as u8, &key[1..]));
        picked.map(|(_, counts)| *counts).sum()
    }

    /// Counts of the settlements that `holds` picks by class and offers, one entry an area; those outside every
    /// area are left out. Classes are indices, `u8::MAX` where the source has none.
    pub fn sum_by_area(&self, n_areas: usize, holds: impl Fn(u8, &[u64]) -> bool) -> Vec<Counts> {
        let mut sums = vec![Counts::default(); n_areas];
        for (key, counts) in self.counts.iter() {
            let (area, class) = ((key[0] >> 8) as u32, (key[0] & 0xff) as u8);
            if area != OUTSIDE && holds(class, &key[1..]) {
                sums[area as usize] += *counts;
            }
        }
        sums
    }

    /// The entries in ascending order of area, class and offer set.
    fn sorted(&self) -> Vec<(u32, u8, &[u64], Counts)> {
        let mut entries: Vec<_> = self.counts.iter().collect();
        entries.sort_unstable_by(|a, b| a.0.cmp(b.0));
        entries
            .into_iter()
            .map(|(key, counts)| ((key[0] >> 8) as u32, (key[0] & 0xff) as u8, &key[1..], *counts))
            .collect()
    }
}

/// Who is reached and who is not, per area, per service.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GapTable {
    /// One row an area, in the order of the areas.
    pub areas: Vec<GapRow>,
    /// What lies outside every area.
    pub outside: GapRow,
    /// One row a parent, in the order of the parents: the sum of its areas.
    pub parents: Vec<GapRow>,
    /// Everything: areas and outside.
    pub total: GapRow,
}

/// The gaps of one area.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct GapRow {
    /// Everyone of the area.
    pub total: Counts,
    /// One entry a service, in their order.
    pub services: Vec<ServiceGap>,
    /// One entry an extra column, in their order.
    pub extra: Vec<ExtraSum>,
}

/// One service in one area.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ServiceGap {
    /// Whom the service reaches.
    pub reached: Counts,
    /// Whom it does not.
    pub gap: Counts,
    /// Persons by number of operators: entry `k` has exactly `k`.
    pub persons_by_operators: Vec<u64>,
    /// Persons reached by basis, in the order of [`Basis::ALL`]; one settlement may count on several.
    pub persons_by_basis: [u64; 4],
    /// Persons in the gap whom planned coverage would reach.
    pub planned_persons: u64,
    /// Persons reached by exactly one pair of operator and technology.
    pub single_path_persons: u64,
    /// The gap by settlement class, in the loader's order of classes.
    pub gap_by_class: Vec<Counts>,
    /// Distance from the unreached to the nearest reached; `None` where not asked for or nobody is unreached.
    pub distance: Option<DistanceStats>,
}

/// Distances of the people a service does not reach, weighted by persons, in metres.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct DistanceStats {
    /// Mean.
    pub mean_m: f64,
    /// Median: the least distance that at least half of the persons do not exceed.
    pub median_m: f64,
    /// 90th percentile, likewise.
    pub p90_m: f64,
}

impl GapRow {
    fn empty(n_services: usize, n_classes: usize, n_extra: usize) -> GapRow {
        GapRow {
            total: Counts::default(),
            services: vec![
                ServiceGap {
                    gap_by_class: vec![Counts::default(); n_classes],
                    ..Default::default()
                };
                n_services
            ],
            extra: vec![ExtraSum::default(); n_extra],
        }
    }

    fn merge(&mut self, other: &GapRow) {
        self.total += other.total;
        for (a, b) in self.services.iter_mut().zip(&other.services) {
            a.merge(b);
        }
        for (a, b) in self.extra.iter_mut().zip(&other.extra) {
            a.merge(b);
        }
    }
}

impl ServiceGap {
    fn add(&mut self, service: &Service, class: u8, offers: &[u64], counts: Counts) {
        let is_reached = service.is_reached(offers);
        if is_reached {
            self.reached += counts;
        } else {
            self.gap += counts;
            if let Some(of_class) = self.gap_by_class.get_mut(class as usize) {
                *of_class += counts;
            }
        }
        let n_operators = service.n_operators(offers);
        if self.persons_by_operators.len() <= n_operators {
            self.persons_by_operators.resize(n_operators + 1, 0);
        }
        self.persons_by_operators[n_operators] += counts.persons;
        for (slot, basis) in self.persons_by_basis.iter_mut().zip(Basis::ALL) {
            if is_reached && service.is_reached_on(basis, offers) {
                *slot += counts.persons;
            }
        }
        if !is_reached && service.is_reached_with_planned(offers) {
            self.planned_persons += counts.persons;
        }
        if is_reached && service.n_paths(offers) == 1 {
            self.single_path_persons += counts.persons;
        }
    }

    fn merge(&mut self, other: &ServiceGap) {
        self.reached += other.reached;
        self.gap += other.gap;
        if self.persons_by_operators.len() < other.persons_by_operators.len() {
            self.persons_by_operators.resize(other.persons_by_operators.len(), 0);
        }
        for (a, b) in self.persons_by_operators.iter_mut().zip(&other.persons_by_operators) {
            *a += b;
        }
        for (a, b) in self.persons_by_basis.iter_mut().zip(&other.persons_by_basis) {
            *a += b;
        }
        self.planned_persons += other.planned_persons;
        self.single_path_persons += other.single_path_persons;
        for (a, b) in self.gap_by_class.iter_mut().zip(&other.gap_by_class) {
            *a += *b;
        }
    }

    /// Persons reached by exactly `k` operators.
    pub fn persons_with_operators(&self, k: usize) -> u64 {
        self.persons_by_operators.get(k).copied().unwrap_or(0)
    }

    /// Persons reached by `k` or more operators.
    pub fn persons_with_operators_from(&self, k: usize) -> u64 {
        self.persons_by_operators.iter().skip(k).sum()
    }

    /// Gap as a share of the area's persons, 0–1; `None` where nobody lives.
    pub fn gap_share(&self) -> Option<f64> {
        let persons = self.reached.persons + self.gap.persons;
        (persons > 0).then(|| self.gap.persons as f64 / persons as f64)
    }
}

impl GapTable {
    /// Reads every measure of every service off a tally.
    ///
    /// `n_classes` and `n_extra` are the numbers of settlement classes and extra columns the loader gave.
    pub fn from_tally(
        tally: &Tally,
        areas: &Areas,
        services: &ServiceSet,
        n_classes: usize,
        n_extra: usize,
    ) -> GapTable {
        let empty = || GapRow::empty(services.services.len(), n_classes, n_extra);
        let mut rows: Vec<GapRow> = (0..areas.len()).map(|_| empty()).collect();
        let mut outside = empty();
        for (area, class, offers, counts) in tally.sorted() {
            let row = if area == OUTSIDE { &mut outside } else { &mut rows[area as usize] };
            row.total += counts;
            for (gap, service) in row.services.iter_mut().zip(&services.services) {
                gap.add(service, class, offers, counts);
            }
        }
        for (area, sums) in &tally.extra {
            let row = if *area == OUTSIDE { &mut outside } else { &mut rows[*area as usize] };
            for (mine, sum) in row.extra.iter_mut().zip(sums) {
                mine.merge(sum);
            }
        }
        let mut parents: Vec<GapRow> = areas.parents.iter().map(|_| empty()).collect();
        let mut total = empty();
        for (row, parent) in rows.iter().zip(&areas.parent_of) {
            if let Some(p) = parent {
                parents[*p as usize].merge(row);
            }
            total.merge(row);
        }
        total.merge(&outside);
        GapTable { areas: rows, outside, parents, total }
    }
}

/// Summarises distances weighted by persons; `None` where there are no persons.
///
/// `distances` are (metres, persons) in any order; the result does not depend on the order.
pub fn summarise_distances(mut distances: Vec<(f64, u32)>) -> Option<DistanceStats> {
    distances.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let persons: u64 = distances.iter().map(|d| u64::from(d.1)).sum();
    if persons == 0 {
        return None;
    }
    // Millimetres as integers, so that the mean does not depend on the order of equal distances either.
    let weighted_mm: i128 = distances.iter().map(|d| (d.0 * 1e3).round() as i128 * i128::from(d.1)).sum();
    let quantile = |numerator: u64, denominator: u64| {
        let mut seen = 0;
        for (distance, n) in &distances {
            seen += u64::from(*n);
            if seen * denominator >= persons * numerator && *n > 0 {
                return *distance;
            }
        }
        distances.last().map_or(0.0, |d| d.0)
    };
    Some(DistanceStats {
        mean_m: weighted_mm as f64 / 1e3 / persons as f64,
        median_m: quantile(1, 2),
        p90_m: quantile(9, 10),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{config::ServiceConfig, coverage::*, crs::CrsDeclaration, shapes::Shapes};

    fn one_service() -> ServiceSet {
        let offer = |operator: &str| Offer {
            layer: "f".into(),
            kind: Kind::Fixed,
            technology: Technology::Fibre,
            operator: operator.into(),
            download_mbps: None,
            upload_mbps: None,
            basis: None,
            status: Status::Existing,
            ready: None,
            level: None,
        };
        let configs = [("s".to_string(), ServiceConfig { kind: Some(Kind::Fixed), ..Default::default() })];
        ServiceSet::resolve(&configs.into_iter().collect(), 1, &[("f", &[offer("a"), offer("b")])]).unwrap()
    }

    fn two_areas() -> Areas {
        Areas {
            codes: vec!["1".into(), "2".into()],
            names: vec!["One".into(), "Two".into()],
            parent_of: vec![Some(0), Some(0)],
            parents: vec![crate::area::Parent { code: "p".into(), name: "P".into() }],
            shapes: Shapes::default(),
            crs: CrsDeclaration::Undefined,
            km2: vec![None, None],
        }
    }

    fn batch(persons: &[u32]) -> SettlementBatch {
        SettlementBatch {
            points: vec![geo_types::Coord { x: 0.0, y: 0.0 }; persons.len()],
            persons: persons.to_vec(),
            ..Default::default()
        }
    }

    #[test]
    fn splitting_and_reordering_a_tally_changes_nothing() {
        let b = batch(&[1, 2, 4, 8, 16]);
        let reached = Reached {
            areas: vec![0, 1, OUTSIDE, 0, 1],
            n_words: 1,
            offers: vec![0b01, 0b11, 0b00, 0b00, 0b10],
            ..Default::default()
        };
        let mut whole = Tally::default();
        whole.add(&b, &reached, 0..5);
        let mut parts = Tally::default();
        for rows in [3..5, 0..1, 1..3] {
            let mut part = Tally::default();
            part.add(&b, &reached, rows);
            parts.merge(&part);
        }
        let table = |t: &Tally| GapTable::from_tally(t, &two_areas(), &one_service(), 0, 0);
        assert_eq!(table(&whole), table(&parts));
        let t = table(&whole);
        assert_eq!(t.areas[0].services[0].reached.persons, 1);
        assert_eq!(t.areas[0].services[0].gap.persons, 8);
        assert_eq!(t.areas[1].services[0].persons_by_operators, [0, 16, 2]);
        assert_eq!(t.parents[0].total.persons, 1 + 2 + 8 + 16);
        assert_eq!(t.total.total.persons, 31, "areas and outside are the whole file");
    }

    #[test]
    fn extra_columns_sum_in_any_order() {
        let mut b = batch(&[1, 3]);
        b.extra = vec![vec![0.1, f64::NAN]];
        let reached = Reached { areas: vec![0, 0], n_words: 1, offers: vec![0, 0], ..Default::default() };
        let mut tally = Tally::default();
        tally.add(&b, &reached, 0..2);
        let table = GapTable::from_tally(&tally, &two_areas(), &one_service(), 0, 1);
        assert_eq!(table.areas[0].extra[0].sum(), Some(0.1));
        assert_eq!(table.areas[0].extra[0].persons, 1, "a missing value is not 0");
        assert_eq!(table.areas[1].extra[0].sum(), None);
    }

    #[test]
    fn distances_are_weighted_by_persons() {
        let stats = summarise_distances(vec![(100.0, 9), (1000.0, 1)]).unwrap();
        assert_eq!((stats.mean_m, stats.median_m, stats.p90_m), (190.0, 100.0, 100.0));
        assert_eq!(summarise_distances(vec![(5.0, 0)]), None);
    }
}
