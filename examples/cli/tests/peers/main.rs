//! What other link checkers' own tests show, shown by the command: real HTTP on this machine, one table for each.
//!
//! The cases are our own, of the kinds that those projects test. Where the peer judges otherwise, the case says so and
//! why.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod broken_link_checker;
mod htmltest;
mod linkchecker;
mod linkinator;
mod site;

use serde_json::Value;
use site::{Answer, Site};
use std::collections::BTreeMap;
use std::process::{Command, Stdio};

/// One small site, and what is to be said of every link on it.
pub(crate) struct Case {
    /// What it shows.
    pub(crate) shows: &'static str,
    /// The page at `/`; `AWAY` in it is another origin, which serves `away`, and `SELF` its own.
    pub(crate) page: &'static str,
    /// What else the site serves; the rest is what stands at `*`, or 404.
    pub(crate) site: &'static [(&'static str, Answer)],
    pub(crate) away: &'static [(&'static str, Answer)],
    pub(crate) options: &'static [&'static str],
    /// All links but `/` itself, with what became of them: a class, or a class and a severity.
    pub(crate) links: &'static [(&'static str, &'static str)],
}

impl Case {
    pub(crate) const NONE: Self =
        Self { shows: "", page: "", site: &[], away: &[], options: &[], links: &[] };
}

/// What a run of a case came to.
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) report: Value,
    pub(crate) own: Site,
    pub(crate) away: Site,
}

impl Run {
    /// A text with the two origins in place of their names.
    pub(crate) fn spelled(&self, text: &str) -> String {
        text.replace("AWAY", &self.away.origin).replace("SELF", &self.own.origin)
    }

    /// What became of each link, `/` left out.
    fn links(&self) -> BTreeMap<String, Vec<String>> {
        let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for row in self.report["links"].as_array().unwrap() {
            if row["referrers"].as_array().unwrap().is_empty() {
                continue;
            }
            let mut url = row["url"].as_str().unwrap().replace(&self.away.origin, "AWAY");
            url = url.strip_prefix(&self.own.origin).map(str::to_owned).unwrap_or(url);
            if let Some(fragment) = row["fragment"].as_str() {
                url = format!("{url}#{fragment}");
            }
            let (class, severity) = (row["class"].as_str().unwrap(), row["severity"].as_str().unwrap());
            found.entry(url).or_default().push(format!("{class} {severity}"));
        }
        if found.get("/").is_some_and(|classes| classes.iter().all(|class| class.starts_with("ok "))) {
            found.remove("/");
        }
        found
    }
}

pub(crate) fn run(case: &Case) -> Run {
    let away = Site::start(case.away.iter().map(|(path, answer)| ((*path).to_owned(), answer.clone())));
    let own = Site::start(case.site.iter().map(|(path, answer)| ((*path).to_owned(), answer.clone())));
    let spell = |text: &str| text.replace("AWAY", &away.origin).replace("SELF", &own.origin);
    for site in [&own, &away] {
        site.respell(spell);
    }
    if !case.page.is_empty() {
        own.serve("/", Answer { body: spell(case.page).leak().as_bytes(), ..site::HTML });
    }
    let mut command = Command::new(env!("CARGO_BIN_EXE_crawlspace"));
    command.args(["check", "-q", "--format", "json", "--all", "--delay", "0", "--timeout", "5"]);
    if !case.options.contains(&"--retries") {
        command.args(["--retries", "0"]);
    }
    command.args(case.options.iter().map(|option| spell(option))).arg(format!("{}/", own.origin));
    let output = command.stdin(Stdio::null()).output().unwrap();
    let report = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| {
        panic!("{}: {error}: {}", case.shows, String::from_utf8_lossy(&output.stderr))
    });
    Run { code: output.status.code().unwrap(), report, own, away }
}

/// Runs a case and compares all its links; an error makes the exit code 1.
pub(crate) fn check(case: &Case) -> Run {
    let run = run(case);
    let found = run.links();
    let mut left = found.clone();
    for (url, expected) in case.links {
        let of = left.get_mut(*url).unwrap_or_else(|| panic!("{}: no {url} in {found:#?}", case.shows));
        let matches = |found: &String| found == expected || found.split(' ').next() == Some(expected);
        let at = of.iter().position(matches);
        let at = at.unwrap_or_else(|| panic!("{}: {url} is not {expected} in {found:#?}", case.shows));
        of.remove(at);
        if of.is_empty() {
            left.remove(*url);
        }
    }
    // A page that works and has a dead fragment has two rows; the fragment is what is told.
    left.retain(|_, classes| classes.iter().any(|class| class != "ok info"));
    assert!(left.is_empty(), "{}: also {left:#?}", case.shows);
    let broken = run.report["summary"]["errors"] != 0;
    assert_eq!(run.code, i32::from(broken), "{}: {:#}", case.shows, run.report);
    run
}
