//! The `.dbf` part: attributes in records of fixed length (dBASE III and its kin).

use crate::values::Value;
use encoding_rs::Encoding;
use std::borrow::Cow;
use std::io::{self, Read};

/// Reads records one after the other.
pub(super) struct RecordReader {
    file: Box<dyn Read + Send>,
    pub(super) fields: Vec<Field>,
    pub(super) n_records: u64,
    encoding: &'static Encoding,
    record: Vec<u8>,
}

/// A column.
#[derive(Clone, Debug)]
pub(super) struct Field {
    pub(super) name: String,
    kind: u8,
    start: usize,
    len: usize,
}

impl RecordReader {
    /// Reads the header; why the file is none. The encoding is the one given, else the header's, else
    /// Windows-1252.
    pub(super) fn new(
        mut file: Box<dyn Read + Send>,
        encoding: Option<&'static Encoding>,
    ) -> io::Result<Result<RecordReader, String>> {
        let mut head = Vec::new();
        (&mut file).take(32).read_to_end(&mut head)?;
        if head.len() < 32 {
            return Ok(Err("the .dbf file ends within its header".to_string()));
        }
        let n_records = u64::from(u32::from_le_bytes([head[4], head[5], head[6], head[7]]));
        let n_header = u64::from(u16::from_le_bytes([head[8], head[9]]));
        let n_record = usize::from(u16::from_le_bytes([head[10], head[11]]));
        let encoding = encoding.or_else(|| encoding_of_driver(head[29])).unwrap_or(encoding_rs::WINDOWS_1252);
        let mut descriptions = Vec::new();
        (&mut file).take(n_header.saturating_sub(32)).read_to_end(&mut descriptions)?;
        let mut fields = Vec::new();
        let mut start = 1; // after the deletion mark
        for field in descriptions.chunks_exact(32).take_while(|d| d[0] != b'\r') {
            let name_len = field[..11].iter().position(|b| *b == 0).unwrap_or(11);
            let name = encoding.decode_without_bom_handling(&field[..name_len]).0.trim().to_string();
            let len = usize::from(field[16]);
            fields.push(Field { name, kind: field[11], start, len });
            start += len;
        }
        if start > n_record || (descriptions.len() as u64) < n_header.saturating_sub(32) {
            return Ok(Err("the header of the .dbf file is broken".to_string()));
        }
        Ok(Ok(RecordReader { file, fields, n_records, encoding, record: vec![0; n_record] }))
    }

    /// Reads the next record; `false` when the file ends before.
    pub(super) fn next(&mut self) -> io::Result<bool> {
        match self.file.read_exact(&mut self.record) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Whether the record is marked as deleted.
    pub(super) fn is_deleted(&self) -> bool {
        self.record.first() == Some(&b'*')
    }

    /// The record's value of a field.
    pub(super) fn value(&self, field: usize) -> Value<'_> {
        let field = &self.fields[field];
        let bytes = &self.record[field.start..field.start + field.len];
        let text = || self.encoding.decode_without_bom_handling(bytes).0;
        match field.kind {
            b'N' | b'F' => number(&text()),
            b'L' => match bytes.first() {
                Some(b'T' | b't' | b'Y' | b'y' | b'1') => Value::Bool(true),
                Some(b'F' | b'f' | b'N' | b'n' | b'0') => Value::Bool(false),
                _ => Value::Missing,
            },
            b'D' => date(&text()),
            b'I' | b'+' => {
                bytes.first_chunk().map_or(Value::Missing, |b| Value::Integer(i32::from_le_bytes(*b).into()))
            }
            b'O' | b'B' if field.len == 8 => {
                bytes.first_chunk().map_or(Value::Missing, |b| Value::Real(f64::from_le_bytes(*b)))
            }
            b'C' | b'V' => match text() {
                Cow::Borrowed(text) => not_empty(Cow::Borrowed(text.trim_matches(['\0', ' ']))),
                Cow::Owned(text) => not_empty(Cow::Owned(text.trim_matches(['\0', ' ']).to_string())),
            },
            _ => Value::Other("a binary value"),
        }
    }
}

fn not_empty(text: Cow<'_, str>) -> Value<'_> {
    if text.is_empty() { Value::Missing } else { Value::Text(text) }
}

/// Blanks and asterisks (an overflow) are missing; whole numbers stay whole.
fn number(text: &str) -> Value<'static> {
    let text = text.trim_matches(['\0', ' ']);
    if text.is_empty() || text.starts_with('*') {
        return Value::Missing;
    }
    if let Ok(whole) = text.parse() {
        return Value::Integer(whole);
    }
    match text.parse() {
        Ok(real) => Value::Real(real),
        Err(_) => Value::Text(Cow::Owned(text.to_string())),
    }
}

/// `20251001` as `2025-10-01`.
fn date(text: &str) -> Value<'static> {
    let text = text.trim_matches(['\0', ' ']);
    match (text.get(..4), text.get(4..6), text.get(6..8)) {
        (Some(year), Some(month), Some(day)) if text.len() == 8 => {
            if text == "00000000" {
                return Value::Missing;
            }
            Value::Text(Cow::Owned(format!("{year}-{month}-{day}")))
        }
        _ => not_empty(Cow::Owned(text.to_string())),
    }
}

/// The encoding a `.cpg` file names: `UTF-8`, `1252`, `ANSI 1252`, `ISO-8859-1`, `88591`, `65001`, `936`.
pub(super) fn encoding_of_cpg(text: &str) -> Option<&'static Encoding> {
    let name = text.trim().trim_start_matches('\u{feff}').to_ascii_lowercase();
    if let Some(encoding) = Encoding::for_label(name.as_bytes()) {
        return Some(encoding);
    }
    let number = name.trim_start_matches(|c: char| !c.is_ascii_digit());
    let label = match number {
        "65001" => "utf-8".to_string(),
        "936" => "gbk".to_string(),
        "950" => "big5".to_string(),
        "932" => "shift_jis".to_string(),
        "949" => "euc-kr".to_string(),
        n if n.starts_with("8859") => format!("iso-8859-{}", n[4..].trim_start_matches('-')),
        n => format!("windows-{n}"),
    };
    Encoding::for_label(label.as_bytes())
}

/// The encoding of the header's language driver byte, for those that are common and unambiguous.
fn encoding_of_driver(driver: u8) -> Option<&'static Encoding> {
    Some(match driver {
        0x03 | 0x57..=0x59 => encoding_rs::WINDOWS_1252,
        0xc8 => encoding_rs::WINDOWS_1250,
        0xc9 => encoding_rs::WINDOWS_1251,
        0xca => encoding_rs::WINDOWS_1254,
        0xcb => encoding_rs::WINDOWS_1253,
        0xcc => encoding_rs::WINDOWS_1257,
        0x4d | 0x7a => encoding_rs::GBK,
        0x13 | 0x7b => encoding_rs::SHIFT_JIS,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_pages_are_known_by_all_their_names() {
        for (name, encoding) in [
            ("UTF-8\n", "UTF-8"),
            ("65001", "UTF-8"),
            ("1252", "windows-1252"),
            ("ANSI 1252", "windows-1252"),
            ("ISO-8859-1", "windows-1252"),
            ("ISO 88591", "windows-1252"),
            ("936", "GBK"),
            ("cp1251", "windows-1251"),
        ] {
            assert_eq!(encoding_of_cpg(name).map(Encoding::name), Some(encoding), "{name}");
        }
        assert_eq!(encoding_of_cpg("nonsense"), None);
    }

    #[test]
    fn blanks_and_overflows_are_missing_never_zero() {
        assert_eq!(number("     "), Value::Missing);
        assert_eq!(number("*****"), Value::Missing);
        assert_eq!(number("  12"), Value::Integer(12));
        assert_eq!(number("12.50"), Value::Real(12.5));
        assert_eq!(date("20251001"), Value::Text("2025-10-01".into()));
        assert_eq!(date("        "), Value::Missing);
    }
}
