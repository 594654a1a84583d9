//! The core has no way out: no file of its source names what could reach a network, a file, a clock, a thread or the
//! environment. The lint in `core/clippy.toml` says it of calls; this says it of names.
#![allow(clippy::unwrap_used, reason = "a failure here is a failure of the test")]

use std::path::{Path, PathBuf};

const FORBIDDEN: [&str; 14] = [
    "std::net",
    "core::net",
    "std::fs",
    "std::env",
    "std::thread",
    "std::process",
    "std::io",
    "std::os",
    "Instant",
    "SystemTime",
    "HashMap",
    "HashSet",
    "RandomState",
    "static mut",
];

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

#[test]
fn the_core_names_nothing_that_leads_out() {
    let mut files = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut files);
    assert!(files.len() > 40, "these are not the sources of the core: {files:?}");
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        for (number, line) in (1..).zip(text.lines()) {
            let code = line.split("//").next().unwrap_or_default();
            for name in FORBIDDEN {
                assert!(!code.contains(name), "{}:{number} names {name}: {line}", file.display());
            }
        }
    }
}
