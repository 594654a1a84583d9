//! From a sitemap's entries to a digest's links.

use super::links::{Link, Links, Target};
use super::place::{Place, Role};
use super::resolve::Resolver;
use super::{Digest, Media};
use crate::sitemap::{Format, Sitemap};
use crate::spec::Spec;
use url::Url;

/// Bytes that are kept of what is too long to be a URL.
const KEPT: usize = 256;

/// Puts the entries into a digest, resolved against the sitemap's own URL where they are not absolute, as they should
/// be. What an index lists is a resource, what any other sitemap lists is to be followed.
pub(super) fn into_digest(sitemap: &Sitemap, url: &Url, spec: &Spec, digest: &mut Digest) {
    let Some(format) = sitemap.format else { return };
    digest.media = Media::Sitemap;
    digest.left_out = digest.left_out.saturating_add(u32::try_from(sitemap.left_out).unwrap_or(u32::MAX));
    let role = if format == Format::Index { Role::Resource } else { Role::Followed };
    let longest = usize::try_from(spec.limits.url_bytes).unwrap_or(usize::MAX);
    let mut resolver = Resolver::new(url.clone());
    let text = sitemap.entries.iter().map(|entry| entry.url.len()).sum();
    let mut links = Links::with_capacity(sitemap.entries.len(), text);
    for entry in &sitemap.entries {
        let written = entry.url.as_str();
        let mut link = Link {
            target: Target::Invalid(&written[..written.floor_char_boundary(KEPT)]),
            fragment: None,
            text: "",
            spelling: None,
            place: Place::SITEMAP_LOC,
            role,
            nofollow: false,
            line: entry.line,
            column: entry.column,
        };
        if let Some(resolved) =
            resolver.resolve(written, encoding_rs::UTF_8).filter(|_| written.len() <= longest)
            && resolved.origin.len() + resolved.rest.len() <= longest
        {
            link.target = Target::Url { origin: resolved.origin, origin_index: 0, rest: resolved.rest };
            link.fragment = resolved.fragment;
            link.spelling = resolved.normalised.then_some(written);
        }
        links.push(&link);
    }
    digest.links = links;
}
