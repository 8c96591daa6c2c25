//! What a CSV is: its delimiter and its header, told from the first rows.

use super::{
    encoding::{self, open_text},
    records::{Record, RecordError, Records},
};
use crate::failure;
use std::{io::Read, path::Path};
use whitespot_model::features::ReadError;

/// Name of the format for people.
pub(crate) const FORMAT: &str = "CSV";

/// How much of a file is looked at.
const SAMPLE_BYTES: usize = 1 << 18;
/// How many rows are looked at, the header included.
const SAMPLE_ROWS: usize = 200;
/// In the order in which a tie is decided: a comma is more often text or a decimal mark than a delimiter.
const DELIMITERS: [u8; 4] = [b'\t', b';', b'|', b','];

/// What the first rows tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Dialect {
    /// Between two fields.
    pub(crate) delimiter: u8,
    /// The names of the first row, without spaces around.
    pub(crate) header: Vec<String>,
    /// The line of the header, from 1.
    pub(crate) header_line: u64,
}

/// Reads the first rows of a file.
pub(crate) fn tell_dialect(path: &Path, encoding: Option<&str>) -> Result<Dialect, ReadError> {
    let mut input = open_text(path, encoding, FORMAT)?;
    let mut sample = vec![0; SAMPLE_BYTES];
    let n = encoding::read_full(&mut input, &mut sample).map_err(|e| failure::io(path, e))?;
    sample.truncate(n);
    if sample.contains(&0) {
        return Err(failure::malformed(path, FORMAT, "it holds zero bytes and is no text")
            .hint("if it is UTF-16, say `encoding = \"utf-16le\"`")
            .into());
    }
    let is_whole = n < SAMPLE_BYTES;
    let delimiter = announced_delimiter(&sample).unwrap_or_else(|| likeliest_delimiter(&sample, is_whole));
    // The header may be longer than the sample, so it is read from the file and not from the sample.
    let mut records = Records::new(sample.chain(input), delimiter);
    let header = read_header(&mut records).map_err(|e| record_error(path, e))?;
    let Some((header_line, header)) = header else {
        return Err(failure::malformed(path, FORMAT, "it has no header: the file is empty").into());
    };
    Ok(Dialect { delimiter, header, header_line })
}

/// Reads up to and with the header; gives its line and names.
pub(crate) fn read_header<R: Read>(
    records: &mut Records<R>,
) -> Result<Option<(u64, Vec<String>)>, RecordError> {
    while let Some(record) = records.next_record()? {
        if record.line == 1 && announcement(&record) {
            continue;
        }
        let names = record.fields().map(|f| encoding::text(f).trim().to_string()).collect();
        return Ok(Some((record.line, names)));
    }
    Ok(None)
}

/// A record that cannot be read, in words.
pub(crate) fn record_error(path: &Path, error: RecordError) -> ReadError {
    let quote_hint = "close the quote, or double it (\"\") if it belongs to the text";
    match error {
        RecordError::Io(source) => failure::io(path, source),
        RecordError::UnclosedQuote { line } => {
            failure::malformed(path, FORMAT, format!("the quote opened on line {line} is never closed"))
                .hint(quote_hint)
                .into()
        }
        RecordError::TooLong { line, quote_line: Some(quote_line) } => failure::malformed(
            path,
            FORMAT,
            format!("the row on line {line} is longer than 16 MiB: the quote opened on line {quote_line} is not closed"),
        )
        .hint(quote_hint)
        .into(),
        RecordError::TooLong { line, quote_line: None } => {
            failure::malformed(path, FORMAT, format!("line {line} is longer than 16 MiB"))
                .hint("a table has one row a line; is this another format?")
                .into()
        }
    }
}

/// `sep=;`, which Excel understands as a first line.
fn announced_delimiter(sample: &[u8]) -> Option<u8> {
    let line = sample.split(|&b| b == b'\n' || b == b'\r').next()?;
    match line {
        [b'"', b's', b'e', b'p', b'=', d, b'"'] | [b's', b'e', b'p', b'=', d] => {
            DELIMITERS.contains(d).then_some(*d)
        }
        _ => None,
    }
}

/// Whether a record of the first line is `sep=…`; split at the announced delimiter itself.
fn announcement(record: &Record<'_>) -> bool {
    record
        .field(0)
        .is_some_and(|f| f == b"sep=" || (record.len() == 1 && f.starts_with(b"sep=") && f.len() == 5))
}

/// The delimiter that gives most rows as many fields as the header, and many of them.
fn likeliest_delimiter(sample: &[u8], is_whole: bool) -> u8 {
    let mut best = (0, None);
    for candidate in DELIMITERS {
        let shape = shape(sample, candidate, is_whole);
        let score = shape.share_in_thousandths() * shape.n_fields.saturating_sub(1);
        if score > best.0 {
            best = (score, Some(candidate));
        }
    }
    best.1.unwrap_or_else(|| {
        // A single column: no comma cuts it where it holds decimal commas.
        let with_commas = shape(sample, b',', is_whole);
        let commas_cut = with_commas.n_fields == 1 && with_commas.n_like_header < with_commas.n_rows;
        if commas_cut { b'\t' } else { b',' }
    })
}

/// What a delimiter makes of a sample.
#[derive(Default)]
struct Shape {
    /// Fields of the header.
    n_fields: usize,
    /// Rows below the header.
    n_rows: usize,
    /// Those with as many fields as the header.
    n_like_header: usize,
}

impl Shape {
    /// In thousandths, so that the order is that of whole numbers.
    fn share_in_thousandths(&self) -> usize {
        (1000 * self.n_like_header).checked_div(self.n_rows).unwrap_or(1000)
    }
}

fn shape(sample: &[u8], delimiter: u8, is_whole: bool) -> Shape {
    let mut records = Records::new(sample, delimiter);
    let mut lengths = Vec::new();
    while lengths.len() < SAMPLE_ROWS {
        match records.next_record() {
            Ok(Some(record)) => lengths.push(record.len()),
            // An open quote at the end of a sample is closed further on.
            Ok(None) | Err(_) => break,
        }
    }
    if !is_whole && lengths.len() > 1 && lengths.len() < SAMPLE_ROWS {
        lengths.pop(); // cut by the end of the sample
    }
    let Some((&n_fields, rows)) = lengths.split_first() else { return Shape::default() };
    let n_like_header = rows.iter().filter(|&&n| n == n_fields).count();
    Shape { n_fields, n_rows: rows.len(), n_like_header }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dialect(text: &[u8]) -> Result<Dialect, ReadError> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("t.csv");
        std::fs::write(&path, text).unwrap();
        tell_dialect(&path, None)
    }

    #[test]
    fn the_delimiter_is_told_from_header_and_rows() {
        for (text, delimiter) in [
            ("a,b,c\n1,2,3\n", b','),
            ("a;b;c\n1;2,5;3\n", b';'),
            ("a\tb\n1,5\t2,5\n", b'\t'),
            ("a|b|c\n1,5|2|3\n", b'|'),
            ("kod;andel, procent;antal, st\n01;2,5;3,1\n", b';'),
            ("name,note\nx,a;b\ny,c;d\n", b','),
            ("name,\"x;y;z\"\nx,1\n", b','),
            ("code\n2401\n", b','),
            ("share\n1,5\n2,5\n", b'\t'),
            ("a,b,c\n", b','),
            ("sep=;\na,x;b\n1;2\n", b';'),
        ] {
            let told = dialect(text.as_bytes()).unwrap();
            assert_eq!(char::from(told.delimiter), char::from(delimiter), "{text}");
        }
    }

    #[test]
    fn header_names_keep_signs_and_lose_spaces_around() {
        let told = dialect(b"\xef\xbb\xbf\n#id, share % ,\"a, b\",Ume\xe5,id\r\n1,2,3,4,5").unwrap();
        assert_eq!(told.header, ["#id", "share %", "a, b", "Umeå", "id"]);
        assert_eq!(told.header_line, 2);
        assert_eq!(dialect(b"sep=;\r\na;b\r\n1;2").unwrap().header, ["a", "b"]);
    }

    #[test]
    fn files_that_are_no_table_are_refused() {
        for text in [&b""[..], b"\n\r\n\n", b"\xef\xbb\xbf", b"PK\x03\x04\x00\x00", b"a,\"b\n1,2\n"] {
            let error = dialect(text).unwrap_err();
            assert!(matches!(error, ReadError::Malformed { .. }), "{text:?} {error}");
        }
    }
}
