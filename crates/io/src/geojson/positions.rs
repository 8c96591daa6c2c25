//! The `coordinates` member straight into coordinate columns, whatever the geometry's type.
//!
//! Key order is free in JSON, so the type may come after the coordinates. The arrays are therefore read by
//! their nesting alone: an array of positions is a ring (or a line, or the points of a multipoint), an array
//! of rings is a group (a polygon). [`super::geometry`] then gives them their meaning. Arrays of megabytes
//! are cut between two positions and read in parallel.

use super::{json::skip_space, number::read_number};
use geo_types::Coord;
use rayon::prelude::*;

/// Why coordinates are not taken. The caller finds out whether they are JSON at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flaw {
    /// Something else than arrays of numbers.
    NotNumbers,
    /// A position of one number.
    OneNumber,
    /// A position of no number.
    NoNumber,
    /// A number beyond the range of a double.
    NotFinite,
    /// Positions at different depths.
    UnevenNesting,
    /// More levels of arrays than any geometry has.
    TooDeep,
}

impl Flaw {
    /// In words.
    pub(super) fn words(self) -> &'static str {
        match self {
            Flaw::NotNumbers => "coordinates are not arrays of numbers",
            Flaw::OneNumber => "a position has only one number",
            Flaw::NoNumber => "a position is an empty array",
            Flaw::NotFinite => "a coordinate is too large for a number",
            Flaw::UnevenNesting => "coordinates are nested unevenly",
            Flaw::TooDeep => "coordinates are nested deeper than those of a MultiPolygon",
        }
    }
}

/// Rings as they were nested.
#[derive(Clone, Debug, Default)]
pub(super) struct Positions {
    /// The positions, after those that were there before.
    pub(super) coords: Vec<Coord<f64>>,
    /// Number of coordinates that were there before.
    pub(super) n_before: usize,
    /// End of each ring, counted from `n_before`; empty rings are left out.
    pub(super) ring_ends: Vec<u32>,
    /// End of each group in `ring_ends`; empty groups are left out.
    pub(super) group_ends: Vec<u32>,
    /// How many arrays deep positions are, their own included: 1 for a point, 4 for a multipolygon; 0
    /// without any.
    pub(super) depth: usize,
    /// How many arrays deep the deepest empty array is, itself included.
    deepest_empty: usize,
}

impl Positions {
    /// Forgets what was read, not what was there before.
    pub(super) fn clear(&mut self) {
        self.coords.truncate(self.n_before);
        self.ring_ends.clear();
        self.group_ends.clear();
        self.depth = 0;
        self.deepest_empty = 0;
    }

    fn close_array(&mut self, depth_left: usize) {
        if depth_left + 2 == self.depth {
            end_at(&mut self.ring_ends, self.coords.len() - self.n_before);
        } else if depth_left + 3 == self.depth {
            end_at(&mut self.group_ends, self.ring_ends.len());
        }
    }

    fn append(&mut self, later: &Positions) {
        self.deepest_empty = self.deepest_empty.max(later.deepest_empty);
        // A ring or group open at the cut has no end on this side, so plain offsets join it again.
        let (coords, rings) = ((self.coords.len() - self.n_before) as u32, self.ring_ends.len() as u32);
        self.coords.extend_from_slice(&later.coords);
        self.ring_ends.extend(later.ring_ends.iter().map(|e| e + coords));
        self.group_ends.extend(later.group_ends.iter().map(|e| e + rings));
    }
}

/// Ends what has grown since the last end; nothing grown, nothing ended.
fn end_at(ends: &mut Vec<u32>, n: usize) {
    let n = u32::try_from(n).expect("a piece of text holds fewer than 2^32 positions");
    if n > ends.last().copied().unwrap_or(0) {
        ends.push(n);
    }
}

/// Texts shorter than this are read by one thread.
const PIECE_BYTES: usize = 512 * 1024;

/// Reads the array at `at` into `out`, which must be clear; returns the offset behind it.
pub(super) fn read_positions(text: &[u8], at: usize, out: &mut Positions) -> Result<usize, Flaw> {
    let end = read_long_or_short(text, at, out)?;
    // Empty rings and polygons are one thing, a place without numbers among others is another.
    if out.depth > 0 && out.deepest_empty >= out.depth { Err(Flaw::NoNumber) } else { Ok(end) }
}

fn read_long_or_short(text: &[u8], at: usize, out: &mut Positions) -> Result<usize, Flaw> {
    if text.len() - at > 2 * PIECE_BYTES {
        return read_in_pieces(text, at, out);
    }
    Ok(read_piece(text, at, 0, out)?.at)
}

/// The state in which a piece of text leaves the arrays.
#[derive(Clone, Copy, Debug)]
struct Left {
    at: usize,
    depth: usize,
}

/// Reads pieces in parallel until one of them ends the array; what the later ones make of the text behind it
/// does not matter.
fn read_in_pieces(text: &[u8], at: usize, out: &mut Positions) -> Result<usize, Flaw> {
    let mut borders = vec![at];
    while let Some(border) = border_between_positions(text, borders[borders.len() - 1] + PIECE_BYTES) {
        borders.push(border);
    }
    borders.push(text.len());
    // The first piece tells how deep positions lie; all others begin within a ring.
    let first = read_piece(&text[..borders[1]], at, 0, out)?;
    if first.depth == 0 {
        return Ok(first.at);
    }
    let depth = out.depth;
    if depth < 2 || first.depth + 1 != depth {
        return Err(Flaw::UnevenNesting);
    }
    let pieces: Vec<Result<(Positions, Left), Flaw>> = borders[1..]
        .par_windows(2)
        .map(|border| {
            let mut piece = Positions { depth, ..Positions::default() };
            // A position takes some twenty bytes or more.
            piece.coords.reserve((border[1] - border[0]) / 20);
            let left = read_piece(&text[..border[1]], border[0], depth - 1, &mut piece)?;
            Ok((piece, left))
        })
        .collect();
    out.coords.reserve(pieces.iter().flatten().map(|(piece, _)| piece.coords.len()).sum());
    for piece in pieces {
        let (piece, left) = piece?;
        out.append(&piece);
        if left.depth == 0 {
            return Ok(left.at);
        }
        if left.depth + 1 != depth {
            return Err(Flaw::UnevenNesting);
        }
    }
    Err(Flaw::NotNumbers)
}

/// The next offset from `from` on where a position begins directly after another of the same ring.
fn border_between_positions(text: &[u8], from: usize) -> Option<usize> {
    let mut at = from;
    loop {
        let comma = at + memchr::memchr(b',', text.get(at..)?)?;
        at = comma + 1;
        let before = text[..comma].iter().rev().find(|b| !b.is_ascii_whitespace());
        let bracket = skip_space(text, at);
        let number = skip_space(text, bracket + 1);
        if before == Some(&b']')
            && text.get(bracket) == Some(&b'[')
            && matches!(text.get(number), Some(b'-' | b'0'..=b'9'))
        {
            return Some(bracket);
        }
    }
}

/// Reads from `at`, where `depth` arrays are open and a value is expected, to the end of the outermost array
/// or, within a ring, to the end of the text.
fn read_piece(text: &[u8], mut at: usize, mut depth: usize, out: &mut Positions) -> Result<Left, Flaw> {
    loop {
        at = skip_space(text, at);
        match text.get(at) {
            Some(b'[') => at = skip_space(text, at + 1),
            None if depth > 0 => return Ok(Left { at, depth }),
            _ => return Err(Flaw::NotNumbers),
        }
        depth += 1;
        match text.get(at) {
            Some(b'[') => {
                // Five levels: four of a multipolygon and one too many.
                if depth > 4 {
                    return Err(Flaw::TooDeep);
                }
                continue;
            }
            Some(b']') => {
                at += 1;
                out.deepest_empty = out.deepest_empty.max(depth);
            }
            _ => {
                if out.depth != depth {
                    if out.depth != 0 {
                        return Err(Flaw::UnevenNesting);
                    }
                    if depth > 4 {
                        return Err(Flaw::TooDeep);
                    }
                    out.depth = depth;
                }
                at = read_siblings(text, at, &mut out.coords)?;
            }
        }
        // The array just read is closed; close those around it until another value follows.
        loop {
            depth -= 1;
            out.close_array(depth);
            if depth == 0 {
                return Ok(Left { at, depth });
            }
            at = skip_space(text, at);
            match text.get(at) {
                Some(b',') => {
                    at += 1;
                    break;
                }
                Some(b']') => at += 1,
                _ => return Err(Flaw::NotNumbers),
            }
        }
    }
}

/// Reads the position whose first number stands at `at` and those that follow it; returns the offset behind
/// the bracket of the last one that another position does not follow at once.
#[inline]
fn read_siblings(text: &[u8], mut at: usize, coords: &mut Vec<Coord<f64>>) -> Result<usize, Flaw> {
    loop {
        let (x, after_x) = read_number(text, at).ok_or(Flaw::NotNumbers)?;
        at = skip_space(text, after_x);
        match text.get(at) {
            Some(b',') => at = skip_space(text, at + 1),
            Some(b']') => return Err(Flaw::OneNumber),
            _ => return Err(Flaw::NotNumbers),
        }
        let (y, after_y) = read_number(text, at).ok_or(Flaw::NotNumbers)?;
        at = skip_space(text, after_y);
        // Height and anything further are no concern of ours.
        while text.get(at) == Some(&b',') {
            let (_, after) = read_number(text, skip_space(text, at + 1)).ok_or(Flaw::NotNumbers)?;
            at = skip_space(text, after);
        }
        if text.get(at) != Some(&b']') {
            return Err(Flaw::NotNumbers);
        }
        at += 1;
        if !(x.is_finite() && y.is_finite()) {
            return Err(Flaw::NotFinite);
        }
        coords.push(Coord { x, y });
        // `,[` and a number: the next of the same ring.
        if text.get(at) != Some(&b',') {
            return Ok(at);
        }
        let bracket = skip_space(text, at + 1);
        if text.get(bracket) != Some(&b'[') {
            return Ok(at);
        }
        let number = skip_space(text, bracket + 1);
        if !matches!(text.get(number), Some(b'-' | b'0'..=b'9')) {
            return Ok(at);
        }
        at = number;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<(Positions, usize), Flaw> {
        let mut out = Positions::default();
        let end = read_positions(text.as_bytes(), 0, &mut out)?;
        Ok((out, end))
    }

    #[test]
    fn nesting_tells_rings_and_groups() {
        let text = "[ [[[0,0],[1,0],[ 1 , 1 ,9]],[[2,2,1e2,-4]]] ,[[[-3.5,3]]] ] ,";
        let (p, end) = read(text).unwrap();
        assert_eq!(end, text.len() - 2);
        assert_eq!((p.depth, p.coords.len()), (4, 5));
        assert_eq!(p.ring_ends, [3, 4, 5]);
        assert_eq!(p.group_ends, [2, 3]);
        assert_eq!(p.coords[4], Coord { x: -3.5, y: 3.0 });
    }

    #[test]
    fn empty_arrays_leave_no_ring() {
        for text in ["[]", "[[]]", "[[],[]]", "[[[[]]]]"] {
            let (p, end) = read(text).unwrap();
            assert_eq!(
                (end, p.depth, p.ring_ends.len(), p.group_ends.len()),
                (text.len(), 0, 0, 0),
                "{text}"
            );
        }
        let (p, _) = read("[[],[[[1,2],[3,4]],[]]]").unwrap();
        assert_eq!((p.depth, p.ring_ends, p.group_ends), (4, vec![2], vec![1]));
    }

    #[test]
    fn each_flaw_is_told() {
        for (text, flaw) in [
            ("[[1,2],[3]]", Flaw::OneNumber),
            ("[[],[1,2]]", Flaw::NoNumber),
            ("[[1,2],[[]]]", Flaw::NoNumber),
            ("[[1,2],[\"3\",4]]", Flaw::NotNumbers),
            ("[[1,2],[1e999,4]]", Flaw::NotFinite),
            ("[[1,2],[[3,4]]]", Flaw::UnevenNesting),
            ("[[[1,2]],[3,4]]", Flaw::UnevenNesting),
            ("[[[[[1,2]]]]]", Flaw::TooDeep),
            ("[1,NaN]", Flaw::NotNumbers),
            ("[[1,2],[3,4]", Flaw::NotNumbers),
            ("[[1,2],", Flaw::NotNumbers),
            ("7", Flaw::NotNumbers),
        ] {
            let found = read(&format!("{text}}}")).map(|_| ()).expect_err(text);
            assert_eq!(found, flaw, "{text}");
        }
        assert_eq!(read(&"[".repeat(100_000)).map(|_| ()), Err(Flaw::TooDeep));
    }

    #[test]
    fn reading_in_pieces_changes_nothing() {
        // Long enough for several pieces, with ring and group ends at odd places.
        let mut text = String::from("[");
        let mut n = 0;
        for polygon in 0..40 {
            text.push_str(if polygon == 0 { "[" } else { "] , [" });
            for ring in 0..7 {
                text.push_str(if ring == 0 { "[" } else { "],[" });
                for i in 0..(1 + (polygon * 37 + ring * 11) % 900) {
                    text.push_str(if i == 0 { "" } else { ", " });
                    text.push_str(&format!("[{}.123456789,{}]", n % 181, -n));
                    n += 1;
                }
            }
            text.push(']');
        }
        text.push_str("]]");
        text.push('}');
        assert!(text.len() > 4 * PIECE_BYTES, "{}", text.len());
        let mut whole = Positions::default();
        let left = read_piece(text.as_bytes(), 0, 0, &mut whole).unwrap();
        let (cut, end) = read(&text).unwrap();
        assert_eq!(end, left.at);
        assert_eq!(cut.coords, whole.coords);
        assert_eq!(cut.ring_ends, whole.ring_ends);
        assert_eq!(cut.group_ends, whole.group_ends);

        // Broken in the middle: a flaw in any piece is a flaw of the whole, and a bracket too many ends it.
        for (from, to) in [("[90.123456789,", "[90.123456789;"), ("] , [", "]] , [[")] {
            let at = text[text.len() / 2..].find(from).unwrap() + text.len() / 2;
            let broken = format!("{}{to}{}", &text[..at], &text[at + from.len()..]);
            assert!(read(&broken).map_or(true, |(_, broken_end)| broken_end < end), "{to}");
        }
    }
}
