//! Settlements: points where people live or work, in batches of columns.

use crate::features::TextColumn;
use geo_types::Coord;

/// Consecutive settlements as columns; all columns have the same length.
#[derive(Clone, Debug, Default)]
pub struct SettlementBatch {
    /// Index of the first settlement over the whole run (accepted ones only, from 0).
    pub first: u64,
    /// Ids, where someone asked for them (the per-settlement output, tables keyed by id).
    pub ids: Option<TextColumn>,
    /// Position in the CRS of the source.
    pub points: Vec<Coord<f64>>,
    /// Persons at each settlement.
    pub persons: Vec<u32>,
    /// Households, where the source has them.
    pub households: Option<Vec<u32>>,
    /// Workplaces, where the source has them.
    pub workplaces: Option<Vec<u32>>,
    /// Settlement class (tätort, småort, outside), as an index into the names the loader gives; where the
    /// source has it.
    pub classes: Option<Vec<u8>>,
    /// Code of the area, where areas are told by a column and not by location.
    pub area_codes: Option<TextColumn>,
    /// Further numeric columns in the order of `settlements.extra`; missing is NaN.
    pub extra: Vec<Vec<f64>>,
}

impl SettlementBatch {
    /// Number of settlements.
    pub fn len(&self) -> usize {
        self.points.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.points.is_empty()
    }
}

/// Persons, households and workplaces together; sums are exact.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Counts {
    /// Settlements.
    pub settlements: u64,
    /// Persons.
    pub persons: u64,
    /// Households; 0 where the source has none (the tables then show no value).
    pub households: u64,
    /// Workplaces; 0 where the source has none (the tables then show no value).
    pub workplaces: u64,
}

impl std::ops::AddAssign for Counts {
    fn add_assign(&mut self, other: Counts) {
        self.settlements += other.settlements;
        self.persons += other.persons;
        self.households += other.households;
        self.workplaces += other.workplaces;
    }
}

impl std::ops::Sub for Counts {
    type Output = Counts;

    /// What `other`, a part of `self`, leaves.
    fn sub(self, other: Counts) -> Counts {
        Counts {
            settlements: self.settlements - other.settlements,
            persons: self.persons - other.persons,
            households: self.households - other.households,
            workplaces: self.workplaces - other.workplaces,
        }
    }
}

impl std::iter::Sum for Counts {
    fn sum<I: Iterator<Item = Counts>>(iter: I) -> Counts {
        iter.fold(Counts::default(), |mut a, b| {
            a += b;
            a
        })
    }
}
