//! `crawlspace links`: what one document links to, asked of nobody.

use crate::args::LinksArgs;
use crate::error::Error;
use crate::exit::Exit;
use crate::stdio::{print, read};
use crawlspace::digest::{Document, DocumentLink, DocumentRefresh, document};
use serde::Serialize;
use std::io::{self, Write};
use std::path::Path;
use url::Url;

/// One link: a line of the output.
#[derive(Debug, Serialize)]
struct LinkRow<'a> {
    /// Resolved, with its fragment; `None` if it is no URL.
    url: Option<&'a str>,
    raw: &'a str,
    element: &'static str,
    attribute: &'static str,
    line: u32,
    column: u32,
    rel: Option<&'a str>,
}

/// What there is to say of the document: the last line.
#[derive(Debug, Serialize)]
struct DocumentRow<'a> {
    base: &'a str,
    charset: &'static str,
    ids: &'a [String],
    refresh: Option<RefreshRow<'a>>,
    robots: &'a [String],
}

#[derive(Debug, Serialize)]
struct RefreshRow<'a> {
    seconds: u64,
    url: Option<&'a str>,
}

impl<'a> From<&'a DocumentLink> for LinkRow<'a> {
    fn from(link: &'a DocumentLink) -> Self {
        Self {
            url: link.url.as_ref().map(Url::as_str),
            raw: &link.raw,
            element: link.place.element(),
            attribute: link.place.attribute(),
            line: link.line,
            column: link.column,
            rel: link.rel.as_deref(),
        }
    }
}

impl<'a> From<&'a Document> for DocumentRow<'a> {
    fn from(document: &'a Document) -> Self {
        let refresh = |refresh: &'a DocumentRefresh| RefreshRow {
            seconds: refresh.seconds,
            url: refresh.url.as_ref().map(Url::as_str),
        };
        Self {
            base: document.base.as_str(),
            charset: document.charset,
            ids: &document.ids,
            refresh: document.refresh.as_ref().map(refresh),
            robots: &document.robots,
        }
    }
}

/// Lists the links of a document on standard output.
pub(crate) fn run(args: &LinksArgs) -> Result<Exit, Error> {
    let (body, own_url) = document_of(&args.file)?;
    let url = args.base.as_ref().unwrap_or(&own_url);
    let by_name = media_by_name(&args.file);
    let document = document(url, args.content_type.as_deref().or(by_name), &body);
    print("the links", |out| write(&document, out))?;
    Ok(Exit::Clean)
}

fn write(document: &Document, out: &mut dyn Write) -> io::Result<()> {
    for link in &document.links {
        serde_json::to_writer(&mut *out, &LinkRow::from(link))?;
        out.write_all(b"\n")?;
    }
    serde_json::to_writer(&mut *out, &DocumentRow::from(document))?;
    out.write_all(b"\n")
}

/// The document, and the URL it has for itself: none that anything could be resolved against, if it is piped in.
fn document_of(file: &Path) -> Result<(Vec<u8>, Url), Error> {
    let body = read(file, "an HTML file")?;
    let url = match file {
        file if file == Path::new("-") => None,
        file => std::path::absolute(file).ok().and_then(|path| Url::from_file_path(path).ok()),
    };
    Ok((body, url.map_or_else(nowhere, Ok)?))
}

/// What a file is by its name, where that is not HTML.
fn media_by_name(file: &Path) -> Option<&'static str> {
    match file.extension()?.to_str()?.to_ascii_lowercase().as_str() {
        "css" => Some("text/css"),
        "md" | "markdown" => Some("text/markdown"),
        "xhtml" | "xht" => Some("application/xhtml+xml"),
        _ => None,
    }
}

fn nowhere() -> Result<Url, Error> {
    Url::parse("about:blank").map_err(|error| Error::new(format!("about:blank: {error}")))
}
