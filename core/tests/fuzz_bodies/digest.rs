//! The scanner reads as html5ever does, and how a body is cut makes no difference.

use super::input::{byte, bytes, cut, one_of};
use crawlspace::codec::{Decode, Encode};
use crawlspace::digest::{
    Digest, Digester, End, Extras, Head, PlaceSet, Transfer, document, document_in_chunks, reference_document,
};
use crawlspace::{
    DigestLimits, FetchId, Fingerprint, HashKey, HeaderSetId, Kind, Method, Need, RULES_VERSION, Request,
    Spec, Validators,
};
use http::StatusCode;
use http::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use std::sync::Arc;
use std::time::Duration;
use url::Url;

const URL: &str = "https://doc.example/d/p.html?q#f";

const CONTENT_TYPES: &[Option<&str>] = &[
    Some("text/html; charset=utf-8"),
    None,
    Some("text/html"),
    Some("application/xhtml+xml"),
    Some("application/xhtml+xml; charset=utf-8"),
    Some("text/html; charset=gbk"),
    Some("text/html; charset=utf-16le"),
    Some("text/html; charset=utf-16be"),
    Some("text/html; charset=shift_jis"),
    Some("text/html; charset=windows-1252"),
    Some("text/html; charset=iso-2022-jp"),
    Some("text/html; charset=x-user-defined"),
    Some("text/html; charset=replacement"),
    Some("text/plain"),
];

/// html5ever looks at each pair of a tag's attributes, and the reference is given one character at a time.
const MOST: usize = 4_096;

pub(super) fn body(mut data: &[u8]) {
    let content_type = one_of(&mut data, CONTENT_TYPES);
    let need = one_of(&mut data, &[Need::Links, Need::Ids, Need::Status]);
    let few = byte(&mut data) % 8 == 1;
    let cuts = bytes(&mut data, 4);
    let html = &data[..data.len().min(MOST)];
    let chunks = cut(html, cuts);

    let url = Url::parse(URL).unwrap();
    let whole = document(&url, content_type, html);
    let in_chunks = document_in_chunks(&url, content_type, chunks.iter().copied());
    assert_eq!(whole, in_chunks, "cut: {chunks:?}");
    assert_eq!(whole, document_in_chunks(&url, content_type, html.chunks(1)), "byte by byte");
    if !content_type.is_some_and(|value| value.contains("xml")) {
        assert_eq!(whole, reference_document(&url, content_type, html), "html5ever");
    }

    let spec = Arc::new(spec(few));
    let digest = digest_of(&spec, need, content_type, [html]);
    assert_eq!(digest, digest_of(&spec, need, content_type, chunks), "cut");
    assert_eq!(digest, digest_of(&spec, need, content_type, html.chunks(1)), "byte by byte");
    assert!(digest.ids.is_sorted_by(|a, b| a < b), "ids are ascending, each once");
    assert_eq!(Digest::from_bytes(&digest.to_bytes()).as_ref(), Ok(&digest), "over a queue");
}

/// The digest of a page that comes in these chunks.
pub(super) fn digest_of<'a>(
    spec: &Arc<Spec>,
    need: Need,
    content_type: Option<&str>,
    chunks: impl IntoIterator<Item = &'a [u8]>,
) -> Digest {
    let url = Url::parse(URL).unwrap();
    digest_at(&url, spec, need, content_type, chunks)
}

pub(super) fn digest_at<'a>(
    url: &Url,
    spec: &Arc<Spec>,
    need: Need,
    content_type: Option<&str>,
    chunks: impl IntoIterator<Item = &'a [u8]>,
) -> Digest {
    digest_at_as(url, Kind::Page, spec, need, content_type, chunks)
}

/// The digest of what was asked for as this.
pub(super) fn digest_as<'a>(
    kind: Kind,
    spec: &Arc<Spec>,
    content_type: Option<&str>,
    chunks: impl IntoIterator<Item = &'a [u8]>,
) -> Digest {
    digest_at_as(&Url::parse(URL).unwrap(), kind, spec, Need::Links, content_type, chunks)
}

fn digest_at_as<'a>(
    url: &Url,
    kind: Kind,
    spec: &Arc<Spec>,
    need: Need,
    content_type: Option<&str>,
    chunks: impl IntoIterator<Item = &'a [u8]>,
) -> Digest {
    let mut headers = HeaderMap::new();
    if let Some(value) = content_type {
        headers.insert(CONTENT_TYPE, HeaderValue::from_str(value).unwrap());
    }
    let request = Request { kind, ..request(url.clone(), need) };
    let mut digester = Digester::new(&request, spec, &Head { status: StatusCode::OK, headers });
    for chunk in chunks {
        let _ = digester.push(chunk);
    }
    digester.finish(End::Complete, Transfer::default())
}

/// `few`: limits low enough to be reached.
pub(super) fn spec(few: bool) -> Spec {
    let low = DigestLimits { links: 3, ids: 2, url_bytes: 40, text_chars: 5, ..DigestLimits::default() };
    Spec {
        rules_version: RULES_VERSION,
        id_key: HashKey::from_bytes(&[1; 16]).unwrap(),
        user_agent: "test".to_owned(),
        robots_token: "mybot".to_owned(),
        places: PlaceSet::ALL,
        limits: if few { low } else { DigestLimits::default() },
        extras: Extras { contents: few, duplicate_ids: few, proses: few },
    }
}

fn request(url: Url, need: Need) -> Request {
    Request {
        id: FetchId::from_bytes(&[0]).unwrap(),
        url,
        kind: Kind::Page,
        method: Method::Get,
        need,
        attempt: 1,
        budget: Duration::from_secs(1),
        body_cap: u64::MAX,
        headers: HeaderSetId::NONE,
        validators: Validators::default(),
        spec: Fingerprint(0),
    }
}
