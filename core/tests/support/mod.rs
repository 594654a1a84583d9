//! What the tests of the digest share.
#![allow(dead_code, reason = "each test file uses a part")]

use crawlspace::codec::{Decode, Encode};
use crawlspace::digest::{Digest, Digester, End, Head, PlaceSet, Transfer};
use crawlspace::{
    DigestLimits, FetchId, Fingerprint, HashKey, HeaderSetId, Kind, Method, Need, RULES_VERSION, Request,
    Spec, Validators,
};
use data_encoding::BASE64;
use http::StatusCode;
use http::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;
use url::Url;

pub(crate) fn spec() -> Spec {
    Spec {
        rules_version: RULES_VERSION,
        id_key: HashKey::from_bytes(&[1; 16]).unwrap(),
        user_agent: "test".to_owned(),
        robots_token: "mybot".to_owned(),
        places: PlaceSet::ALL,
        limits: DigestLimits::default(),
        extras: Default::default(),
    }
}

pub(crate) fn request(url: &str) -> Request {
    let mut id = Vec::new();
    0_u64.encode(&mut id);
    Request {
        id: FetchId::from_bytes(&id).unwrap(),
        url: Url::parse(url).unwrap(),
        kind: Kind::Page,
        method: Method::Get,
        need: Need::Links,
        attempt: 1,
        budget: Duration::from_secs(1),
        body_cap: u64::MAX,
        headers: HeaderSetId::NONE,
        validators: Validators::default(),
        spec: Fingerprint(0),
    }
}

pub(crate) fn head(content_type: Option<&str>) -> Head {
    let mut headers = HeaderMap::new();
    if let Some(value) = content_type {
        headers.insert(CONTENT_TYPE, HeaderValue::from_str(value).unwrap());
    }
    Head { status: StatusCode::OK, headers }
}

/// The digest of an HTML page that comes in these chunks.
pub(crate) fn digest_with(spec: Spec, url: &str, content_type: Option<&str>, chunks: &[&[u8]]) -> Digest {
    let mut digester = Digester::new(&request(url), &Arc::new(spec), &head(content_type));
    for chunk in chunks {
        let _ = digester.push(chunk);
    }
    digester.finish(End::Complete, Transfer::default())
}

pub(crate) fn digest(url: &str, body: &[u8]) -> Digest {
    digest_with(spec(), url, Some("text/html; charset=utf-8"), &[body])
}

/// A body cut at these places, given as parts of its length.
pub(crate) fn cut<'a>(body: &'a [u8], cuts: &[u16]) -> Vec<&'a [u8]> {
    let mut places: Vec<usize> =
        cuts.iter().map(|cut| usize::from(*cut) * body.len() / usize::from(u16::MAX)).collect();
    places.sort_unstable();
    let mut chunks = Vec::new();
    let mut from = 0;
    for to in places.into_iter().chain([body.len()]) {
        chunks.push(&body[from..to]);
        from = to;
    }
    chunks
}

pub(crate) fn vectors(file: &str) -> Vec<Value> {
    let path = format!("{}/tests/data/{file}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).unwrap();
    let Value::Array(vectors) = serde_json::from_str(&text).unwrap() else { panic!("{file} is no array") };
    assert!(!vectors.is_empty());
    vectors
}

pub(crate) fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_else(|| panic!("{key} is no text in {value}"))
}

pub(crate) fn base64(text: &str) -> Vec<u8> {
    BASE64.decode(text.as_bytes()).unwrap()
}
