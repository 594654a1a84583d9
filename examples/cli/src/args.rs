//! The command line.

use crate::config::{Layer, Options};
use crate::error::Error;
use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;
use url::Url;

/// Checks the links of sites, folders and files
///
/// Every page of a site is read once, every link on it asked for once, and what is broken is reported with all pages
/// that link to it, by line and column.
#[derive(Debug, Parser)]
#[command(name = "crawlspace", version, arg_required_else_help = true)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Check the links of sites, folders, HTML and Markdown files
    Check(Box<CheckArgs>),
    /// Say why URLs are in or out, what was asked, and how that was judged
    Explain(Box<ExplainArgs>),
    /// List the links of one document (HTML, CSS, Markdown) as JSON lines, without asking for any
    Links(LinksArgs),
}

const CHECK_EXAMPLES: &str = "\
Examples:
  crawlspace check https://example.com/
      Check a whole site, and every link from it to elsewhere.
  crawlspace check public --base-url https://example.com/
      Check a folder before it is published, with no network.
  crawlspace check https://example.com/ --depth 2 --no-external --format json
      Check what is two links away at most, on this site only; print JSON.
  crawlspace check https://example.com/ --exclude '\\.zip$' --accept 200..=299,403,999
      Leave some links alone, and let some status codes pass.
  crawlspace check https://example.com/ --config crawlspace.toml --output yaml=links.yaml
      Take options from a file, and write a report to another.

  crawlspace check https://example.com/ --rule 403@external:ignore --rule 5xx@*.example.org:warn
      Look at some findings differently: the rules below.

Rules are WHAT:SEVERITY or WHAT@WHERE:SEVERITY. WHAT is a class (broken, timeout, dead-fragment, ...), a status code
(403, 5xx, 500..=503), several with commas between, or * for all. WHERE is a host (*.example.org for the names below
it), a URL in which * stands for anything, in-scope or external; the link's target and where its redirects ended are
compared. SEVERITY is error, warn, info, ignore (no finding at all) or default. Only errors make the exit code 1. By
default blocked, timeout and rate-limited are errors in scope and warnings outside; too-large and refused are
warnings, redirected and skipped infos, all else errors.

Times are seconds, or have a unit: 0.5, 500ms, 30s, 2m, 1h. What is given here wins over --config.

Exit codes:
  0  nothing is broken              3  nothing could be checked
  1  something is broken            4  stopped at a limit, the report is partial
  2  wrong usage or configuration   130  interrupted, the report is partial";

/// The command line of `check`.
#[derive(Clone, Debug, Args)]
#[command(after_help = CHECK_EXAMPLES)]
pub struct CheckArgs {
    /// Take options from a file: TOML with these options' names, or Hydra's JSON
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,

    /// The options.
    #[command(flatten)]
    pub options: Options,
}

impl CheckArgs {
    /// The options of the command line, over those of the file it names.
    ///
    /// # Errors
    ///
    /// If the file cannot be read or holds what it may not.
    pub fn layers(self) -> Result<Layer, Error> {
        let options = self.options.settled()?;
        let top = Layer { options, ..Layer::default() };
        match &self.config {
            Some(path) => Ok(top.over(Layer::load(path)?)),
            None => Ok(top),
        }
    }
}

const EXPLAIN_EXAMPLES: &str = "\
Examples:
  crawlspace explain https://example.com/page
      Ask for one URL as check would, and tell each attempt and the verdict.
  crawlspace explain https://other.example/ --from https://example.com/ --rule 403:ignore
      Check a whole site, and tell what came of one link of it and by which rule.
  crawlspace explain https://example.com/a.zip --config crawlspace.toml
      The same under the targets and options of a configuration.

All options are those of check, and mean the same; --format is text, json or jsonl.";

/// The command line of `explain`.
#[derive(Clone, Debug, Args)]
#[command(after_help = EXPLAIN_EXAMPLES)]
#[command(mut_arg("targets", |arg| arg.value_name("URL").help("What to explain: URLs; with a folder, also paths in it")))]
pub struct ExplainArgs {
    /// Check this target, and explain the URLs as parts of that check (may be repeated) [default: the targets of
    /// --config, or else the URLs alone]
    #[arg(long, value_name = "TARGET")]
    pub from: Vec<String>,

    /// The options of the check.
    #[command(flatten)]
    pub check: CheckArgs,
}

const LINKS_EXAMPLES: &str = "\
Examples:
  crawlspace links page.html
      The links of a file, resolved against its own address.
  curl -s https://example.com/ | crawlspace links --base https://example.com/ -
      The links of a page from elsewhere.

Each line is an object with url (null where it cannot be parsed), raw, element, attribute, line, column and rel; the last \
one has base, charset, ids, refresh and robots of the document.";

/// The command line of `links`.
#[derive(Clone, Debug, Args)]
#[command(after_help = LINKS_EXAMPLES)]
pub struct LinksArgs {
    /// The document; - reads it from standard input
    #[arg(value_name = "FILE")]
    pub file: PathBuf,

    /// The document's URL, which relative links are resolved against
    #[arg(long, value_name = "URL", value_parser = absolute)]
    pub base: Option<Url>,

    /// The Content-Type header that the document came with; by default HTML, or what a file's name says
    #[arg(long, value_name = "TYPE")]
    pub content_type: Option<String>,
}

fn absolute(text: &str) -> Result<Url, String> {
    Url::parse(text)
        .ok()
        .filter(|url| !url.cannot_be_a_base())
        .ok_or_else(|| "not an absolute URL, such as https://example.com/page.html".to_owned())
}
