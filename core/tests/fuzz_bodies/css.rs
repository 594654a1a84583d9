//! A style sheet is read alike however it is cut, and as the same text in a page.

use super::digest::{digest_of, spec};
use super::input::{byte, bytes, cut, one_of};
use crawlspace::Need;
use crawlspace::digest::{document, document_in_chunks};
use std::sync::Arc;
use url::Url;

const CONTENT_TYPES: &[&str] =
    &["text/css; charset=utf-8", "text/css", "text/css; charset=shift_jis", "text/css; charset=utf-16le"];

pub(super) fn body(mut data: &[u8]) {
    let content_type = Some(one_of(&mut data, CONTENT_TYPES));
    let few = byte(&mut data) % 8 == 1;
    let cuts = bytes(&mut data, 4);
    let chunks = cut(data, cuts);

    let url = Url::parse("https://doc.example/d/s.css").unwrap();
    let whole = document(&url, content_type, data);
    assert_eq!(whole, document_in_chunks(&url, content_type, chunks.iter().copied()), "cut: {chunks:?}");
    assert_eq!(whole, document_in_chunks(&url, content_type, data.chunks(1)), "byte by byte");
    let spec = Arc::new(spec(few));
    let digest = digest_of(&spec, Need::Links, content_type, [data]);
    assert_eq!(digest, digest_of(&spec, Need::Links, content_type, chunks), "cut");

    // What a style element may hold reads there as it does alone.
    let text = String::from_utf8_lossy(data);
    if !text.contains("</") && !text.starts_with(['\u{feff}', '@']) {
        let html = format!("<style>{text}</style>");
        let html_type = Some("text/html; charset=utf-8");
        let inside = document(&url, html_type, html.as_bytes());
        let alone = document(&url, Some("text/css; charset=utf-8"), text.as_bytes());
        let raw = |links: &[crawlspace::digest::DocumentLink]| -> Vec<(String, u32)> {
            links.iter().map(|link| (link.raw.clone(), link.line)).collect()
        };
        assert_eq!(raw(&inside.links), raw(&alone.links), "in a page");
    }
}
