//! `crawlspace robots`: what a robots.txt says of URLs, asked of nobody.

use crate::args::RobotsArgs;
use crate::error::Error;
use crate::exit::Exit;
use crate::format::Inert;
use crate::progress::say;
use crate::stdio::{print, read};
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
    let mut exit = Exit::Clean;
    print("the verdicts", |out| {
        for text in &args.urls {
            match Url::parse(text) {
                Ok(url) => write(&rules, text, &url, out)?,
                Err(error) => {
                    exit = Exit::Usage;
                    say(&format!("\"{}\" is not an absolute URL: {error}", Inert(text)));
                }
            }
        }
        Ok(())
    })?;
    Ok(exit)
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
