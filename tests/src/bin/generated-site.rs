//! Serves a generated site for comparisons: `generated-site PAGES BYTES LINKS SEED TRUTH`.
//!
//! Writes the truth to a file as JSON, then prints the site's address. For each line read it prints what was asked
//! since the last one, as JSON, and forgets it; at the end of its input it ends.

#![allow(clippy::print_stdout, reason = "it is a program")]

use crawlspace::Identity;
use crawlspace_tests::site::{Shape, Site};
use crawlspace_tests::web::{Answer, Web};
use serde_json::json;
use std::collections::{HashMap, HashSet};
use std::error::Error;
use std::io::{Write, stdin, stdout};
use url::Url;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [pages, bytes, links, seed, truth_file] = arguments.as_slice() else {
        return Err("usage: generated-site PAGES BYTES LINKS SEED TRUTH".into());
    };
    let site = Site::generate(Shape {
        pages: pages.parse()?,
        bytes_per_page: bytes.parse()?,
        links_per_page: links.parse()?,
        seed: seed.parse()?,
        ..Shape::default()
    });
    let truth = site.truth();
    let fragments = truth.dead_fragments.keys().map(|(path, fragment)| format!("{path}#{fragment}"));
    let told = json!({
        "urls": truth.urls.keys().collect::<Vec<_>>(),
        "pages": truth.pages,
        "broken": truth.broken.keys().chain(truth.loops.keys()).collect::<Vec<_>>(),
        "disallowed": truth.disallowed.keys().collect::<Vec<_>>(),
        "fragments": fragments.collect::<Vec<_>>(),
    });
    std::fs::write(truth_file, told.to_string())?;

    // Made beforehand, so that the server costs every client the same little.
    let ready: HashMap<String, Answer> =
        truth.urls.keys().map(|path| (path.clone(), site.answer(path))).collect();
    let web = Web::serve(move |path, _| match ready.get(path) {
        Some(answer) => answer.clone(),
        None => site.answer(&plain(path)),
    })?;
    println!("{}", web.origin());
    for _ in stdin().lines() {
        let requests = web.requests();
        let paths: HashSet<&str> = requests.keys().map(|(_, path)| path.as_str()).collect();
        println!(
            "{}",
            json!({
                "requests": requests.values().sum::<u64>(),
                "paths": paths,
                "connections": web.connections(),
            })
        );
        stdout().flush()?;
        web.reset();
    }
    Ok(())
}

/// A path in the one spelling that the site knows: what needs no escape is not escaped, as any server takes it.
fn plain(path: &str) -> String {
    let url = Url::parse("http://site.invalid").and_then(|base| base.join(path));
    url.map_or_else(
        |_| path.to_owned(),
        |url| Identity::of(&url).as_str().replacen("http://site.invalid", "", 1),
    )
}
