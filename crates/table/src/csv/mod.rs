//! CSV in: any delimiter of `,` `;` tab `|`, any of the encodings people use, numbers as people write them.
//!
//! Rows stream in batches; memory is bounded by the batch and the longest row (at most 16 MiB). Places are
//! line numbers, the header's first line being 1 in a file that begins with it. Spaces around header names
//! do not count; spaces in values do. Empty lines are no rows. Empty fields, quoted or not, are missing.
//!
//! A row with fewer fields than the header has missing values and a [`DefectKind::FieldCount`]; so has one
//! with more, unless the surplus is empty (a delimiter at the end of each line is common and harmless).
//!
//! `1,234` is 1.234: a comma alone is a decimal mark, as Swedish files have it. A file that groups thousands
//! by comma has to be rewritten; see [`whitespot_model::numbers::parse`].

mod dialect;
mod encoding;
mod number;
mod records;
pub(crate) mod write;

use crate::failure;
use dialect::{Dialect, FORMAT};
use records::{Record, Records};
use std::{
    io::Read,
    path::{Path, PathBuf},
};
use whitespot_model::{
    features::{
        As, Column, Defect, DefectKind, FeatureSource, Features, ReadError, Request, SourceSchema, TextColumn,
    },
    numbers::Parsed,
};

/// A batch ends early when its texts reach this size, so that long texts do not fill the memory.
const MAX_TEXT_BYTES: usize = 64 << 20;
/// Longest evidence of a defect, in characters.
const MAX_EVIDENCE: usize = 80;

/// Reads the header of a CSV.
///
/// # Errors
/// When the file cannot be read, is empty or is no text.
pub(crate) fn inspect(path: &Path, encoding: Option<&str>) -> Result<SourceSchema, ReadError> {
    Ok(schema(&dialect::tell_dialect(path, encoding)?))
}

/// Opens a CSV for the columns of a request; its `layer` and `geometry` mean nothing here. Of two columns of
/// one name the first is read.
///
/// # Errors
/// As [`inspect`], and when a column is not there.
pub(crate) fn open(path: &Path, request: &Request) -> Result<Box<dyn FeatureSource>, ReadError> {
    let dialect = dialect::tell_dialect(path, request.encoding.as_deref())?;
    let mut wanted = Vec::with_capacity(request.columns.len());
    for (name, kind) in &request.columns {
        let column = dialect.header.iter().position(|h| h == name);
        let column = column.ok_or_else(|| failure::no_such_column(path, name, &dialect.header))?;
        wanted.push((column, *kind));
    }
    let input = encoding::open_text(path, request.encoding.as_deref(), FORMAT)?;
    let mut records = Records::new(input, dialect.delimiter);
    dialect::read_header(&mut records).map_err(|e| dialect::record_error(path, e))?;
    Ok(Box::new(CsvSource {
        path: path.to_path_buf(),
        n_fields: dialect.header.len(),
        schema: schema(&dialect),
        wanted,
        records,
    }))
}

fn schema(dialect: &Dialect) -> SourceSchema {
    SourceSchema { format: FORMAT, fields: dialect.header.clone(), ..SourceSchema::default() }
}

struct CsvSource {
    path: PathBuf,
    schema: SourceSchema,
    n_fields: usize,
    /// Position in the file and kind of each column asked for.
    wanted: Vec<(usize, As)>,
    records: Records<Box<dyn Read + Send>>,
}

impl FeatureSource for CsvSource {
    fn schema(&self) -> &SourceSchema {
        &self.schema
    }

    fn next_batch(&mut self, max_rows: usize) -> Result<Option<Features>, ReadError> {
        let mut batch = Batch::new(&self.wanted, max_rows);
        while batch.n_rows < max_rows.max(1) && batch.n_text_bytes < MAX_TEXT_BYTES {
            let record = self.records.next_record().map_err(|e| dialect::record_error(&self.path, e))?;
            let Some(record) = record else { break };
            batch.push(&record, &self.wanted, self.n_fields);
        }
        Ok((batch.n_rows > 0).then(|| batch.finish()))
    }
}

/// A batch in the making.
struct Batch {
    columns: Vec<Column>,
    lines: Vec<u64>,
    defects: Vec<Defect>,
    n_rows: usize,
    n_text_bytes: usize,
}

impl Batch {
    fn new(wanted: &[(usize, As)], max_rows: usize) -> Self {
        let capacity = max_rows.min(1 << 16);
        let columns = wanted
            .iter()
            .map(|(_, kind)| match kind {
                As::Number => Column::Number(Vec::with_capacity(capacity)),
                As::Text => Column::Text(TextColumn::default()),
            })
            .collect();
        Batch {
            columns,
            lines: Vec::with_capacity(capacity),
            defects: Vec::new(),
            n_rows: 0,
            n_text_bytes: 0,
        }
    }

    #[inline]
    fn push(&mut self, record: &Record<'_>, wanted: &[(usize, As)], n_fields: usize) {
        let row = self.n_rows;
        self.n_rows += 1;
        self.lines.push(record.line);
        if record.len() != n_fields {
            self.note_field_count(row, record, n_fields);
        }
        for (i, ((position, _), column)) in wanted.iter().zip(&mut self.columns).enumerate() {
            let field = record.field(*position).unwrap_or(&[]);
            match column {
                Column::Number(values) => values.push(match number::read(field) {
                    Parsed::Number(value) => value,
                    Parsed::Missing => f64::NAN,
                    Parsed::Invalid => {
                        let kind = DefectKind::NotANumber { column: i };
                        self.defects.push(Defect { row, kind, evidence: evidence(field) });
                        f64::NAN
                    }
                }),
                Column::Text(texts) if field.is_empty() => texts.push(None),
                Column::Text(texts) => {
                    self.n_text_bytes += field.len();
                    texts.push(Some(&encoding::text(field)));
                }
            }
        }
    }

    #[cold]
    fn note_field_count(&mut self, row: usize, record: &Record<'_>, n_fields: usize) {
        let n = record.len();
        if n > n_fields && record.fields().skip(n_fields).all(<[u8]>::is_empty) {
            return;
        }
        let evidence = format!("{n} fields instead of {n_fields}");
        self.defects.push(Defect { row, kind: DefectKind::FieldCount, evidence });
    }

    fn finish(self) -> Features {
        Features {
            n_rows: self.n_rows,
            first_place: self.lines.first().copied().unwrap_or(1),
            // Always told, so that batches can be appended to each other.
            places: Some(self.lines),
            shapes: None,
            columns: self.columns,
            defects: self.defects,
        }
    }
}

fn evidence(field: &[u8]) -> String {
    // A character has at most four bytes.
    let start = &field[..field.len().min(4 * MAX_EVIDENCE)];
    encoding::text(start).chars().take(MAX_EVIDENCE).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &[u8], columns: &[(&str, As)], max_rows: usize) -> Result<Vec<Features>, ReadError> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("t.csv");
        std::fs::write(&path, text).unwrap();
        let columns = columns.iter().map(|(name, kind)| ((*name).to_string(), *kind)).collect();
        let mut source = open(&path, &Request { columns, ..Request::default() })?;
        let mut batches = Vec::new();
        while let Some(batch) = source.next_batch(max_rows)? {
            batches.push(batch);
        }
        Ok(batches)
    }

    fn one(text: &[u8], columns: &[(&str, As)]) -> Features {
        read(text, columns, 1000).unwrap().remove(0)
    }

    fn numbers(batch: &Features, column: usize) -> &[f64] {
        batch.columns[column].as_numbers().unwrap()
    }

    fn texts(batch: &Features, column: usize) -> Vec<Option<&str>> {
        batch.columns[column].as_text().unwrap().iter().collect()
    }

    #[test]
    fn swedish_files_with_semicolon_decimal_comma_and_windows_1252_are_read() {
        let text =
            b"kod;ort;andel;antal\r\n0114;Ume\xe5;12,5;1\xa0234\r\n0115;\"R\xe5ne\xe5; \xf6stra\";..;-\r\n";
        let wanted = [("antal", As::Number), ("kod", As::Text), ("ort", As::Text), ("andel", As::Number)];
        let batch = one(text, &wanted);
        assert_eq!(texts(&batch, 1), [Some("0114"), Some("0115")]);
        assert_eq!(texts(&batch, 2), [Some("Umeå"), Some("Råneå; östra")]);
        assert_eq!(numbers(&batch, 3)[0], 12.5);
        assert_eq!(numbers(&batch, 0)[0], 1234.0);
        assert!(numbers(&batch, 0)[1].is_nan() && numbers(&batch, 3)[1].is_nan());
        assert!(batch.defects.is_empty(), "{:?}", batch.defects);
    }

    #[test]
    fn quoted_decimal_commas_in_a_comma_separated_file_are_numbers() {
        let batch = one(b"id,share\n1,\"2,5\"\n2,\"3,25\"\n", &[("share", As::Number)]);
        assert_eq!(numbers(&batch, 0), [2.5, 3.25]);
    }

    #[test]
    fn missing_is_missing_and_never_zero() {
        let batch = one(b"a,b\n,\n\"\",\"\"\n0,x\n", &[("a", As::Number), ("b", As::Text)]);
        assert!(numbers(&batch, 0)[..2].iter().all(|v| v.is_nan()));
        assert_eq!(numbers(&batch, 0)[2], 0.0);
        assert_eq!(texts(&batch, 1), [None, None, Some("x")]);
    }

    #[test]
    fn short_and_long_rows_are_defects_and_stay_in_their_place() {
        let batch = one(b"a,b,c\n1,2\n1,2,3,4\n1,2,3,\n1,2,x\n", &[("a", As::Number), ("c", As::Number)]);
        assert_eq!(batch.n_rows, 4);
        let found: Vec<_> = batch.defects.iter().map(|d| (d.row, d.kind, d.evidence.as_str())).collect();
        let expected = [
            (0, DefectKind::FieldCount, "2 fields instead of 3"),
            (1, DefectKind::FieldCount, "4 fields instead of 3"),
            (3, DefectKind::NotANumber { column: 1 }, "x"),
        ];
        assert_eq!(found, expected);
        assert!(numbers(&batch, 1)[0].is_nan());
        assert_eq!(numbers(&batch, 1)[1..3], [3.0, 3.0]);
    }

    #[test]
    fn places_are_lines_also_after_empty_lines_and_quoted_line_ends() {
        let text = b"\na,b\n1,x\n\n2,\"two\nlines\"\n3,y\n";
        let batch = one(text, &[("a", As::Number)]);
        assert_eq!((0..3).map(|i| batch.place(i)).collect::<Vec<_>>(), [3, 5, 7]);
    }

    #[test]
    fn batches_of_any_size_hold_the_same_rows() {
        let mut text = String::from("id;x\n");
        for i in 0..100 {
            text.push_str(&format!("k{i};{}\n", f64::from(i) / 8.0));
        }
        let wanted = [("id", As::Text), ("x", As::Number)];
        let whole = one(text.as_bytes(), &wanted);
        for max_rows in [1, 7, 100] {
            let batches = read(text.as_bytes(), &wanted, max_rows).unwrap();
            assert!(batches.iter().all(|b| b.n_rows <= max_rows));
            let ids: Vec<_> = batches.iter().flat_map(|b| texts(b, 0)).collect();
            let xs: Vec<_> = batches.iter().flat_map(|b| numbers(b, 1)).copied().collect();
            let places: Vec<_> = batches.iter().flat_map(|b| (0..b.n_rows).map(|i| b.place(i))).collect();
            assert_eq!(ids, texts(&whole, 0));
            assert_eq!(xs, numbers(&whole, 1));
            assert_eq!(places, (2..102).collect::<Vec<_>>());
        }
    }

    #[test]
    fn of_two_columns_of_one_name_the_first_is_read_and_the_schema_shows_both() {
        let batch = one(b"id,a,a\n1,2,3\n", &[("a", As::Number)]);
        assert_eq!(numbers(&batch, 0), [2.0]);
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("t.csv");
        std::fs::write(&path, "id,a,a\n").unwrap();
        assert_eq!(inspect(&path, None).unwrap().fields, ["id", "a", "a"]);
    }

    #[test]
    fn a_wrong_column_lists_those_present() {
        match read(b"id,a\n1,2\n", &[("A", As::Number)], 10) {
            Err(ReadError::NoSuchColumn { wanted, present, .. }) => {
                assert_eq!(wanted, "A");
                assert_eq!(present, ["id", "a"]);
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn an_open_quote_far_down_names_its_line_and_rows_before_it_are_given() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("t.csv");
        std::fs::write(&path, "a,b\n1,2\n3,\"4\n5,6\n").unwrap();
        let columns = vec![("a".to_string(), As::Number)];
        let mut source = open(&path, &Request { columns, ..Request::default() }).unwrap();
        assert_eq!(source.next_batch(1).unwrap().unwrap().n_rows, 1);
        let error = source.next_batch(1).unwrap_err();
        assert!(error.to_string().contains("line 3"), "{error}");
    }

    #[test]
    fn missing_files_and_folders_are_told_apart() {
        let dir = tempfile::tempdir().unwrap();
        assert!(matches!(inspect(&dir.path().join("no.csv"), None), Err(ReadError::Missing { .. })));
        assert!(matches!(inspect(dir.path(), None), Err(ReadError::Io { .. })));
    }
}
