//! Fragments: edges, judged once both the page's targets and the link are known.

#![allow(clippy::unwrap_used, reason = "a failure here is a failure of the test")]

mod web;

use crawlspace::config::Builder;
use crawlspace::digest::{Digest, End, Media, Place};
use crawlspace::report::Class;
use crawlspace::{Config, DigestLimits, HostPolicy, Method, Need};
use std::collections::BTreeMap;
use std::time::Duration;
use web::{Log, Page, Schedule, World, crawl, verdicts};

fn config() -> Builder {
    Config::builder().seed("http://a.test/".parse().unwrap())
}

/// The fragments that are dead, as URLs, and what was asked.
fn dead(world: &World) -> (Vec<String>, Log) {
    let mut result = None;
    for schedule in [Schedule::Fifo, Schedule::Lifo, Schedule::Random(1)] {
        let (engine, log) = crawl(&config().build().unwrap(), world, schedule);
        let found: BTreeMap<String, Class> = verdicts(&engine);
        let dead: Vec<String> = found
            .into_iter()
            .filter(|(_, class)| *class == Class::DeadFragment)
            .map(|(url, _)| url.strip_prefix("http://a.test").unwrap_or(&url).to_owned())
            .collect();
        let first = result.get_or_insert_with(|| (dead.clone(), log));
        assert_eq!(first.0, dead, "in another order");
    }
    result.unwrap()
}

#[test]
fn what_a_browser_finds_is_found() {
    let found = [
        "#here",
        "#",
        "#top",
        "#TOP",
        "#/route/42",
        "#!/route",
        "#:~:text=words",
        "#here:~:text=words",
        "#caf%C3%A9",
        "#a%20b",
        "#name",
        "#100%25",
    ];
    let lost = ["#Here", "#gone", "#gone:~:text=words", "#tops", "#caf%C3%A8"];
    let ids = ["here", "caf\u{e9}", "a b", "user-content-name", "100%"];
    let links: Vec<&str> = found.iter().chain(&lost).copied().collect();
    let (dead, _) = dead(&World::default().document("http://a.test/", &ids, &links));
    let mut expected = lost.map(|fragment| format!("/{fragment}"));
    expected.sort();
    assert_eq!(dead, expected);
}

#[test]
fn an_id_that_is_written_encoded_is_found_as_it_is() {
    let world = World::default().document("http://a.test/", &["a%20b"], &["#a%20b"]);
    assert!(dead(&world).0.is_empty());
}

/// What of a document lies beyond the body's cap may have any id.
#[test]
fn what_is_cut_has_no_dead_fragments() {
    let large = Digest { status: 200, media: Media::Html, end: End::TooLarge, ..Digest::default() };
    let whole = Digest { end: End::Complete, ..large.clone() };
    let world = World::default()
        .page("http://a.test/", &["/large#further-down", "/whole#gone"])
        .with("http://a.test/large", Page::Digest(Box::new(large)))
        .with("http://a.test/whole", Page::Digest(Box::new(whole)));
    assert_eq!(dead(&world).0, ["/whole#gone"]);
}

/// So may what is beyond the number of ids that are kept.
#[test]
fn more_ids_than_are_kept_have_no_dead_fragments() {
    let world = World::default()
        .page("http://a.test/", &["/many#c", "/few#c"])
        .document("http://a.test/many", &["a", "b"], &[])
        .document("http://a.test/few", &["a"], &[]);
    let limits = DigestLimits { ids: 2, ..DigestLimits::default() };
    let (engine, _) = crawl(&config().digest_limits(limits).build().unwrap(), &world, Schedule::Fifo);
    let dead = verdicts(&engine).into_iter().filter(|(_, class)| *class == Class::DeadFragment);
    assert_eq!(dead.map(|(url, _)| url).collect::<Vec<_>>(), ["http://a.test/few#c"]);
}

#[test]
fn a_fragment_is_inherited_over_redirects() {
    let world = World::default()
        .page("http://a.test/", &["/old#here", "/old#gone"])
        .with("http://a.test/old", Page::Redirect(301, "/older".to_owned()))
        .with("http://a.test/older", Page::Redirect(301, "/new".to_owned()))
        .document("http://a.test/new", &["here"], &[]);
    let (dead, log) = dead(&world);
    assert_eq!(dead, ["/old#gone"]);
    assert_eq!(log.count("http://a.test/new"), 1);
}

#[test]
fn the_location_s_own_fragment_counts_instead() {
    let world = World::default()
        .page("http://a.test/", &["/good#anything", "/bad#here", "/later#gone", "/empty#gone"])
        .with("http://a.test/good", Page::Redirect(301, "/new#here".to_owned()))
        .with("http://a.test/bad", Page::Redirect(301, "/new#gone".to_owned()))
        .with("http://a.test/later", Page::Redirect(301, "/good".to_owned()))
        .with("http://a.test/empty", Page::Redirect(301, "/new#".to_owned()))
        .document("http://a.test/new", &["here"], &[]);
    assert_eq!(dead(&world).0, ["/bad#here"]);
}

#[test]
fn of_several_locations_the_last_with_a_fragment_counts() {
    let world = World::default()
        .page("http://a.test/", &["/to-good#x", "/to-bad#here"])
        .with("http://a.test/to-good", Page::Redirect(301, "/good#gone".to_owned()))
        .with("http://a.test/good", Page::Redirect(301, "/new#here".to_owned()))
        .with("http://a.test/to-bad", Page::Redirect(301, "/bad#here".to_owned()))
        .with("http://a.test/bad", Page::Redirect(301, "/new#gone".to_owned()))
        .document("http://a.test/new", &["here"], &[]);
    assert_eq!(dead(&world).0, ["/to-bad#here"]);
}

#[test]
fn a_page_outside_is_asked_for_its_targets_alone() {
    let world = World::default()
        .page("http://a.test/", &["http://b.test/#here", "http://b.test/#gone", "http://c.test/"])
        .document("http://b.test/", &["here"], &["/further"])
        .document("http://c.test/", &[], &[]);
    let (dead, log) = dead(&world);
    assert_eq!(dead, ["http://b.test/#gone"]);
    assert_eq!(log.methods("http://b.test/"), [Method::Get]);
    assert_eq!(log.methods("http://c.test/"), [Method::Head]);
    assert_eq!(log.count("http://b.test/further"), 0);
}

/// Outside, only what is needed is asked for, so the need has to come along with the fragment.
#[test]
fn a_redirect_outside_hands_on_what_is_needed() {
    let world = World::default()
        .page("http://a.test/", &["http://b.test/old#here", "http://b.test/old#gone", "http://b.test/none"])
        .with("http://b.test/old", Page::Redirect(301, "http://c.test/older".to_owned()))
        .with("http://c.test/older", Page::Redirect(302, "http://c.test/new".to_owned()))
        .document("http://c.test/new", &["here"], &[])
        .with("http://b.test/none", Page::Redirect(301, "http://c.test/else".to_owned()))
        .document("http://c.test/else", &["here"], &[]);
    let (lost, log) = dead(&world);
    assert_eq!(lost, ["http://b.test/old#gone"]);
    assert_eq!(log.methods("http://c.test/new"), [Method::Get]);
    assert_eq!(log.methods("http://c.test/else"), [Method::Head], "nobody asks for a place in it");
    // The image is met first, the link with a fragment on a page behind.
    let world = World::default()
        .places("http://a.test/", &[("http://b.test/x", Place::IMG_SRC), ("/1", Place::A_HREF)])
        .page("http://a.test/1", &["/2"])
        .page("http://a.test/2", &["http://b.test/x#gone"])
        .with("http://b.test/x", Page::Redirect(301, "http://c.test/x".to_owned()))
        .document("http://c.test/x", &["here"], &[]);
    assert_eq!(dead(&world).0, ["http://b.test/x#gone"]);
    // A place that the redirect names is judged for who names any.
    let world = World::default()
        .page("http://a.test/", &["http://b.test/x#here"])
        .with("http://b.test/x", Page::Redirect(301, "http://c.test/x#gone".to_owned()))
        .document("http://c.test/x", &["here"], &[]);
    assert_eq!(dead(&world).0, ["http://b.test/x#here"]);
}

#[test]
fn a_fragment_that_comes_later_costs_one_more_fetch() {
    // The image is met first, the link with a fragment on a page behind.
    let world = World::default()
        .places("http://a.test/", &[("http://b.test/x", Place::IMG_SRC), ("/1", Place::A_HREF)])
        .page("http://a.test/1", &["/2"])
        .page("http://a.test/2", &["http://b.test/x#here", "http://b.test/x#gone"])
        .document("http://b.test/x", &["here"], &[]);
    let (engine, log) = crawl(&config().build().unwrap(), &world, Schedule::Fifo);
    assert_eq!(log.methods("http://b.test/x"), [Method::Head, Method::Get]);
    let needs: Vec<_> =
        log.requests.iter().filter(|(_, r)| r.url.path() == "/x").map(|(_, r)| r.need).collect();
    assert_eq!(needs, [Need::Status, Need::Ids]);
    assert_eq!(engine.report().statistics().upgraded, 1);
    assert_eq!(verdicts(&engine)["http://b.test/x#gone"], Class::DeadFragment);
    assert!(!verdicts(&engine).contains_key("http://b.test/x#here"));
}

#[test]
fn what_is_no_document_or_broken_has_no_dead_fragments() {
    let world = World::default()
        .page("http://a.test/", &["/file.pdf#page=2", "/missing#x", "/loop#x"])
        .with("http://a.test/file.pdf", Page::Asset)
        .with("http://a.test/loop", Page::Redirect(302, "/loop".to_owned()));
    assert!(dead(&world).0.is_empty());
}

#[test]
fn a_fragment_is_reported_apart_from_its_url_with_its_own_referrers() {
    let world = World::default()
        .page("http://a.test/", &["/x", "/1"])
        .page("http://a.test/1", &["/x#gone", "/x#here"])
        .document("http://a.test/x", &["here"], &["#gone"]);
    let (engine, _) = crawl(&config().build().unwrap(), &world, Schedule::Fifo);
    let report = engine.report();
    let findings: Vec<_> = report.findings().collect();
    assert_eq!(findings.len(), 1);
    assert_eq!((findings[0].url.rest, findings[0].fragment), ("/x", Some("gone")));
    assert_eq!(findings[0].message, "the page has no element with the id \"gone\"");
    let pages: Vec<_> = findings[0].referrers.iter().map(|referrer| referrer.page.rest).collect();
    assert_eq!(pages, ["/1", "/x"]);
    let link = report.links().find(|link| link.url.rest == "/x" && link.fragment.is_none()).unwrap();
    assert_eq!((link.class, link.referrers.len()), (Class::Ok, 4));
}

#[test]
fn a_seed_s_own_fragment_is_judged_without_referrers() {
    let found = |seed: &str, redirect: Option<&str>| {
        let config = Config::builder().seed(seed.parse().unwrap()).build().unwrap();
        let mut world = World::default().document("http://a.test/", &["here"], &["/#here", "/x"]);
        if let Some(to) = redirect {
            world = world.with("http://a.test/old", Page::Redirect(301, to.to_owned()));
        }
        let (engine, _) = crawl(&config, &world, Schedule::Fifo);
        let report = engine.report();
        let dead = report.findings().filter(|finding| finding.class == Class::DeadFragment);
        dead.map(|finding| {
            assert!(finding.referrers.is_empty(), "no page links there");
            format!("{}#{}", finding.url, finding.fragment.unwrap())
        })
        .collect::<Vec<_>>()
    };
    assert!(found("http://a.test/", None).is_empty());
    assert!(found("http://a.test/#here", None).is_empty());
    assert!(found("http://a.test/#", None).is_empty());
    assert_eq!(found("http://a.test/#gone", None), ["http://a.test/#gone"]);
    assert_eq!(found("http://a.test/old#gone", Some("/")), ["http://a.test/old#gone"], "inherited");
    assert!(found("http://a.test/old#gone", Some("/#here")).is_empty(), "not inherited");
}

/// A link to the same fragment joins the finding; it is one.
#[test]
fn a_seed_s_fragment_and_a_link_to_it() {
    let config = Config::builder().seed("http://a.test/#gone".parse().unwrap()).build().unwrap();
    let world = World::default().document("http://a.test/", &[], &["/#gone"]);
    let (engine, _) = crawl(&config, &world, Schedule::Fifo);
    let dead: Vec<_> = engine.report().findings().map(|finding| finding.referrers.len()).collect();
    assert_eq!(dead, [1]);
}

/// A host whose HEAD lies is asked by GET for the status alone, which says nothing of what kind of document is there.
/// A fragment that is named later is looked up all the same, whichever comes first.
#[test]
fn a_get_for_the_status_does_not_hide_a_dead_fragment() {
    let lies = |ids: &[&str]| {
        let ids = ids.iter().map(|id| (*id).to_owned()).collect();
        Page::HeadLies(405, Box::new(Page::Html { links: Vec::new(), ids }))
    };
    let mut world = World::default()
        .page("http://h0.test/p0", &["http://ext.test/a", "http://ext.test/b", "/p1"])
        .with("http://ext.test/a", lies(&[]))
        .with("http://ext.test/b", lies(&["there"]));
    // So far away that the host is known by then.
    for page in 1..20 {
        world = world.page(&format!("http://h0.test/p{page}"), &[&format!("/p{}", page + 1)]);
    }
    let world = world.page("http://h0.test/p20", &["http://ext.test/b#gone"]);
    let policy = HostPolicy { concurrency: 1, gap: Duration::ZERO };
    let seed = "http://h0.test/p0".parse().unwrap();
    let config = Config::builder().seed(seed).own_hosts(policy).other_hosts(policy).build().unwrap();
    let mut upgraded = 0;
    for schedule in 0..10 {
        let (engine, _) = crawl(&config, &world, Schedule::Random(schedule));
        let class = verdicts(&engine).get("http://ext.test/b#gone").copied();
        assert_eq!(class, Some(Class::DeadFragment), "schedule {schedule}");
        upgraded += engine.report().statistics().upgraded;
    }
    assert!(upgraded > 0, "the fragment was never named late");
}
