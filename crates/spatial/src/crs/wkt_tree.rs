//! Well-known text as a tree of keywords: the grammar that WKT 1, WKT 2 and ESRI's `.prj` share.

/// Texts longer than this are no CRS.
const MAX_BYTES: usize = 1 << 20;
/// Nesting deeper than this is no CRS.
const MAX_DEPTH: usize = 32;

/// `KEYWORD["text", 1.5, CHILD[…]]`.
#[derive(Debug)]
pub(super) struct Node<'a> {
    pub keyword: &'a str,
    pub texts: Vec<String>,
    pub numbers: Vec<f64>,
    pub words: Vec<&'a str>,
    pub children: Vec<Node<'a>>,
}

impl<'a> Node<'a> {
    /// Reads the first node of a text; what follows it (ESRI appends a `VERTCS`) is left.
    pub(super) fn parse(text: &'a str) -> Result<Node<'a>, String> {
        if text.len() > MAX_BYTES {
            return Err(format!("{} bytes are too long for a CRS", text.len()));
        }
        Reader { text, at: 0 }.node(0)
    }

    /// The first text, which is the name of most nodes; empty without.
    pub(super) fn name(&self) -> &str {
        self.texts.first().map_or("", String::as_str)
    }

    /// Whether the keyword is one of these, in any case.
    pub(super) fn is(&self, keywords: &[&str]) -> bool {
        keywords.iter().any(|k| k.eq_ignore_ascii_case(self.keyword))
    }

    /// The first child of one of these keywords.
    pub(super) fn child(&self, keywords: &[&str]) -> Option<&Node<'a>> {
        self.children.iter().find(|c| c.is(keywords))
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    fn peek(&mut self) -> Option<u8> {
        let bytes = self.text.as_bytes();
        while bytes.get(self.at).is_some_and(|b| b.is_ascii_whitespace()) {
            self.at += 1;
        }
        bytes.get(self.at).copied()
    }

    fn fail<T>(&self, what: &str) -> Result<T, String> {
        Err(format!("{what} at byte {}", self.at))
    }

    fn word(&mut self) -> &'a str {
        let start = self.at;
        let is_part = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'+' | b'-');
        while self.text.as_bytes().get(self.at).is_some_and(is_part) {
            self.at += 1;
        }
        &self.text[start..self.at]
    }

    fn quoted(&mut self) -> Result<String, String> {
        let mut value = String::new();
        self.at += 1;
        loop {
            let rest = &self.text[self.at..];
            let Some(end) = rest.find('"') else {
                return self.fail("a text without closing quote");
            };
            value.push_str(&rest[..end]);
            self.at += end + 1;
            // A doubled quote is one inside the text.
            if self.text.as_bytes().get(self.at) != Some(&b'"') {
                return Ok(value);
            }
            value.push('"');
            self.at += 1;
        }
    }

    fn node(&mut self, depth: usize) -> Result<Node<'a>, String> {
        if depth > MAX_DEPTH {
            return self.fail("too deep nesting");
        }
        self.peek();
        let keyword = self.word();
        if keyword.is_empty() || !matches!(self.peek(), Some(b'[' | b'(')) {
            return self.fail("expected a keyword and `[`");
        }
        self.body(keyword, depth)
    }

    fn body(&mut self, keyword: &'a str, depth: usize) -> Result<Node<'a>, String> {
        let mut node =
            Node { keyword, texts: Vec::new(), numbers: Vec::new(), words: Vec::new(), children: Vec::new() };
        self.at += 1;
        loop {
            match self.peek() {
                Some(b'"') => node.texts.push(self.quoted()?),
                Some(b',') => self.at += 1,
                Some(b']' | b')') => {
                    self.at += 1;
                    return Ok(node);
                }
                Some(_) => {
                    let word = self.word();
                    if word.is_empty() {
                        return self.fail("an unexpected character");
                    }
                    if matches!(self.peek(), Some(b'[' | b'(')) {
                        if depth >= MAX_DEPTH {
                            return self.fail("too deep nesting");
                        }
                        let child = self.body(word, depth + 1)?;
                        node.children.push(child);
                    } else if let Some(number) = word.parse().ok().filter(|n: &f64| n.is_finite()) {
                        node.numbers.push(number);
                    } else {
                        node.words.push(word);
                    }
                }
                None => return self.fail("the text ends too early"),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_quotes_numbers_and_words_are_told_apart() {
        let node = Node::parse(r#" A["x ""y""" , -1.5e3,north, B("z",2) ],VERTCS["v"] "#).unwrap();
        assert_eq!((node.keyword, node.name()), ("A", r#"x "y""#));
        assert_eq!(
            (node.numbers.as_slice(), node.words.as_slice()),
            ([-1500.0].as_slice(), ["north"].as_slice())
        );
        assert_eq!(node.child(&["b"]).map(|b| b.numbers[0]), Some(2.0));
    }

    #[test]
    fn broken_text_is_an_error_with_its_place_and_never_a_panic() {
        for text in ["", "A", "A[", "A[\"x", "A[\"x\",B[1]", "A[#]", "é[1]", "A[é]", "]", "A[\"é\"", "[1]"]
        {
            let error = Node::parse(text).unwrap_err();
            assert!(error.contains("at byte"), "{text}: {error}");
        }
    }

    #[test]
    fn deep_nesting_is_refused_before_the_stack_is_used_up() {
        let deep = "A[".repeat(100_000);
        assert!(Node::parse(&deep).unwrap_err().contains("nesting"));
        assert!(Node::parse(&"x".repeat(MAX_BYTES + 1)).unwrap_err().contains("too long"));
    }
}
