//! What there is to say of a URL, gathered.

use crate::trace::Attempt;
use crawlspace::report::{Finding, Report, Rule};
use crawlspace::{Because, Decision, Engine, Explanation, Kind, Reach, RobotsSays};
use serde::Serialize;
use std::collections::BTreeSet;
use url::Url;

/// What there is to say of a URL.
#[derive(Debug, Serialize)]
pub(super) struct Facts<'a> {
    /// As it was asked about.
    pub(super) url: &'a str,
    /// What it is known by, and what is fetched.
    pub(super) identity: String,
    /// Whether it is a target.
    pub(super) target: bool,
    /// Links away from a target; `None` if nothing that was read leads there.
    pub(super) depth: Option<u16>,
    pub(super) scope: Scope<'a>,
    pub(super) robots: Robots,
    /// Requests for the URL, for where it redirects and for the robots.txt of these, in order; `None` for a check that
    /// was saved, which keeps what came of them.
    pub(super) attempts: Option<Vec<Row<'a>>>,
    pub(super) verdicts: Vec<Judged<'a>>,
}

/// What is done about links to it.
#[derive(Debug, Serialize)]
pub(super) struct Scope<'a> {
    pub(super) decision: Decision,
    pub(super) because: String,
    /// The pattern that decided, if one did.
    pub(super) rule: Option<&'a str>,
}

/// What robots.txt says.
#[derive(Debug, Serialize)]
pub(super) struct Robots {
    /// `not-asked`, `not-read`, `allowed`, `disallowed`, `closed` or `unreachable`.
    pub(super) says: &'static str,
    pub(super) because: String,
    pub(super) line: Option<u32>,
    pub(super) rule: Option<String>,
}

/// One request.
#[derive(Debug, Serialize)]
pub(super) struct Row<'a> {
    pub(super) url: &'a str,
    pub(super) kind: Kind,
    pub(super) method: &'static str,
    /// Counted from 1.
    pub(super) attempt: u32,
    /// Seconds since the check began.
    pub(super) began: f64,
    /// Seconds.
    pub(super) took: f64,
    pub(super) status: Option<u16>,
    pub(super) location: Option<&'a str>,
    /// Bytes of body, decoded.
    pub(super) bytes: u64,
    pub(super) failure: Option<String>,
}

/// A verdict, and what decided how bad it is.
#[derive(Debug, Serialize)]
pub(super) struct Judged<'a> {
    #[serde(flatten)]
    pub(super) finding: Finding<'a>,
    pub(super) in_scope: bool,
    /// The rule that decided; `None` if the severity is the default.
    pub(super) rule: Option<String>,
}

impl<'a> Facts<'a> {
    pub(super) fn of(
        url: &'a Url,
        engine: &'a Engine,
        report: &Report<'a>,
        attempts: Option<&'a [Attempt]>,
    ) -> Self {
        let Explanation { identity, given, decision, because, robots, depth, .. } = engine.explain(url);
        let wanted = |finding: &Finding<'_>| {
            finding.url.to_string() == identity.as_str()
                && (finding.fragment.is_none()
                    || url.fragment().is_none()
                    || finding.fragment == url.fragment())
        };
        let verdicts: Vec<_> = report
            .links()
            .filter(wanted)
            .map(|finding| Judged {
                rule: report.rules().decide(&finding).1.map(Rule::to_string),
                in_scope: finding.in_scope,
                finding,
            })
            .collect();
        let mut urls = BTreeSet::from([identity.as_str().to_owned()]);
        for Judged { finding, .. } in &verdicts {
            urls.extend(finding.redirects.iter().map(|hop| hop.url.to_string()));
            urls.insert(finding.final_url.to_string());
        }
        let origins: BTreeSet<_> = urls
            .iter()
            .filter_map(|url| Some(Url::parse(url).ok()?.origin().ascii_serialization()))
            .collect();
        let concerns = |attempt: &&Attempt| match attempt.kind {
            Kind::Robots | Kind::Probe => origins.contains(&attempt.url.origin().ascii_serialization()),
            _ => urls.contains(attempt.url.as_str()),
        };
        let rule = match because {
            Because::Rule(pattern) => Some(pattern),
            _ => None,
        };
        Self {
            url: url.as_str(),
            identity: identity.as_str().to_owned(),
            target: given,
            depth,
            scope: Scope { decision, because: why(because, decision), rule },
            robots: robots_row(robots),
            attempts: attempts.map(|attempts| attempts.iter().filter(concerns).map(row).collect()),
            verdicts,
        }
    }
}

fn why(because: Because<'_>, decision: Decision) -> String {
    match (because, decision) {
        (Because::Rule(pattern), Decision::Ignore) => format!("--exclude \"{pattern}\" matches"),
        (Because::Rule(pattern), _) => format!("\"{pattern}\" matches"),
        (Because::NotIncluded, _) => "it matches no --include".to_owned(),
        (Because::Reach(Reach::SeedOrigins), _) => "it is on the site of a target".to_owned(),
        (Because::Reach(Reach::Origin(url) | Reach::Prefix(url)), _) => format!("it is within {url}"),
        (Because::Reach(Reach::Host(name) | Reach::Domain(name)), _) => format!("it is within {name}"),
        (Because::OutOfReach, Decision::Ignore) => {
            "it is on another site, and --external is not given".to_owned()
        }
        (Because::OutOfReach, _) => "it is on another site, whose links are not followed".to_owned(),
        (Because::Nofollow, _) => {
            "all links to it say nofollow, so its own links are not followed".to_owned()
        }
        (Because::Scheme, _) => "its scheme is not one that is checked".to_owned(),
        (_, _) => "of a reason unknown to this command".to_owned(),
    }
}

fn robots_row(says: RobotsSays<'_>) -> Robots {
    let (says, because, rule) = match says {
        RobotsSays::NotAsked => ("not-asked", "robots.txt is not asked about it (--robots)".to_owned(), None),
        RobotsSays::NotRead => ("not-read", "robots.txt was not read".to_owned(), None),
        RobotsSays::Allowed(None) => ("allowed", "robots.txt has no rule about it".to_owned(), None),
        RobotsSays::Allowed(Some(rule)) => {
            ("allowed", format!("line {} of robots.txt: {rule}", rule.line), Some(rule))
        }
        RobotsSays::Disallowed(rule) => match rule {
            Some(rule) => ("disallowed", format!("line {} of robots.txt: {rule}", rule.line), Some(rule)),
            None => ("disallowed", "robots.txt".to_owned(), None),
        },
        RobotsSays::Closed => ("closed", "robots.txt answered with a server error".to_owned(), None),
        RobotsSays::Unreachable(failure) => ("unreachable", format!("robots.txt: {failure}"), None),
        _ => ("not-read", "unknown to this command".to_owned(), None),
    };
    Robots { says, because, line: rule.map(|rule| rule.line), rule: rule.map(ToString::to_string) }
}

fn row(attempt: &Attempt) -> Row<'_> {
    let answer = attempt.result.as_ref().ok();
    Row {
        url: attempt.url.as_str(),
        kind: attempt.kind,
        method: attempt.method.as_str(),
        attempt: attempt.number,
        began: attempt.began.as_secs_f64(),
        took: attempt.took.as_secs_f64(),
        status: answer.map(|answer| answer.status),
        location: answer.and_then(|answer| answer.location.as_deref()),
        bytes: answer.map_or(0, |answer| answer.bytes),
        failure: attempt.result.as_ref().err().map(ToString::to_string),
    }
}
