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
    Url::parse(text).map_err(|_| "not an absolute URL, such as https://example.com/page.html".to_owned())
}
