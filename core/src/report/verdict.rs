//! From what is stored of a URL to a verdict, redirects walked.

use super::class::{Class, Severity};
use super::finding::UrlText;
use super::hint;
use super::rules::{Case, Rules};
use super::skip::Skip;
use super::{fragment, text_fragment};
use crate::config::Pattern;
use crate::engine::page::Ids;
use crate::engine::{Answer, Engine, UrlId};
use crate::store::TextId;
use http::StatusCode;
use url::Url;

/// The redirects from a URL, walked on the finished graph.
#[derive(Debug)]
pub(super) struct Walk<'a> {
    /// The URLs that redirect, in order.
    pub(super) hops: Vec<UrlId>,
    /// Where it ends.
    pub(super) end: UrlId,
    pub(super) how: Ending,
    /// A fragment that a redirect gives; the last one counts.
    pub(super) fragment: Option<TextId>,
    /// The fragment targets of the document at the end, if it works and they are known: of one that is too large, the
    /// first ones are.
    pub(super) ids: Option<Ids<'a>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    Rest,
    Loop,
    TooMany,
}

impl<'a> Walk<'a> {
    pub(super) fn from(engine: &'a Engine, start: UrlId) -> Self {
        let mut walk = Self { hops: Vec::new(), end: start, how: Ending::Rest, fragment: None, ids: None };
        while let Answer::Redirect { to, fragment, .. } = engine.answer(walk.end) {
            if walk.hops.contains(&walk.end) {
                walk.how = Ending::Loop;
                break;
            }
            if walk.hops.len() >= engine.config().redirects as usize {
                walk.how = Ending::TooMany;
                break;
            }
            walk.hops.push(walk.end);
            walk.end = to;
            walk.fragment = fragment.or(walk.fragment);
        }
        if !walk.hops.is_empty() && matches!(engine.answer(walk.end), Answer::None(Some(Skip::Depth))) {
            // A redirect adds no depth: what one leads to is held back only by too many of them.
            walk.how = Ending::TooMany;
        }
        if walk.how == Ending::Rest
            && matches!(engine.answer(walk.end), Answer::Status { accepted: true, too_large: false, .. })
            && !engine.is_soft_404(walk.end)
        {
            walk.ids = engine.ids(walk.end);
        }
        walk
    }

    /// Whether the document at the end has no element that a fragment names.
    pub(super) fn lacks_element(&self, engine: &Engine, fragment: &str) -> bool {
        self.ids.is_some_and(|ids| !fragment::is_found(ids, engine.spec().id_key, fragment))
    }

    /// Whether the document at the end has no text that a fragment points to, as far as that is asked.
    pub(super) fn lacks_text(&self, engine: &Engine, fragment: &str) -> bool {
        self.ids.is_some()
            && engine.prose(self.end).is_some_and(|prose| text_fragment::is_lost(prose, fragment))
    }
}

/// What became of a link target.
#[derive(Clone, Debug)]
pub(super) struct Verdict {
    pub(super) class: Class,
    pub(super) severity: Severity,
}

impl Verdict {
    pub(super) fn of(engine: &Engine, rules: &Rules, id: UrlId) -> Self {
        let walk = Walk::from(engine, id);
        Self::by_rules(engine, rules, id, class(engine, &walk), &walk)
    }

    pub(super) fn of_dead_fragment(engine: &Engine, rules: &Rules, id: UrlId) -> Self {
        Self::by_rules(engine, rules, id, Class::DeadFragment, &Walk::from(engine, id))
    }

    fn by_rules(engine: &Engine, rules: &Rules, id: UrlId, class: Class, walk: &Walk<'_>) -> Self {
        let in_scope = engine.is_in_scope(id);
        if rules.is_empty() {
            return Self { class, severity: class.severity(in_scope) };
        }
        let hops: Vec<u16> = walk.hops.iter().filter_map(|hop| engine.status(*hop)).collect();
        let (severity, _) = rules.decide_case(&Case {
            class,
            in_scope,
            status: engine.status(walk.end),
            hops: &hops,
            url: engine.url(id),
            final_url: engine.url(walk.end),
        });
        Self { class, severity }
    }
}

fn class(engine: &Engine, walk: &Walk<'_>) -> Class {
    match walk.how {
        Ending::Loop => return Class::RedirectLoop,
        Ending::TooMany => return Class::TooManyRedirects,
        Ending::Rest => {}
    }
    let redirected = !walk.hops.is_empty();
    match engine.answer(walk.end) {
        Answer::Status { accepted: true, too_large: true, .. } => Class::TooLarge,
        Answer::Status { accepted: true, .. } if engine.is_soft_404(walk.end) => Class::Broken,
        Answer::Status { accepted: true, .. } if redirected => Class::Redirected,
        Answer::Status { accepted: true, .. } => Class::Ok,
        Answer::Status { bad_location: true, .. } | Answer::NotAUrl => Class::InvalidUrl,
        Answer::Status { status, challenge, .. } => Class::of_status(status, challenge),
        Answer::Failure(failure) => Class::of_failure(failure),
        // A redirect to what cannot be fetched is the server's fault, a link to it is not the page's.
        Answer::None(Some(Skip::Scheme)) if redirected => Class::InvalidUrl,
        Answer::None(_) | Answer::Redirect { .. } => Class::Skipped,
    }
}

/// What happened, in words.
pub(super) fn message(engine: &Engine, class: Class, walk: &Walk<'_>, fragment: Option<&str>) -> String {
    match (class, engine.answer(walk.end)) {
        (Class::DeadFragment, _) => {
            let fragment = fragment.unwrap_or_default();
            if walk.lacks_element(engine, fragment) {
                format!("the page has no element with the id \"{fragment}\"")
            } else {
                format!("the page has no text that \"#{fragment}\" points to")
            }
        }
        (Class::RedirectLoop, _) => "the redirects come back to where they were".to_owned(),
        (Class::TooManyRedirects, _) => {
            format!("more than {} redirects in a row", engine.config().redirects)
        }
        (Class::Redirected, _) => {
            let permanent = walk.hops.iter().all(|hop| matches!(engine.status(*hop), Some(301 | 308)));
            let how = if permanent { "permanently" } else { "temporarily" };
            let from = walk.hops.first().copied().unwrap_or(walk.end);
            let change = change(engine.url(from), engine.url(walk.end));
            format!("redirected {how} to {}{change}", engine.url(walk.end))
        }
        (Class::TooLarge, _) => format!("the body is larger than {} bytes", engine.body_cap_of(walk.end)),
        (_, Answer::Status { bad_location: true, .. }) => "redirected to what is not a URL".to_owned(),
        (Class::InvalidUrl, Answer::None(_)) => {
            format!("redirected to {}, which cannot be fetched", engine.url(walk.end))
        }
        (Class::Protocol, Answer::Status { status: status @ (301 | 302 | 303 | 307 | 308), .. }) => {
            format!("{}, but the response names no location", status_text(status))
        }
        (Class::Blocked, Answer::Status { status, challenge: true, .. }) => {
            format!("{}, from a bot wall in front of the site", status_text(status))
        }
        (Class::Broken, Answer::Status { accepted: true, status, .. }) => {
            format!("soft 404: {}, but the page is what the host gives for any address", status_text(status))
        }
        (Class::Broken, Answer::Status { status: status @ (404 | 410), .. }) => {
            hinted(status_text(status), hint::of_missing(engine.url(walk.end)))
        }
        (_, Answer::Status { status, .. }) => status_text(status),
        (_, Answer::NotAUrl) if is_cut(engine, walk.end) => {
            format!("the URL is longer than {} bytes", engine.spec().limits.url_bytes)
        }
        (_, Answer::NotAUrl) => "not a valid URL".to_owned(),
        (_, Answer::Failure(failure)) => failure.to_string(),
        (_, Answer::None(Some(Skip::Excluded { rule }))) => {
            let pattern = engine.config().scope().rule_at(rule);
            format!("skipped: excluded by the pattern {}", pattern.map_or("of a rule", Pattern::as_str))
        }
        (_, Answer::None(Some(Skip::Scheme))) => {
            hinted(Skip::Scheme.to_string(), hint::of_scheme(engine.url(walk.end)))
        }
        (_, Answer::None(Some(skip))) => skip.to_string(),
        (_, Answer::None(None) | Answer::Redirect { .. }) => "not checked".to_owned(),
    }
}

fn hinted(message: String, hint: Option<String>) -> String {
    match hint {
        Some(hint) => format!("{message}; {hint}"),
        None => message,
    }
}

/// What a redirect changes, where it is one of the usual things and no other.
fn change(from: UrlText<'_>, to: UrlText<'_>) -> &'static str {
    let split = |url: UrlText<'_>| -> Option<(bool, String)> {
        let (scheme, rest) = url.origin.split_once("://")?;
        Some((scheme == "https", rest.to_owned()))
    };
    let (Some((from_secure, from_host)), Some((to_secure, to_host))) = (split(from), split(to)) else {
        return "";
    };
    let is_without_www = |a: &str, b: &str| a.strip_prefix("www.") == Some(b);
    match (from.rest == to.rest, from_host == to_host, from_secure == to_secure) {
        (true, true, false) if to_secure => ": the same over https",
        (true, true, false) => ": the same without encryption",
        (true, false, _) if is_without_www(&to_host, &from_host) => ": the same with www.",
        (true, false, _) if is_without_www(&from_host, &to_host) => ": the same without www.",
        (false, true, true) if to.rest.strip_suffix('/') == Some(from.rest) => {
            ": the same with a slash at the end"
        }
        (false, true, true) if from.rest.strip_suffix('/') == Some(to.rest) => {
            ": the same without the slash at the end"
        }
        _ => "",
    }
}

/// Whether text that is no URL is the beginning of one that is too long: what is left of it can be resolved.
fn is_cut(engine: &Engine, id: UrlId) -> bool {
    let text = engine.url(id).to_string();
    Url::parse("http://a/").is_ok_and(|base| base.join(&text).is_ok())
}

/// The code and its registered reason phrase.
fn status_text(status: u16) -> String {
    match StatusCode::from_u16(status).ok().and_then(|code| code.canonical_reason()) {
        Some(reason) => format!("{status} {reason}"),
        None => status.to_string(),
    }
}
