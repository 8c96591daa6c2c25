//! Shapes as well-known text, as tables carry them in a column (OGC 06-103r4 §7; also the `SRID=…;` of PostGIS).
//!
//! Heights and measures are read over. Curves are refused by name, as in [`crate::wkb`].

use crate::{
    shapes::{Part, Shapes},
    wkb::{Lengths, MAX_DEPTH},
};

/// Why a text is not a geometry we read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WktError {
    /// A geometry of another kind.
    #[error("a {0} is not read; make lines of it with `ogr2ogr -nlt CONVERT_TO_LINEAR`")]
    Unsupported(String),
    /// The text says something else.
    #[error("`{found}` stands where {expected} should")]
    Unexpected {
        /// The beginning of what stands there.
        found: String,
        /// What should.
        expected: &'static str,
    },
    /// Collections in collections in collections.
    #[error("its collections are nested more than {MAX_DEPTH} deep")]
    TooDeep,
}

/// Adds the parts of a geometry to the open feature; gives the number of rings that were not closed and are now.
///
/// ```
/// use whitespot_model::{shapes::Shapes, wkt};
///
/// let mut shapes = Shapes::default();
/// assert_eq!(wkt::decode_into("POLYGON ((0 0, 9 0, 9 9, 0 0))", &mut shapes), Ok(0));
/// shapes.end_feature();
/// assert_eq!(shapes.n_coords(), 4);
/// ```
///
/// # Errors
/// [`WktError`]; `shapes` is then as it was before.
pub fn decode_into(text: &str, shapes: &mut Shapes) -> Result<usize, WktError> {
    let before = Lengths::of(shapes);
    let text = text.trim();
    let text = match text.get(..5).filter(|start| start.eq_ignore_ascii_case("SRID=")) {
        Some(_) => text.split_once(';').map_or(text, |(_, rest)| rest),
        None => text,
    };
    let mut reader = Reader { rest: text, n_unclosed: 0 };
    let read = reader.geometry(shapes, 0).and_then(|()| match reader.skip_space().is_empty() {
        true => Ok(reader.n_unclosed),
        false => Err(reader.unexpected("the end")),
    });
    if read.is_err() {
        before.restore(shapes);
    }
    read
}

struct Reader<'a> {
    rest: &'a str,
    n_unclosed: usize,
}

impl Reader<'_> {
    fn skip_space(&mut self) -> &str {
        self.rest = self.rest.trim_start();
        self.rest
    }

    fn unexpected(&self, expected: &'static str) -> WktError {
        let found: String = self.rest.trim_start().chars().take(20).collect();
        WktError::Unexpected { found, expected }
    }

    /// Takes a word of letters, in upper case; empty where none stands there.
    fn word(&mut self) -> String {
        self.skip_space();
        let n = self.rest.bytes().take_while(u8::is_ascii_alphabetic).count();
        let (word, rest) = self.rest.split_at(n);
        self.rest = rest;
        word.to_ascii_uppercase()
    }

    fn takes(&mut self, mark: char) -> bool {
        match self.skip_space().strip_prefix(mark).map(str::len) {
            Some(n_left) => {
                self.rest = &self.rest[self.rest.len() - n_left..];
                true
            }
            None => false,
        }
    }

    /// Takes the list in brackets that follows, member by member; a word `EMPTY` is a list of none.
    fn list(&mut self, mut member: impl FnMut(&mut Self) -> Result<(), WktError>) -> Result<(), WktError> {
        if !self.takes('(') {
            return match self.word().as_str() {
                "EMPTY" => Ok(()),
                _ => Err(self.unexpected("a bracket")),
            };
        }
        loop {
            member(self)?;
            if self.takes(')') {
                return Ok(());
            }
            if !self.takes(',') {
                return Err(self.unexpected("a comma or a closing bracket"));
            }
        }
    }

    fn geometry(&mut self, shapes: &mut Shapes, depth: usize) -> Result<(), WktError> {
        if depth > MAX_DEPTH {
            return Err(WktError::TooDeep);
        }
        let mut kind = self.word();
        // The dimension is a word of its own, or the last letters of the kind.
        let before = self.rest;
        if !matches!(self.word().as_str(), "Z" | "M" | "ZM") {
            self.rest = before;
        }
        for dimension in ["ZM", "Z", "M"] {
            if let Some(bare) = kind.strip_suffix(dimension).filter(|bare| KINDS.contains(bare)) {
                kind = bare.to_string();
                break;
            }
        }
        match kind.as_str() {
            "POINT" => self.list(|r| r.point(shapes)),
            // Points of a collection of them stand in brackets or not.
            "MULTIPOINT" => self.list(|r| match r.skip_space().starts_with(['(', 'E', 'e']) {
                true => r.list(|r| r.point(shapes)),
                false => r.point(shapes),
            }),
            "LINESTRING" => self.line(shapes),
            "MULTILINESTRING" => self.list(|r| r.line(shapes)),
            "POLYGON" => self.polygon(shapes),
            "MULTIPOLYGON" => self.list(|r| r.polygon(shapes)),
            "GEOMETRYCOLLECTION" => self.list(|r| r.geometry(shapes, depth + 1)),
            "" => Err(self.unexpected("the kind of a geometry")),
            _ => Err(WktError::Unsupported(kind.chars().take(40).collect())),
        }
    }

    fn point(&mut self, shapes: &mut Shapes) -> Result<(), WktError> {
        let (x, y) = self.position()?;
        shapes.begin_part(Part::Point);
        shapes.push_ring([(x, y)]);
        shapes.end_part();
        Ok(())
    }

    fn line(&mut self, shapes: &mut Shapes) -> Result<(), WktError> {
        if self.positions(shapes)? > 0 {
            shapes.begin_part(Part::Line);
            shapes.end_ring();
            shapes.end_part();
        }
        Ok(())
    }

    fn polygon(&mut self, shapes: &mut Shapes) -> Result<(), WktError> {
        let n_before = shapes.ring_ends.len();
        self.list(|r| {
            let start = shapes.coords.len();
            if r.positions(shapes)? > 0 {
                let (first, last) = (shapes.coords[start], shapes.coords[shapes.coords.len() - 1]);
                if first != last {
                    shapes.coords.push(first);
                    r.n_unclosed += 1;
                }
                shapes.end_ring();
            }
            Ok(())
        })?;
        if shapes.ring_ends.len() > n_before {
            shapes.begin_part(Part::Polygon);
            shapes.end_part();
        }
        Ok(())
    }

    /// Reads a list of positions into the open ring; gives their number.
    fn positions(&mut self, shapes: &mut Shapes) -> Result<usize, WktError> {
        let start = shapes.coords.len();
        self.list(|r| {
            let (x, y) = r.position()?;
            shapes.push_coord(x, y);
            Ok(())
        })?;
        Ok(shapes.coords.len() - start)
    }

    /// Two to four numbers; x and y of them.
    fn position(&mut self) -> Result<(f64, f64), WktError> {
        let (x, y) = (self.number()?, self.number()?);
        for _ in 0..2 {
            let rest = self.skip_space();
            if !rest.is_empty() && !rest.starts_with([',', ')']) {
                self.number()?;
            }
        }
        Ok((x, y))
    }

    fn number(&mut self) -> Result<f64, WktError> {
        self.skip_space();
        let n = self
            .rest
            .bytes()
            .take_while(|b| matches!(b, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E'))
            .count();
        let number: Option<f64> = self.rest[..n].parse().ok().filter(|v: &f64| v.is_finite());
        let number = number.ok_or_else(|| self.unexpected("a number"))?;
        self.rest = &self.rest[n..];
        Ok(number)
    }
}

const KINDS: [&str; 7] =
    ["POINT", "MULTIPOINT", "LINESTRING", "MULTILINESTRING", "POLYGON", "MULTIPOLYGON", "GEOMETRYCOLLECTION"];

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Shapes {
        let mut shapes = Shapes::default();
        decode_into(text, &mut shapes).unwrap_or_else(|e| panic!("{text}: {e}"));
        shapes.end_feature();
        shapes
    }

    fn error(text: &str) -> String {
        let mut shapes = Shapes::default();
        let error = decode_into(text, &mut shapes).unwrap_err();
        assert_eq!(shapes, Shapes::default(), "{text}: nothing of it stays");
        error.to_string()
    }

    #[test]
    fn every_kind_is_read_with_or_without_heights_and_brackets() {
        for (text, n_parts, n_coords) in [
            ("POINT (1 2)", 1, 1),
            ("point z(1 2 3)", 1, 1),
            ("SRID=4326;POINT(1 -2.5e1)", 1, 1),
            ("POINT EMPTY", 0, 0),
            ("MULTIPOINT (1 2, 3 4)", 2, 2),
            ("MULTIPOINT ((1 2), EMPTY, (3 4))", 2, 2),
            ("LINESTRINGZM (1 2 3 4, 5 6 7 8)", 1, 2),
            ("MULTILINESTRING((1 2,3 4),(5 6,7 8,9 9))", 2, 5),
            ("POLYGON ((0 0, 9 0, 9 9, 0 0), (1 1, 2 1, 2 2, 1 1))", 1, 8),
            ("MULTIPOLYGON M (((0 0 1, 9 0 1, 9 9 1, 0 0 1)), ((20 0 1, 29 0 1, 29 9 1, 20 0 1)))", 2, 8),
            ("GEOMETRYCOLLECTION (POINT (1 2), GEOMETRYCOLLECTION EMPTY, POLYGON EMPTY)", 1, 1),
        ] {
            let shapes = read(text);
            assert_eq!((shapes.n_parts(), shapes.n_coords()), (n_parts, n_coords), "{text}");
        }
    }

    #[test]
    fn an_open_ring_is_closed_and_counted() {
        let mut shapes = Shapes::default();
        assert_eq!(decode_into("POLYGON ((0 0, 9 0, 9 9))", &mut shapes), Ok(1));
        assert_eq!(shapes.coords.first(), shapes.coords.last());
    }

    #[test]
    fn what_is_no_geometry_is_told_with_its_place() {
        assert!(
            error("CURVEPOLYGON (CIRCULARSTRING (0 0, 1 1, 2 0))").contains("a CURVEPOLYGON is not read")
        );
        assert!(error("POLYGON ((0 0, 9 x, 9 9))").contains("`x, 9 9))` stands where a number should"));
        assert!(error("POINT (1 2").contains("closing bracket"));
        assert!(error("POINT (1 2) and more").contains("`and more` stands where the end should"));
        assert!(error("POINT (1e999 2)").contains("a number"));
        assert!(error("").contains("the kind of a geometry"));
        assert!(error("ö").contains("the kind of a geometry"));
        let deep = format!("{}POINT (1 2){}", "GEOMETRYCOLLECTION (".repeat(100_000), ")".repeat(100_000));
        assert!(error(&deep).contains("nested more than"));
    }
}
