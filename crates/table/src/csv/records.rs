//! Splits a stream of bytes into records and fields, with line numbers, in bounded memory.
//!
//! The rules are those of the `csv` crate (RFC 4180 and what people do beside it): a field that begins with
//! `"` runs to the next lone `"`, `""` inside is one quote, text after the closing quote belongs to the
//! field; a quote elsewhere is a character like others. LF, CR LF and a lone CR end a record outside quotes;
//! empty lines are no records. A test holds the two against each other; ours keeps the line where a record
//! begins, bounds its length and is faster, because a record without quotes is split where it lies.

use std::io::{self, Read};

/// Longest record in bytes. A longer one is an unclosed quote or no table.
pub(crate) const MAX_RECORD_BYTES: usize = 16 << 20;

const FIRST_BUFFER_BYTES: usize = 1 << 20;

/// Why there is no next record.
#[derive(Debug)]
pub(crate) enum RecordError {
    /// The stream fails.
    Io(io::Error),
    /// A record longer than [`MAX_RECORD_BYTES`].
    TooLong {
        /// The line it begins on.
        line: u64,
        /// The line of the quote that is open, if one is.
        quote_line: Option<u64>,
    },
    /// The file ends within quotes.
    UnclosedQuote {
        /// The line of the quote.
        line: u64,
    },
}

/// A stream of records.
pub(crate) struct Records<R> {
    input: R,
    delimiter: u8,
    first_buffer_bytes: usize,
    buffer: Vec<u8>,
    /// `buffer[start..end]` is read and not yet given.
    start: usize,
    end: usize,
    at_end_of_input: bool,
    /// Line of `buffer[start]`, from 1.
    line: u64,
    /// Fields of a record with quotes, without them, one byte between two.
    unquoted: Vec<u8>,
    /// End of each field of the record.
    ends: Vec<usize>,
}

/// One record; valid until the next is asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Record<'a> {
    /// The line it begins on, from 1.
    pub(crate) line: u64,
    bytes: &'a [u8],
    ends: &'a [usize],
}

impl<'a> Record<'a> {
    /// Number of fields, at least one.
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The bytes of field `i` without quotes; `None` past the last.
    #[inline]
    pub(crate) fn field(&self, i: usize) -> Option<&'a [u8]> {
        let end = *self.ends.get(i)?;
        let start = if i == 0 { 0 } else { self.ends[i - 1] + 1 };
        Some(&self.bytes[start..end])
    }

    /// All fields in order.
    pub(crate) fn fields(&self) -> impl Iterator<Item = &'a [u8]> {
        let record = *self;
        (0..record.len()).filter_map(move |i| record.field(i))
    }
}

/// What a look at the buffer found.
enum Found {
    /// A record: where its content ends, where the next begins, whether its fields are in `unquoted`, lines passed.
    Record { end: usize, next: usize, is_unquoted: bool, n_lines: u64 },
    /// The record goes on past the buffer; the line of the open quote counted from the record's own.
    More { open_quote: Option<u64> },
}

impl<R: Read> Records<R> {
    pub(crate) fn new(input: R, delimiter: u8) -> Self {
        Records::with_first_buffer(input, delimiter, FIRST_BUFFER_BYTES)
    }

    fn with_first_buffer(input: R, delimiter: u8, first_buffer_bytes: usize) -> Self {
        Records {
            input,
            delimiter,
            first_buffer_bytes,
            buffer: Vec::new(),
            start: 0,
            end: 0,
            at_end_of_input: false,
            line: 1,
            unquoted: Vec::new(),
            ends: Vec::new(),
        }
    }

    /// The next record that is not an empty line; `None` at the end of the stream.
    pub(crate) fn next_record(&mut self) -> Result<Option<Record<'_>>, RecordError> {
        loop {
            match self.look() {
                Found::Record { end, next, is_unquoted, n_lines } => {
                    let (line, start) = (self.line, self.start);
                    self.line += n_lines;
                    self.start = next;
                    if end == start {
                        continue;
                    }
                    let bytes = if is_unquoted { &self.unquoted[..] } else { &self.buffer[start..end] };
                    return Ok(Some(Record { line, bytes, ends: &self.ends }));
                }
                Found::More { open_quote } if self.at_end_of_input => {
                    // Only an open quote is left: without one the end of the input ends the record.
                    return match open_quote {
                        Some(offset) => Err(RecordError::UnclosedQuote { line: self.line + offset }),
                        None => Ok(None),
                    };
                }
                Found::More { open_quote } => self.read_more(open_quote)?,
            }
        }
    }

    fn read_more(&mut self, open_quote: Option<u64>) -> Result<(), RecordError> {
        if self.start > 0 {
            self.buffer.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
        }
        if self.end == self.buffer.len() {
            if self.end >= MAX_RECORD_BYTES {
                return Err(RecordError::TooLong {
                    line: self.line,
                    quote_line: open_quote.map(|offset| self.line + offset),
                });
            }
            self.buffer.resize((2 * self.end).max(self.first_buffer_bytes), 0);
        }
        while self.end < self.buffer.len() {
            match self.input.read(&mut self.buffer[self.end..]) {
                Ok(0) => {
                    self.at_end_of_input = true;
                    break;
                }
                Ok(n) => self.end += n,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(RecordError::Io(e)),
            }
        }
        Ok(())
    }

    /// Looks for the end of the record at `start` and sets its fields.
    fn look(&mut self) -> Found {
        self.ends.clear();
        let bytes = &self.buffer[self.start..self.end];
        if bytes.is_empty() {
            return Found::More { open_quote: None };
        }
        let end_of_line = memchr::memchr2(b'\n', b'\r', bytes);
        let line = match end_of_line {
            Some(end) => &bytes[..end],
            None if self.at_end_of_input => bytes,
            None if memchr::memchr(b'"', bytes).is_none() => return Found::More { open_quote: None },
            None => bytes,
        };
        if memchr::memchr(b'"', line).is_some() {
            return self.look_with_quotes();
        }
        for (i, &b) in line.iter().enumerate() {
            if b == self.delimiter {
                self.ends.push(i);
            }
        }
        self.ends.push(line.len());
        let Some(next) = self.after_line_end(self.start + line.len()) else {
            return Found::More { open_quote: None };
        };
        Found::Record { end: self.start + line.len(), next, is_unquoted: false, n_lines: 1 }
    }

    /// Where the next line begins if a line ends at `at`; `None` when a CR is the last byte read and a LF may
    /// follow.
    fn after_line_end(&self, at: usize) -> Option<usize> {
        if at == self.end {
            return self.at_end_of_input.then_some(at);
        }
        if self.buffer[at] == b'\r' {
            return match self.buffer[..self.end].get(at + 1) {
                Some(b'\n') => Some(at + 2),
                Some(_) => Some(at + 1),
                None => self.at_end_of_input.then_some(at + 1),
            };
        }
        Some(at + 1)
    }

    fn look_with_quotes(&mut self) -> Found {
        self.unquoted.clear();
        let mut at = self.start;
        let mut n_lines = 0;
        loop {
            // At the begin of a field.
            if at < self.end && self.buffer[at] == b'"' {
                let quote_line = n_lines;
                at += 1;
                loop {
                    let Some(offset) = memchr::memchr(b'"', &self.buffer[at..self.end]) else {
                        return Found::More { open_quote: Some(quote_line) };
                    };
                    let quoted = &self.buffer[at..at + offset];
                    n_lines += count_line_ends(quoted);
                    self.unquoted.extend_from_slice(quoted);
                    at += offset + 1;
                    match self.buffer[..self.end].get(at) {
                        Some(b'"') => {
                            self.unquoted.push(b'"');
                            at += 1;
                        }
                        None if !self.at_end_of_input => return Found::More { open_quote: Some(quote_line) },
                        _ => break,
                    }
                }
            }
            let rest = &self.buffer[at..self.end];
            let offset = memchr::memchr3(self.delimiter, b'\n', b'\r', rest);
            let Some(offset) = offset.or(self.at_end_of_input.then_some(rest.len())) else {
                return Found::More { open_quote: None };
            };
            self.unquoted.extend_from_slice(&rest[..offset]);
            self.ends.push(self.unquoted.len());
            at += offset;
            if at < self.end && self.buffer[at] == self.delimiter {
                self.unquoted.push(self.delimiter);
                at += 1;
                continue;
            }
            return match self.after_line_end(at) {
                Some(next) => Found::Record { end: at, next, is_unquoted: true, n_lines: n_lines + 1 },
                None => Found::More { open_quote: None },
            };
        }
    }
}

/// Number of line ends: LF, CR LF and lone CR count one each.
fn count_line_ends(bytes: &[u8]) -> u64 {
    let n_lf = memchr::memchr_iter(b'\n', bytes).count();
    let n_lone_cr = memchr::memchr_iter(b'\r', bytes).filter(|&i| bytes.get(i + 1) != Some(&b'\n')).count();
    (n_lf + n_lone_cr) as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    type Rows = Vec<(u64, Vec<Vec<u8>>)>;

    /// With a first buffer of a few bytes every state meets the end of the buffer.
    fn split(text: &[u8], first_buffer_bytes: usize) -> Result<Rows, RecordError> {
        let mut records = Records::with_first_buffer(text, b',', first_buffer_bytes);
        let mut rows = Vec::new();
        while let Some(record) = records.next_record()? {
            rows.push((record.line, record.fields().map(<[u8]>::to_vec).collect()));
        }
        Ok(rows)
    }

    fn row(line: u64, fields: &[&str]) -> (u64, Vec<Vec<u8>>) {
        (line, fields.iter().map(|f| f.as_bytes().to_vec()).collect())
    }

    #[test]
    fn every_kind_of_line_end_ends_a_record_and_counts_one_line() {
        for buffer in [1, 2, 1000] {
            let rows = split(b"a,b\r\n1,2\r3,4\n\n\r\n5,6", buffer).unwrap();
            let expected =
                [row(1, &["a", "b"]), row(2, &["1", "2"]), row(3, &["3", "4"]), row(6, &["5", "6"])];
            assert_eq!(rows, expected, "{buffer} bytes at first");
        }
    }

    #[test]
    fn quotes_hold_delimiters_line_ends_and_quotes() {
        for buffer in [1, 3, 1000] {
            let rows = split(b"\"a,\"\"x\"\"\",\"two\r\nlines\"\n,\"\"\n5\" pipe,\"q\"r\n", buffer).unwrap();
            let expected =
                [row(1, &["a,\"x\"", "two\r\nlines"]), row(3, &["", ""]), row(4, &["5\" pipe", "qr"])];
            assert_eq!(rows, expected, "{buffer} bytes at first");
        }
    }

    #[test]
    fn an_unclosed_quote_names_the_line_it_opens_on() {
        match split(b"a,b\n1,2\n3,\"x\n4,5\n", 7) {
            Err(RecordError::UnclosedQuote { line: 3 }) => {}
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_record_without_end_is_refused_in_bounded_memory() {
        for (start, quote_line) in [("a,b\n1,2", None), ("a,b\n1,\"2", Some(2))] {
            let endless = start.as_bytes().chain(io::repeat(b'7').take(1 << 30));
            let mut records = Records::new(endless, b',');
            records.next_record().unwrap();
            match records.next_record() {
                Err(RecordError::TooLong { line: 2, quote_line: found }) => assert_eq!(found, quote_line),
                other => panic!("{other:?}"),
            }
            assert!(records.buffer.capacity() <= 2 * MAX_RECORD_BYTES);
        }
    }

    proptest! {
        #[test]
        fn records_are_those_of_the_csv_crate(text in "[ab,\"\r\n]{0,40}", buffer in 1_usize..9) {
            let mut oracle = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
            let expected: Vec<Vec<Vec<u8>>> = oracle
                .byte_records()
                .map(|r| r.unwrap().iter().map(<[u8]>::to_vec).collect())
                .collect();
            match split(text.as_bytes(), buffer) {
                Ok(rows) => {
                    let rows: Vec<_> = rows.into_iter().map(|r| r.1).collect();
                    prop_assert_eq!(rows, expected);
                }
                // The csv crate takes the end of the file for the closing quote; here it is an error.
                Err(RecordError::UnclosedQuote { .. }) => {}
                Err(other) => panic!("{other:?}"),
            }
        }
    }
}
