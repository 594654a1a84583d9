//! A crawl of the sample site finds what `examples/site-truth.json` lists, and nothing else.

#![allow(clippy::unwrap_used, reason = "a test may panic")]
#![cfg(unix)]

use crawlspace::report::{Finding, Skip, UrlText};
use crawlspace::{Config, Decision, Scope};
use crawlspace_tests::crawl::{Through, crawl};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use url::Url;

/// Where the folder's site is when nobody says otherwise.
const BASE: &str = crawlspace_dir::DEFAULT_BASE;

/// URL, fragment and class to the rest of a row, and the pages that link there.
type Rows = BTreeMap<(String, Option<String>, String), (Value, BTreeSet<String>)>;

fn examples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples")
}

fn truth() -> Rows {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let rows: Vec<Map<String, Value>> =
        serde_json::from_slice(&std::fs::read(examples().join("site-truth.json")).unwrap()).unwrap();
    rows.into_iter()
        .map(|mut row| {
            let mut take = |name: &str| row.remove(name).unwrap_or(Value::Null);
            let key = (text(&take("url")).unwrap(), text(&take("fragment")), text(&take("class")).unwrap());
            let pages = take("pages").as_array().unwrap().iter().filter_map(text).collect();
            take("note");
            (key, (Value::Object(row), pages))
        })
        .collect()
}

/// A URL as the truth writes it: by its path on the site, in full elsewhere.
fn written(url: UrlText<'_>) -> String {
    let url = url.to_string();
    url.strip_prefix(BASE.trim_end_matches('/'))
        .filter(|path| path.starts_with('/'))
        .unwrap_or(&url)
        .to_owned()
}

fn row(finding: &Finding<'_>) -> Value {
    let mut row = Map::new();
    if let Some(status) = finding.status {
        row.insert("status".to_owned(), json!(status));
    }
    let hops = finding.redirects.iter().skip(1).map(|hop| hop.url).chain([finding.final_url]);
    if !finding.redirects.is_empty() {
        row.insert("redirects".to_owned(), hops.map(written).collect());
    }
    let reason = finding.skip.map(|skip| match skip {
        Skip::Scheme => "scheme",
        Skip::External => "external",
        Skip::Recorded => "recorded",
        Skip::Robots { .. } => "robots",
        other => panic!("{other:?} of {}", finding.url),
    });
    if let Some(reason) = reason {
        row.insert("reason".to_owned(), json!(reason));
    }
    Value::Object(row)
}

#[test]
fn a_crawl_finds_what_is_listed_and_nothing_else() {
    let base = Url::parse(BASE).unwrap();
    let scope = Scope::default().external(Decision::Ignore);
    let config = Config::builder().seed(base.clone()).scope(scope).build().unwrap();
    let engine = crawl(&config, &Through::Dir(examples().join("site"), base));
    let report = engine.report();
    let mut found = Rows::new();
    for finding in report.findings() {
        let key = (written(finding.url), finding.fragment.map(str::to_owned), finding.class.to_string());
        let pages = finding.referrers.iter().map(|referrer| written(referrer.page)).collect();
        assert!(found.insert(key, (row(&finding), pages)).is_none(), "twice: {finding:?}");
    }
    let told = truth();
    for (key, told) in &told {
        assert_eq!(found.get(key), Some(told), "{key:?} is told, on the right; found on the left");
    }
    for (key, found) in &found {
        assert!(told.contains_key(key), "{key:?} is found, and not told: {found:?}");
    }
}
