//! `crawlspace robots`: what a robots.txt says of URLs, asked of nobody.

use crate::args::RobotsArgs;
use crate::error::Error;
use crate::exit::Exit;
use crate::format::Inert;
use crate::progress::say;
use crate::stdio::{print_urls, read};
use crawlspace::DigestLimits;
use crawlspace::robots::{Parser, RobotsFile};
use std::io::{self, Write};
use url::{Position, Url};

/// Prints a verdict for each URL.
pub(crate) fn run(args: &RobotsArgs) -> Result<Exit, Error> {
    let mut parser = Parser::new(&args.agent, u64::from(DigestLimits::default().robots_bytes));
    let _ = parser.push(&read(&args.file, "a robots.txt")?);
    let rules = parser.finish();
    if rules.truncated {
        say(&format!("{}: what comes after 500 KiB is not read", args.file.display()));
    }
    print_urls("the verdicts", &args.urls, |text, url, out| write(&rules, text, url, out))
}

fn write(rules: &RobotsFile, text: &str, url: &Url, out: &mut dyn Write) -> io::Result<()> {
    let decision = rules.decide(&url[Position::BeforePath..Position::AfterQuery]);
    let verdict = if decision.allowed { "allowed" } else { "disallowed" };
    write!(out, "{verdict}\t{}\t", Inert(text))?;
    match decision.rule {
        Some(rule) => writeln!(out, "{}: {}", rule.line, Inert(rule)),
        None => writeln!(out, "no rule"),
    }
}
