//! Bot walls: what stands between a site and programs, and says so in the head of its answer.
//!
//! Only marks that a wall puts on its own answers count, not those it puts on everything that passes it. A wall that
//! shows its riddle with a status of 200 and no mark of its own cannot be told from the page it hides.

use super::Head;
use http::header::{HeaderMap, HeaderName, SERVER, SET_COOKIE};

/// A field that a wall adds to what it answers itself, and the values that say so; none of them: any does.
struct Mark {
    field: HeaderName,
    values: &'static [&'static str],
}

const fn mark(field: &'static str, values: &'static [&'static str]) -> Mark {
    Mark { field: HeaderName::from_static(field), values }
}

/// Enough by itself, whatever the status. AWS WAF: 202 with a riddle for a script, 405 with one for people.
static ANY_STATUS: [Mark; 1] = [mark("x-amzn-waf-action", &["challenge", "captcha"])];

/// A cookie that comes with a riddle, which has a status of 200 (Anubis).
const RIDDLE_COOKIES: [&str; 1] = ["techaro.lol-anubis-cookie-verification"];

/// What a wall puts on its own refusals.
static ON_REFUSAL: [Mark; 8] = [
    // Cloudflare, now and before it had a field of its own.
    mark("cf-mitigated", &["challenge"]),
    mark("cf-chl-bypass", &[]),
    mark("cf-chl-out", &[]),
    mark("x-vercel-mitigated", &["challenge", "deny"]),
    // DataDome.
    mark("x-dd-b", &[]),
    // Kasada.
    mark("x-kpsdk-ct", &[]),
    mark("x-sucuri-block", &[]),
    // HUMAN, once PerimeterX.
    mark("x-px-block", &[]),
];

/// What also stands on what a wall lets through. It says who speaks only where a site itself seldom does, not with
/// 429 or 503, which would hide that the site is down.
static ON_FORBIDDEN: [Mark; 3] = [
    mark("x-datadome", &[]),
    // Imperva, Incapsula.
    mark("x-iinfo", &[]),
    mark("x-cdn", &["incapsula", "imperva"]),
];

/// Cookies that come with such: Akamai, HUMAN, DataDome, Imperva.
const COOKIES: [&str; 8] =
    ["_abck=", "ak_bmsc=", "bm_sz=", "_px", "datadome=", "incap_ses_", "visid_incap_", "reese84="];

/// Servers whose 403 is a wall's.
const SERVERS: [&str; 3] = ["akamaighost", "sucuri/cloudproxy", "ddos-guard"];

/// Whether an answer comes from a wall that keeps programs out, not from the site.
pub(super) fn is_challenge(head: &Head) -> bool {
    let Head { status, headers } = head;
    let any = |marks: &[Mark]| marks.iter().any(|mark| mark.is_on(headers));
    any(&ANY_STATUS)
        || has_cookie(headers, &RIDDLE_COOKIES)
        || matches!(status.as_u16(), 401 | 403 | 405 | 429 | 503) && any(&ON_REFUSAL)
        || status.as_u16() == 403
            && (any(&ON_FORBIDDEN) || has_cookie(headers, &COOKIES) || is_server(headers))
}

impl Mark {
    fn is_on(&self, headers: &HeaderMap) -> bool {
        headers.get_all(&self.field).iter().any(|value| {
            let is = |known: &&str| value.as_bytes().trim_ascii().eq_ignore_ascii_case(known.as_bytes());
            self.values.is_empty() || self.values.iter().any(is)
        })
    }
}

fn has_cookie(headers: &HeaderMap, names: &[&str]) -> bool {
    let begins = |cookie: &[u8]| names.iter().any(|name| cookie.trim_ascii().starts_with(name.as_bytes()));
    headers.get_all(SET_COOKIE).iter().any(|cookie| begins(cookie.as_bytes()))
}

fn is_server(headers: &HeaderMap) -> bool {
    let names = |server: &[u8]| {
        let server = server.trim_ascii();
        SERVERS.iter().any(|known| {
            server.get(..known.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(known.as_bytes()))
        })
    };
    headers.get_all(SERVER).iter().any(|server| names(server.as_bytes()))
}
