//! Whether a text fragment (`#:~:text=…`) points to text of a document (WICG "URL Fragment Text Directives").

use super::fragment::is_route;
use crate::digest::Prose;
use crate::digest::prose::fold;
use core::ops::Range;
use percent_encoding::percent_decode_str;

/// Whether a fragment has text directives, and none of them finds anything in a document of which all text is known.
///
/// That is judged as generously as browsers do it or more so: letters by their base, words by their edges, white space
/// folded. What is no directive that a browser would follow asks for nothing.
pub(super) fn is_lost(prose: &Prose, fragment: &str) -> bool {
    let Some((element, directives)) = fragment.split_once(":~:") else { return false };
    if is_route(element) {
        return false;
    }
    let mut any = false;
    for directive in directives.split('&').filter_map(Directive::parse) {
        if directive.finds(prose.lines()) {
            return false;
        }
        any = true;
    }
    any && prose.is_whole()
}

/// `text=[prefix-,]start[,end][,-suffix]` (section 3.3), each folded as the text is.
#[derive(Debug)]
struct Directive {
    prefix: Option<String>,
    start: String,
    end: Option<String>,
    suffix: Option<String>,
}

impl Directive {
    /// `None` if it is no text directive, or not a valid one (section 3.3.2, "parse a text directive").
    fn parse(directive: &str) -> Option<Self> {
        let mut terms: Vec<&str> = directive.strip_prefix("text=")?.split(',').collect();
        let prefix = terms.first()?.strip_suffix('-');
        if prefix.is_some() {
            terms.remove(0);
        }
        let suffix = terms.last()?.strip_prefix('-');
        if suffix.is_some() {
            terms.pop();
        }
        let (start, end) = match *terms.as_slice() {
            [start] => (start, None),
            [start, end] => (start, Some(end)),
            _ => return None,
        };
        let directive = Self {
            prefix: prefix.map(term),
            start: term(start),
            end: end.map(term),
            suffix: suffix.map(term),
        };
        let Self { prefix, start, end, suffix } = &directive;
        let terms = [prefix.as_ref(), Some(start), end.as_ref(), suffix.as_ref()];
        if terms.into_iter().flatten().any(String::is_empty) { None } else { Some(directive) }
    }

    /// Whether some range of the text is what is meant (section 3.5.2, "find a range from a text directive"). Which one
    /// does not matter here, so the first start decides on all ends behind it.
    fn finds(&self, text: &str) -> bool {
        let Self { prefix, start, end, suffix } = self;
        let must_end = end.is_some() || suffix.is_none();
        let followed = |end: usize| {
            suffix.as_deref().is_none_or(|suffix| {
                let at = behind_space(text, end);
                text[at..].starts_with(suffix) && is_edge(text, at + suffix.len())
            })
        };
        let begins = |found: Range<usize>| match prefix {
            None => Some(found.end),
            Some(_) => {
                let at = behind_space(text, found.end);
                let end = at + start.len();
                (text[at..].starts_with(start.as_str()) && (!must_end || is_edge(text, end))).then_some(end)
            }
        };
        let first = prefix.as_ref().unwrap_or(start);
        let starts = Matches { text, term: first, from: 0 }
            .filter(|found| is_edge(text, found.start))
            .filter(|found| prefix.is_some() || !must_end || is_edge(text, found.end));
        for behind in starts.filter_map(begins) {
            let Some(end) = end else {
                if followed(behind) {
                    return true;
                }
                continue;
            };
            return Matches { text, term: end, from: behind }.any(|found| {
                is_edge(text, found.start)
                    && (suffix.is_some() || is_edge(text, found.end))
                    && followed(found.end)
            });
        }
        false
    }
}

/// A term as it is searched.
fn term(encoded: &str) -> String {
    let decoded = percent_decode_str(encoded).decode_utf8_lossy();
    let mut folded = String::with_capacity(decoded.len());
    fold(&decoded.split_whitespace().collect::<Vec<_>>().join(" "), &mut folded);
    folded
}

/// Where a term stands in a text, overlapping or not.
struct Matches<'a> {
    text: &'a str,
    term: &'a str,
    from: usize,
}

impl Iterator for Matches<'_> {
    type Item = Range<usize>;

    fn next(&mut self) -> Option<Range<usize>> {
        let start = self.from + self.text.get(self.from..)?.find(self.term)?;
        self.from = start + self.text[start..].chars().next().map_or(1, char::len_utf8);
        Some(start..start + self.term.len())
    }
}

/// The next place that is neither white space nor the end of a block.
fn behind_space(text: &str, at: usize) -> usize {
    text.len() - text[at..].trim_start().len()
}

/// Whether a word may begin or end here: not between two letters, nor beside what joins them ("don't", "3.5"); in
/// scripts that write words without spaces, anywhere (Unicode Standard Annex 29 section 4, or looser).
fn is_edge(text: &str, at: usize) -> bool {
    let mut before = text[..at].chars().rev();
    let mut after = text[at..].chars();
    let (Some(last), Some(next)) = (before.next(), after.next()) else { return true };
    let is_joined = |left: Option<char>, joint: char, right: Option<char>| match (left, right) {
        (Some(left), Some(right)) => {
            is_letter(left)
                && is_letter(right)
                && (matches!(joint, '\'' | '.') || joint == ',' && left.is_numeric() && right.is_numeric())
        }
        _ => false,
    };
    !(is_letter(last) && is_letter(next)
        || is_joined(Some(last), next, after.next())
        || is_joined(before.next(), last, Some(next)))
}

fn is_letter(letter: char) -> bool {
    (letter.is_alphanumeric() || letter == '_') && !is_unspaced(letter)
}

/// Thai, Lao, Tibetan, Myanmar, Khmer and their like; Chinese, Japanese.
const fn is_unspaced(letter: char) -> bool {
    matches!(
        letter,
        '\u{e00}'..='\u{fff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' | '\u{1950}'..='\u{1aaf}'
        | '\u{2e80}'..='\u{a4cf}' | '\u{a980}'..='\u{a9df}' | '\u{aa60}'..='\u{aadf}' | '\u{f900}'..='\u{faff}'
        | '\u{ff66}'..='\u{ff9f}' | '\u{20000}'..='\u{3ffff}'
    )
}
