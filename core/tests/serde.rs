//! Digests as others write them down.

#![cfg(feature = "serde")]
#![allow(clippy::unwrap_used, reason = "a failure here is a failure of the test")]

use crawlspace::digest::{Link, Links, Place, Role, Target};
use serde_json::{Value, json};

fn links() -> Links {
    let mut links = Links::default();
    for (path, text) in [("/é", "é"), ("/b", "")] {
        links.push(&Link {
            target: Target::Url { origin: "http://site.test", origin_index: 0, rest: path },
            fragment: Some("é"),
            text,
            spelling: None,
            place: Place::A_HREF,
            role: Role::Followed,
            nofollow: false,
            line: 1,
            column: 2,
        });
    }
    links
}

#[test]
fn links_come_back() {
    let json = serde_json::to_value(links()).unwrap();
    assert_eq!(serde_json::from_value::<Links>(json).unwrap(), links());
}

/// What a link says of its strings is believed later on, so it must be true.
#[test]
fn links_that_cannot_be_are_refused() {
    let honest = serde_json::to_value(links()).unwrap();
    let forgeries: [(&str, Value); 10] = [
        ("/rows/1/origin", json!(1)),
        ("/rows/1/path", json!(1_000)),
        ("/rows/1/path", json!(u32::MAX)),
        ("/rows/1/start", json!(1_000)),
        // Within a character.
        ("/rows/0/path", json!(2)),
        ("/rows/0/start", json!(2)),
        ("/rows/0/fragment", json!(2)),
        ("/rows/0/place", json!(255)),
        ("/rows/0/role", json!(3)),
        ("/text", json!("")),
    ];
    for (place, forged) in forgeries {
        let mut json = honest.clone();
        *json.pointer_mut(place).unwrap() = forged;
        let read = serde_json::from_value::<Links>(json);
        assert!(read.is_err(), "{place}: {read:?}");
    }
}
