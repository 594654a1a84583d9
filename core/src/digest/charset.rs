//! Which encoding a document is in.

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252, X_USER_DEFINED};

/// How much of a document is searched for a declaration (HTML section 13.2.3.2).
pub(crate) const PRESCAN: usize = 1024;

/// How long the longest byte order mark is.
pub(crate) const MARK: usize = 3;

/// The encoding of an HTML document whose first [`PRESCAN`] bytes, or all of it, are given: that of a byte order
/// mark, then that of the transport, then the document's own declaration, then windows-1252.
pub(crate) fn of_html(prefix: &[u8], transport: Option<&'static Encoding>) -> &'static Encoding {
    let prefix = &prefix[..prefix.len().min(PRESCAN)];
    by_mark(prefix).or(transport).or_else(|| prescan(prefix)).unwrap_or(WINDOWS_1252)
}

/// The encoding of an XML document (XML 1.0 section 4.3.3 and appendix F).
pub(crate) fn of_xml(prefix: &[u8], transport: Option<&'static Encoding>) -> &'static Encoding {
    let prefix = &prefix[..prefix.len().min(PRESCAN)];
    let wide = || without_mark_utf_16(prefix);
    by_mark(prefix).or(transport).or_else(wide).or_else(|| xml_declaration(prefix)).unwrap_or(UTF_8)
}

/// The encoding of a style sheet (CSS Syntax section 3.2), of which no document says more.
pub(super) fn of_css(prefix: &[u8], transport: Option<&'static Encoding>) -> &'static Encoding {
    let prefix = &prefix[..prefix.len().min(PRESCAN)];
    by_mark(prefix).or(transport).or_else(|| charset_rule(prefix)).unwrap_or(UTF_8)
}

/// The encoding of a text that cannot say it itself.
#[cfg(feature = "markdown")]
pub(super) fn of_text(prefix: &[u8], transport: Option<&'static Encoding>) -> &'static Encoding {
    by_mark(prefix).or(transport).unwrap_or(UTF_8)
}

/// The encoding that an `@charset` names, which is no rule but these very bytes.
fn charset_rule(bytes: &[u8]) -> Option<&'static Encoding> {
    let label = bytes.strip_prefix(b"@charset \"")?;
    let end = memchr::memchr(b'"', label)?;
    (label.get(end + 1) == Some(&b';')).then(|| Encoding::for_label(&label[..end])).flatten().map(as_declared)
}

/// The encoding that a byte order mark tells (Encoding section 6, "BOM sniff").
pub(crate) fn by_mark(prefix: &[u8]) -> Option<&'static Encoding> {
    Encoding::for_bom(prefix).map(|(encoding, _)| encoding)
}

/// The declaration that the standard's prescan finds (HTML section 13.2.3.2).
fn prescan(bytes: &[u8]) -> Option<&'static Encoding> {
    without_mark_utf_16(bytes).or_else(|| Prescan { bytes, at: 0 }.run()).or_else(|| xml_declaration(bytes))
}

fn without_mark_utf_16(bytes: &[u8]) -> Option<&'static Encoding> {
    match bytes {
        [b'<', 0, b'?', 0, b'x', 0, ..] => Some(UTF_16LE),
        [0, b'<', 0, b'?', 0, b'x', ..] => Some(UTF_16BE),
        _ => None,
    }
}

/// A declaration was read as ASCII, so it cannot mean UTF-16.
fn as_declared(encoding: &'static Encoding) -> &'static Encoding {
    if encoding == UTF_16BE || encoding == UTF_16LE {
        UTF_8
    } else if encoding == X_USER_DEFINED {
        WINDOWS_1252
    } else {
        encoding
    }
}

struct Prescan<'a> {
    bytes: &'a [u8],
    at: usize,
}

/// A `None` of these is the end of the bytes, which ends the search.
impl Prescan<'_> {
    fn run(&mut self) -> Option<&'static Encoding> {
        loop {
            self.at += memchr::memchr(b'<', self.bytes.get(self.at..)?)?;
            match &self.bytes[self.at + 1..] {
                // The dashes of the start may be those of the end.
                [b'!', b'-', b'-', ..] => {
                    let body = self.at + 2;
                    self.at = body + memchr::memmem::find(&self.bytes[body..], b"-->")? + 3;
                }
                name if is_meta(name) => {
                    self.at += b"<meta".len();
                    if let Some(encoding) = self.meta()? {
                        return Some(encoding);
                    }
                }
                [letter, ..] if letter.is_ascii_alphabetic() => self.skip_tag()?,
                [b'/', letter, ..] if letter.is_ascii_alphabetic() => self.skip_tag()?,
                [b'!' | b'/' | b'?', ..] => {
                    self.at += memchr::memchr(b'>', &self.bytes[self.at..])? + 1;
                }
                _ => self.at += 1,
            }
        }
    }

    fn skip_tag(&mut self) -> Option<()> {
        let rest = &self.bytes[self.at..];
        self.at += rest.iter().position(|byte| is_space(*byte) || *byte == b'>')?;
        while self.attribute()?.is_some() {}
        Some(())
    }

    fn meta(&mut self) -> Option<Option<&'static Encoding>> {
        let mut seen: Vec<Vec<u8>> = Vec::new();
        let (mut is_pragma, mut needs_pragma) = (false, None);
        let mut encoding = None;
        while let Some((name, value)) = self.attribute()? {
            if seen.contains(&name) {
                continue;
            }
            match &*name {
                b"http-equiv" => is_pragma |= value.eq_ignore_ascii_case(b"content-type"),
                b"content" => {
                    if encoding.is_none()
                        && let Some(found) = in_content(&value)
                    {
                        encoding = Some(found);
                        needs_pragma = Some(true);
                    }
                }
                b"charset" => {
                    encoding = Encoding::for_label(&value);
                    needs_pragma = Some(false);
                }
                _ => {}
            }
            seen.push(name);
        }
        let holds = needs_pragma.is_some_and(|needs| !needs || is_pragma);
        Some(encoding.filter(|_| holds).map(as_declared))
    }

    /// The next attribute, its name in lower case; an inner `None` at the end of the tag.
    fn attribute(&mut self) -> Option<Option<(Vec<u8>, Vec<u8>)>> {
        while is_space(self.peek()?) || self.peek()? == b'/' {
            self.at += 1;
        }
        if self.peek()? == b'>' {
            return Some(None);
        }
        let mut name = Vec::new();
        loop {
            match self.peek()? {
                b'=' if !name.is_empty() => break,
                b'/' | b'>' => return Some(Some((name, Vec::new()))),
                byte if is_space(byte) => {
                    self.skip_space()?;
                    if self.peek()? != b'=' {
                        return Some(Some((name, Vec::new())));
                    }
                    break;
                }
                byte => name.push(byte.to_ascii_lowercase()),
            }
            self.at += 1;
        }
        self.at += 1;
        self.skip_space()?;
        let rest = &self.bytes[self.at..];
        let (start, length, behind) = match self.peek()? {
            quote @ (b'"' | b'\'') => (1, memchr::memchr(quote, &rest[1..])?, 1),
            _ => (0, rest.iter().position(|byte| is_space(*byte) || *byte == b'>')?, 0),
        };
        self.at += start + length + behind;
        Some(Some((name, rest[start..start + length].to_vec())))
    }

    fn skip_space(&mut self) -> Option<()> {
        while is_space(self.peek()?) {
            self.at += 1;
        }
        Some(())
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }
}

fn is_meta(name: &[u8]) -> bool {
    let Some((name, [next, ..])) = name.split_at_checked(b"meta".len()) else { return false };
    name.eq_ignore_ascii_case(b"meta") && (is_space(*next) || *next == b'/')
}

/// HTML section 2.4.3, "extracting a character encoding from a meta element".
fn in_content(content: &[u8]) -> Option<&'static Encoding> {
    let mut rest = content;
    loop {
        let found = rest.windows(b"charset".len()).position(|word| word.eq_ignore_ascii_case(b"charset"))?;
        rest = rest[found + b"charset".len()..].trim_ascii_start();
        let Some(value) = rest.strip_prefix(b"=") else { continue };
        let value = value.trim_ascii_start();
        let label = match value.first()? {
            quote @ (b'"' | b'\'') => &value[1..=memchr::memchr(*quote, &value[1..])?],
            _ => {
                let end = value.iter().position(|byte| is_space(*byte) || *byte == b';');
                &value[..end.unwrap_or(value.len())]
            }
        };
        return Encoding::for_label(label);
    }
}

/// The encoding that an XML declaration names (HTML section 13.2.3.2, "get an XML encoding").
fn xml_declaration(bytes: &[u8]) -> Option<&'static Encoding> {
    if !bytes.starts_with(b"<?xml") {
        return None;
    }
    let declaration = &bytes[..memchr::memchr(b'>', bytes)?];
    let name = memchr::memmem::find(declaration, b"encoding")?;
    let value = skip_controls(&declaration[name + b"encoding".len()..]).strip_prefix(b"=")?;
    let value = skip_controls(value);
    let quote = *value.first().filter(|quote| matches!(quote, b'"' | b'\''))?;
    let label = &value[1..];
    let label = &label[..memchr::memchr(quote, label)?];
    if label.iter().any(|byte| *byte <= b' ') {
        return None;
    }
    Encoding::for_label(label).map(as_declared)
}

fn skip_controls(bytes: &[u8]) -> &[u8] {
    let start = bytes.iter().position(|byte| *byte > b' ').unwrap_or(bytes.len());
    &bytes[start..]
}

const fn is_space(byte: u8) -> bool {
    matches!(byte, b'\t' | b'\n' | b'\x0c' | b'\r' | b' ')
}
