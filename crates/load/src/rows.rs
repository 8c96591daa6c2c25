//! Tables without shapes: their columns by role, and their rows one after another with the balance kept.

use crate::{
    Failure,
    source::{Columns, OpenSource, RowFilter, SourceRef},
};
use whitespot_model::{
    features::{As, Features, SourceSchema},
    finding::Finding,
    provenance::RowBalance,
};

/// The columns wanted of a table, with a finding for each that is not there.
pub(crate) struct Wants<'a> {
    source: &'a SourceRef<'a>,
    schema: &'a SourceSchema,
    /// The columns so far.
    pub(crate) columns: Columns,
    /// What is missing so far.
    pub(crate) failure: Failure,
}

impl<'a> Wants<'a> {
    /// None wanted yet.
    pub(crate) fn new(source: &'a SourceRef<'a>, schema: &'a SourceSchema) -> Wants<'a> {
        Wants { source, schema, columns: Columns::default(), failure: Failure::new() }
    }

    fn has(&self, name: &str) -> bool {
        self.schema.fields.iter().any(|f| f == name)
    }

    /// A column that must be there.
    pub(crate) fn required(&mut self, role: &str, name: &str, kind: As) -> usize {
        if !self.has(name) {
            self.failure.push(self.source.no_column(role, name, &self.schema.fields));
        }
        self.columns.want(name, kind)
    }

    /// A column that must be there where one is named; else that of the role's own name, where there is one.
    pub(crate) fn optional(&mut self, role: &str, named: Option<&String>, kind: As) -> Option<usize> {
        match named {
            Some(name) => Some(self.required(role, name, kind)),
            None => self.has(role).then(|| self.columns.want(role, kind)),
        }
    }

    /// The filter of the source, whose columns are wanted too.
    pub(crate) fn filter(&mut self) -> Option<RowFilter> {
        RowFilter::resolve(self.source, self.schema, &mut self.columns)
            .map_err(|f| self.failure.extend(f))
            .ok()
    }
}

/// Gives every row that the filter keeps to `take`, which says whether it accepts it.
///
/// # Errors
/// One finding where the file cannot be read on.
pub(crate) fn each_row(
    source: &SourceRef<'_>,
    open: &mut OpenSource,
    filter: &RowFilter,
    mut take: impl FnMut(&Features, usize) -> bool,
) -> Result<RowBalance, Failure> {
    let mut balance = RowBalance::default();
    loop {
        let rows = match open.reader.next_batch(1 << 16) {
            Ok(Some(rows)) => rows,
            Ok(None) => return Ok(balance),
            Err(e) => return Err(vec![source.finding_of(&e)]),
        };
        for i in 0..rows.n_rows {
            if !filter.is_empty() && !filter.keeps(&rows, i) {
                balance.left_out += 1;
                continue;
            }
            balance.read += 1;
            if take(&rows, i) {
                balance.accepted += 1;
            } else {
                balance.rejected += 1;
            }
        }
    }
}

/// Codes that stand in a table more than once with different values: either might be meant.
pub(crate) fn repeated_codes(source: &SourceRef<'_>, codes: Vec<String>) -> Finding {
    let n = codes.len();
    Finding::error(
        "repeated_code",
        source.name(),
        format!("{n} area codes stand in `{}` more than once with different values", source.name()),
    )
    .with_count(n as u64)
    .with_examples(codes)
    .with_hint(format!(
        "in section `{}` choose rows with `where = {{ year = 2025 }}` or the like",
        source.section
    ))
}
