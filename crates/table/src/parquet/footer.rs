//! The footer of a Parquet file, made readable for a decoder that is older than the file.
//!
//! Since 2025 the format has types for geometry of its own, which new writers put beside the `geo` metadata. The
//! decoder refuses a logical type that it does not know. What such a column holds is plain WKB, so the type is
//! renamed to BSON, which the decoder gives as bytes. Nothing else is touched: the footer is walked by the
//! rules of Thrift's compact protocol, and one byte a geometry column is changed.

use std::io::{self, Read, Seek, SeekFrom};

/// Marks both ends of a file.
const MAGIC: &[u8; 4] = b"PAR1";
/// Length of the footer and the mark at the end.
const TAIL_BYTES: u64 = 8;
/// How deep structures may nest; the format needs about six.
const MAX_DEPTH: usize = 32;
/// Id of `BSON` in the union of logical types, as a Thrift number.
const BSON: u8 = 26;
/// Ids of `GEOMETRY` and `GEOGRAPHY`.
const GEOMETRIES: [u8; 2] = [34, 36];

/// Reads the bytes of the footer, with geometry types renamed.
pub(crate) fn read_footer(file: &mut (impl Read + Seek)) -> Result<Vec<u8>, String> {
    let failed = |e: io::Error| e.to_string();
    let n_bytes = file.seek(SeekFrom::End(0)).map_err(failed)?;
    if n_bytes < MAGIC.len() as u64 + TAIL_BYTES {
        return Err("it is too short".to_string());
    }
    let mut tail = [0; TAIL_BYTES as usize];
    file.seek(SeekFrom::End(-(TAIL_BYTES as i64))).map_err(failed)?;
    file.read_exact(&mut tail).map_err(failed)?;
    let [l0, l1, l2, l3, mark @ ..] = tail;
    if mark != *MAGIC {
        return Err("its end is missing".to_string());
    }
    let length = u64::from(u32::from_le_bytes([l0, l1, l2, l3]));
    if length + TAIL_BYTES > n_bytes {
        return Err("it should be longer than the file".to_string());
    }
    file.seek(SeekFrom::Start(n_bytes - TAIL_BYTES - length)).map_err(failed)?;
    let mut footer = vec![0; length as usize];
    file.read_exact(&mut footer).map_err(failed)?;
    for at in geometry_ids(&footer) {
        footer[at] = BSON;
    }
    Ok(footer)
}

/// Where the footer says `GEOMETRY` or `GEOGRAPHY`; nothing for a footer that is no Thrift, on which the decoder
/// will have its say.
fn geometry_ids(footer: &[u8]) -> Vec<usize> {
    let mut walk = Walk { bytes: footer, at: 0, found: Vec::new() };
    match walk.structure(0, Place::Footer) {
        Some(()) => walk.found,
        None => Vec::new(),
    }
}

/// What the structure being walked is, as far as it matters.
#[derive(Clone, Copy, PartialEq)]
enum Place {
    Footer,
    SchemaElement,
    LogicalType,
    Other,
}

impl Place {
    /// What field `id` of this structure holds.
    fn field(self, id: i64) -> Place {
        match (self, id) {
            (Place::Footer, 2) => Place::SchemaElement,
            (Place::SchemaElement, 10) => Place::LogicalType,
            _ => Place::Other,
        }
    }
}

struct Walk<'a> {
    bytes: &'a [u8],
    at: usize,
    found: Vec<usize>,
}

impl Walk<'_> {
    fn byte(&mut self) -> Option<u8> {
        let byte = *self.bytes.get(self.at)?;
        self.at += 1;
        Some(byte)
    }

    fn skip(&mut self, n: u64) -> Option<()> {
        let end = self.at.checked_add(usize::try_from(n).ok()?)?;
        (end <= self.bytes.len()).then(|| self.at = end)
    }

    fn unsigned(&mut self) -> Option<u64> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(value);
            }
        }
        None
    }

    fn structure(&mut self, depth: usize, place: Place) -> Option<()> {
        let mut id = 0_i64;
        loop {
            let header = self.byte()?;
            if header == 0 {
                return Some(());
            }
            if header >> 4 == 0 {
                let id_at = self.at;
                let folded = self.unsigned()?;
                id = (folded >> 1) as i64 ^ -((folded & 1) as i64);
                if place == Place::LogicalType && GEOMETRIES.contains(&self.bytes[id_at]) {
                    self.found.push(id_at);
                }
            } else {
                id += i64::from(header >> 4);
            }
            // The value of a truth field is in its header.
            if !matches!(header & 0x0f, 1 | 2) {
                self.value(header & 0x0f, depth, place.field(id))?;
            }
        }
    }

    fn value(&mut self, kind: u8, depth: usize, place: Place) -> Option<()> {
        if depth == MAX_DEPTH {
            return None;
        }
        match kind {
            1..=3 => self.skip(1),
            4..=6 => self.unsigned().map(drop),
            7 => self.skip(8),
            8 => {
                let length = self.unsigned()?;
                self.skip(length)
            }
            9 | 10 => {
                let header = self.byte()?;
                let n = if header >> 4 == 15 { self.unsigned()? } else { u64::from(header >> 4) };
                // Every element takes a byte at least, so a wrong number ends at the end of the bytes.
                (0..n).try_for_each(|_| self.value(header & 0x0f, depth + 1, place))
            }
            11 => {
                let n = self.unsigned()?;
                let kinds = if n == 0 { 0 } else { self.byte()? };
                (0..n).try_for_each(|_| {
                    self.value(kinds >> 4, depth + 1, Place::Other)?;
                    self.value(kinds & 0x0f, depth + 1, Place::Other)
                })
            }
            12 => self.structure(depth + 1, place),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    /// A footer with one column whose logical type has the given id: field 2 is a list of one structure, whose
    /// field 4 is a name and whose field 10 is the union.
    fn footer(id: u8) -> Vec<u8> {
        let mut bytes = vec![0x15, 0x02, 0x19, 0x1c]; // version 1, list of structures
        bytes.extend([0x48, 1, b'"', 0x6c, 0x0c, id, 0, 0, 0]); // a name that looks like an id; the union
        bytes.extend([0x16, 0x22, 0]); // field 3: the same number of rows
        bytes
    }

    fn file(footer: &[u8]) -> Vec<u8> {
        let length = (footer.len() as u32).to_le_bytes();
        [&MAGIC[..], footer, &length, MAGIC].concat()
    }

    #[test]
    fn only_the_id_of_a_geometry_type_is_changed() {
        for id in [34, 36] {
            let read = read_footer(&mut Cursor::new(file(&footer(id)))).unwrap();
            assert_eq!(read, footer(BSON));
        }
        assert_eq!(read_footer(&mut Cursor::new(file(&footer(28)))).unwrap(), footer(28));
    }

    #[test]
    fn footers_that_are_none_stay_as_they_are() {
        let nested = [0x1c].repeat(1000);
        let endless = [0x19, 0xfc, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f];
        for bytes in [&b""[..], &nested, &endless, &footer(34)[..9]] {
            assert_eq!(read_footer(&mut Cursor::new(file(bytes))).unwrap(), bytes);
        }
    }

    #[test]
    fn what_does_not_end_as_parquet_is_refused() {
        let whole = file(&footer(34));
        for bytes in [&b""[..], b"PAR1", &whole[..whole.len() - 1], b"PAR1\xff\xff\0\0PAR1"] {
            assert!(read_footer(&mut Cursor::new(bytes)).is_err());
        }
    }
}
