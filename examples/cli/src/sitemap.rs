//! `crawlspace sitemap`: what one sitemap names, asked of nobody.

use crate::args::SitemapArgs;
use crate::error::Error;
use crate::exit::Exit;
use crate::progress::say;
use crate::stdio::{print, read};
use crawlspace::sitemap::{Format, MAX_BYTES, MAX_ENTRIES, Parser, Sitemap};
use crawlspace_http::decode::{Decoder, Flow};
use http::HeaderMap;
use serde::Serialize;
use std::io::{self, Write};

/// One entry: a line of the output.
#[derive(Debug, Serialize)]
struct Row<'a> {
    url: &'a str,
    lastmod: Option<String>,
    kind: &'static str,
}

/// Lists the entries of a sitemap on standard output.
pub(crate) fn run(args: &SitemapArgs) -> Result<Exit, Error> {
    let name = args.file.display();
    let bytes = read(&args.file, "a sitemap")?;
    let (sitemap, flow) = parse(&bytes).map_err(|failure| Error::new(format!("{name}: {failure}")))?;
    let Some(format) = sitemap.format else {
        return Err(Error::new(format!("{name}: is no sitemap"))
            .way_out("sitemaps are XML (urlset, sitemapindex), RSS, Atom, or text with one URL a line"));
    };
    print("the entries", |out| write(&sitemap, format, out))?;
    if flow == Flow::TooLarge {
        say(&format!("{name}: only the first {} MiB were read", MAX_BYTES / (1 << 20)));
        return Ok(Exit::Partial);
    }
    if sitemap.left_out > 0 {
        say(&format!("{name}: more than {MAX_ENTRIES} entries; {} are left out", sitemap.left_out));
        return Ok(Exit::Partial);
    }
    Ok(Exit::Clean)
}

fn parse(bytes: &[u8]) -> Result<(Sitemap, Flow), crawlspace::Failure> {
    let mut parser = Parser::new(None, MAX_ENTRIES);
    let mut take = |chunk: &[u8]| parser.push(chunk);
    let mut decoder = Decoder::for_head(&HeaderMap::new(), MAX_BYTES)?.and_gzip_within();
    let flow = match decoder.push(bytes, &mut take)? {
        Flow::More => decoder.finish(&mut take)?,
        flow => flow,
    };
    Ok((parser.finish(), flow))
}

fn write(sitemap: &Sitemap, format: Format, out: &mut dyn Write) -> io::Result<()> {
    for entry in &sitemap.entries {
        let lastmod = entry.lastmod.map(|date| date.to_string());
        serde_json::to_writer(&mut *out, &Row { url: &entry.url, lastmod, kind: format.as_str() })?;
        out.write_all(b"\n")?;
    }
    Ok(())
}
