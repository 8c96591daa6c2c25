//! JSON text without a tree: where values begin and end, and what their strings say.
//!
//! Grammar is checked on everything that is passed over (RFC 8259), save the inside of strings nobody wants.

use super::number::number_end;
use encoding_rs::Encoding;
use std::borrow::Cow;

/// Deepest nesting of arrays and objects within one value.
pub(super) const MAX_DEPTH: u32 = 128;

/// Text that is not the JSON it should be.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Fault {
    /// Offset in the text.
    pub(super) at: usize,
    /// What is wrong.
    pub(super) what: Cow<'static, str>,
    /// Whether the text simply ends too early: more of it may mend this.
    pub(super) is_cut: bool,
}

impl Fault {
    pub(super) fn new(at: usize, what: impl Into<Cow<'static, str>>) -> Fault {
        Fault { at, what: what.into(), is_cut: false }
    }

    fn cut(text: &[u8]) -> Fault {
        Fault { at: text.len(), what: "the text ends too early".into(), is_cut: true }
    }

    /// The text at `at` is something else than `wanted`, or ends there.
    pub(super) fn unexpected(text: &[u8], at: usize, wanted: &str) -> Fault {
        if at >= text.len() {
            return Fault::cut(text);
        }
        let end = text[at..].iter().take(20).take_while(|b| !b"\n\r,]} ".contains(b)).count().max(1);
        let found = String::from_utf8_lossy(&text[at..at + end]);
        Fault::new(at, format!("expected {wanted}, found `{found}`"))
    }
}

/// The offset of the next byte that is not white space.
#[inline(always)]
pub(super) fn skip_space(text: &[u8], mut at: usize) -> usize {
    while let Some(b' ' | b'\n' | b'\r' | b'\t') = text.get(at) {
        at += 1;
    }
    at
}

/// The offset of the quote that closes the string whose opening quote stands at `at`; `None` when the text
/// ends before. Eight bytes a step: keys and values are short, and calls cost more than they save.
#[inline]
pub(super) fn string_end(text: &[u8], at: usize) -> Option<usize> {
    let mut i = at + 1;
    loop {
        while let Some(eight) = text.get(i..).and_then(<[u8]>::first_chunk) {
            let eight = u64::from_le_bytes(*eight);
            let found = bytes_equal(eight, b'"') | bytes_equal(eight, b'\\');
            if found != 0 {
                i += (found.trailing_zeros() / 8) as usize;
                break;
            }
            i += 8;
        }
        match text.get(i)? {
            b'"' => return Some(i),
            b'\\' => i += 2,
            _ => i += 1,
        }
    }
}

/// The top bit of each of the eight bytes that equals `byte`; right up to and including the first.
#[inline(always)]
pub(super) fn bytes_equal(eight: u64, byte: u8) -> u64 {
    const ONES: u64 = 0x0101_0101_0101_0101;
    let x = eight ^ (ONES * u64::from(byte));
    x.wrapping_sub(ONES) & !x & (ONES << 7)
}

fn closing_quote(text: &[u8], at: usize) -> Result<usize, Fault> {
    string_end(text, at).ok_or_else(|| Fault::cut(text))
}

/// The offset behind the value that begins at `at` (white space may stand before it).
pub(super) fn skip_value(text: &[u8], at: usize) -> Result<usize, Fault> {
    let mut at = at;
    // One bit a level, the innermost lowest: 1 = object.
    let mut open: u128 = 0;
    let mut depth = 0;
    loop {
        at = skip_space(text, at);
        match text.get(at) {
            Some(b'"') => at = closing_quote(text, at)? + 1,
            Some(b'-' | b'0'..=b'9') => at = skip_number(text, at)?,
            Some(&bracket @ (b'{' | b'[')) => {
                if depth == MAX_DEPTH {
                    return Err(Fault::new(at, format!("nested more than {MAX_DEPTH} deep")));
                }
                let is_object = bracket == b'{';
                open = open << 1 | u128::from(is_object);
                depth += 1;
                at = skip_space(text, at + 1);
                let is_empty = text.get(at) == Some(if is_object { &b'}' } else { &b']' });
                if !is_empty {
                    if is_object {
                        at = skip_key(text, at)?;
                    }
                    continue;
                }
            }
            _ => at = skip_literal(text, at)?,
        }
        loop {
            if depth == 0 {
                return Ok(at);
            }
            at = skip_space(text, at);
            let is_object = open & 1 == 1;
            match text.get(at) {
                Some(b',') if is_object => {
                    at = skip_key(text, skip_space(text, at + 1))?;
                    break;
                }
                Some(b',') => {
                    at += 1;
                    break;
                }
                Some(b'}') if is_object => at += 1,
                Some(b']') if !is_object => at += 1,
                _ => {
                    return Err(Fault::unexpected(
                        text,
                        at,
                        if is_object { "`,` or `}`" } else { "`,` or `]`" },
                    ));
                }
            }
            open >>= 1;
            depth -= 1;
        }
    }
}

fn skip_number(text: &[u8], at: usize) -> Result<usize, Fault> {
    match number_end(text, at) {
        // A number at the very end of the text may go on in the text to come.
        Some(end) if end == text.len() => Err(Fault::cut(text)),
        Some(end) if !matches!(text[end], b'0'..=b'9' | b'.' | b'e' | b'E') => Ok(end),
        _ if text.len() - at < 32 => Err(Fault { is_cut: true, ..Fault::unexpected(text, at, "a number") }),
        _ => Err(Fault::unexpected(text, at, "a number")),
    }
}

fn skip_literal(text: &[u8], at: usize) -> Result<usize, Fault> {
    for literal in [b"null".as_slice(), b"true", b"false"] {
        let rest = text.get(at..).unwrap_or_default();
        if rest.starts_with(literal) {
            return Ok(at + literal.len());
        }
        if literal.starts_with(rest) {
            return Err(Fault::cut(text));
        }
    }
    Err(Fault::unexpected(text, at, "a value"))
}

/// The offset behind the colon of the member whose key should begin at `at`.
fn skip_key(text: &[u8], at: usize) -> Result<usize, Fault> {
    read_key(text, at).map(|(_, at)| at)
}

/// The key of a member, with its escapes resolved, and the offset behind its colon.
pub(super) fn read_key(text: &[u8], at: usize) -> Result<(&[u8], usize), Fault> {
    if text.get(at) != Some(&b'"') {
        return Err(Fault::unexpected(text, at, "a key in quotes"));
    }
    let end = closing_quote(text, at)?;
    let colon = skip_space(text, end + 1);
    if text.get(colon) != Some(&b':') {
        return Err(Fault::unexpected(text, colon, "`:`"));
    }
    Ok((&text[at + 1..end], colon + 1))
}

/// Whether a raw key is `name`, directly or by escapes.
#[inline]
pub(super) fn key_is(key: &[u8], name: &str) -> bool {
    key == name.as_bytes() || (key.contains(&b'\\') && unescape(key, None).is_some_and(|k| k == name))
}

/// Calls `on_member(key, at)` for each member of the object at `at`; it returns the offset behind the value.
/// Returns the offset behind the object.
pub(super) fn read_members<'a>(
    text: &'a [u8],
    at: usize,
    mut on_member: impl FnMut(&'a [u8], usize) -> Result<usize, Fault>,
) -> Result<usize, Fault> {
    if text.get(at) != Some(&b'{') {
        return Err(Fault::unexpected(text, at, "`{`"));
    }
    let mut at = skip_space(text, at + 1);
    if text.get(at) == Some(&b'}') {
        return Ok(at + 1);
    }
    loop {
        let (key, value) = read_key(text, at)?;
        at = skip_space(text, on_member(key, skip_space(text, value))?);
        match text.get(at) {
            Some(b',') => at = skip_space(text, at + 1),
            Some(b'}') => return Ok(at + 1),
            _ => return Err(Fault::unexpected(text, at, "`,` or `}`")),
        }
    }
}

/// The string between the quotes, escapes resolved; `None` if its bytes are not of the encoding (UTF-8 when
/// none is given) or an escape is none. A surrogate without its partner becomes U+FFFD.
pub(super) fn unescape<'a>(raw: &'a [u8], encoding: Option<&'static Encoding>) -> Option<Cow<'a, str>> {
    let decode = |bytes: &'a [u8]| match encoding {
        None => std::str::from_utf8(bytes).ok().map(Cow::Borrowed),
        Some(encoding) => Some(encoding.decode_without_bom_handling(bytes).0),
    };
    let Some(first) = memchr::memchr(b'\\', raw) else {
        return decode(raw);
    };
    let mut out = decode(&raw[..first])?.into_owned();
    let mut rest = &raw[first..];
    while let Some((&escape, after)) = rest.get(1..).and_then(<[u8]>::split_first) {
        rest = after;
        match escape {
            b'"' | b'\\' | b'/' => out.push(char::from(escape)),
            b'b' => out.push('\u{8}'),
            b'f' => out.push('\u{c}'),
            b'n' => out.push('\n'),
            b'r' => out.push('\r'),
            b't' => out.push('\t'),
            b'u' => {
                let first = hex4(rest)?;
                rest = &rest[4..];
                let second = rest.strip_prefix(br"\u").and_then(hex4);
                out.push(match (first, second) {
                    (0xd800..0xdc00, Some(low @ 0xdc00..0xe000)) => {
                        rest = &rest[6..];
                        char::from_u32(0x1_0000 + ((first - 0xd800) << 10) + (low - 0xdc00))?
                    }
                    (code, _) => char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER),
                });
            }
            _ => return None,
        }
        let plain = memchr::memchr(b'\\', rest).unwrap_or(rest.len());
        out.push_str(&decode(&rest[..plain])?);
        rest = &rest[plain..];
    }
    rest.is_empty().then_some(Cow::Owned(out))
}

fn hex4(text: &[u8]) -> Option<u32> {
    let digits = text.get(..4)?;
    digits.iter().try_fold(0, |value, &b| Some(value * 16 + char::from(b).to_digit(16)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_passed_over_whole() {
        for text in
            [r#""a\"]}b\\""#, "-1.5e3", "null", r#"{"a":[1,{"b":"}"}],"c":{}}"#, "[ ]", "[[],[1 , 2\n]]"]
        {
            let followed = format!("{text} ,");
            assert_eq!(skip_value(followed.as_bytes(), 0), Ok(text.len()), "{text}");
        }
    }

    #[test]
    fn broken_grammar_is_a_fault_at_its_place() {
        for (text, at) in [
            ("[1 2]", 3),
            ("{\"a\" 1}", 5),
            ("{a:1}", 1),
            ("[1,]", 3),
            ("[01]                                   ", 1),
            ("{\"a\":1]", 6),
            ("nul ", 0),
        ] {
            let fault = skip_value(text.as_bytes(), 0).expect_err(text);
            assert_eq!((fault.at, fault.is_cut), (at, false), "{text}: {}", fault.what);
        }
    }

    #[test]
    fn every_beginning_of_a_value_is_known_to_be_cut() {
        let text = r#"{"key":[true,false,null,-1.25e+7,"a\u00e5\"b",{"x":{}}]}"#;
        for n in 0..text.len() {
            let fault = skip_value(&text.as_bytes()[..n], 0).expect_err("cut");
            assert!(fault.is_cut, "{} → {}", &text[..n], fault.what);
        }
    }

    #[test]
    fn deep_nesting_is_refused_without_recursion() {
        let text = "[".repeat(100_000);
        assert!(skip_value(text.as_bytes(), 0).expect_err("too deep").what.contains("128 deep"));
    }

    #[test]
    fn escapes_say_what_they_mean() {
        assert_eq!(unescape(br"Ume\u00e5 \ud83d\ude00 \/\n", None).as_deref(), Some("Umeå 😀 /\n"));
        assert_eq!(unescape(br"lone \ud83d end", None).as_deref(), Some("lone \u{fffd} end"));
        assert_eq!(unescape(br"bad \x", None), None);
        assert_eq!(unescape(b"Ume\xe5", None), None);
        assert_eq!(unescape(b"Ume\xe5", Some(encoding_rs::WINDOWS_1252)).as_deref(), Some("Umeå"));
        assert!(key_is(br"f\u0065atures", "features"));
    }
}
