//! Text encodings: what the bytes of a text file are, and a stream of UTF-8 from them.
//!
//! A byte-order mark decides first, then the encoding declared, else the bytes are taken for UTF-8 and every
//! field that is not UTF-8 is read as Windows-1252 (a superset of latin-1's printable characters): Swedish
//! text in Windows-1252 is practically never UTF-8 by accident, and one broken field does not spoil the rest.

use crate::failure;
use encoding_rs::{CoderResult, Decoder, Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};
use std::{
    borrow::Cow,
    fs::File,
    io::{self, Read, Seek, SeekFrom},
    path::Path,
};
use whitespot_model::features::ReadError;

/// Opens a text file as UTF-8 without byte-order mark; bytes of UTF-8 and undeclared files come as they are.
pub(crate) fn open_text(
    path: &Path,
    encoding: Option<&str>,
    format: &'static str,
) -> Result<Box<dyn Read + Send>, ReadError> {
    let mut file = failure::open_file(path)?;
    let mut start = [0_u8; 3];
    let n = read_full(&mut file, &mut start).map_err(|e| failure::io(path, e))?;
    let (encoding, mark_bytes) = match Encoding::for_bom(&start[..n]) {
        Some((encoding, mark_bytes)) => (encoding, mark_bytes),
        None => (declared(path, encoding, format)?, 0),
    };
    file.seek(SeekFrom::Start(mark_bytes as u64)).map_err(|e| failure::io(path, e))?;
    if encoding == UTF_8 { Ok(Box::new(file)) } else { Ok(Box::new(Transcoded::new(file, encoding))) }
}

/// The text of a field: UTF-8, or else Windows-1252.
pub(crate) fn text(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => WINDOWS_1252.decode_without_bom_handling(bytes).0,
    }
}

/// Reads until `out` is full or the file ends; the number of bytes read.
pub(crate) fn read_full(input: &mut impl Read, out: &mut [u8]) -> io::Result<usize> {
    let mut n = 0;
    while n < out.len() {
        match input.read(&mut out[n..]) {
            Ok(0) => break,
            Ok(more) => n += more,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    Ok(n)
}

fn declared(path: &Path, label: Option<&str>, format: &'static str) -> Result<&'static Encoding, ReadError> {
    let Some(label) = label else { return Ok(UTF_8) };
    // "utf-16" alone is little-endian by the WHATWG standard, which encoding_rs follows.
    let known = match label.trim().to_ascii_lowercase().replace('_', "-").as_str() {
        "latin-1" | "cp1252" | "ansi" => Some(WINDOWS_1252),
        "utf-16le" => Some(UTF_16LE),
        "utf-16be" => Some(UTF_16BE),
        other => Encoding::for_label(other.as_bytes()),
    };
    known.ok_or_else(|| {
        failure::malformed(path, format, format!("the encoding `{label}` is not known"))
            .hint("use `utf-8`, `windows-1252`, `latin-1` or `utf-16le`")
            .into()
    })
}

/// Decodes a stream to UTF-8; bytes without meaning become U+FFFD.
struct Transcoded {
    file: File,
    decoder: Decoder,
    encoded: Vec<u8>,
    /// `encoded[start..end]` is read and not yet decoded.
    start: usize,
    end: usize,
    decoded: Vec<u8>,
    /// `decoded[given..n_decoded]` is decoded and not yet given.
    given: usize,
    n_decoded: usize,
    is_done: bool,
}

impl Transcoded {
    fn new(file: File, encoding: &'static Encoding) -> Self {
        Transcoded {
            file,
            decoder: encoding.new_decoder_without_bom_handling(),
            encoded: vec![0; 1 << 17],
            start: 0,
            end: 0,
            decoded: vec![0; 1 << 18],
            given: 0,
            n_decoded: 0,
            is_done: false,
        }
    }

    fn decode_more(&mut self) -> io::Result<()> {
        let mut is_last = false;
        if self.start == self.end {
            self.start = 0;
            self.end = read_full(&mut self.file, &mut self.encoded)?;
            is_last = self.end < self.encoded.len();
        }
        let input = &self.encoded[self.start..self.end];
        let (result, n_read, n_written, _) = self.decoder.decode_to_utf8(input, &mut self.decoded, is_last);
        self.start += n_read;
        self.given = 0;
        self.n_decoded = n_written;
        self.is_done = is_last && result == CoderResult::InputEmpty;
        if is_last && !self.is_done {
            // The rest of the last block still has to be decoded as the last.
            self.finish_last()?;
        }
        Ok(())
    }

    fn finish_last(&mut self) -> io::Result<()> {
        loop {
            let old_len = self.decoded.len();
            self.decoded.resize(2 * old_len, 0);
            let input = &self.encoded[self.start..self.end];
            let out = &mut self.decoded[self.n_decoded..];
            let (result, n_read, n_written, _) = self.decoder.decode_to_utf8(input, out, true);
            self.start += n_read;
            self.n_decoded += n_written;
            if result == CoderResult::InputEmpty {
                self.is_done = true;
                return Ok(());
            }
        }
    }
}

impl Read for Transcoded {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while self.given == self.n_decoded {
            if self.is_done {
                return Ok(0);
            }
            self.decode_more()?;
        }
        let n = out.len().min(self.n_decoded - self.given);
        out[..n].copy_from_slice(&self.decoded[self.given..self.given + n]);
        self.given += n;
        Ok(n)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_back(bytes: &[u8], label: Option<&str>) -> String {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("t.csv");
        std::fs::write(&path, bytes).unwrap();
        let mut all = Vec::new();
        open_text(&path, label, "CSV").unwrap().read_to_end(&mut all).unwrap();
        text(&all).into_owned()
    }

    #[test]
    fn marks_declarations_and_bytes_decide_in_this_order() {
        assert_eq!(read_back("\u{feff}Umeå".as_bytes(), Some("windows-1252")), "Umeå");
        assert_eq!(read_back(b"Ume\xe5", Some("windows-1252")), "Umeå");
        assert_eq!(read_back(b"Ume\xe5", Some("latin-1")), "Umeå");
        assert_eq!(read_back(b"Ume\xe5", None), "Umeå");
        assert_eq!(read_back("Umeå".as_bytes(), None), "Umeå");
        assert_eq!(read_back(b"\xff\xfeU\0m\0e\0\xe5\0", None), "Umeå");
        assert_eq!(read_back(b"\xfe\xff\0U\0m\0e\0\xe5", None), "Umeå");
        assert_eq!(read_back(b"", None), "");
    }

    #[test]
    fn long_files_are_decoded_to_the_last_byte() {
        for n in [1 << 17, (1 << 17) + 1, 300_001] {
            let bytes = vec![0xe5; n];
            assert_eq!(read_back(&bytes, Some("windows-1252")).chars().count(), n);
            // A character of three bytes for every two of the file, and the last one cut in half.
            let mut wide: Vec<u8> = [0xff, 0xfe].into_iter().chain([0xac, 0x20].repeat(n)).collect();
            wide.pop();
            let decoded = read_back(&wide, None);
            assert_eq!(decoded.chars().count(), n);
            assert!(decoded.ends_with('\u{fffd}'));
        }
    }

    #[test]
    fn an_unknown_encoding_is_refused_with_a_list() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("t.csv");
        std::fs::write(&path, "a").unwrap();
        let error = open_text(&path, Some("klingon"), "CSV").err().unwrap();
        assert!(error.to_string().contains("klingon"), "{error}");
    }
}
