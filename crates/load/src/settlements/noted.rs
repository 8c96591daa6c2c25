//! What is noticed about settlements that are accepted: parts that do not add up, positions that stand twice.

use geo_types::Coord;
use whitespot_model::finding::Finding;

/// Rows whose parts do not add up to their persons.
#[derive(Default)]
pub(super) struct UnequalParts {
    count: u64,
    /// Sum of the differences, without their sign.
    persons: u64,
    examples: Vec<String>,
}

impl UnequalParts {
    /// Notes a row; one with a missing part is left alone.
    pub(super) fn see(
        &mut self,
        persons: f64,
        parts: impl Iterator<Item = Option<f64>>,
        place: impl FnOnce() -> String,
    ) {
        let Some(sum) = parts.sum::<Option<f64>>() else { return };
        if (sum - persons).abs() >= 0.5 {
            self.count += 1;
            self.persons += (sum - persons).abs().round() as u64;
            if self.examples.len() < 5 {
                self.examples.push(format!("{}: {persons} persons, parts {sum}", place()));
            }
        }
    }

    pub(super) fn finding(self, name: &str) -> Option<Finding> {
        let n = self.count;
        (n > 0).then(|| {
            Finding::note(
                "parts_do_not_sum",
                name,
                format!("in {n} rows of `{name}` the parts do not add up to the persons; the persons count"),
            )
            .with_count(n)
            .with_persons(self.persons)
            .with_examples(self.examples)
            .with_evidence("disclosure protection rounds totals and parts each on their own")
        })
    }
}

/// Positions seen, and those seen again.
#[derive(Default)]
pub(super) struct RepeatedPoints {
    seen: std::collections::HashSet<[u64; 2]>,
    count: u64,
    persons: u64,
    examples: Vec<String>,
}

impl RepeatedPoints {
    pub(super) fn see(&mut self, point: Coord<f64>, persons: u32, place: impl FnOnce() -> String) {
        // -0 and 0 are one place.
        if !self.seen.insert([point.x, point.y].map(|v| (v + 0.0).to_bits())) {
            self.count += 1;
            self.persons += u64::from(persons);
            if self.examples.len() < 5 {
                self.examples.push(place());
            }
        }
    }

    pub(super) fn finding(self, name: &str) -> Option<Finding> {
        let n = self.count;
        (n > 0).then(|| {
            Finding::note(
                "repeated_points",
                name,
                format!("{n} settlements of `{name}` stand where another one does"),
            )
            .with_count(n)
            .with_persons(self.persons)
            .with_examples(self.examples)
            .with_hint(
                "flats of one house are as they should be; rows copied twice count their persons twice",
            )
        })
    }
}
