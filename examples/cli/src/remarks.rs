//! What a report does not make plain by itself: targets that led nowhere.

use crate::exit::Exit;
use crate::format::{Inert, Results};
use crawlspace::Identity;
use crawlspace::report::{Class, Finding, Skip, UrlText};
use std::collections::BTreeSet;
use url::Url;

/// Targets named with their reason; more are counted only.
const NAMED: usize = 3;

/// What to tell the user of the targets when all is done.
pub(crate) fn on(results: &dyn Results, seeds: &[Url], exit: Exit) -> Vec<String> {
    let mut remarks = elsewhere(results, seeds);
    if exit == Exit::Nothing {
        remarks.push(nothing(results));
    }
    remarks
}

/// Targets that redirect to a site that is not checked: the likeliest reason why nothing is found broken.
fn elsewhere(results: &dyn Results, seeds: &[Url]) -> Vec<String> {
    let mut remarks = Vec::new();
    each_elsewhere(results, seeds, |finding| {
        if remarks.len() < NAMED {
            let (url, end) = (Inert(finding.url), Inert(finding.final_url));
            remarks.push(format!(
                "{url} redirects to {end}, which is another site: its links are not followed\n  to check that \
                 site, give {end} as the target"
            ));
        }
    });
    remarks
}

/// Whether all targets redirect to sites that are not checked, so that no page was read.
pub(crate) fn all_elsewhere(results: &dyn Results, seeds: &[Url]) -> bool {
    let mut count = 0;
    each_elsewhere(results, seeds, |_| count += 1);
    let distinct: BTreeSet<_> = seeds.iter().map(|seed| Identity::of(seed).as_str().to_owned()).collect();
    results.summary().pages == 0 && count > 0 && count >= distinct.len()
}

fn each_elsewhere(results: &dyn Results, seeds: &[Url], mut take: impl FnMut(&Finding<'_>)) {
    let classes = results.summary().classes;
    if !classes.contains_key(&Class::Redirected) && !classes.contains_key(&Class::Skipped) {
        return;
    }
    let sites: BTreeSet<_> = seeds.iter().filter_map(site).collect();
    let seeds: BTreeSet<_> = seeds.iter().map(|seed| Identity::of(seed).as_str().to_owned()).collect();
    let is_elsewhere = |end: UrlText<'_>| {
        let end = Url::parse(&end.to_string()).ok();
        end.as_ref().and_then(site).is_none_or(|site| !sites.contains(&site))
    };
    results
        .findings()
        .filter(|finding| matches!(finding.class, Class::Redirected | Class::Skipped))
        .filter(|finding| !finding.redirects.is_empty() && is_elsewhere(finding.final_url))
        .filter(|finding| seeds.contains(&finding.url.to_string()))
        .for_each(|finding| take(&finding));
}

/// Whose pages a URL is one of: scheme and `www.` make no difference, as they make none to the crawl.
fn site(url: &Url) -> Option<(String, Option<u16>)> {
    let host = url.host_str()?;
    Some((host.strip_prefix("www.").unwrap_or(host).to_owned(), url.port()))
}

/// Why nothing could be checked. What is not reached from a target is not there, so all links are targets.
fn nothing(results: &dyn Results) -> String {
    let mut remark = "nothing could be checked".to_owned();
    let (mut more, mut robots) = (0_u64, false);
    for (at, target) in results.links().enumerate() {
        robots |= matches!(target.skip, Some(Skip::Robots { .. }));
        if at < NAMED {
            remark.push_str(&format!("\n  {}: {}", Inert(target.url), Inert(&target.message)));
        } else {
            more += 1;
        }
    }
    if more > 0 {
        remark.push_str(&format!("\n  +{more} more"));
    }
    if robots {
        remark.push_str("\n  --no-robots asks whatever robots.txt says");
    }
    remark
}
