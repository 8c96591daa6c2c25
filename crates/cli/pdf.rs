//! Packs a PDF as Chromium writes it: one uncompressed object an element of the page, which is most of the file.
//!
//! Objects that are no streams go into compressed object streams, and the table of places becomes a stream too (PDF 1.5,
//! ISO 32000-1 §7.5.7 and §7.5.8). Nothing else changes: text, tags for screen readers and pictures stay as they are. What
//! is not built as expected is left alone.

use flate2::{Compression, write::ZlibEncoder};
use std::io::Write as _;

/// Objects in one object stream; readers unpack a whole stream to get at one.
const PACKED: usize = 200;

/// The packed file; `None` where the file is built otherwise, or does not get smaller.
pub(crate) fn packed(pdf: &[u8]) -> Option<Vec<u8>> {
    let (places, trailer) = table_of(pdf)?;
    let mut out = b"%PDF-1.5\n%\xe2\xe3\xcf\xd3\n".to_vec();
    // By number: where an object is, as the table's stream tells it.
    let mut entries: Vec<[u64; 3]> = vec![[0, 0, 65_535]; places.len()];
    let mut loose: Vec<(usize, &[u8])> = Vec::new();
    for (number, place) in places.iter().enumerate() {
        let Some(body) = place.map(|at| body_of(pdf, at, number)) else { continue };
        let body = body?;
        if find(body, b"stream").is_some() {
            entries[number] = [1, out.len() as u64, 0];
            out.extend(format!("{number} 0 obj").as_bytes());
            out.extend(body);
            out.extend(b"endobj\n");
        } else {
            loose.push((number, body));
        }
    }
    let mut next = places.len();
    for pack in loose.chunks(PACKED) {
        let (mut heads, mut bodies) = (String::new(), Vec::new());
        for (i, (number, body)) in pack.iter().enumerate() {
            entries[*number] = [2, next as u64, i as u64];
            heads.push_str(&format!("{number} {} ", bodies.len()));
            bodies.extend(body.trim_ascii());
            bodies.push(b'\n');
        }
        entries.push([1, out.len() as u64, 0]);
        let dictionary = format!("/Type /ObjStm /N {} /First {}", pack.len(), heads.len());
        let content = [heads.as_bytes(), bodies.as_slice()].concat();
        push_stream(&mut out, next, &dictionary, &content)?;
        next += 1;
    }
    let start = out.len();
    entries.push([1, start as u64, 0]);
    let table: Vec<u8> = entries
        .iter()
        .flat_map(|[kind, a, b]| {
            let (a, b) = (a.to_be_bytes(), b.to_be_bytes());
            [&[*kind as u8], &a[3..], &b[6..]].concat()
        })
        .collect();
    let dictionary = format!("/Type /XRef /W [1 5 2] /Size {} {trailer}", entries.len());
    push_stream(&mut out, next, &dictionary, &table)?;
    out.extend(format!("startxref\n{start}\n%%EOF\n").as_bytes());
    (out.len() < pdf.len()).then_some(out)
}

fn push_stream(out: &mut Vec<u8>, number: usize, dictionary: &str, content: &[u8]) -> Option<()> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(content).ok()?;
    let content = encoder.finish().ok()?;
    let length = content.len();
    out.extend(
        format!("{number} 0 obj\n<<{dictionary} /Filter /FlateDecode /Length {length}>>\nstream\n")
            .as_bytes(),
    );
    out.extend(&content);
    out.extend(b"\nendstream\nendobj\n");
    Some(())
}

/// Where each object is by its number, and the trailer's references to the catalogue and the description.
fn table_of(pdf: &[u8]) -> Option<(Vec<Option<usize>>, String)> {
    let tail = &pdf[pdf.len().saturating_sub(64)..];
    let start = text(&tail[rfind(tail, b"startxref")? + 9..])?.split_ascii_whitespace().next()?;
    let table = pdf.get(start.parse::<usize>().ok()?..)?;
    let end = find(table, b"trailer")?;
    let mut lines = text(&table[..end])?.lines();
    (lines.next()?.trim() == "xref").then_some(())?;
    let (first, n) = lines.next()?.trim().split_once(' ')?;
    (first == "0").then_some(())?;
    let n: usize = n.parse().ok()?;
    let mut places = Vec::with_capacity(n.min(1 << 22));
    for line in lines.take(n) {
        let mut parts = line.split_ascii_whitespace();
        let (at, generation, kind) = (parts.next()?, parts.next()?, parts.next()?);
        let is_used = kind == "n";
        (!is_used || generation.parse::<u32>() == Ok(0)).then_some(())?;
        places.push(is_used.then(|| at.parse().ok()).flatten());
    }
    (places.len() == n).then_some(())?;
    let trailer = text(&table[end..])?;
    let reference = |name: &str| {
        let rest = trailer.split_once(name)?.1;
        let mut parts = rest.split_ascii_whitespace();
        let (number, generation) = (parts.next()?, parts.next()?);
        (number.parse::<usize>().is_ok() && generation == "0").then(|| format!("{name} {number} 0 R"))
    };
    let (root, info) = (reference("/Root")?, reference("/Info").unwrap_or_default());
    // Encrypted objects may not be packed.
    (!trailer.contains("/Encrypt")).then_some((places, format!("{root} {info}")))
}

/// What stands between `N 0 obj` and `endobj`; a stream's end is told by its length.
fn body_of(pdf: &[u8], at: usize, number: usize) -> Option<&[u8]> {
    let rest = pdf.get(at..)?.strip_prefix(format!("{number} 0 obj").as_bytes())?;
    let end = find(rest, b"endobj")?;
    let Some(begins) = find(&rest[..end], b"stream") else { return Some(&rest[..end]) };
    let after = text(&rest[..begins])?.split_once("/Length")?.1;
    let length: usize = after.trim_start().split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()?;
    // A length that stands elsewhere (`/Length 7 0 R`) is none of Chromium's.
    let content = begins + b"stream".len();
    let behind = rest.get(content + length..)?;
    Some(&rest[..content + length + find(behind, b"endobj")?])
}

fn text(bytes: &[u8]) -> Option<&str> {
    std::str::from_utf8(bytes).ok()
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|w| w == wanted)
}

fn rfind(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).rposition(|w| w == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A file of a catalogue, a stream with "endobj" inside, and many small objects.
    fn small() -> Vec<u8> {
        let mut pdf = b"%PDF-1.4\n".to_vec();
        let mut places = Vec::new();
        let mut objects = vec!["<</Type /Catalog>>".to_string()];
        objects.push("<</Length 16>>\nstream\nendobj is no end\nendstream".to_string());
        objects.extend((0..500).map(|i| format!("<</Type /StructElem /S /TD /P 1 0 R /K {i}>>")));
        for (i, object) in objects.iter().enumerate() {
            places.push(pdf.len());
            pdf.extend(format!("{} 0 obj\n{object}\nendobj\n", i + 1).as_bytes());
        }
        let start = pdf.len();
        pdf.extend(format!("xref\n0 {}\n0000000000 65535 f \n", places.len() + 1).as_bytes());
        for place in &places {
            pdf.extend(format!("{place:010} 00000 n \n").as_bytes());
        }
        let size = places.len() + 1;
        pdf.extend(format!("trailer\n<</Size {size}\n/Root 1 0 R>>\nstartxref\n{start}\n%%EOF\n").as_bytes());
        pdf
    }

    #[test]
    fn objects_are_packed_and_streams_stay_as_they_are() {
        let pdf = small();
        let packed = packed(&pdf).unwrap();
        assert!(packed.len() * 4 < pdf.len(), "{} of {}", packed.len(), pdf.len());
        assert!(find(&packed, b"stream\nendobj is no end\nendstream").is_some());
        assert!(find(&packed, b"/Root 1 0 R").is_some() && find(&packed, b"StructElem").is_none());
    }

    #[test]
    fn a_file_that_is_built_otherwise_is_left_alone() {
        let pdf = small();
        assert_eq!(packed(b"no pdf at all"), None);
        assert_eq!(packed(&pdf[..pdf.len() - 200]), None);
        assert_eq!(packed(&packed(&pdf).unwrap()), None);
    }
}
