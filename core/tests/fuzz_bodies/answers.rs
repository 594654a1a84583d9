//! Answers as a journal has them: what is read is told again, and read as the same.

use crawlspace::codec::{Answers, Decode, Encode};
use crawlspace::digest::{Digest, Link, Links, Media, Place, Role, Target};
use crawlspace::{Outcome, Ticket};

/// A few bytes may stand for many links; what is beyond this is left for another time.
const MOST_LINKS: usize = 1 << 16;

pub(super) fn body(data: &[u8]) {
    let (mut reader, mut input) = (Answers::default(), data);
    let mut answers: Vec<(Ticket, Outcome)> = Vec::new();
    let mut links = 0;
    while links < MOST_LINKS
        && !input.is_empty()
        && let Ok((ticket, outcome)) = reader.decode(&mut input)
    {
        links += if let Outcome::Answered(digest) = &outcome { digest.links.len() } else { 0 };
        answers.push((ticket, outcome));
    }
    let (mut writer, mut told) = (Answers::default(), Vec::new());
    answers.iter().for_each(|(ticket, outcome)| writer.encode(ticket, outcome, &mut told));
    let (mut reader, mut input) = (Answers::default(), told.as_slice());
    for answer in &answers {
        assert_eq!(&reader.decode(&mut input).unwrap(), answer);
    }
    assert!(input.is_empty());
}

/// What the fuzzer begins from: pages with navigation, texts and tables of contents, and one that has most of them.
pub(crate) fn told() -> Vec<u8> {
    let (mut writer, mut told) = (Answers::default(), Vec::new());
    for number in [1_u32, 2, 3, 4, 3] {
        let mut links = Links::default();
        let mut put = |rest: &str, fragment: Option<&str>, text: &str, line: u32| {
            let target = Target::Url { origin: "http://h.test", origin_index: 0, rest };
            let (place, role, spelling) = (Place::A_HREF, Role::Followed, (line == 9).then_some("./x"));
            links.push(&Link {
                target,
                fragment,
                text,
                spelling,
                place,
                role,
                nofollow: false,
                line,
                column: 5,
            });
        };
        (0..6)
            .filter(|item| number < 3 || *item != 2)
            .for_each(|item| put(&format!("/s/{item}"), None, "S", item));
        put(&format!("/own/{number}"), Some("é"), "here", 9);
        put(&format!("/own/{number}"), Some("b"), &format!("Part {number}"), 9 + number);
        (0..3).for_each(|item| {
            put(&format!("/foot/{item}"), None, &format!("Foot {item}"), 20 + number + item)
        });
        let digest = Digest {
            status: 200,
            media: Media::Html,
            links,
            ids: vec![7, u64::from(number)],
            ..Digest::default()
        };
        let ticket = Ticket::from_bytes(&[number.to_bytes(), 1_u64.to_bytes()].concat()).unwrap();
        writer.encode(&ticket, &Outcome::Answered(Box::new(digest)), &mut told);
    }
    told
}
