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
    /// Say whether a robots.txt lets a crawler fetch URLs, and by which rule
    Robots(RobotsArgs),
    /// List the entries of a sitemap or feed as JSON lines
    Sitemap(SitemapArgs),
    /// Print the identity of URLs: what counts as the same URL
    Normalize(NormalizeArgs),
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
  crawlspace check https://example.com/ --state state
      Keep the state in a folder: killed or interrupted, the same command goes on.
  crawlspace check https://example.com/ --config crawlspace.toml --output yaml=links.yaml
      Take options from a file, and write a report to another.
  crawlspace check https://example.com/ --rule 403@external:ignore --rule 5xx@*.example.org:warn
      Look at some findings differently: the rules below.

Rules are WHAT:SEVERITY or WHAT@WHERE:SEVERITY. The last one that matches counts.
  WHAT      a class (broken, timeout, dead-fragment, ...), a status code (403, 5xx, 500..=503),
            several with commas between, or * for all
  WHERE     a host (*.example.org for the names below it), a URL in which * stands for anything,
            in-scope or external; the link's target and where its redirects end are compared
  SEVERITY  error, warn, info, ignore (no finding at all) or default

Only errors make the exit code 1. By default blocked, timeout and rate-limited are errors in scope
and warnings outside; too-large and refused are warnings; redirected and skipped are infos; all else
is an error.

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
  crawlspace explain https://example.com/page --from https://example.com/ --state DIR
      What a saved check came to, with nothing asked for; give the options that it was made with.

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

const ROBOTS_EXAMPLES: &str = "\
Examples:
  crawlspace robots --agent mybot robots.txt https://example.com/a https://example.com/b?page=2
      Whether mybot may fetch them, by a file.
  curl -s https://example.com/robots.txt | crawlspace robots --agent mybot - https://example.com/a
      The same by a file from elsewhere.

Each line has the verdict (allowed or disallowed), the URL, and the rule that decides with the number of its line in \
the file, separated by tabs; or 'no rule' where none does. Scheme and host of the URLs do not matter: the file is taken to be theirs. \
The first 500 KiB of the file count (RFC 9309 section 2.5).";

/// The command line of `robots`.
#[derive(Clone, Debug, Args)]
#[command(after_help = ROBOTS_EXAMPLES)]
pub struct RobotsArgs {
    /// The crawler: its product token, or its whole User-Agent field, which counts up to the first / or blank
    #[arg(long, value_name = "NAME", default_value = "crawlspace")]
    pub agent: String,

    /// The robots.txt; - reads it from standard input
    #[arg(value_name = "FILE")]
    pub file: PathBuf,

    /// The URLs to ask for
    #[arg(value_name = "URL", required = true)]
    pub urls: Vec<String>,
}

const SITEMAP_EXAMPLES: &str = "\
Examples:
  crawlspace sitemap sitemap.xml
  curl -s https://example.com/sitemap.xml.gz | crawlspace sitemap -

Each line is an object with url (as written), lastmod (RFC 3339 in universal time, or null) and kind (urlset, index, \
rss, atom or text: what the file is). Gzip is undone. Of a file, the first 50,000 entries and 50 MiB (decompressed) are read; if there \
is more, the exit code is 4. A file that is no sitemap has no entries, and the exit code is 2.";

/// The command line of `sitemap`.
#[derive(Clone, Debug, Args)]
#[command(after_help = SITEMAP_EXAMPLES)]
pub struct SitemapArgs {
    /// The sitemap: XML, a text of one URL a line, RSS or Atom, compressed by gzip or not; - reads it from standard input
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
}

const NORMALIZE_EXAMPLES: &str = "\
Examples:
  crawlspace normalize HTTP://Example.com:80/%7euser/?q=%2f#top
      Prints http://example.com/~user/?q=%2F

One line for each URL, in order. What is not an absolute URL is told on standard error, and the exit code is 2.";

/// The command line of `normalize`.
#[derive(Clone, Debug, Args)]
#[command(after_help = NORMALIZE_EXAMPLES)]
pub struct NormalizeArgs {
    /// The URLs
    #[arg(value_name = "URL", required = true)]
    pub urls: Vec<String>,
}

fn absolute(text: &str) -> Result<Url, String> {
    Url::parse(text)
        .ok()
        .filter(|url| !url.cannot_be_a_base())
        .ok_or_else(|| "not an absolute URL, such as https://example.com/page.html".to_owned())
}
