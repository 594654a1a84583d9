//! Declarative refreshes: `<meta http-equiv=refresh>` and the `Refresh` field (HTML section 4.2.5.3).

/// What a refresh asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refresh<'a> {
    /// After how many seconds; fractions are dropped.
    pub seconds: u64,
    /// Where to, as written; `None` for the same document.
    pub url: Option<&'a str>,
}

/// Reads the content of a refresh by the shared declarative refresh steps; `None` if it does not ask for one.
///
/// ```
/// use crawlspace::digest::refresh::{Refresh, parse};
///
/// assert_eq!(parse("5; URL='next.html'"), Some(Refresh { seconds: 5, url: Some("next.html") }));
/// assert_eq!(parse("now"), None);
/// ```
#[must_use]
pub fn parse(content: &str) -> Option<Refresh<'_>> {
    let rest = content.trim_start_matches(is_space);
    let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    let (number, rest) = rest.split_at(digits);
    if number.is_empty() && !rest.starts_with('.') {
        return None;
    }
    // Digits alone; one that is too large waits for as long as makes no difference.
    let seconds = if number.is_empty() { 0 } else { number.parse().unwrap_or(u64::MAX) };
    let rest = rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
    if rest.is_empty() {
        return Some(Refresh { seconds, url: None });
    }
    if !rest.starts_with(|c| is_space(c) || matches!(c, ';' | ',')) {
        return None;
    }
    let rest = rest.trim_start_matches(is_space);
    let rest = rest.strip_prefix([';', ',']).unwrap_or(rest).trim_start_matches(is_space);
    let url = (!rest.is_empty()).then(|| url(rest));
    Some(Refresh { seconds, url })
}

/// Step 11 of the standard.
fn url(text: &str) -> &str {
    let Some(rest) = text.strip_prefix(['u', 'U']) else { return unquoted(text) };
    let Some(rest) = rest.strip_prefix(['r', 'R']).and_then(|rest| rest.strip_prefix(['l', 'L'])) else {
        return text;
    };
    match rest.trim_start_matches(is_space).strip_prefix('=') {
        Some(rest) => unquoted(rest.trim_start_matches(is_space)),
        None => text,
    }
}

fn unquoted(text: &str) -> &str {
    match text.chars().next() {
        Some(quote @ ('"' | '\'')) => {
            let inner = &text[1..];
            inner.split_once(quote).map_or(inner, |(url, _)| url)
        }
        _ => text,
    }
}

const fn is_space(character: char) -> bool {
    matches!(character, '\t' | '\n' | '\x0c' | '\r' | ' ')
}
