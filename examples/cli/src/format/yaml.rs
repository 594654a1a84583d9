//! YAML in the shape of Hydra's report: a mapping of totals, then a sequence of what is broken. Bytes are Hydra's
//! where nothing needs quoting; where something does, it is quoted, so that the report is YAML whatever pages hold.

use super::Results;
use crawlspace::report::{Severity, UrlText};
use std::cmp::Reverse;
use std::fmt::{self, Write as _};
use std::io::{self, Write};

pub(super) fn write(results: &dyn Results, out: &mut dyn Write) -> io::Result<()> {
    let mut broken: Vec<_> = results
        .findings()
        .filter(|finding| finding.severity == Severity::Error)
        .map(|finding| Broken {
            code: finding.status.unwrap_or(0),
            url: finding.url,
            fragment: finding.fragment,
            parent: finding.referrers.first().map(|referrer| referrer.page),
            error: reason(finding.status, finding.message),
        })
        .collect();
    broken.sort_by_key(|entry| Reverse(entry.code));

    let summary = results.summary();
    let emails = results.emails().filter(|email| !email.is_empty()).collect::<Vec<_>>().join(", ");
    writeln!(out, "---\ntitle: Broken Link Report")?;
    writeln!(out, "checked: {}", summary.checked)?;
    writeln!(out, "number of email links: {}", summary.emails)?;
    if emails.is_empty() {
        // As Hydra has it: the blank stays.
        writeln!(out, "emails: ")?;
    } else {
        writeln!(out, "emails: {}", Scalar(&emails))?;
    }
    writeln!(out, "broken: {}\n---", broken.len())?;
    for entry in &broken {
        write!(out, "{entry}")?;
    }
    writeln!(out)
}

/// The message without the status, which stands in a field of its own.
fn reason(status: Option<u16>, message: String) -> String {
    let without = status.and_then(|status| message.strip_prefix(&format!("{status} ")));
    without.map(str::to_owned).unwrap_or(message)
}

/// An entry of the sequence.
struct Broken<'a> {
    /// The status, 0 for anything without one.
    code: u16,
    url: UrlText<'a>,
    fragment: Option<&'a str>,
    /// The first page that links to it; none for a target of the command line.
    parent: Option<UrlText<'a>>,
    error: String,
}

impl fmt::Display for Broken<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut url = self.url.to_string();
        if let Some(fragment) = self.fragment {
            url.push('#');
            url.push_str(fragment);
        }
        let parent = self.parent.map(|page| page.to_string()).unwrap_or_default();
        writeln!(f, "\n- code:    {}", self.code)?;
        writeln!(f, "  url:     {}", Scalar(&url))?;
        writeln!(f, "  parent:  {}", Scalar(&parent))?;
        writeln!(f, "  error:   {}", Scalar(&self.error))
    }
}

/// A text as a YAML scalar: plain where every reader takes it for that text, double-quoted otherwise.
struct Scalar<'a>(&'a str);

impl fmt::Display for Scalar<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if is_plain(self.0) {
            return f.write_str(self.0);
        }
        f.write_char('"')?;
        for c in self.0.chars() {
            match c {
                '"' | '\\' => write!(f, "\\{c}")?,
                ' '..='~' => f.write_char(c)?,
                _ if c.is_alphanumeric() && !super::inert::is_harmful(c) => f.write_char(c)?,
                '\0'..='\u{ff}' => write!(f, "\\x{:02x}", c as u32)?,
                '\u{100}'..='\u{ffff}' => write!(f, "\\u{:04x}", c as u32)?,
                _ => write!(f, "\\U{:08x}", c as u32)?,
            }
        }
        f.write_char('"')
    }
}

/// Whether a text may stand plain (YAML 1.2.2 section 7.3.3), read by YAML 1.1 and 1.2 alike. Stricter than it must
/// be: ASCII only, a letter, digit or slash in front, nothing that some schema takes for something else than text.
fn is_plain(text: &str) -> bool {
    const WORDS: [&str; 9] = ["null", "true", "false", "yes", "no", "on", "off", "y", "n"];
    let Some(first) = text.chars().next() else { return false };
    // What begins with a digit may be a number or a date, but neither holds a word.
    let has_word =
        || text.split(' ').any(|word| word.len() > 1 && word.bytes().all(|b| b.is_ascii_alphabetic()));
    (first.is_ascii_alphabetic() || first == '/' || first.is_ascii_digit() && has_word())
        && text.bytes().all(|byte| matches!(byte, b' '..=b'~'))
        && !text.contains(": ")
        && !text.contains(" #")
        && !text.ends_with([':', ' '])
        && !WORDS.contains(&text.to_ascii_lowercase().as_str())
}
