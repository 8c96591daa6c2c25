//! Geometry objects into shapes.

use super::json::{Fault, read_members, skip_space, skip_value, unescape};
use super::positions::{Positions, read_positions};
use whitespot_model::features::DefectKind;
use whitespot_model::shapes::{Part, Shapes};

/// How deep geometry collections may nest.
const MAX_COLLECTION_DEPTH: usize = 32;

/// Reads geometries one after the other into the same columns.
#[derive(Debug, Default)]
pub(super) struct GeometryReader {
    pub(super) shapes: Shapes,
    positions: Positions,
    /// What was wrong with the geometry being read; it ends up empty unless only rings were unclosed.
    flaw: Option<(DefectKind, String)>,
    n_unclosed_rings: usize,
}

impl GeometryReader {
    /// Reads the geometry (or `null`) at `at` as the open feature's only one: an earlier one of the same
    /// feature is forgotten, as the last of duplicate members counts. Returns the offset behind it.
    pub(super) fn read(&mut self, text: &[u8], at: usize) -> Result<usize, Fault> {
        self.forget_open_feature();
        self.flaw = None;
        self.n_unclosed_rings = 0;
        self.read_nested(text, at, 0)
    }

    /// Ends the feature, and says what was wrong with its geometry.
    pub(super) fn end_feature(&mut self) -> Option<(DefectKind, String)> {
        let flaw = self.flaw.take();
        if flaw.is_some() {
            self.forget_open_feature();
        }
        self.shapes.end_feature();
        let n_unclosed = std::mem::take(&mut self.n_unclosed_rings);
        flaw.or_else(|| {
            (n_unclosed > 0)
                .then(|| (DefectKind::UnclosedRing, format!("{n_unclosed} ring(s) not closed, closed here")))
        })
    }

    fn forget_open_feature(&mut self) {
        let s = &mut self.shapes;
        let n_parts = s.feature_ends.last().map_or(0, |&e| e as usize);
        let n_rings = if n_parts == 0 { 0 } else { s.part_ends[n_parts - 1] as usize };
        let n_coords = if n_rings == 0 { 0 } else { s.ring_ends[n_rings - 1] as usize };
        s.parts.truncate(n_parts);
        s.part_ends.truncate(n_parts);
        s.ring_ends.truncate(n_rings);
        s.coords.truncate(n_coords);
    }

    fn note(&mut self, kind: DefectKind, what: impl Into<String>) {
        self.flaw.get_or_insert_with(|| (kind, what.into()));
    }

    fn read_nested(&mut self, text: &[u8], at: usize, depth: usize) -> Result<usize, Fault> {
        match text.get(at) {
            Some(b'{') => {}
            Some(b'n') => return skip_value(text, at),
            _ => {
                self.note(DefectKind::BadGeometry, "the geometry is not an object");
                return skip_value(text, at);
            }
        }
        if depth > MAX_COLLECTION_DEPTH {
            return Err(Fault::new(at, format!("collections nested more than {MAX_COLLECTION_DEPTH} deep")));
        }
        let mut kind = None;
        let mut has_coordinates = false;
        let mut members_at = None;
        self.positions.coords = std::mem::take(&mut self.shapes.coords);
        self.positions.n_before = self.positions.coords.len();
        self.positions.clear();
        let mut coordinates_flaw = None;
        let positions = &mut self.positions;
        let end = read_members(text, at, |key, value| {
            match key {
                b"type" => kind = Some(value),
                b"geometries" => members_at = Some(value),
                b"coordinates" => {
                    has_coordinates = true;
                    positions.clear();
                    coordinates_flaw = None;
                    match read_positions(text, value, positions) {
                        Ok(end) => return Ok(end),
                        // Not what it should be, but perhaps JSON.
                        Err(flaw) => {
                            positions.clear();
                            coordinates_flaw = Some(flaw);
                        }
                    }
                }
                _ => {}
            }
            skip_value(text, value)
        });
        self.shapes.coords = std::mem::take(&mut self.positions.coords);
        let end = end?;
        let kind_name = kind.and_then(|at| raw_string(text, at));
        if kind_name == Some(b"GeometryCollection") {
            self.shapes.coords.truncate(self.positions.n_before);
            self.read_collection(text, members_at, depth)?;
        } else if let Some(flaw) = coordinates_flaw {
            self.note(DefectKind::BadGeometry, flaw.words());
        } else {
            self.interpret(kind_name, has_coordinates);
            // A hole in the grammar right after the coordinates would show as a misnested geometry.
            if self.flaw.is_some() {
                skip_value(text, at)?;
            }
        }
        Ok(end)
    }

    fn read_collection(&mut self, text: &[u8], at: Option<usize>, depth: usize) -> Result<(), Fault> {
        let Some(at) = at.filter(|&at| text.get(at) == Some(&b'[')) else {
            self.note(DefectKind::BadGeometry, "a GeometryCollection without an array `geometries`");
            return Ok(());
        };
        let mut at = skip_space(text, at + 1);
        if text.get(at) == Some(&b']') {
            return Ok(());
        }
        loop {
            at = skip_space(text, self.read_nested(text, at, depth + 1)?);
            match text.get(at) {
                Some(b',') => at = skip_space(text, at + 1),
                Some(b']') => return Ok(()),
                _ => return Err(Fault::unexpected(text, at, "`,` or `]`")),
            }
        }
    }

    /// Gives the positions just read, which stand at the end of the coordinates, the meaning of their type.
    fn interpret(&mut self, kind: Option<&[u8]>, has_coordinates: bool) {
        let (name, wanted_depth, part) = match kind {
            Some(b"Point") => ("Point", 1, Part::Point),
            Some(b"MultiPoint") => ("MultiPoint", 2, Part::Point),
            Some(b"LineString") => ("LineString", 2, Part::Line),
            Some(b"MultiLineString") => ("MultiLineString", 3, Part::Line),
            Some(b"Polygon") => ("Polygon", 3, Part::Polygon),
            Some(b"MultiPolygon") => ("MultiPolygon", 4, Part::Polygon),
            Some(other) => {
                let name = unescape(other, None).unwrap_or("?".into());
                let name: String = name.chars().take(60).collect();
                self.shapes.coords.truncate(self.positions.n_before);
                return self.note(DefectKind::UnsupportedGeometry, format!("geometry of type `{name}`"));
            }
            None => {
                self.shapes.coords.truncate(self.positions.n_before);
                return self.note(DefectKind::BadGeometry, "a geometry without `type`");
            }
        };
        let depth = self.positions.depth;
        if !has_coordinates {
            self.note(DefectKind::BadGeometry, format!("a {name} without `coordinates`"));
        } else if depth != 0 && depth != wanted_depth {
            self.shapes.coords.truncate(self.positions.n_before);
            self.note(
                DefectKind::BadGeometry,
                format!("the coordinates of a {name} are nested {depth} deep, not {wanted_depth}"),
            );
        } else if part == Part::Point {
            self.end_points(name == "Point");
        } else if part == Part::Line {
            self.end_lines();
        } else {
            self.end_polygons();
        }
    }

    fn end_points(&mut self, is_single: bool) {
        let (shapes, first) = (&mut self.shapes, self.positions.n_before);
        if is_single && shapes.coords.len() > first + 1 {
            shapes.coords.truncate(first);
            return self.note(DefectKind::BadGeometry, "a Point of several positions");
        }
        for end in first + 1..=shapes.coords.len() {
            shapes.begin_part(Part::Point);
            shapes.ring_ends.push(end as u32);
            shapes.end_part();
        }
    }

    fn end_lines(&mut self) {
        let (shapes, first) = (&mut self.shapes, self.positions.n_before as u32);
        for end in &self.positions.ring_ends {
            shapes.begin_part(Part::Line);
            shapes.ring_ends.push(first + end);
            shapes.end_part();
        }
    }

    fn end_polygons(&mut self) {
        self.close_rings();
        let (shapes, first) = (&mut self.shapes, self.positions.n_before as u32);
        let mut ring = 0;
        for &end in &self.positions.group_ends {
            shapes.begin_part(Part::Polygon);
            shapes.ring_ends.extend(self.positions.ring_ends[ring..end as usize].iter().map(|e| first + e));
            shapes.end_part();
            ring = end as usize;
        }
    }

    /// Repeats the first position at the end of rings that lack it.
    fn close_rings(&mut self) {
        let coords = &mut self.shapes.coords;
        let first = self.positions.n_before;
        let ends = &mut self.positions.ring_ends;
        let ranges = |ends: &[u32]| {
            let starts = std::iter::once(0).chain(ends.iter().copied());
            starts.zip(ends.to_vec()).map(|(s, e)| first + s as usize..first + e as usize).collect::<Vec<_>>()
        };
        let is_open = |ring: &[geo_types::Coord<f64>]| ring.first() != ring.last();
        let mut n_open = 0;
        let mut start = first;
        for &end in ends.iter() {
            n_open += usize::from(is_open(&coords[start..first + end as usize]));
            start = first + end as usize;
        }
        if n_open == 0 {
            return;
        }
        self.n_unclosed_rings += n_open;
        let as_read = coords.split_off(first);
        for (i, range) in ranges(ends).into_iter().enumerate() {
            let ring = &as_read[range.start - first..range.end - first];
            coords.extend_from_slice(ring);
            if is_open(ring) {
                coords.push(ring[0]);
            }
            ends[i] = (coords.len() - first) as u32;
        }
    }
}

/// The bytes between the quotes of the string at `at`; `None` when there is none.
pub(super) fn raw_string(text: &[u8], at: usize) -> Option<&[u8]> {
    if text.get(at) != Some(&b'"') {
        return None;
    }
    let end = skip_value(text, at).ok()?;
    Some(&text[at + 1..end - 1])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (Shapes, Option<(DefectKind, String)>) {
        let mut reader = GeometryReader::default();
        reader.shapes.push_point(-1.0, -1.0); // an earlier feature stays as it is
        let end = reader.read(text.as_bytes(), 0).unwrap();
        assert_eq!(end, text.len());
        let flaw = reader.end_feature();
        assert_eq!(reader.shapes.coords_of(0).len(), 1);
        (reader.shapes, flaw)
    }

    #[test]
    fn the_type_may_stand_after_the_coordinates() {
        let (a, _) = read(r#"{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,0]]]}"#);
        let (b, _) =
            read(r#"{ "coordinates" : [[[0,0],[1,0],[1,1],[0,0]]], "bbox":[0,0,1,1],"type":"Polygon"}"#);
        assert_eq!(a, b);
        assert_eq!(a.parts, [Part::Point, Part::Polygon]);
    }

    #[test]
    fn each_type_becomes_its_parts() {
        for (kind, coordinates, parts, n_coords) in [
            ("Point", "[1,2]", vec![Part::Point], 1),
            ("MultiPoint", "[[1,2],[3,4]]", vec![Part::Point; 2], 2),
            ("LineString", "[[1,2],[3,4]]", vec![Part::Line], 2),
            ("MultiLineString", "[[[1,2],[3,4]],[[5,6],[7,8]]]", vec![Part::Line; 2], 4),
            ("MultiPolygon", "[[[[0,0],[1,0],[0,0]]],[[[5,5],[6,5],[5,5]]]]", vec![Part::Polygon; 2], 6),
            ("Polygon", "[]", vec![], 0),
            ("Point", "[]", vec![], 0),
        ] {
            let (shapes, flaw) = read(&format!(r#"{{"type":"{kind}","coordinates":{coordinates}}}"#));
            assert_eq!(shapes.parts[1..], parts, "{kind}");
            assert_eq!((shapes.n_coords() - 1, shapes.n_features(), flaw), (n_coords, 2, None), "{kind}");
        }
    }

    #[test]
    fn nested_collections_are_flattened_whatever_their_key_order() {
        let (shapes, flaw) = read(
            r#"{"geometries":[{"type":"Point","coordinates":[1,2]},{"type":"GeometryCollection","geometries":
            [{"coordinates":[[0,0],[1,1]],"type":"LineString"},null]}],"type":"GeometryCollection"}"#,
        );
        assert_eq!(shapes.parts, [Part::Point, Part::Point, Part::Line]);
        assert_eq!(flaw, None);
    }

    #[test]
    fn an_unclosed_ring_is_closed_and_said() {
        let (shapes, flaw) =
            read(r#"{"type":"Polygon","coordinates":[[[0,0],[9,0],[9,9]],[[1,1],[2,1],[2,2],[1,1]]]}"#);
        assert_eq!(shapes.ring_ends, [1, 5, 9]);
        assert_eq!(shapes.coords[1], shapes.coords[4]);
        assert_eq!(flaw.map(|f| f.0), Some(DefectKind::UnclosedRing));
    }

    #[test]
    fn a_flawed_geometry_is_empty_and_the_flaw_is_told() {
        for (text, kind, words) in [
            (
                r#"{"type":"LineString","coordinates":[[1,2],[3]]}"#,
                DefectKind::BadGeometry,
                "only one number",
            ),
            (r#"{"type":"Polygon","coordinates":[[1,2],[3,4]]}"#, DefectKind::BadGeometry, "2 deep, not 3"),
            (r#"{"type":"Point","coordinates":[1e999,2]}"#, DefectKind::BadGeometry, "too large"),
            (r#"{"type":"Point","coordinates":null}"#, DefectKind::BadGeometry, "not arrays"),
            (r#"{"type":"Point"}"#, DefectKind::BadGeometry, "without `coordinates`"),
            (r#"{"coordinates":[1,2]}"#, DefectKind::BadGeometry, "without `type`"),
            (r#"{"type":"Circle","coordinates":[1,2]}"#, DefectKind::UnsupportedGeometry, "`Circle`"),
            (r#""POINT(1 2)""#, DefectKind::BadGeometry, "not an object"),
        ] {
            let (shapes, flaw) = read(text);
            let (found, said) = flaw.expect(text);
            assert_eq!((found, shapes.n_coords(), shapes.n_features()), (kind, 1, 2), "{text}");
            assert!(said.contains(words), "{text}: {said}");
        }
    }

    #[test]
    fn of_duplicate_members_the_last_counts() {
        let (shapes, flaw) = read(r#"{"type":"Point","coordinates":[[1]],"coordinates":[3,4]}"#);
        assert_eq!((shapes.coords[1].x, flaw), (3.0, None));
    }

    #[test]
    fn broken_json_within_coordinates_is_a_fault_not_a_flaw() {
        for text in [
            r#"{"type":"Point","coordinates":[1 2]}"#,
            r#"{"type":"Point","coordinates":[1,2],[3,4]}"#,
            r#"{"type":"Point","coordinates":[1,NaN]}"#,
        ] {
            let fault = GeometryReader::default().read(text.as_bytes(), 0).expect_err(text);
            assert!(!fault.is_cut, "{text}: {}", fault.what);
        }
    }
}
