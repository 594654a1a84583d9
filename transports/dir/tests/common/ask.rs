// What the engine would give: a spec and requests. Shared by the tests and the front page's example.

use crawlspace::codec::Decode;
use crawlspace::{FetchId, HeaderSetId, Kind, Method, Need, Request, Spec, Validators};

#[allow(dead_code)]
pub(crate) fn spec() -> Spec {
    Spec {
        rules_version: crawlspace::RULES_VERSION,
        id_key: crawlspace::HashKey::from_bytes(&[7; 16]).expect("sixteen bytes"),
        user_agent: "crawlspace-test".to_owned(),
        robots_token: "crawlspace-test".to_owned(),
        places: Default::default(),
        limits: Default::default(),
        extras: Default::default(),
    }
}

#[allow(dead_code)]
pub(crate) fn request(url: url::Url) -> Request {
    Request {
        id: FetchId::from_bytes(&[1]).expect("a small number"),
        url,
        kind: Kind::Page,
        method: Method::Get,
        need: Need::Links,
        attempt: 1,
        budget: std::time::Duration::from_secs(60),
        body_cap: 1 << 20,
        headers: HeaderSetId::NONE,
        validators: Validators::default(),
        spec: spec().fingerprint(),
    }
}
