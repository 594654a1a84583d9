//! Answers as a journal has them, each with reference to those before.

#![allow(clippy::unwrap_used, reason = "a failure here is a failure of the test")]

use crawlspace::codec::{Answers, Corrupt, Decode, Encode};
use crawlspace::digest::{
    Digest, Directives, End, Extra, Link, Links, Location, Media, Place, RateLimit, Role, Target, Transfer,
};
use crawlspace::{Failure, Outcome, RetryAfter, Ticket, Validators};
use proptest::prelude::*;
use std::time::Duration;

/// A ticket of this number and crawl.
fn ticket(number: u64, crawl: u64) -> Ticket {
    Ticket::from_bytes(&[number.to_bytes(), crawl.to_bytes()].concat()).unwrap()
}

/// Strings of which many come twice, some share a slot, and some are too long to be remembered.
fn string() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => (0..6_u32).prop_map(|number| format!("/page-{number}")),
        2 => (0..20_000_u32).prop_map(|number| number.to_string()),
        1 => Just(String::new()),
        1 => (254..259_usize, "[xyé]").prop_map(|(times, letter)| letter.repeat(times)),
    ]
}

#[derive(Clone, Debug)]
struct Written {
    origin: Option<usize>,
    strings: (String, Option<String>, String, Option<String>),
    place: Place,
    role: Role,
    nofollow: bool,
    line: u32,
    column: u32,
}

fn written() -> impl Strategy<Value = Written> {
    let strings = (string(), prop::option::of(string()), string(), prop::option::of(string()));
    let origin = prop::option::weighted(0.9, 0..3_usize);
    let place = prop::sample::select(vec![Place::A_HREF, Place::IMG_SRC]);
    let role = prop::sample::select(vec![Role::Recorded, Role::Resource, Role::Followed]);
    let number = || prop_oneof![4 => 0..3_u32, 1 => any::<u32>()];
    (origin, strings, place, role, any::<bool>(), number(), number()).prop_map(
        |(origin, strings, place, role, nofollow, line, column)| Written {
            origin,
            strings,
            place,
            role,
            nofollow,
            line,
            column,
        },
    )
}

fn links(written: &[Written]) -> Links {
    let mut links = Links::default();
    for Written { origin, strings: (path, fragment, text, spelling), place, role, nofollow, line, column } in
        written
    {
        let origin = origin.map(|number| format!("http://{number}.test"));
        let target = match &origin {
            Some(origin) => Target::Url { origin, origin_index: 0, rest: path },
            None => Target::Invalid(path),
        };
        links.push(&Link {
            target,
            fragment: fragment.as_deref(),
            text,
            spelling: spelling.as_deref(),
            place: *place,
            role: *role,
            nofollow: *nofollow,
            line: *line,
            column: *column,
        });
    }
    links
}

fn digest() -> impl Strategy<Value = Digest> {
    let rare = (
        any::<bool>(),
        prop::option::of(Just(Location::Invalid("http://[".to_owned()))),
        prop::option::of(any::<u64>()),
        prop::option::of(Just(RetryAfter::Delay(Duration::from_secs(5)))),
        any::<u32>(),
        prop::sample::select(vec![End::Complete, End::Enough, End::TooLarge]),
    );
    let document = (
        prop::collection::vec(written(), 0..12),
        prop::collection::vec(prop_oneof![0..5_u64, any::<u64>()], 0..6),
        any::<(bool, bool)>(),
        (prop::option::of(string()), prop::option::of(string())),
    );
    (100..600_u16, any::<u64>(), rare, document).prop_map(|(status, encoded, rare, document)| {
        let (challenge, location, content, retry_after, left_out, end) = rare;
        let (written, ids, (noindex, nofollow), (etag, last_modified)) = document;
        Digest {
            status,
            media: if ids.is_empty() { Media::Other } else { Media::Html },
            location,
            links: links(&written),
            ids,
            directives: Directives { noindex, nofollow },
            rate_limit: retry_after.map(|reset| RateLimit { remaining: 1, reset }),
            retry_after,
            challenge,
            validators: Validators { etag, last_modified },
            end,
            left_out,
            extra: Extra { content, ..Extra::default() },
            transfer: Transfer { encoded, ..Transfer::default() },
            robots: None,
        }
    })
}

fn answer() -> impl Strategy<Value = (u64, u64, Outcome)> {
    let outcome = prop_oneof![
        5 => digest().prop_map(|digest| Outcome::Answered(Box::new(digest))),
        1 => Just(Outcome::Failed(Failure::Closed)),
    ];
    (any::<u64>(), 0..3_u64, outcome)
}

proptest! {
    /// I17: what goes in comes out, in whatever order it is told again.
    #[test]
    fn answers_come_back(answers in prop::collection::vec(answer(), 1..8), order in any::<[prop::sample::Index; 12]>()) {
        let (mut writer, mut bytes) = (Answers::default(), Vec::new());
        let told: Vec<_> = order.iter().map(|index| index.get(&answers)).collect();
        for (number, crawl, outcome) in &told {
            writer.encode(&ticket(*number, *crawl), outcome, &mut bytes);
        }
        let (mut reader, mut input) = (Answers::default(), bytes.as_slice());
        for (number, crawl, outcome) in told {
            let (ticket_back, outcome_back) = reader.decode(&mut input).unwrap();
            prop_assert_eq!(ticket_back, ticket(*number, *crawl));
            prop_assert_eq!(&outcome_back, outcome);
        }
        prop_assert!(input.is_empty());
    }

    /// Damage is an error, or another answer; never a panic, and never more than the bytes warrant.
    #[test]
    fn damage_is_borne(
        answers in prop::collection::vec(answer(), 1..4), damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        let (mut writer, mut bytes) = (Answers::default(), Vec::new());
        for (number, crawl, outcome) in &answers {
            writer.encode(&ticket(*number, *crawl), outcome, &mut bytes);
        }
        for (at, byte) in damage {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        let (mut reader, mut input) = (Answers::default(), bytes.as_slice());
        while !input.is_empty() && reader.decode(&mut input).is_ok() {}
    }

    #[test]
    fn any_bytes_are_borne(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let (mut reader, mut input) = (Answers::default(), bytes.as_slice());
        while !input.is_empty() && reader.decode(&mut input).is_ok() {}
    }
}

fn page(number: usize, links: usize) -> Outcome {
    let navigation = (0..links as u32).map(|link| Written {
        origin: Some(0),
        strings: (format!("/section/{link}"), None, format!("Section {link}"), None),
        place: Place::A_HREF,
        role: Role::Followed,
        nofollow: false,
        line: link + 1,
        column: 9,
    });
    let own = Written {
        origin: Some(0),
        strings: (format!("/page/{number}"), None, "Here".to_owned(), None),
        place: Place::A_HREF,
        role: Role::Followed,
        nofollow: false,
        line: number as u32 % 50,
        column: 1,
    };
    let mut all: Vec<_> = navigation.collect();
    all.insert(links / 2, own);
    let ids = vec![7, 1 << 60, 5 << 60];
    Outcome::Answered(Box::new(Digest {
        status: 200,
        media: Media::Html,
        links: self::links(&all),
        ids,
        ..Digest::default()
    }))
}

/// What all pages have in common takes next to nothing from the third page on: what comes but once is not remembered.
#[test]
fn navigation_is_told_once() {
    let (mut answers, mut bytes) = (Answers::default(), Vec::new());
    let sizes: Vec<_> = (0..100)
        .map(|number| {
            let before = bytes.len();
            answers.encode(&ticket(number as u64, 1), &page(number, 60), &mut bytes);
            bytes.len() - before
        })
        .collect();
    assert!(sizes[0] > 1_000, "{sizes:?}");
    assert!(sizes[2..].iter().all(|size| *size < 70), "{sizes:?}");
}

/// More links come twice than are remembered, some of them again when others have taken their place.
#[test]
fn what_is_forgotten_is_told_again() {
    let link = |number: usize| Written {
        origin: Some(number % 3),
        strings: (
            format!("/{}/{number}", "é".repeat(number % 400)),
            Some(number.to_string()),
            String::new(),
            None,
        ),
        place: Place::A_HREF,
        role: Role::Followed,
        nofollow: false,
        line: number as u32,
        column: 1,
    };
    let document = |number: usize| {
        let start = 50 * (number % 200);
        let all: Vec<_> = (start..start + 100).map(link).collect();
        Outcome::Answered(Box::new(Digest { links: links(&all), ..Digest::default() }))
    };
    let (mut writer, mut reader) = (Answers::default(), Answers::default());
    let mut bytes = Vec::new();
    for number in (0..450).chain([0, 449, 7, 7, 7, 7]) {
        bytes.clear();
        writer.encode(&ticket(1, 1), &document(number), &mut bytes);
        let mut input = bytes.as_slice();
        assert_eq!(reader.decode(&mut input).unwrap().1, document(number), "document {number}");
        assert!(input.is_empty());
    }
    assert!(bytes.len() < 50, "what came a moment ago takes {} bytes", bytes.len());
}

/// A few bytes that claim any number of links are not believed.
#[test]
fn no_more_links_than_the_bytes_warrant() {
    let (mut answers, mut bytes) = (Answers::default(), Vec::new());
    let same = Written {
        origin: Some(0),
        strings: ("/".to_owned(), None, String::new(), None),
        place: Place::A_HREF,
        role: Role::Followed,
        nofollow: false,
        line: 1,
        column: 1,
    };
    let outcome =
        Outcome::Answered(Box::new(Digest { links: links(&vec![same; 70_000]), ..Digest::default() }));
    answers.encode(&ticket(1, 1), &outcome, &mut bytes);
    assert_eq!(
        Answers::default().decode(&mut bytes.as_slice()).unwrap().1,
        outcome,
        "a large page comes back"
    );

    // The number of links, and of those that are as expected, which is told in units of eight.
    let mut replace = |honest: u64, claimed: u64| {
        let (honest, claimed) = (honest.to_bytes(), claimed.to_bytes());
        let at = bytes.windows(honest.len()).position(|window| window == honest).unwrap();
        bytes.splice(at..at + honest.len(), claimed);
    };
    replace(70_000, 1 << 40);
    replace(65_532 << 3, 1 << 31);
    assert_eq!(Answers::default().decode(&mut bytes.as_slice()), Err(Corrupt));
}
