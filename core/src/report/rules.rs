//! Rules by which a user changes how bad a finding is.

use super::class::{Class, Severity};
use super::finding::{Finding, UrlText};
use crate::config::StatusSet;
use core::fmt;
use core::str::FromStr;
use url::{Host, Url};

/// The rules of a report, in order: of several that match a finding, the last one counts.
///
/// They change how bad a finding is, never what is fetched, so the same crawl can be looked at under any rules.
/// Without one that matches, a finding is as bad as [`Class::severity`] says.
///
/// ```
/// use crawlspace::report::{Rule, Rules};
///
/// let rules: Rules = ["timeout:error", "5xx@*.example.org:ignore"]
///     .into_iter()
///     .map(str::parse::<Rule>)
///     .collect::<Result<_, _>>()?;
/// assert_eq!(rules.iter().count(), 2);
///
/// let error = "timout:error".parse::<Rule>().unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "rule \"timout:error\": \"timout\" is neither a class nor a status code; did you mean \"timeout\"?"
/// );
/// # Ok::<(), crawlspace::report::RuleError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rules(Vec<Rule>);

impl Rules {
    /// The rules in order.
    pub fn iter(&self) -> impl Iterator<Item = &Rule> {
        self.0.iter()
    }

    /// How bad a finding is, and the rule that says so; none where it is the default.
    #[must_use]
    pub fn decide(&self, finding: &Finding<'_>) -> (Severity, Option<&Rule>) {
        let hops: Vec<u16> = finding.redirects.iter().map(|hop| hop.status).collect();
        self.decide_case(&Case {
            class: finding.class,
            in_scope: finding.in_scope,
            status: finding.status,
            hops: &hops,
            url: finding.url,
            final_url: finding.final_url,
        })
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn decide_case(&self, case: &Case<'_>) -> (Severity, Option<&Rule>) {
        let default = case.class.severity(case.in_scope);
        let matching = self.0.iter().rev().find(|rule| rule.matches(case));
        let severity = matching.and_then(|rule| match rule.action {
            Action::Severity(severity) => Some(severity),
            Action::Default => None,
        });
        (severity.unwrap_or(default), matching)
    }
}

impl FromIterator<Rule> for Rules {
    fn from_iter<I: IntoIterator<Item = Rule>>(rules: I) -> Self {
        Self(rules.into_iter().collect())
    }
}

/// What rules look at.
pub(super) struct Case<'a> {
    pub(super) class: Class,
    pub(super) in_scope: bool,
    pub(super) status: Option<u16>,
    /// Status codes of the redirects on the way.
    pub(super) hops: &'a [u16],
    pub(super) url: UrlText<'a>,
    pub(super) final_url: UrlText<'a>,
}

/// One rule, written `WHAT:SEVERITY` or `WHAT@WHERE:SEVERITY`.
///
/// * WHAT: class names, status codes (`403`), hundreds of them (`5xx`) and ranges (`500..=503`), with commas between,
///   or `*` for all. A status code is matched where it decides the class; of what is `redirected`, the codes of the
///   redirects are.
/// * WHERE: a host (`example.com`, `*.example.org` for the names below it, with a port if only that one counts), a
///   URL in which `*` stands for anything (`https://example.com/docs/*`), `in-scope` or `external`. It is compared
///   with the link's target and with where its redirects ended.
/// * SEVERITY: `error`, `warn`, `info`, `ignore` (or `skip`: left out of the findings), or `default`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    text: String,
    what: Vec<What>,
    place: Place,
    action: Action,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum What {
    Any,
    Class(Class),
    Codes(StatusSet),
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Place {
    Anywhere,
    InScope(bool),
    Host { glob: Glob, port: Option<u16> },
    Url(Glob),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Action {
    Severity(Severity),
    Default,
}

impl Rule {
    /// The rule as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    fn matches(&self, case: &Case<'_>) -> bool {
        // What works is no finding, whatever the rules.
        case.class != Class::Ok && self.what.iter().any(|what| what.matches(case)) && self.place.matches(case)
    }
}

impl What {
    fn matches(&self, case: &Case<'_>) -> bool {
        match self {
            Self::Any => true,
            Self::Class(class) => case.class == *class,
            Self::Codes(codes) => match case.class {
                Class::Redirected => case.hops.iter().any(|status| codes.contains(*status)),
                Class::Broken
                | Class::ServerError
                | Class::Blocked
                | Class::RateLimited
                | Class::Timeout
                | Class::Protocol => case.status.is_some_and(|status| codes.contains(status)),
                _ => false,
            },
        }
    }
}

impl Place {
    fn matches(&self, case: &Case<'_>) -> bool {
        match self {
            Self::Anywhere => true,
            Self::InScope(in_scope) => case.in_scope == *in_scope,
            Self::Host { glob, port } => [case.url, case.final_url].iter().any(|url| {
                let Ok(origin) = Url::parse(url.origin) else { return false };
                let same_port = port.is_none() || origin.port_or_known_default() == *port;
                same_port && origin.host_str().is_some_and(|host| glob.matches(host))
            }),
            Self::Url(glob) => [case.url, case.final_url].iter().any(|url| glob.matches(&url.to_string())),
        }
    }
}

/// A text in which `*` stands for any other.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Glob(String);

impl Glob {
    /// Each part between stars is looked for where it fits first, so the time is that of a search.
    fn matches(&self, text: &str) -> bool {
        let mut parts = self.0.split('*');
        let first = parts.next().unwrap_or_default();
        let Some(mut rest) = text.strip_prefix(first) else { return false };
        let Some(last) = parts.next_back() else { return rest.is_empty() };
        for part in parts {
            match rest.find(part) {
                Some(at) => rest = &rest[at + part.len()..],
                None => return false,
            }
        }
        rest.ends_with(last)
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

/// A rule that cannot be: says which, what is wrong with it, and what would do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleError {
    rule: String,
    wrong: String,
}

impl fmt::Display for RuleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "rule \"{}\": {}", self.rule, self.wrong)
    }
}

impl core::error::Error for RuleError {}

const SEVERITIES: [(&str, Action); 8] = [
    ("error", Action::Severity(Severity::Error)),
    ("warn", Action::Severity(Severity::Warning)),
    ("warning", Action::Severity(Severity::Warning)),
    ("info", Action::Severity(Severity::Info)),
    ("ignore", Action::Severity(Severity::Ignored)),
    ("ignored", Action::Severity(Severity::Ignored)),
    ("skip", Action::Severity(Severity::Ignored)),
    ("default", Action::Default),
];

impl FromStr for Rule {
    type Err = RuleError;

    fn from_str(text: &str) -> Result<Self, RuleError> {
        let wrong = |wrong| RuleError { rule: text.to_owned(), wrong };
        let (condition, action) = text.trim().rsplit_once(':').ok_or_else(|| {
            wrong("it has no severity; write it as 403:warn or 5xx@example.com:ignore".to_owned())
        })?;
        let action = read_action(action.trim()).map_err(wrong)?;
        let (what, place) = match condition.split_once('@') {
            Some((what, place)) => (what, read_place(place.trim()).map_err(wrong)?),
            None => (condition, Place::Anywhere),
        };
        let what = what.split(',').map(|what| read_what(what.trim())).collect::<Result<_, _>>();
        Ok(Self { text: text.trim().to_owned(), what: what.map_err(wrong)?, place, action })
    }
}

fn read_action(text: &str) -> Result<Action, String> {
    if let Some((_, action)) = SEVERITIES.iter().find(|(name, _)| *name == text) {
        return Ok(*action);
    }
    Err(match nearest(text, SEVERITIES.iter().map(|(name, _)| *name)) {
        Some(nearest) => format!("\"{text}\" is no severity; did you mean \"{nearest}\"?"),
        None => {
            format!("\"{text}\" is no severity; severities are error, warn, info, ignore and default")
        }
    })
}

fn read_what(text: &str) -> Result<What, String> {
    if text == "*" {
        return Ok(What::Any);
    }
    let classes = || Class::ALL.into_iter().filter(|class| *class != Class::Ok);
    if let Some(class) = classes().find(|class| class.as_str() == text) {
        return Ok(What::Class(class));
    }
    if text == Class::Ok.as_str() {
        return Err("\"ok\" is what works, which no rule changes".to_owned());
    }
    if text.starts_with(|c: char| c.is_ascii_digit()) {
        return text.parse().map(What::Codes).map_err(|_| {
            format!("\"{text}\" is no status code; write 403, 5xx or 500..=503, from 100 to 999")
        });
    }
    let begin = format!("\"{text}\" is neither a class nor a status code");
    Err(match nearest(text, classes().map(Class::as_str)) {
        Some(nearest) => format!("{begin}; did you mean \"{nearest}\"?"),
        None => {
            let names: Vec<_> = classes().map(Class::as_str).collect();
            format!("{begin}; classes are {}", names.join(", "))
        }
    })
}

fn read_place(text: &str) -> Result<Place, String> {
    match text {
        "in-scope" => return Ok(Place::InScope(true)),
        "external" => return Ok(Place::InScope(false)),
        _ if text.contains("://") => return read_url(text),
        _ => {}
    }
    if text.contains(['/', '?', '#']) {
        return Err(format!("\"{text}\" is no host; a URL begins with its scheme, such as https://{text}"));
    }
    let is_port = |port: &str| !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
    let (host, port) = match text.rsplit_once(':').filter(|(_, port)| is_port(port)) {
        Some((host, port)) => {
            let port = port.parse().map_err(|_| format!("\"{port}\" is no port; ports go to 65535"))?;
            (host, Some(port))
        }
        None => (text, None),
    };
    let bad = || format!("\"{text}\" is no host; write example.com, *.example.com, in-scope or external");
    // A host without a dot is rarely meant where it looks like one of the words.
    if !text.contains(['.', '*', ':', '['])
        && let Some(near) = nearest(text, ["in-scope", "external"])
    {
        return Err(format!("\"{text}\" is no host; did you mean \"{near}\"?"));
    }
    // Stars take part as letters, so that the rest is brought into the form that identities have.
    let plain = host.replace('*', STAR);
    let host = Host::parse(&plain).map_err(|_| bad())?.to_string();
    Ok(Place::Host { glob: Glob(host.replace(STAR, "*")), port })
}

/// Stands for `*` where the URL standard would not let it.
const STAR: &str = "crawlspacestar";

fn read_url(text: &str) -> Result<Place, String> {
    // A scheme with a star is brought into form as those are that can be fetched.
    let (scheme, rest) = text.split_once("://").unwrap_or_default();
    let known = if scheme.contains('*') { "https" } else { scheme };
    match Url::parse(&format!("{known}://{rest}").replace('*', STAR)) {
        Ok(url) if url.fragment().is_none() => {
            let mut glob = crate::identity::Identity::of(&url).as_str().replace(STAR, "*");
            if known != scheme {
                glob.replace_range(..known.len(), &scheme.to_ascii_lowercase());
            }
            // No path was written: the star stands for that too.
            if text.ends_with('*') && glob.ends_with("*/") {
                glob.pop();
            }
            Ok(Place::Url(Glob(glob)))
        }
        Ok(_) => Err(format!("\"{text}\" has a fragment, which rules do not look at; leave it out")),
        Err(_) => Err(format!("\"{text}\" is no URL; write one such as https://example.com/docs/*")),
    }
}

/// The word most like a mistyped one, if any is like it at all.
fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    const ALIKE: f64 = 0.75;
    let word = word.to_ascii_lowercase();
    known
        .into_iter()
        .map(|known| (strsim::jaro_winkler(&word, known), known))
        .filter(|(likeness, _)| *likeness >= ALIKE)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, known)| known)
}
