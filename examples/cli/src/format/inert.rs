use std::fmt::{self, Write as _};

/// Text from strangers, made harmless for a terminal and a log: what could move the cursor, run a terminal's
/// commands, begin a new line, reorder what stands there or hide is shown as an escape.
///
/// ```
/// use crawlspace_cli::format::Inert;
///
/// assert_eq!(Inert("a\x1b[2Jb\n").to_string(), r"a\x1b[2Jb\x0a");
/// assert_eq!(Inert("\u{202e}gpj.exe").to_string(), r"\u{202e}gpj.exe");
/// assert_eq!(Inert("naïve, 日本").to_string(), "naïve, 日本");
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Inert<T>(pub T);

impl<T: fmt::Display> fmt::Display for Inert<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(Escaping(f), "{}", self.0)
    }
}

struct Escaping<'a, 'b>(&'a mut fmt::Formatter<'b>);

impl fmt::Write for Escaping<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let mut rest = text;
        while let Some((at, found)) = rest.char_indices().find(|(_, c)| is_harmful(*c)) {
            self.0.write_str(&rest[..at])?;
            if (found as u32) < 0x100 {
                write!(self.0, "\\x{:02x}", found as u32)?;
            } else {
                write!(self.0, "\\u{{{:x}}}", found as u32)?;
            }
            rest = &rest[at + found.len_utf8()..];
        }
        self.0.write_str(rest)
    }
}

/// Whether a character does something else than to be seen: controls (C0, DEL, C1), line and paragraph separators,
/// bidirectional controls, and characters without width or shape.
pub(super) fn is_harmful(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
            | '\u{e000}'..='\u{f8ff}' | '\u{e0000}'..='\u{10ffff}')
}
