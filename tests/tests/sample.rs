//! The sample site has the faults that `examples/site-truth.json` lists, and no others.

#![allow(clippy::unwrap_used, reason = "a test may panic")]
#![cfg(unix)]

mod reading;

use crawlspace::digest::Location;
use crawlspace::{Identity, Method, Outcome, Request};
use crawlspace_dir::Dir;
use crawlspace_tests::request::{request, spec};
use percent_encoding::percent_decode_str;
use reading::Page;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use url::Url;

/// URL, fragment and class to the rest of a row.
type Rows = BTreeMap<(String, Option<String>, String), (Value, BTreeSet<String>)>;

/// Asks the folder for a head.
fn ask(site: &Dir, path: &str) -> (u16, Option<String>) {
    let request = Request { method: Method::Head, ..request(site.base_url().join(path).unwrap().as_str()) };
    let Outcome::Answered(digest) = site.fetch(&request) else { panic!("{path} failed") };
    let to = digest.location.map(|location| match location {
        Location::To { url, .. } => Identity::of(&Url::parse(&url).unwrap()).rest().to_owned(),
        Location::Invalid(text) => panic!("{path} redirects to {text}"),
    });
    (digest.status, to)
}

/// Status at the end, and where redirects led.
fn walk(site: &Dir, path: &str) -> (u16, Vec<String>) {
    let mut hops = Vec::new();
    loop {
        match ask(site, hops.last().map_or(path, String::as_str)) {
            (_, Some(to)) => hops.push(to),
            (status, None) => return (status, hops),
        }
    }
}

fn find(site: &Dir) -> Rows {
    let mut rows = Rows::new();
    let mut pages = BTreeMap::new();
    let mut waiting = vec!["/".to_owned()];
    let mut links = Vec::new();
    while let Some(path) = waiting.pop() {
        let url = site.base_url().join(&path).unwrap();
        let Some(file) = site.file_of(&url).filter(|_| !pages.contains_key(&path)) else { continue };
        if file.extension().is_none_or(|extension| extension != "html") {
            continue;
        }
        let page = Page::read(&std::fs::read(site.root().join(file)).unwrap());
        let base = page.base.as_ref().map_or(url.clone(), |base| url.join(base).unwrap());
        for (place, written) in page.links {
            let mut note = |url: &str, class: &str, rest: Value| {
                let key = (url.to_owned(), None, class.to_owned());
                rows.entry(key).or_insert((rest, BTreeSet::new())).1.insert(path.clone());
            };
            match base.join(&written) {
                Err(_) => note(&written, "invalid-url", json!({})),
                Ok(to) if !["http", "https"].contains(&to.scheme()) => {
                    note(&written, "skipped", json!({ "reason": "scheme" }));
                }
                Ok(to) if to.origin() != url.origin() => {
                    note(&written, "skipped", json!({ "reason": "external" }));
                }
                Ok(_) if place == "form[action]" => {
                    note(&written, "skipped", json!({ "reason": "recorded" }))
                }
                Ok(to) if to.path().starts_with("/internal/") => {
                    note(&written, "skipped", json!({ "reason": "robots" }));
                }
                Ok(to) => {
                    let target = Identity::of(&to).rest().to_owned();
                    waiting.extend(walk(site, &target).1.pop());
                    waiting.push(target.clone());
                    links.push((path.clone(), target, to.fragment().map(str::to_owned)));
                }
            }
        }
        pages.insert(path, page.ids);
    }
    for (page, target, fragment) in links {
        let (status, hops) = walk(site, &target);
        let rest = match hops.as_slice() {
            [] => json!({ "status": status }),
            hops => json!({ "status": status, "redirects": hops }),
        };
        let mut note = |fragment: Option<&str>, class: &str| {
            let key = (target.clone(), fragment.map(str::to_owned), class.to_owned());
            rows.entry(key).or_insert((rest.clone(), BTreeSet::new())).1.insert(page.clone());
        };
        match status {
            404 => note(None, "broken"),
            403 => note(None, "blocked"),
            200 if !hops.is_empty() => note(None, "redirected"),
            _ => {}
        }
        let ids = pages.get(hops.last().unwrap_or(&target));
        if let (200, Some(ids), Some(fragment)) =
            (status, ids, fragment.filter(|fragment| !fragment.is_empty()))
        {
            let plain = percent_decode_str(&fragment).decode_utf8_lossy().into_owned();
            if !ids.contains(&fragment) && !ids.contains(&plain) {
                note(Some(&fragment), "dead-fragment");
            }
        }
    }
    rows
}

fn truth(file: &Path) -> Rows {
    let rows: Vec<Value> = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    let text = |value: &Value| value.as_str().map(str::to_owned);
    rows.into_iter()
        .map(|mut row| {
            let mut take = |name: &str| row.as_object_mut().unwrap().remove(name).unwrap_or(Value::Null);
            let key = (text(&take("url")).unwrap(), text(&take("fragment")), text(&take("class")).unwrap());
            let pages = take("pages").as_array().unwrap().iter().filter_map(text).collect();
            take("note");
            (key, (row, pages))
        })
        .collect()
}

#[test]
fn sample_site_is_as_its_truth_says() {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples");
    let site = Dir::open(examples.join("site")).unwrap().build(spec());
    let (told, found) = (truth(&examples.join("site-truth.json")), find(&site));
    for (key, row) in &told {
        assert_eq!(found.get(key), Some(row), "{key:?} is told");
    }
    for (key, row) in &found {
        assert_eq!(Some(row), told.get(key), "{key:?} is found");
    }
    let classes: BTreeSet<&str> = told.keys().map(|(_, _, class)| class.as_str()).collect();
    let wanted = ["blocked", "broken", "dead-fragment", "invalid-url", "redirected", "skipped"];
    assert_eq!(classes, wanted.into(), "every class of fault that a folder can show");
}
