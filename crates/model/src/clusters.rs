//! Results about clusters of unreached settlements: plain data.

use crate::{
    need::{RankRobustness, Ranking},
    result::MapShapes,
    table::{Table, Values},
};
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

/// The clusters of a run, and the lines that would connect them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClustersResult {
    /// Settlements at most so many metres apart are neighbours.
    pub link_m: f64,
    /// Outlines and published lines lie on a lattice of so many metres.
    pub lattice_m: f64,
    /// Whether clusters may cross the borders of parent areas.
    pub across_parents: bool,
    /// One row a cluster of every clustered service: whom it holds, what it costs, its score and rank among the
    /// clusters of its service.
    pub table: Table,
    /// One row a cluster and kind of line: how long the lines are.
    pub trench: Table,
    /// Outlines of the clusters for maps, in the order of `table`; on the lattice of [`Self::lattice_m`].
    pub map: Option<MapShapes>,
    /// By service: how the clusters' scores decompose, in the order of their rows.
    pub rankings: IndexMap<String, Ranking>,
    /// By service: how sure the ranking of the clusters and their funding is, where the analysis asks for it.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub robustness: IndexMap<String, RankRobustness>,
}

/// Columns that tell households, or from which they can be reckoned with the prices.
const TELLS_HOUSEHOLDS: [&str; 4] = ["households", "households_sek", "cost_sek", "cost_per_household_sek"];

impl ClustersResult {
    /// Withholds household counts from 1 to below `min_cell`, and the amounts they could be reckoned from. The next
    /// smallest of an area and service are withheld with them until the difference to the area's total tells none: at
    /// least two, with a sum that leaves room for any of them to be `min_cell` or more.
    pub fn withhold_households_below(&mut self, min_cell: u32) {
        let count = |table: &Table, i: usize| table.column("households").and_then(|c| c.values.number(i));
        let text = |table: &Table, name: &str, i: usize| {
            table.column(name).map(|c| c.values.to_text(i)).unwrap_or_default()
        };
        let is_small = |households: f64| households > 0.0 && households < f64::from(min_cell);
        let n = self.table.n_rows();
        let mut withheld: Vec<bool> = (0..n).map(|i| count(&self.table, i).is_some_and(is_small)).collect();
        let mut groups: std::collections::BTreeMap<(String, String), Vec<usize>> = Default::default();
        for i in 0..n {
            let key = (text(&self.table, "service", i), text(&self.table, "area_code", i));
            groups.entry(key).or_default().push(i);
        }
        for rows in groups.values() {
            // The area's own count tells the sum of what is withheld: it must leave room for every one of them to be large.
            let known = |i: usize| count(&self.table, i).filter(|h| *h > 0.0).map_or(0, |h| h as u64);
            let (mut sum, mut n_withheld) =
                rows.iter().filter(|&&i| withheld[i]).fold((0, 0), |(sum, n), &i| (sum + known(i), n + 1));
            let mut others: Vec<(u64, usize)> =
                rows.iter().filter(|&&i| !withheld[i] && known(i) > 0).map(|&i| (known(i), i)).collect();
            others.sort_unstable();
            for (households, i) in others {
                let is_told = n_withheld == 1 || sum < n_withheld + u64::from(min_cell.saturating_sub(1));
                if n_withheld == 0 || !is_told {
                    break;
                }
                withheld[i] = true;
                (sum, n_withheld) = (sum + households, n_withheld + 1);
            }
        }
        for column in self.table.columns.iter_mut().filter(|c| TELLS_HOUSEHOLDS.contains(&c.name.as_str())) {
            for i in (0..n).filter(|&i| withheld[i]) {
                match &mut column.values {
                    Values::Int(v) => v[i] = None,
                    Values::Real(v) => v[i] = None,
                    Values::Text(_) | Values::Bool(_) => {}
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::Unit;

    fn of_table(table: Table) -> ClustersResult {
        ClustersResult {
            link_m: 1.0,
            lattice_m: 100.0,
            across_parents: false,
            table,
            trench: Table::default(),
            map: None,
            rankings: IndexMap::new(),
            robustness: IndexMap::new(),
        }
    }

    #[test]
    fn the_sum_of_what_is_withheld_leaves_room_for_each_to_be_large() {
        // Two of 1 household each: with a sum of 2 and none of them empty, both would be told.
        let mut table = Table::default();
        let texts = |values: [&str; 4]| Values::Text(values.map(|v| Some(v.to_string())).to_vec());
        table.push("service", Unit::Text, "", "", texts(["s"; 4]));
        table.push("area_code", Unit::Text, "", "", texts(["a", "a", "a", "b"]));
        table.push("households", Unit::Households, "", "", Values::Int([1, 1, 6, 2].map(Some).to_vec()));
        let mut clusters = of_table(table);
        clusters.withhold_households_below(5);
        // 1 + 1 + 6 among three; alone in its area the last has nobody to hide with.
        let told = clusters.table.column("households").map(|c| c.values.clone());
        assert_eq!(told, Some(Values::Int(vec![None, None, None, None])));
    }

    #[test]
    fn small_counts_are_withheld_and_no_difference_tells_them() {
        let mut table = Table::default();
        let texts = |values: [&str; 5]| Values::Text(values.map(|v| Some(v.to_string())).to_vec());
        table.push("service", Unit::Text, "", "", texts(["s"; 5]));
        table.push("area_code", Unit::Text, "", "", texts(["a", "a", "a", "b", "b"]));
        let counts = [Some(3), Some(9), Some(7), Some(0), Some(12)];
        table.push("households", Unit::Households, "", "", Values::Int(counts.to_vec()));
        table.push("cost_sek", Unit::Sek, "", "", Values::Int(counts.to_vec()));
        table.push("line_sek", Unit::Sek, "", "", Values::Int(counts.to_vec()));
        let mut clusters = of_table(table);
        clusters.withhold_households_below(5);
        let of = |name: &str| match &clusters.table.column(name).unwrap().values {
            Values::Int(v) => v.clone(),
            _ => panic!(),
        };
        assert_eq!(of("households"), [None, Some(9), None, Some(0), Some(12)]);
        assert_eq!(of("cost_sek"), [None, Some(9), None, Some(0), Some(12)]);
        assert_eq!(of("line_sek"), counts);
    }
}
