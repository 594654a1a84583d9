//! Sitemaps: the same however they are cut, and within their limits, by themselves and in a digest.

use super::digest::{digest_as, spec};
use super::input::{byte, bytes, cut, one_of};
use crawlspace::Kind;
use crawlspace::codec::{Decode, Encode};
use crawlspace::digest::{Digest, Media};
use crawlspace::sitemap::{Parser, Sitemap};
use encoding_rs::Encoding;
use std::sync::Arc;

const CONTENT_TYPES: &[Option<&str>] = &[
    Some("application/xml"),
    None,
    Some("text/html"),
    Some("text/plain; charset=utf-16le"),
    Some("text/xml"),
];

const ENCODINGS: &[Option<&str>] = &[None, None, Some("utf-16be"), Some("gbk"), Some("iso-2022-jp")];

pub(super) fn body(mut data: &[u8]) {
    let content_type = one_of(&mut data, CONTENT_TYPES);
    let encoding = one_of(&mut data, ENCODINGS).and_then(|name| Encoding::for_label(name.as_bytes()));
    let limit = u32::from(byte(&mut data) % 8);
    let cuts = bytes(&mut data, 4);
    let chunks = cut(data, cuts);

    let whole = parse(encoding, limit, [data]);
    assert_eq!(whole, parse(encoding, limit, chunks.iter().copied()), "cut: {chunks:?}");
    assert_eq!(whole, parse(encoding, limit, data.chunks(1)), "byte by byte");
    assert!(whole.entries.len() <= limit as usize);
    assert!(whole.format.is_some() || whole.entries.is_empty());
    let places: Vec<_> = whole.entries.iter().map(|entry| (entry.line, entry.column)).collect();
    assert!(
        whole.entries.iter().all(|entry| !entry.url.trim().is_empty() && entry.line > 0 && entry.column > 0)
    );
    assert!(places.is_sorted(), "{places:?}");

    let spec = Arc::new(spec(limit % 2 == 1));
    let digest = digest_as(Kind::Sitemap, &spec, content_type, [data]);
    assert_eq!(digest, digest_as(Kind::Sitemap, &spec, content_type, chunks), "digest, cut");
    assert_eq!(digest, digest_as(Kind::Sitemap, &spec, content_type, data.chunks(1)), "digest, byte by byte");
    assert!(digest.links.len() <= spec.limits.links as usize);
    assert!(
        digest.media == Media::Sitemap || digest.links.iter().all(|link| link.place.element() != "sitemap")
    );
    assert_eq!(Digest::from_bytes(&digest.to_bytes()).as_ref(), Ok(&digest), "over a queue");
}

fn parse<'a>(
    encoding: Option<&'static Encoding>,
    limit: u32,
    chunks: impl IntoIterator<Item = &'a [u8]>,
) -> Sitemap {
    let mut parser = Parser::new(encoding, limit);
    for chunk in chunks {
        let _ = parser.push(chunk);
    }
    parser.finish()
}
