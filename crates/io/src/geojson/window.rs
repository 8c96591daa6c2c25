//! A GeoJSON document as windows of whole features: never more than a window of the file in memory, unless
//! one feature is larger than that.

use super::json::{Fault, bytes_equal, read_key, skip_space, skip_value, string_end, unescape};
use memchr::memchr3;
use std::io::Read;
use std::ops::Range;
use std::sync::Arc;
use whitespot_model::crs::CrsDeclaration;

/// Bytes read at a time.
const READ_BYTES: usize = 8 * 1024 * 1024;

/// Bytes read at first.
const FIRST_READ_BYTES: usize = 256 * 1024;

/// Consecutive features of a file.
#[derive(Clone, Debug)]
pub(super) struct Window {
    pub(super) text: Arc<Vec<u8>>,
    /// Offset of the text in the file.
    pub(super) offset: u64,
    /// Where the features stand in the text.
    pub(super) items: Vec<Range<usize>>,
}

/// Why no window comes.
#[derive(Debug)]
pub(super) enum WindowError {
    /// The file cannot be read on.
    Io(std::io::Error),
    /// The text is not GeoJSON; the offset is in the file.
    Fault { offset: u64, what: String },
}

/// How the document is built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Layout {
    /// Not looked at yet.
    Unknown,
    /// Features in the array `features` of one object; true once the first has been read.
    Collection { is_begun: bool },
    /// One object after the other; a lone feature or geometry is a sequence of one.
    Sequence,
    /// Everything has been read.
    Ended,
}

/// Reads windows from a stream.
pub(super) struct Windows {
    file: Box<dyn Read + Send>,
    text: Arc<Vec<u8>>,
    /// Offset of `text` in the file.
    offset: u64,
    /// How far `text` has been handed out.
    at: usize,
    is_at_end: bool,
    /// Bytes to read next; few at first, as those who only look need few.
    n_next: usize,
    /// A feature whose end is not in the text yet.
    search: Option<ObjectSearch>,
    /// A buffer that is no longer used.
    spare: Vec<u8>,
    layout: Layout,
    has_collection_type: bool,
    /// What the `crs` member met so far declares.
    pub(super) crs: Option<CrsDeclaration>,
}

impl Windows {
    pub(super) fn new(file: Box<dyn Read + Send>) -> Windows {
        Windows {
            file,
            text: Arc::default(),
            offset: 0,
            at: 0,
            is_at_end: false,
            n_next: FIRST_READ_BYTES,
            search: None,
            spare: Vec::new(),
            layout: Layout::Unknown,
            has_collection_type: false,
            crs: None,
        }
    }

    /// Whether the document is a feature collection, known once a window has been read.
    pub(super) fn is_collection(&self) -> bool {
        self.has_collection_type || matches!(self.layout, Layout::Collection { .. })
    }

    /// The next features: at most `max_items`, and no more of the file than one read brings, but at least
    /// one; `None` at the end.
    pub(super) fn next_window(&mut self, max_items: usize) -> Result<Option<Window>, WindowError> {
        let mut items = Vec::new();
        let mut text = Arc::clone(&self.text);
        while items.len() < max_items.max(1) {
            match self.step(&text) {
                Ok(Some(item)) => items.push(item),
                Ok(None) => break,
                Err(fault) if !fault.is_cut => return Err(self.fault(&fault)),
                // The window ends before this feature, which the next one begins with.
                Err(_) if !items.is_empty() => break,
                Err(fault) => {
                    if self.is_at_end {
                        return Err(self.fault(&Fault {
                            what: format!("the file ends in the middle of a value: {}", fault.what).into(),
                            ..fault
                        }));
                    }
                    drop(text);
                    self.read_more().map_err(WindowError::Io)?;
                    text = Arc::clone(&self.text);
                }
            }
        }
        if items.is_empty() {
            return Ok(None);
        }
        Ok(Some(Window { text, offset: self.offset, items }))
    }

    fn fault(&self, fault: &Fault) -> WindowError {
        WindowError::Fault { offset: self.offset + fault.at as u64, what: fault.what.to_string() }
    }

    /// Drops what has been handed out and reads on; a text that is too short for one feature doubles.
    fn read_more(&mut self) -> std::io::Result<()> {
        let rest = &self.text[self.at..];
        let n_wanted = self.n_next.max(rest.len());
        self.n_next = READ_BYTES;
        let mut text = std::mem::take(&mut self.spare);
        text.clear();
        text.reserve_exact(rest.len() + n_wanted);
        text.extend_from_slice(rest);
        let n_read = (&mut self.file).take(n_wanted as u64).read_to_end(&mut text)?;
        self.is_at_end = n_read < n_wanted;
        if let Some(search) = &mut self.search {
            search.start -= self.at;
            search.at -= self.at;
        }
        self.offset += self.at as u64;
        self.at = 0;
        self.text = Arc::new(text);
        Ok(())
    }

    /// Takes back the buffer of a window that has been read, unless this one is still in use.
    pub(super) fn take_back(&mut self, window: Window) {
        if let Ok(buffer) = Arc::try_unwrap(window.text) {
            self.spare = buffer;
        }
    }

    /// The next feature in `text`, or `None` at the end of the document. After a cut nothing has changed.
    fn step(&mut self, text: &[u8]) -> Result<Option<Range<usize>>, Fault> {
        match self.layout {
            Layout::Unknown => self.open_document(text),
            Layout::Collection { is_begun } => self.step_in_collection(text, is_begun),
            Layout::Sequence => self.step_in_sequence(text),
            Layout::Ended => Ok(None),
        }
    }

    fn open_document(&mut self, text: &[u8]) -> Result<Option<Range<usize>>, Fault> {
        let start = match text {
            [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => {
                return Err(Fault::new(0, "the text is UTF-16; GeoJSON is UTF-8"));
            }
            [0xef, 0xbb, 0xbf, ..] => 3,
            _ => 0,
        };
        let at = skip_separators(text, start);
        match text.get(at) {
            Some(b'{') => {}
            None if self.is_at_end => return Err(Fault::new(at, "the file is empty")),
            Some(b'[') => {
                return Err(Fault::new(at, "an array stands where a FeatureCollection is expected"));
            }
            _ => return Err(Fault::unexpected(text, at, "`{`")),
        }
        if let Some(features) = self.find_features(text, at)? {
            self.layout = Layout::Collection { is_begun: false };
            self.at = features;
            return self.step(text);
        }
        if self.has_collection_type {
            return Err(Fault::new(at, "a FeatureCollection without `features`"));
        }
        self.layout = Layout::Sequence;
        self.at = at;
        self.step(text)
    }

    /// Reads the members of the object at `at` up to the array `features`; the offset within its bracket.
    /// `None` when there is no such array.
    fn find_features(&mut self, text: &[u8], at: usize) -> Result<Option<usize>, Fault> {
        let mut at = skip_space(text, at + 1);
        let mut other_type = false;
        if text.get(at) == Some(&b'}') {
            return Ok(None);
        }
        loop {
            let (key, value) = read_key(text, at)?;
            let value = skip_space(text, value);
            let key = unescape(key, None).unwrap_or_default();
            if key == "features" && !other_type {
                return match text.get(value) {
                    Some(b'[') => Ok(Some(value + 1)),
                    _ => Err(Fault::unexpected(text, value, "the array of `features`")),
                };
            }
            let end = skip_value(text, value)?;
            self.note_member(&key, &text[value..end]);
            other_type |= key == "type" && !self.has_collection_type;
            at = skip_space(text, end);
            match text.get(at) {
                Some(b',') => at = skip_space(text, at + 1),
                Some(b'}') => return Ok(None),
                _ => return Err(Fault::unexpected(text, at, "`,` or `}`")),
            }
        }
    }

    fn note_member(&mut self, key: &str, value: &[u8]) {
        match key {
            "type" => self.has_collection_type = value == b"\"FeatureCollection\"",
            "crs" => self.crs = super::crs::read_crs(value),
            _ => {}
        }
    }

    fn step_in_collection(&mut self, text: &[u8], is_begun: bool) -> Result<Option<Range<usize>>, Fault> {
        let mut at = skip_space(text, self.at);
        match text.get(at) {
            Some(b']') => return self.end_collection(text, at + 1),
            Some(b',') if is_begun => at = skip_space(text, at + 1),
            _ if is_begun => return Err(Fault::unexpected(text, at, "`,` or `]` after a feature")),
            _ => {}
        }
        if text.get(at) != Some(&b'{') {
            return Err(Fault::unexpected(text, at, "a feature"));
        }
        let item = self.find_item(text, at)?;
        self.layout = Layout::Collection { is_begun: true };
        Ok(Some(item))
    }

    /// The whole object that begins at `at`.
    fn find_item(&mut self, text: &[u8], at: usize) -> Result<Range<usize>, Fault> {
        let mut search = self.search.take().filter(|s| s.start == at).unwrap_or(ObjectSearch::from(at));
        match search.find_end(text) {
            Some(end) => {
                self.at = end;
                Ok(at..end)
            }
            None => {
                self.search = Some(search);
                Err(cut_in_feature(text))
            }
        }
    }

    /// Reads what stands after the features: other members, the closing brace, and nothing more.
    fn end_collection(&mut self, text: &[u8], at: usize) -> Result<Option<Range<usize>>, Fault> {
        let mut at = skip_space(text, at);
        let mut members = Vec::new();
        loop {
            match text.get(at) {
                Some(b'}') => break,
                Some(b',') => {
                    let (key, value) = read_key(text, skip_space(text, at + 1))?;
                    let value = skip_space(text, value);
                    let key = unescape(key, None).unwrap_or_default();
                    if key == "features" {
                        return Err(Fault::new(at, "`features` stands twice"));
                    }
                    let end = skip_value(text, value)?;
                    members.push((key, value..end));
                    at = skip_space(text, end);
                }
                _ => return Err(Fault::unexpected(text, at, "`,` or `}` after the features")),
            }
        }
        let end = skip_separators(text, at + 1);
        if end < text.len() {
            return Err(Fault::unexpected(text, end, "the end of the file"));
        }
        if !self.is_at_end {
            return Err(cut_in_feature(text));
        }
        for (key, value) in members {
            self.note_member(&key, &text[value]);
        }
        if !self.has_collection_type {
            return Err(Fault::new(at, "an object with `features` whose `type` is not `FeatureCollection`"));
        }
        self.layout = Layout::Ended;
        Ok(None)
    }

    fn step_in_sequence(&mut self, text: &[u8]) -> Result<Option<Range<usize>>, Fault> {
        let at = skip_separators(text, self.at);
        match text.get(at) {
            None if self.is_at_end => Ok(None),
            Some(b'{') => self.find_item(text, at).map(Some),
            _ => Err(Fault::unexpected(text, at, "a feature")),
        }
    }
}

/// White space and the record separators of RFC 8142.
fn skip_separators(text: &[u8], mut at: usize) -> usize {
    while let Some(b' ' | b'\n' | b'\r' | b'\t' | 0x1e) = text.get(at) {
        at += 1;
    }
    at
}

fn cut_in_feature(text: &[u8]) -> Fault {
    Fault { at: text.len(), what: "the last feature is not complete".into(), is_cut: true }
}

/// The offset behind the object at `at`, without a look at its grammar; `None` when the text is too short.
pub(super) fn object_end(text: &[u8], at: usize) -> Option<usize> {
    ObjectSearch::from(at).find_end(text)
}

/// The search for the end of an object, told by braces and quotes alone. It goes on where it stopped once
/// there is more text.
#[derive(Clone, Copy, Debug)]
struct ObjectSearch {
    start: usize,
    at: usize,
    depth: usize,
}

impl ObjectSearch {
    fn from(start: usize) -> ObjectSearch {
        ObjectSearch { start, at: start, depth: 0 }
    }

    /// The offset behind the object; `None` when the text is too short.
    fn find_end(&mut self, text: &[u8]) -> Option<usize> {
        loop {
            let Some(i) = next_mark(text, self.at) else {
                self.at = text.len();
                return None;
            };
            match text[i] {
                b'{' => self.depth += 1,
                b'}' => {
                    self.depth -= 1;
                    if self.depth == 0 {
                        return Some(i + 1);
                    }
                }
                _ => match string_end(text, i) {
                    Some(end) => {
                        self.at = end + 1;
                        continue;
                    }
                    None => {
                        self.at = i;
                        return None;
                    }
                },
            }
            self.at = i + 1;
        }
    }
}

/// The offset of the next quote or brace: a few steps of eight bytes, as marks stand close together among
/// properties, then as fast as the machine can, as they stand far apart around coordinates.
#[inline]
fn next_mark(text: &[u8], at: usize) -> Option<usize> {
    let mut i = at;
    for _ in 0..4 {
        let Some(eight) = text.get(i..).and_then(<[u8]>::first_chunk) else { break };
        let eight = u64::from_le_bytes(*eight);
        let found = bytes_equal(eight, b'"') | bytes_equal(eight, b'{') | bytes_equal(eight, b'}');
        if found != 0 {
            return Some(i + (found.trailing_zeros() / 8) as usize);
        }
        i += 8;
    }
    Some(i + memchr3(b'"', b'{', b'}', text.get(i..)?)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives a few bytes at a time, as a slow disk might.
    struct Trickle(Vec<u8>, usize);

    impl Read for Trickle {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            let n = buffer.len().min(3).min(self.0.len() - self.1);
            buffer[..n].copy_from_slice(&self.0[self.1..self.1 + n]);
            self.1 += n;
            Ok(n)
        }
    }

    fn items(text: &str, max_items: usize) -> Result<Vec<String>, WindowError> {
        let mut windows = Windows::new(Box::new(Trickle(text.as_bytes().to_vec(), 0)));
        let mut found = Vec::new();
        while let Some(window) = windows.next_window(max_items)? {
            assert!(window.items.len() <= max_items);
            found.extend(
                window.items.iter().map(|r| String::from_utf8(window.text[r.clone()].to_vec()).unwrap()),
            );
        }
        Ok(found)
    }

    #[test]
    fn features_are_found_whatever_stands_around_them() {
        let text = "\u{feff} {\"meta\":{\"features\":[{\"no\":1}]}, \"f\\u0065atures\":[ {\"a\":\"}{\\\"\"} ,{\"b\":{}}],
            \"type\":\"FeatureCollection\",\"after\":[{}]}\n";
        assert_eq!(items(text, 1).unwrap(), [r#"{"a":"}{\""}"#, r#"{"b":{}}"#]);
    }

    #[test]
    fn sequences_may_be_separated_by_lines_or_record_separators() {
        let expected = [r#"{"a":1}"#, "{\"b\":\n2}"];
        assert_eq!(items("{\"a\":1}\n{\"b\":\n2}\n", 9).unwrap(), expected);
        assert_eq!(items("\u{1e}{\"a\":1}\n\u{1e}{\"b\":\n2}", 1).unwrap(), expected);
    }

    #[test]
    fn a_broken_frame_is_a_fault_with_its_offset() {
        for (text, offset, words) in [
            ("", 0, "empty"),
            ("[1]", 0, "array"),
            (r#"{"type":"FeatureCollection"}"#, 0, "without `features`"),
            (r#"{"type":"FeatureCollection","features":{}}"#, 39, "array of `features`"),
            (r#"{"type":"FeatureCollection","features":[1]}"#, 40, "expected a feature"),
            (r#"{"type":"FeatureCollection","features":[{} {}]}"#, 43, "after a feature"),
            (r#"{"type":"FeatureCollection","features":[{},]}"#, 43, "expected a feature"),
            (r#"{"features":[],"features":[],"type":"FeatureCollection"}"#, 14, "twice"),
            (r#"{"features":[]}"#, 14, "whose `type`"),
            (r#"{"type":"FeatureCollection","features":[]} x"#, 43, "end of the file"),
            (r#"{"a":1} x"#, 8, "expected a feature"),
        ] {
            match items(text, 9) {
                Err(WindowError::Fault { offset: at, what }) => {
                    assert_eq!(at, offset, "{text}: {what}");
                    assert!(what.contains(words), "{text}: {what}");
                }
                other => panic!("{text}: {other:?}"),
            }
        }
    }

    #[test]
    fn a_file_cut_anywhere_is_a_fault() {
        let text = r#"{"type":"FeatureCollection","features":[{"a":"\"x"},{"b":[1,2]}],"crs":null}"#;
        for n in 0..text.len() {
            assert!(items(&text[..n], 9).is_err(), "{}", &text[..n]);
        }
        assert_eq!(items(text, 9).unwrap().len(), 2);
    }

    #[test]
    fn a_feature_larger_than_a_read_is_kept_whole() {
        let long = format!(r#"{{"a":"{}"}}"#, "x".repeat(2 * READ_BYTES + 17));
        let text = format!(r#"{{"type":"FeatureCollection","features":[{{}},{long},{{}}]}}"#);
        let mut windows = Windows::new(Box::new(std::io::Cursor::new(text.into_bytes())));
        let mut lengths = Vec::new();
        while let Some(window) = windows.next_window(usize::MAX).unwrap() {
            lengths.extend(window.items.iter().map(ExactSizeIterator::len));
        }
        assert_eq!(lengths, [2, long.len(), 2]);
    }
}
