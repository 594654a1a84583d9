//! Results put together by hand.

#![allow(dead_code, reason = "each test binary uses a part of it")]

use crawlspace::digest::Place;
use crawlspace::report::{Class, Finding, Referrer, Statistics, Summary, UrlText};
use crawlspace_cli::format::Results;
use std::time::Duration;

pub(crate) struct HandMade {
    pub(crate) summary: Summary,
    pub(crate) findings: Vec<Finding<'static>>,
    pub(crate) links: Vec<Finding<'static>>,
    pub(crate) emails: Vec<String>,
}

impl HandMade {
    /// Results with these findings, and one link that works.
    pub(crate) fn of(findings: impl IntoIterator<Item = Finding<'static>>) -> Self {
        let findings: Vec<_> = findings.into_iter().collect();
        let mut links = vec![finding(url("/"), Class::Ok, Some(200), "200 OK")];
        links.extend(findings.iter().cloned());
        let mut summary = Summary::default();
        (summary.checked, summary.pages, summary.links) = (10, 4, 62);
        for finding in &links {
            *summary.classes.entry(finding.class).or_default() += 1;
        }
        for finding in &findings {
            *match finding.severity {
                crawlspace::report::Severity::Error => &mut summary.errors,
                crawlspace::report::Severity::Warning => &mut summary.warnings,
                crawlspace::report::Severity::Info => &mut summary.infos,
                crawlspace::report::Severity::Ignored => &mut summary.ignored,
            } += 1;
        }
        Self { summary, findings, links, emails: Vec::new() }
    }
}

impl Results for HandMade {
    fn summary(&self) -> Summary {
        self.summary.clone()
    }

    fn statistics(&self) -> Statistics {
        let mut statistics = Statistics::default();
        statistics.duration = Duration::from_millis(1_500);
        statistics.hosts.insert("example.test".to_owned(), Default::default());
        statistics
    }

    fn findings(&self) -> Box<dyn Iterator<Item = Finding<'_>> + '_> {
        Box::new(self.findings.iter().cloned())
    }

    fn links(&self) -> Box<dyn Iterator<Item = Finding<'_>> + '_> {
        Box::new(self.links.iter().cloned())
    }

    fn emails(&self) -> Box<dyn Iterator<Item = &str> + '_> {
        Box::new(self.emails.iter().map(String::as_str))
    }
}

/// A URL of the site.
pub(crate) fn url(path: &'static str) -> UrlText<'static> {
    UrlText { origin: "https://example.test", rest: path }
}

/// Any text in the place of a URL.
pub(crate) fn page(text: &'static str) -> UrlText<'static> {
    UrlText { origin: "", rest: text }
}

pub(crate) fn finding(
    url: UrlText<'static>,
    class: Class,
    status: Option<u16>,
    message: &str,
) -> Finding<'static> {
    Finding {
        url,
        fragment: None,
        class,
        severity: class.severity(true),
        in_scope: true,
        status,
        final_url: url,
        redirects: Vec::new(),
        message: message.to_owned(),
        skip: None,
        referrers: Vec::new(),
    }
}

pub(crate) fn referrer(path: &'static str, line: u32, column: u32, text: &'static str) -> Referrer<'static> {
    Referrer { page: url(path), line, column, place: Place::A_HREF, text, spelling: None }
}

/// A link that stands once on each of so many pages.
pub(crate) fn referrers(pages: usize) -> Vec<Referrer<'static>> {
    (0..pages).map(|page| referrer(format!("/page{page}").leak(), 7, 3, "")).collect()
}
