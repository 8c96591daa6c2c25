//! What was noticed while a coverage source was read.

use super::reading::Reading;
use crate::source::SourceRef;
use whitespot_model::{
    coverage::{Basis, Technology},
    finding::Finding,
};

impl Reading<'_> {
    /// Everything noticed, each kind once.
    pub(super) fn findings(&self, source: &SourceRef<'_>) -> Vec<Finding> {
        let name = source.name();
        let mut findings = Vec::new();
        for u in &self.unknown {
            let (known, hint_value): (Vec<&str>, &str) = match u.key {
                "technology" => (Technology::ALL.map(Technology::name).to_vec(), "fibre"),
                "basis" => (Basis::ALL.map(Basis::name).to_vec(), "passed"),
                "status" => (vec!["existing", "planned"], "existing"),
                _ => (vec!["a number"], "100"),
            };
            findings.push(
                Finding::error(
                    "unknown_value",
                    &name,
                    format!(
                        "`{}` is no {} whitespot knows, in `{name}` first at feature {}",
                        u.value, u.key, u.first
                    ),
                )
                .with_count(u.count)
                .with_evidence(format!("it knows {}", known.join(", ")))
                .with_hint(format!(
                    "in section `{}` set `{} = {{ field = \"…\", map = {{ \"{}\" = \"{hint_value}\" }} }}`",
                    source.section, u.key, u.value
                )),
            );
        }
        let n_broken = self.rows.rejected - self.n_empty;
        if n_broken > 0 {
            findings.push(
                Finding::warning(
                    "unreadable_geometry",
                    &name,
                    format!("{n_broken} features of `{name}` have a geometry that cannot be read and are rejected"),
                )
                .with_count(n_broken)
                .with_examples(self.unreadable.iter().cloned())
                .with_hint("check them with Check Validity in QGIS; curves become lines with `ogr2ogr -nlt CONVERT_TO_LINEAR`"),
            );
        }
        if self.n_empty > 0 {
            findings.push(
                Finding::warning(
                    "empty_geometry",
                    &name,
                    format!("{} features of `{name}` have no geometry and are rejected", self.n_empty),
                )
                .with_count(self.n_empty),
            );
        }
        if !self.unclosed.is_empty() {
            let n = self.unclosed.len() as u64;
            findings.push(
                Finding::warning(
                    "unclosed_ring",
                    &name,
                    format!("{n} features of `{name}` have rings that do not close; closed"),
                )
                .with_count(n)
                .with_examples(self.unclosed.iter().take(5).map(|p| format!("feature {p}"))),
            );
        }
        if self.n_not_offered > 0 {
            findings.push(
                Finding::note(
                    "not_offered",
                    &name,
                    format!(
                        "{} features of `{name}` have a speed of 0 and offer nothing",
                        self.n_not_offered
                    ),
                )
                .with_count(self.n_not_offered),
            );
        }
        if self.n_below > 0 {
            let least = self.wide.min_value;
            findings.push(
                Finding::note(
                    "below_min_value",
                    &name,
                    format!(
                        "{} rows of `{name}` stay below `min_value` = {least} and reach nobody",
                        self.n_below
                    ),
                )
                .with_count(self.n_below),
            );
        }
        if !self.increasing.is_empty() {
            let n = self.increasing.len() as u64;
            findings.push(
                Finding::warning(
                    "rises_with_speed",
                    &name,
                    format!("in {n} rows of `{name}` more is reached at a higher speed than at a lower one"),
                )
                .with_count(n)
                .with_examples(self.increasing.iter().take(5).map(|p| format!("row {p}")))
                .with_evidence("a share of households with at least a speed can only fall as the speed rises")
                .with_hint("ask the publisher; the highest speed that reaches `min_value` is taken"),
            );
        }
        if self.rows.read == 0 {
            findings.push(
                Finding::warning(
                    "no_rows",
                    &name,
                    format!("`{name}` gives no features, so it reaches nobody"),
                )
                .with_evidence(format!("{} were left out by `where`", self.rows.left_out))
                .with_hint("check `where` and `layer`"),
            );
        }
        findings
    }
}
