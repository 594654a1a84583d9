//! The bundled sample site, as the README checks it, against the list of its faults.

#![allow(clippy::unwrap_used, reason = "a test may panic")]
#![cfg(unix)]

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

const BASE: &str = "http://site.invalid";

/// URL, fragment and class, to status and pages.
type Rows = BTreeMap<(String, Option<String>, String), (Value, BTreeSet<String>)>;

fn text(value: &Value) -> String {
    let text = value.as_str().unwrap();
    text.strip_prefix(BASE).unwrap_or(text).to_owned()
}

fn rows<'a>(
    findings: impl IntoIterator<Item = &'a Value>,
    pages: impl Fn(&Value) -> BTreeSet<String>,
) -> Rows {
    let row = |finding: &'a Value| {
        let fragment = finding["fragment"].as_str().map(str::to_owned);
        let key = (text(&finding["url"]), fragment, text(&finding["class"]));
        (key, (finding["status"].clone(), pages(finding)))
    };
    findings.into_iter().map(row).filter(|((_, _, class), _)| class != "skipped").collect()
}

#[test]
fn every_fault_is_found_with_its_pages() {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let truth = std::fs::read_to_string(examples.join("site-truth.json")).unwrap();
    let truth: Value = serde_json::from_str(&truth).unwrap();
    let expected =
        rows(truth.as_array().unwrap(), |row| row["pages"].as_array().unwrap().iter().map(text).collect());

    let output = Command::new(env!("CARGO_BIN_EXE_crawlspace"))
        .current_dir(examples)
        .args(["check", "site", "--format", "json"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let found = rows(report["findings"].as_array().unwrap(), |row| {
        row["referrers"].as_array().unwrap().iter().map(|referrer| text(&referrer["page"])).collect()
    });
    for (key, row) in &expected {
        assert_eq!(found.get(key), Some(row), "{key:?}");
    }
    for key in found.keys().filter(|(_, _, class)| class != "dead-fragment") {
        assert!(expected.contains_key(key), "{key:?} is no fault");
    }
}
